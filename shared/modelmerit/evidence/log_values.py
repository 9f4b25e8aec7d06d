"""Single values of a dispatch log: what old logs call things, and what cannot be.

Each reader is given a value that is not null; it answers what it means, None where that is nothing, and refuses what it
cannot take with what was expected. Times are in `log_times`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

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
        "succeeded": "completed",
        "in_progress": "running",
        "started": "running",
        "active": "running",
        "queued": "pending",
        "created": "pending",
        "error": "failed",
        "failure": "failed",
        "canceled": "cancelled",
        "aborted": "cancelled",
    },
    "outcome": {
        "true": "success",
        "succeeded": "success",
        "ok": "success",
        "pass": "success",
        "passed": "success",
        "false": "failure",
        "failed": "failure",
        "error": "failure",
        "fail": "failure",
        "partially": "partial",
        "partial_success": "partial",
    },
    "complexity": {
        "low": "simple",
        "easy": "simple",
        "trivial": "simple",
        "moderate": "medium",
        "normal": "medium",
        "high": "complex",
        "hard": "complex",
    },
    "priority": {"normal": "medium", "urgent": "critical"},
}
NULLS = frozenset({"", "null", "none", "undefined"})
"""What a program makes of null where it can only write text."""
ABSENT = NULLS | {"n/a", "unknown"}
"""What stands for null where a word or a number is expected."""
UNDECIDED = frozenset({"pending", "running", "in_progress"})
"""What old logs give as the outcome of an attempt that has none yet."""


CHOICES: Mapping[str, tuple[str, ...]] = {
    "complexity": COMPLEXITIES,
    "priority": PRIORITIES,
    "status": STATUSES,
    "outcome": OUTCOMES,
    "selection": SELECTIONS,
    "error_type": ERROR_TYPES,
    "evidence": EVIDENCE_KINDS,
}

NUMERAL = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,3})?")


def choice(name: str, value: object) -> str | None:
    """One of the words the field may have, in whatever spelling old logs give it."""
    word = _word(name, value if isinstance(value, str) else str(value).lower())
    if word is None or word in CHOICES[name]:
        return word
    raise DispatchLogError(f"{name} is {shown(value)}; expected one of {', '.join(CHOICES[name])}, or null")


@lru_cache(maxsize=1024)
def _word(name: str, written: str) -> str | None:
    word = written.strip().lower().replace("-", "_").replace(" ", "_")
    if word in ABSENT or (name == "outcome" and word in UNDECIDED):
        return None
    return SYNONYMS.get(name, {}).get(word, word)


def text(name: str, value: object) -> str | None:
    """Text; whole numbers are taken as such."""
    if isinstance(value, str):
        return value if value or name == "notes" else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise DispatchLogError(f"{name} is {kind_of(value)}; expected text")


def identifier(name: str, value: object) -> str | None:
    """The id of an attempt. Where it is "None" or "null", a program has written that there is none."""
    written = text(name, value)
    return None if written is None or written.strip().lower() in NULLS else written


def count(name: str, value: object) -> int | None:
    """A whole number of 0 or more, which may be written as text."""
    figure = amount(name, value)
    return None if figure is None else int(figure)


def amount(name: str, value: object) -> float | None:
    """A finite number of 0 or more, which may be written as text."""
    figure = value
    if isinstance(value, str):
        if is_absent(value):
            return None
        figure = float(value) if NUMERAL.fullmatch(value.strip()) else None
    largest = 1 if name == "quality_score" else LARGEST_FIGURE
    if isinstance(figure, bool) or not isinstance(figure, int | float) or not 0 <= figure <= largest:
        raise DispatchLogError(f"{name} is {shown(value)}; expected a number from 0 to {largest:g}, or null")
    return float(figure)


def flag(name: str, value: object) -> bool | None:
    """True or false."""
    if isinstance(value, bool):
        return value
    if is_absent(value):
        return None
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise DispatchLogError(f"{name} is {shown(value)}; expected true, false or null")


def propensities(name: str, value: object) -> dict[str, float]:
    """Probabilities by model id."""
    if not isinstance(value, dict) or not all(type(p) in (float, int) and 0 <= p <= 1 for p in value.values()):
        raise DispatchLogError(f"{name} is not an object of probabilities between 0 and 1 by model id")
    return {model: float(p) for model, p in value.items()}


def is_absent(value: object) -> bool:
    """Whether the value is null, or a word for it."""
    return value is None or (isinstance(value, str) and value.strip().lower() in ABSENT)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def shown(value: object) -> str:
    """The value as an error may show it, cut short."""
    text = ascii(value) if not isinstance(value, int) or abs(value) < 1e30 else "a huge number"
    return text if len(text) <= 60 else f"{text[:60]}..."
