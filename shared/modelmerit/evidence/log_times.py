"""Times as dispatch logs write them. One without a zone is in UTC."""

import re
from datetime import UTC, datetime

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.log_values import shown

EXAMPLE = "2026-01-31T09:30:00Z"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""What lies outside is no time of a dispatch. The bounds are fixed, so that a log reads the same on any day."""

MILLISECONDS_FROM = 1e11
"""A number above this is a time in milliseconds: as seconds it would lie beyond the year 5000."""

NUMBER = re.compile(r"\d{9,13}(?:\.\d*)?")
"""Seconds or milliseconds since 1970 as text; eight digits are a date."""
YEAR_FIRST = re.compile(r"^(\d{4})/(\d{2})/(\d{2})")
UTC_BEHIND = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
JAVASCRIPT_ZONE = re.compile(r"\bGMT([+-]\d{4})\b.*")
ZONE_OR_HALF_DAY = re.compile(r"\b(?:[A-Z]{2,5}|[ap]m)\b")


def moment(name: str, value: object) -> datetime:
    """A time: ISO 8601 or nearly so, RFC 2822, or seconds or milliseconds since 1970, as a number or as text."""
    try:
        found = _read(value)
    except (OverflowError, OSError, ValueError, TypeError):
        found = None
    if found is None:
        raise DispatchLogError(f"{name} is {shown(value)}; expected a time such as {EXAMPLE}")
    if not EARLIEST <= found < LATEST:
        raise DispatchLogError(f"{name} is {shown(value)}; expected a time from {EARLIEST.year} to {LATEST.year - 1}")
    return found


def _read(value: object) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _since_1970(value)
    if not isinstance(value, str):
        return None
    written = value.strip()
    if NUMBER.fullmatch(written):
        return _since_1970(float(written))
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = _other(written)
    if found.tzinfo is UTC:
        return found
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _since_1970(value: float) -> datetime:
    return datetime.fromtimestamp(value / 1000 if value > MILLISECONDS_FROM else value, UTC)


def _other(written: str) -> datetime:
    """A time that is nearly ISO 8601, such as `2026/01/31 09:30 UTC`, or as RFC 2822, C and JavaScript write it.

    Raises:
        ValueError: If it is neither, or names a zone that nobody can tell.
    """
    try:
        return datetime.fromisoformat(UTC_BEHIND.sub("+00:00", YEAR_FIRST.sub(r"\1-\2-\3", written)))
    except ValueError:
        from email.utils import parsedate_to_datetime

        written = JAVASCRIPT_ZONE.sub(r"\1", written)
        found = parsedate_to_datetime(written)
        if found.tzinfo is None and ZONE_OR_HALF_DAY.search(written):
            raise
        return found
