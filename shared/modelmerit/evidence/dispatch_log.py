"""`dispatches.json` as people already have it: one record to an attempt, and back.

Reading is lenient where old logs have habits (no id, `status: complete`, other time formats) and strict where a value
cannot be: such a record is refused with a reason, never mended by a guess. What a record says is kept; only what it
leaves null is filled in.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from modelmerit.errors import DispatchLogError
from modelmerit.evidence import log_values
from modelmerit.evidence.keywords import extract_keywords
from modelmerit.evidence.redaction import redact, without_secrets
from modelmerit.records import (
    Attempt,
)

LOG_FIELDS = (
    "id",
    "workspace",
    "workspace_path",
    "task",
    "complexity",
    "priority",
    "model",
    "status",
    "created_at",
    "updated_at",
    "outcome",
    "retry_count",
    "execution_time_seconds",
    "tokens_used",
    "task_keywords",
    "model_was_sufficient",
    "notes",
    "previous_dispatch_id",
    "recommended_model",
    "executed_model",
    "provider",
    "selection",
    "propensities",
    "policy_hash",
    "error_type",
    "evidence",
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cost_usd",
    "ttft_ms",
    "tool_calls",
    "quality_score",
    "estimated_files",
    "role",
    "task_category",
    "client",
    "session_id",
)

TEXTS = (
    "workspace",
    "workspace_path",
    "model",
    "notes",
    "previous_dispatch_id",
    "recommended_model",
    "executed_model",
    "provider",
    "policy_hash",
    "role",
    "task_category",
    "client",
    "session_id",
)
COUNTS = (
    "retry_count",
    "tokens_used",
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "tool_calls",
    "estimated_files",
)
AMOUNTS = ("execution_time_seconds", "cost_usd", "ttft_ms", "quality_score")

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: what is left in JSON where somebody cut an emoji in two. It cannot be stored."""


def attempt_from_record(record: object) -> Attempt:
    """The attempt a record describes, redacted, with its gaps filled.

    Raises:
        DispatchLogError: If the record is no object, has no task, model or time, or holds an impossible value.
    """
    if not isinstance(record, dict):
        raise DispatchLogError(
            f"it is {log_values.kind_of(record)}; expected an object with at least task, model and created_at"
        )
    try:
        return _attempt(_without_half_characters(record))
    except RecursionError:
        raise DispatchLogError("it is nested too deeply; expected a few levels") from None


def _attempt(record: Mapping[str, Any]) -> Attempt:
    values: dict[str, Any] = {name: log_values.choice(name, record.get(name)) for name in log_values.CHOICES}
    values |= {name: log_values.text(name, record.get(name)) for name in TEXTS}
    values |= {name: log_values.number(name, record.get(name), int) for name in COUNTS}
    values |= {name: log_values.number(name, record.get(name), float) for name in AMOUNTS}
    task = record.get("task") or record.get("description") or record.get("prompt")
    if not isinstance(task, str) or not task.strip():
        raise DispatchLogError("task is missing; expected the text that was given to the model")
    if values["model"] is None:
        raise DispatchLogError("model is missing; expected the id of the model that got the task")
    values["task"] = redact(task).text
    values |= {name: without_secrets(values[name]) for name in TEXTS}
    values["created_at"] = log_values.moment("created_at", record.get("created_at") or record.get("timestamp"))
    updated = record.get("updated_at") or record.get("completed_at")
    values["updated_at"] = values["created_at"] if updated is None else log_values.moment("updated_at", updated)
    values["id"] = log_values.text("id", record.get("id")) or derived_id(record)
    if values["previous_dispatch_id"] == values["id"]:
        raise DispatchLogError("previous_dispatch_id is its own id; expected that of an earlier attempt, or null")
    values["task_keywords"] = _keywords(record.get("task_keywords"), task)
    values["propensities"] = log_values.propensities(record.get("propensities"))
    values["model_was_sufficient"] = log_values.flag("model_was_sufficient", record.get("model_was_sufficient"))
    values["selection"] = values["selection"] or "imported"
    values["retry_count"] = values["retry_count"] or 0
    values["retried"] = values["retry_count"] > 0 and values["previous_dispatch_id"] is None
    values["extra"] = _redacted({key: value for key, value in record.items() if key not in LOG_FIELDS})
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


def _keywords(value: object, task: str) -> tuple[str, ...]:
    if value is None:
        return extract_keywords(task)
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(redact(word).text for word in value)
    raise DispatchLogError(f"task_keywords is {log_values.kind_of(value)}; expected a list of words")


def _redacted(value: Any, name: str = "") -> Any:
    """JSON values without their secrets. What a value is called, `name`, may be all that tells it is one."""
    if isinstance(value, str):
        named = redact(f"{name}={value}").text
        return named.removeprefix(f"{name}=") if named.startswith(f"{name}=") else redact(value).text
    if isinstance(value, list):
        return [_redacted(item, name) for item in value]
    if isinstance(value, dict):
        return {redact(key).text: _redacted(item, key) for key, item in value.items()}
    # Python reads and writes NaN, which is no JSON.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _without_half_characters(value: Any) -> Any:
    if isinstance(value, str):
        return LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_half_characters(item) for item in value]
    if isinstance(value, dict):
        return {_without_half_characters(key): _without_half_characters(item) for key, item in value.items()}
    return value
