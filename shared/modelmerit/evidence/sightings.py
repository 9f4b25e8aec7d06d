"""What was seen of an attempt in a client's records, laid over what is known of it without that.

What was told always stands: a sighting only fills what nobody told. What a sighting covers is kept aside, so that a
later sighting, or a report, is laid on the same ground. So it does not matter in which order reports and sightings
come. Nothing is read or written here.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from modelmerit.evidence.outcomes import FIGURES
from modelmerit.evidence.rows import from_microseconds, to_microseconds
from modelmerit.records import Attempt

Seen = Mapping[str, Any]
"""Values of an attempt's fields, by name."""

FILLED = (*FIGURES, "role", "workspace_path", "session_id")
"""Fields that a sighting fills, each where it is unknown."""
ARM = ("executed_model", "provider")
OUTCOME = ("outcome", "evidence", "error_type", "status")
"""Fields that go together: the whole outcome was told, or the whole is taken from the sighting, with its notes."""


def with_sighting(told: Attempt, seen: Seen) -> Attempt:
    """The attempt as it stands with what was seen of it.

    `model` is seen only of attempts that nobody dispatched: what a dispatch answered is no matter of what ran.
    """
    laid = {name: seen[name] for name in FILLED if getattr(told, name) is None and seen.get(name) is not None}
    if told.executed_model is None and seen.get("executed_model") is not None:
        laid |= {"executed_model": seen["executed_model"], "provider": seen.get("provider") or told.provider}
    if told.outcome is None:
        laid |= {name: seen[name] for name in OUTCOME}
        laid["notes"] = told.notes or seen.get("notes")
    if "model" in seen:
        laid["model"] = seen["model"]
    return replace(told, **laid, updated_at=max(told.updated_at, seen["updated_at"]))


def covered(told: Attempt, standing: Attempt) -> Seen:
    """What is known without the sighting where it says something else, or something at all."""
    names = (*FILLED, *ARM, *OUTCOME, "notes", "model", "updated_at")
    return {name: value for name in names if (value := getattr(told, name)) != getattr(standing, name)}


def uncovered(standing: Attempt, beneath: Seen) -> Attempt:
    """The attempt as it is known without the sighting."""
    return replace(standing, **beneath)


def to_json(values: Seen) -> str:
    """The values as canonical JSON: the same for the same values."""
    plain = {name: to_microseconds(value) if isinstance(value, datetime) else value for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Seen:
    """The values that `to_json` wrote."""
    values: dict[str, Any] = json.loads(text)
    if "updated_at" in values:
        values["updated_at"] = from_microseconds(values["updated_at"])
    return values
