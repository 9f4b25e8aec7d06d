"""Attempts as rows of the store and back, without loss."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from modelmerit.evidence.retries import RecentAttempt
from modelmerit.evidence.store_errors import damaged
from modelmerit.learning.repeats import may_repeat, task_key
from modelmerit.records import Attempt

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

RENAMED = {"created_at": "created_us", "updated_at": "updated_us"}
FIELDS = tuple(field.name for field in fields(Attempt))
COLUMNS = tuple(RENAMED.get(name, name) for name in FIELDS)
WRITTEN_COLUMNS = (*COLUMNS, "task_key")
"""What is written of an attempt: `task_key`, by which repeats of its task are found, follows from the rest."""


RECENT_COLUMNS = (
    "id",
    "task",
    "workspace",
    "coalesce(executed_model, model)",
    "status",
    "created_us",
    "retry_count",
    "CASE WHEN retried = 1 THEN 'failure' ELSE outcome END",
    "execution_time_seconds",
    "error_type",
)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC."""
    return (moment - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The UTC moment `value` microseconds after 1970-01-01."""
    return EPOCH + value * MICROSECOND


def to_row(attempt: Attempt) -> dict[str, Any]:
    """The attempt as named parameters for the store's statements."""
    row = {column: getattr(attempt, name) for name, column in zip(FIELDS, COLUMNS, strict=True)}
    row["created_us"] = to_microseconds(attempt.created_at)
    row["updated_us"] = to_microseconds(attempt.updated_at)
    row["task_keywords"] = _json(list(attempt.task_keywords))
    row["propensities"] = None if attempt.propensities is None else _json(dict(attempt.propensities))
    row["extra"] = _json(dict(attempt.extra))
    row["retried"] = int(attempt.retried)
    row["model_was_sufficient"] = None if attempt.model_was_sufficient is None else int(attempt.model_was_sufficient)
    row["task_key"] = task_key(attempt) if may_repeat(attempt) else None
    return row


def recent_from_row(row: Sequence[Any]) -> RecentAttempt:
    """The attempt stored in `row`, whose values come in the order of `RECENT_COLUMNS`."""
    recent = RecentAttempt(*row)
    return recent._replace(created_at=from_microseconds(row[RECENT_COLUMNS.index("created_us")]))


def from_row(row: Sequence[Any]) -> Attempt:
    """The attempt stored in `row`, whose values come in the order of `COLUMNS`.

    Raises:
        StoreError: If the values are none that were ever stored.
    """
    try:
        return _attempt(row)
    except (ValueError, TypeError, OverflowError) as error:
        raise damaged(f"The task {row[0]!r}", error) from error


def _attempt(row: Sequence[Any]) -> Attempt:
    values: dict[str, Any] = dict(zip(FIELDS, row, strict=True))
    values["created_at"] = from_microseconds(values["created_at"])
    values["updated_at"] = from_microseconds(values["updated_at"])
    values["task_keywords"] = tuple(json.loads(values["task_keywords"]))
    values["propensities"] = None if values["propensities"] is None else json.loads(values["propensities"])
    values["extra"] = json.loads(values["extra"])
    values["retried"] = bool(values["retried"])
    sufficient = values["model_was_sufficient"]
    values["model_was_sufficient"] = None if sufficient is None else bool(sufficient)
    return Attempt(**values)


def _json(value: list[Any] | Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
