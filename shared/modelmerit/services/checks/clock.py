"""The clock: what it says decides which attempts are recent, and in which order things happened."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from modelmerit.errors import StoreError
from modelmerit.evidence.inspection import inspected
from modelmerit.services.checks.findings import Finding
from modelmerit.settings import Settings

NAME = "clock"
SLACK = timedelta(minutes=5)
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right has shown less to anybody who runs this release."""


def check_clock(settings: Settings, now: datetime, environment: Mapping[str, str]) -> list[Finding]:
    """Whether the clock is behind what was already recorded, and whether its zone is one the system knows."""
    to_do = "Set the clock: `timedatectl set-ntp true`, or in the system's date settings."
    if now < RELEASED:
        return [Finding(NAME, "failed", f"It says {_minute(now)}, before this program was made.", to_do)]
    newest = _newest_attempt(settings)
    if newest is not None and newest > now + SLACK:
        line = f"It says {_minute(now)}; an attempt is already recorded at {_minute(newest)}."
        return [Finding(NAME, "warning", line, f"{to_do} If the clock is right, an imported log has a wrong date.")]
    zone = environment.get("TZ", "")
    if zone and not _known(zone):
        line = f"TZ is {zone!r}, which this system does not know: days begin at midnight UTC."
        return [Finding(NAME, "warning", line, "Give TZ a name such as Europe/Zurich, or unset it.")]
    return [Finding(NAME, "ok", f"{_minute(now)}, here UTC{now.astimezone():%z}")]


def _newest_attempt(settings: Settings) -> datetime | None:
    if not settings.store_path.exists():
        return None
    try:
        with inspected(settings.store_path) as store:
            return store.attempts()[1]
    except StoreError:  # the store has a check of its own
        return None


def _known(zone: str) -> bool:
    name = zone.removeprefix(":")
    # "CET-1CEST" and the like say all themselves, and a full path names a file.
    if any(character.isdigit() for character in name) or PurePosixPath(name).is_absolute():
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
