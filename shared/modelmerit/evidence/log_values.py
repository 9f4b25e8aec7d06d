"""Single values of a dispatch log: what old logs call things, and what cannot be.

Each reader answers the value, or None where there is none, and refuses what it cannot take with what was expected.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from modelmerit.errors import DispatchLogError
from modelmerit.records import (
    COMPLEXITIES,
    ERROR_TYPES,
    EVIDENCE_KINDS,
    LARGEST_FIGURE,
    OUTCOMES,
    PRIORITIES,
    SELECTIONS,
    STATUSES,
)

SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "status": {
        "complete": "completed",
        "done": "completed",
        "finished": "completed",
        "success": "completed",
        "in_progress": "running",
        "started": "running",
        "queued": "pending",
        "error": "failed",
        "failure": "failed",
        "canceled": "cancelled",
        "aborted": "cancelled",
    },
    "outcome": {
        "succeeded": "success",
        "ok": "success",
        "passed": "success",
        "failed": "failure",
        "error": "failure",
        "fail": "failure",
        "partially": "partial",
        "partial_success": "partial",
    },
    "complexity": {"low": "simple", "easy": "simple", "moderate": "medium", "high": "complex", "hard": "complex"},
}


CHOICES: Mapping[str, tuple[str, ...]] = {
    "complexity": COMPLEXITIES,
    "priority": PRIORITIES,
    "status": STATUSES,
    "outcome": OUTCOMES,
    "selection": SELECTIONS,
    "error_type": ERROR_TYPES,
    "evidence": EVIDENCE_KINDS,
}


MILLISECONDS_FROM = 1e11
"""A number above this is a time in milliseconds: as seconds it would lie beyond the year 5000."""


Value = TypeVar("Value")


def choice(name: str, value: object) -> str | None:
    """One of the words the field may have, in whatever spelling old logs give it."""
    if value is None or value == "":
        return None
    word = str(value).strip().lower().replace("-", "_").replace(" ", "_")
    word = SYNONYMS.get(name, {}).get(word, word)
    if word not in CHOICES[name]:
        raise DispatchLogError(f"{name} is {value!r}; expected one of {', '.join(CHOICES[name])}, or null")
    return word


def text(name: str, value: object) -> str | None:
    """Text; whole numbers are taken as such."""
    if value is None or value == "":
        return None if name != "notes" else (None if value is None else "")
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise DispatchLogError(f"{name} is {kind_of(value)}; expected text")


def number(name: str, value: object, kind: Callable[[float], Value]) -> Value | None:
    """A finite number of 0 or more."""
    if value is None:
        return None
    largest = 1 if name == "quality_score" else LARGEST_FIGURE
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= largest:
        raise DispatchLogError(f"{name} is {shown(value)}; expected a number from 0 to {largest:g}, or null")
    return kind(value)


def flag(name: str, value: object) -> bool | None:
    """True or false."""
    if value is None or isinstance(value, bool):
        return value
    raise DispatchLogError(f"{name} is {value!r}; expected true, false or null")


def moment(name: str, value: object) -> datetime:
    """A time: ISO 8601, or seconds or milliseconds since 1970; without a zone it is in UTC."""
    if value is None:
        raise DispatchLogError(f"{name} is missing; expected a time such as 2026-01-31T09:30:00Z")
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > MILLISECONDS_FROM else value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            # Old logs that name no zone were written in UTC.
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (OverflowError, OSError, ValueError):
        pass
    raise DispatchLogError(f"{name} is {shown(value)}; expected a time such as 2026-01-31T09:30:00Z")


def propensities(value: object) -> dict[str, float] | None:
    """Probabilities by model id."""
    if value is None:
        return None
    if isinstance(value, dict) and all(
        isinstance(p, int | float) and not isinstance(p, bool) and 0 <= p <= 1 for p in value.values()
    ):
        return {str(model): float(p) for model, p in value.items()}
    raise DispatchLogError("propensities is not an object of probabilities between 0 and 1 by model id")


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def shown(value: object) -> str:
    """The value as an error may show it, cut short."""
    text = ascii(value) if not isinstance(value, int) or abs(value) < 1e30 else "a huge number"
    return text if len(text) <= 60 else f"{text[:60]}..."
