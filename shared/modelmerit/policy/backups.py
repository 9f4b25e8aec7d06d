"""The copies beside models.json: `models.json.bak.20261121T101530.123456Z`, one for each change, never overwritten.

A suffix marks a copy that was never in force, or whose place in history is unknown: `-rejected` is our own text that
lost against somebody's save, `-displaced` a save that another save or write overtook, `-orphan` what a killed process
left unfinished.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

Suffix = Literal["", "-rejected", "-displaced", "-orphan"]
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_STAMPED = re.compile(r"\d{8}T\d{6}\.\d{6}Z")


def free_backup(path: Path, now: datetime, suffix: Suffix = "") -> Path:
    """A name for a copy of `path` that no file has; the caller holds the lock, so it stays free."""
    moment = now.astimezone(UTC)
    while True:
        backup = path.with_name(f"{path.name}.bak.{moment.strftime(_STAMP)}{suffix}")
        if not backup.exists():
            return backup
        moment += timedelta(microseconds=1)


def backups_of(path: Path) -> list[Path]:
    """The versions of `path` that were in force once, newest first."""
    prefix = f"{path.name}.bak."
    try:
        found = [entry for entry in path.parent.iterdir() if entry.name.startswith(prefix)]
    except OSError:
        return []
    in_force = [entry for entry in found if _STAMPED.fullmatch(entry.name.removeprefix(prefix))]
    return sorted(in_force, key=lambda entry: entry.name, reverse=True)
