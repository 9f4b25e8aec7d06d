"""`dispatches.json` as people already have it: one record to an attempt, and back.

Reading is lenient where old logs have habits (no id, `status: complete`, other time formats) and strict where a value
cannot be, such as a negative token count or a time before 2000: such a record is refused with a reason, never mended
by a guess. What a record says is kept; only what it leaves null is filled in.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from modelmerit.errors import DispatchLogError
from modelmerit.evidence import log_times, log_values
from modelmerit.evidence.keywords import extract_keywords
from modelmerit.evidence.log_fields import (
    AMOUNTS,
    COUNTS,
    ENDED_NAMES,
    LOG_FIELDS,
    OTHER_NAMES,
    STARTED_NAMES,
    TASK_NAMES,
    TEXTS,
)
from modelmerit.evidence.redaction import redact
from modelmerit.records import Attempt

KNOWN = frozenset(LOG_FIELDS)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: what is left in JSON where somebody cut an emoji in two. It cannot be stored."""
LONGEST_REPEATED = 80
"""Names of models and workspaces are no longer; a log repeats them in every record."""


def attempt_from_record(record: object, *, may_have_halves: bool = True) -> Attempt:
    """The attempt a record describes, redacted, with its gaps filled; `may_have_halves`: of characters.

    Raises:
        DispatchLogError: If the record is no object, has no task, model or time, or holds an impossible value.
    """
    if not isinstance(record, dict):
        raise DispatchLogError(
            f"it is {log_values.kind_of(record)}; expected an object with at least task, model and created_at"
        )
    try:
        return _attempt(_without_half_characters(record) if may_have_halves else record)
    except RecursionError:
        raise DispatchLogError("it is nested too deeply; expected a few levels") from None


def _attempt(record: Mapping[str, Any]) -> Attempt:
    task = next((value for name in TASK_NAMES if (value := record.get(name))), None)
    if not isinstance(task, str) or not task.strip():
        raise DispatchLogError("task is missing; expected the text that was given to the model")
    values: dict[str, Any] = dict.fromkeys(READERS)
    unknown = {}
    for name, value in record.items():
        if name not in KNOWN:
            unknown[name] = value
        elif value is not None and name in READERS:
            values[name] = READERS[name](name, value)
    for name, others in OTHER_NAMES.items():
        other = next((other for other in others if values.get(name) is None and record.get(other) is not None), None)
        if other is not None and name in READERS:
            values[name] = READERS[name](other, record[other])
    if values["model"] is None:
        raise DispatchLogError("model is missing; expected the id of the model that got the task")
    values["task"] = _stored(task)
    values["created_at"] = _time(record, STARTED_NAMES)
    if values["created_at"] is None:
        raise DispatchLogError(f"created_at is missing; expected a time such as {log_times.EXAMPLE}")
    values["updated_at"] = _time(record, ENDED_NAMES) or values["created_at"]
    values["id"] = values["id"] or derived_id(record)
    if values["previous_dispatch_id"] == values["id"]:
        raise DispatchLogError("previous_dispatch_id is its own id; expected that of an earlier attempt, or null")
    values["task_keywords"] = _keywords(record.get("task_keywords", record.get("keywords")), task)
    values["selection"] = values["selection"] or "imported"
    values["retry_count"] = values["retry_count"] or 0
    values["retried"] = values["retry_count"] > 0 and values["previous_dispatch_id"] is None
    values["extra"] = _redacted(unknown)
    return Attempt(**_with_outcome_filled(values))


def record_from_attempt(attempt: Attempt) -> dict[str, Any]:
    """The attempt as a record of the dispatch log, fields in the log's order, unknown ones last."""
    record: dict[str, Any] = {name: getattr(attempt, name) for name in LOG_FIELDS}
    record["created_at"] = iso(attempt.created_at)
    record["updated_at"] = iso(attempt.updated_at)
    record["task_keywords"] = list(attempt.task_keywords)
    record["propensities"] = None if attempt.propensities is None else dict(attempt.propensities)
    return record | dict(attempt.extra)


def iso(moment: datetime) -> str:
    """UTC, with Z; fractions of a second only where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def derived_id(record: Mapping[str, Any]) -> str:
    """An id for a record that has none: equal for equal records, so that importing twice changes nothing."""
    canonical = json.dumps(record, sort_keys=True, ensure_ascii=True, default=str)
    return f"imported-{hashlib.sha256(canonical.encode()).hexdigest()[:20]}"


def _with_outcome_filled(values: dict[str, Any]) -> dict[str, Any]:
    finished = {"completed": "success", "failed": "failure"}
    by_outcome: Mapping[str | None, str] = {"success": "completed", "partial": "completed", "failure": "failed"}
    if values["outcome"] is None and values["status"] in finished and values["error_type"] is None:
        values["outcome"] = finished[values["status"]]
        values["evidence"] = values["evidence"] or "implicit"
    if values["status"] is None:
        values["status"] = by_outcome.get(values["outcome"], "pending")
    if values["outcome"] is not None and values["evidence"] is None:
        values["evidence"] = "implicit" if values["outcome"] == "success" else "reported"
    return values


def _time(record: Mapping[str, Any], names: tuple[str, ...]) -> datetime | None:
    """The time the record has under the first of the names that has any; errors go by the first name."""
    said = next((value for name in names if not log_values.is_absent(value := record.get(name))), None)
    return None if said is None else log_times.moment(names[0], said)


def _keywords(value: object, task: str) -> tuple[str, ...]:
    if value is None:
        return extract_keywords(task)
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(map(_stored, value))
    raise DispatchLogError(f"task_keywords is {log_values.kind_of(value)}; expected a list of words")


def _stored(text: str) -> str:
    """The text as it may be stored."""
    return _remembered(text) if len(text) <= LONGEST_REPEATED else redact(text).text


@lru_cache(maxsize=1 << 13)
def _remembered(text: str) -> str:
    return redact(text).text


def _redacted(value: Any, name: str = "") -> Any:
    """JSON values without their secrets. What a value is called, `name`, may be all that tells it is one."""
    if isinstance(value, str):
        named = _stored(f"{name}={value}")
        return named.removeprefix(f"{name}=") if named.startswith(f"{name}=") else _stored(value)
    if isinstance(value, list):
        return [_redacted(item, name) for item in value]
    if isinstance(value, dict):
        return {_stored(key): _redacted(item, key) for key, item in value.items()}
    # Python reads and writes NaN, which is no JSON.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _stored_text(name: str, value: object) -> str | None:
    text = log_values.text(name, value)
    return None if text is None else _stored(text)


def _stored_link(name: str, value: object) -> str | None:
    text = log_values.identifier(name, value)
    return None if text is None else _stored(text)


def _without_half_characters(value: Any) -> Any:
    if isinstance(value, str):
        return LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_half_characters(item) for item in value]
    if isinstance(value, dict):
        return {_without_half_characters(key): _without_half_characters(item) for key, item in value.items()}
    return value


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "id": log_values.identifier,
    "previous_dispatch_id": _stored_link,
    "propensities": log_values.propensities,
    "model_was_sufficient": log_values.flag,
    **dict.fromkeys(log_values.CHOICES, log_values.choice),
    **dict.fromkeys(TEXTS, _stored_text),
    **dict.fromkeys(COUNTS, log_values.count),
    **dict.fromkeys(AMOUNTS, log_values.amount),
}
"""What reads a field that is not null. Task, times and keywords also depend on other fields."""
