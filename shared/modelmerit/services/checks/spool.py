"""What the clients' hooks have left: events that wait to be recorded, and faults."""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modelmerit.capture.faults import LOG_NAME
from modelmerit.services.checks.findings import Finding, span
from modelmerit.settings import Settings

LONG_WAIT = timedelta(hours=1)
"""A running server records what waits within seconds; for as long as this none may have run."""
RECENT_FAULTS = timedelta(days=7)
FAULTS_SHOWN = 3
FAULTS_READ_BYTES = 8 << 10
LONGEST_FAULT = 200


def check_spool(settings: Settings, now: datetime) -> list[Finding]:
    """What waits to be recorded, since when, and what went wrong in a hook or in recording lately."""
    return [_waiting(settings.home / "spool", now), _faults(settings.home / LOG_NAME, now)]


def _waiting(folder: Path, now: datetime) -> Finding:
    moments = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        moments = [
            _spooled_at(entry.name)
            for entry in entries
            if entry.name.endswith(".json") and not entry.name.startswith(".")
        ]
    count = len(moments)
    if not count:
        return Finding("spool", "ok", "Nothing waits to be recorded.")
    oldest = min(moments)
    waited = now - oldest
    line = f"{count:,} event{'s wait' if count > 1 else ' waits'} to be recorded, the oldest for {span(waited)}"
    if waited < LONG_WAIT:
        return Finding("spool", "ok", line)
    to_do = "The next agent session records them as it runs; `modelmerit report` does so for some seconds."
    return Finding("spool", "warning", line, to_do)


def _spooled_at(name: str) -> datetime:
    """The name is the moment in nanoseconds, a hyphen, and a process."""
    digits = name.split("-")[0]
    try:
        return datetime.fromtimestamp(int(digits) / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _faults(log: Path, now: datetime) -> Finding:
    try:
        last = datetime.fromtimestamp(log.stat().st_mtime, UTC)
    except FileNotFoundError:
        return Finding("hook faults", "ok", "None.")
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - FAULTS_READ_BYTES, 0))
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    if not lines or now - last > RECENT_FAULTS:
        return Finding("hook faults", "ok", f"None in the last {RECENT_FAULTS.days} days.")
    newest = "; ".join(line[:LONGEST_FAULT] for line in lines[-FAULTS_SHOWN:])
    to_do = f"The client went on without harm. All of them are in {log}; remove it once they are dealt with."
    return Finding("hook faults", "warning", newest, to_do)
