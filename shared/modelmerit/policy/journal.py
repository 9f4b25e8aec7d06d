"""Writing a new models.json so that a killed process leaves no doubt about what it did.

Before the exchange, an intent file beside models.json says which text is about to replace which. Whoever takes the
lock next and finds one compares it with what lies there, and finishes what took effect or clears away what did not.
"""

import contextlib
import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from modelmerit.errors import PolicyConflict, PolicyFileError
from modelmerit.policy.atomic import Exchange, append_line, exchange_files, swap_in, sync_folder, write_temporary
from modelmerit.policy.backups import free_backup
from modelmerit.policy.changelog import ChangeLog, LogEntry
from modelmerit.policy.loading import read_bytes


class Intent(NamedTuple):
    """What a writer was about to do: put the file `temporary` in place, and log `entry`."""

    temporary: str
    entry: LogEntry


def write_version(
    path: Path,
    log: ChangeLog,
    base: bytes,
    new: bytes,
    entry: LogEntry,
    now: datetime,
    exchange: Exchange | None = exchange_files,
) -> tuple[str, ...]:
    """Replaces `base` by `new` at `path` and logs `entry`; answers warnings. The caller holds the lock.

    Raises:
        PolicyConflict: If somebody else saved the file meanwhile; their version stands.
        PolicyFileError: If the file could not be written; nothing has changed.
    """
    assert entry.backup is not None, "every replaced version has a backup"
    temporary: Path | None = None
    try:
        temporary, warnings = write_temporary(path, new)
        append_line(_intent_path(path), json.dumps({"temporary": temporary.name, "entry": entry.to_dict()}).encode())
        warnings += swap_in(path, temporary, base, path.with_name(entry.backup), now, exchange)
    except (PolicyConflict, OSError) as error:
        _abandon(path, temporary, entry)
        if isinstance(error, FileNotFoundError):  # an editor has moved the file away and not yet written the new one
            raise PolicyConflict(f"{path} was moved away by somebody else while it was being changed.") from error
        if isinstance(error, OSError):
            raise PolicyFileError(f"{path} could not be written: {error}. Nothing has changed.") from error
        raise
    try:
        sync_folder(path.parent)
        log.append(entry)
        if not temporary.exists():  # else the next writer still has to put the former version in its place
            _intent_path(path).unlink()
    except OSError as error:
        warnings += (f"{path.name} is changed, but the change log is not complete yet: {error}",)
    return warnings


def unfinished(path: Path) -> bool:
    """Whether a writer is at work, or one was killed and has to be cleared up after."""
    return _intent_path(path).exists()


def recover(path: Path, log: ChangeLog, now: datetime) -> tuple[str, ...]:
    """Finishes or clears away what killed writers left; answers warnings. The caller holds the lock."""
    warnings: list[str] = []
    intent = _read_intent(path)
    if intent is not None:
        warnings += _settle(path, log, intent, now)
    for stale in _temporaries(path):
        kept = free_backup(path, now, "-orphan")
        stale.rename(kept)
        warnings.append(f"a process was killed while writing {path.name}; what it had written is in {kept.name}")
    _intent_path(path).unlink(missing_ok=True)
    return tuple(warnings)


def saved_late(path: Path, log: ChangeLog) -> tuple[str, ...]:
    """A warning if the newest backup is not what it was when it was made.

    An editor that writes in place may still have had the old file open when it was displaced: its text is then in
    the backup, and the person believes it is in models.json.
    """
    newest = next((entry for entry in reversed(log.entries()) if entry.backup), None)
    if newest is None or newest.backup is None:
        return ()
    if file_hash(path.with_name(newest.backup)) in (None, newest.before):
        return ()
    warning = (
        f"{newest.backup} was edited after it was set aside: an editor saved into it instead of {path.name}. "
        "Compare the two and save what you miss."
    )
    return (warning,)


def file_hash(path: Path) -> str | None:
    """SHA-256 of a file's bytes in hexadecimal; None where there is no file to read."""
    try:
        return hashlib.sha256(read_bytes(path)).hexdigest()
    except (OSError, PolicyFileError):
        return None


def _settle(path: Path, log: ChangeLog, intent: Intent, now: datetime) -> list[str]:
    entry = intent.entry
    temporary, backup = path.with_name(intent.temporary), path.with_name(entry.backup or "")
    held = file_hash(temporary)
    logged = any(known.id == entry.id for known in log.entries())
    if held == entry.after:  # never exchanged, or changed back
        temporary.unlink()
        if entry.backup and file_hash(backup) == file_hash(path):
            backup.unlink(missing_ok=True)
        return []
    if held == entry.before or (held is None and file_hash(backup) == entry.before):
        if held is not None:
            temporary.rename(backup)
        sync_folder(path.parent)
        if not logged:
            log.append(entry)
        return []
    if held is None:
        return []
    if file_hash(path) == entry.after and not logged:  # killed between taking somebody's save out and giving it back
        exchange_files(temporary, path)
        temporary.rename(free_backup(path, now, "-rejected"))
        return []
    kept = free_backup(path, now, "-displaced")
    temporary.rename(kept)
    return [f"a save of {path.name} was overtaken by another; it is in {kept.name}"]


def _intent_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.intent")


def _abandon(path: Path, temporary: Path | None, entry: LogEntry) -> None:
    """Clears away a write that did not happen; a file that holds another text than ours is left to `recover`."""
    with contextlib.suppress(OSError):
        if temporary is not None and temporary.exists():
            if file_hash(temporary) != entry.after:
                return
            temporary.unlink()
        _intent_path(path).unlink(missing_ok=True)


def _read_intent(path: Path) -> Intent | None:
    try:
        values = json.loads(_intent_path(path).read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    temporary = values.get("temporary") if isinstance(values, dict) else None
    entry = LogEntry.from_dict(values.get("entry")) if isinstance(values, dict) else None
    if entry is None or not isinstance(temporary, str) or os.sep in temporary:
        return None
    return Intent(temporary, entry)


def _temporaries(path: Path) -> list[Path]:
    """What killed writers of `path` have left; a living one would hold the lock."""
    return sorted(
        entry
        for entry in path.parent.iterdir()
        if entry.name.startswith(f".{path.name}.") and entry.name.endswith(".tmp")
    )
