"""The spool: what the clients' hooks have noted of events, one file each, until it is recorded.

A note holds ids and paths, no texts; what happened is read from the client's own records. Hooks write a note under a
name that begins with a dot and rename it, so that every other file is whole, or is not theirs.
"""

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CLIENTS = ("claude-code", "opencode")
LARGEST_NOTE = 64 * 2**10
LONGEST_WRITING_S = 60
"""A note that is not finished after so long never will be: its writer is gone."""

NOT_THE_FILES_FAULT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO})


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledEvent:
    """An event as a hook noted it in the file `path`; `at` is the hook's time."""

    path: Path
    client: str
    event: str
    at: datetime
    session_id: str | None = None
    agent_id: str | None = None
    agent_type: str | None = None
    call_id: str | None = None
    parent_id: str | None = None
    transcript_path: str | None = None
    agent_transcript_path: str | None = None
    cwd: str | None = None
    store: str | None = None

    @property
    def run_id(self) -> str | None:
        """The run it is about: a sub-agent's, or a session's that another one called."""
        return self.session_id if self.parent_id else self.agent_id


IDS_AND_PATHS = tuple(
    name for name in SpooledEvent.__dataclass_fields__ if name not in ("path", "client", "event", "at")
)


@dataclass(frozen=True, slots=True)
class Batch:
    """The oldest events of a spool, in order of time, how many files were no events, and whether there are more."""

    events: tuple[SpooledEvent, ...]
    broken: int
    more: bool


class Spool:
    """The spool in a folder, which may not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def is_empty(self) -> bool:
        """Whether there is nothing to read; looks at names only."""
        try:
            with os.scandir(self.folder) as entries:
                return not any(_is_note(entry.name) for entry in entries)
        except OSError:
            return True

    def read(self, limit: int) -> Batch:
        """The oldest events, `limit` at most. Files that are no events are removed.

        Raises:
            OSError: If the folder cannot be read, or no file can be opened just now.
        """
        names = sorted(self._names())
        events, broken = [], 0
        for name in names[:limit]:
            path = self.folder / name
            try:
                event = _parsed(path)
            except FileNotFoundError:
                continue
            except (OSError, ValueError, RecursionError) as error:
                if isinstance(error, OSError) and error.errno in NOT_THE_FILES_FAULT:
                    raise
                broken += 1
                _remove(path)
            else:
                events.append(event)
        return Batch(tuple(sorted(events, key=lambda event: event.at)), broken, len(names) > limit)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Keep other processes from recording the same; False if one is at it already.

        Raises:
            OSError: If there can be no lock in the folder.
        """
        file = os.open(self.folder / ".draining", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(file)

    def remove(self, events: Iterable[SpooledEvent]) -> None:
        """Forget events that are recorded."""
        for event in events:
            _remove(event.path)

    def _names(self) -> list[str]:
        names = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if _is_note(entry.name):
                    names.append(entry.name)
                elif entry.name.endswith(".json") and _is_left_over(entry):
                    _remove(Path(entry.path))
        return names


def _is_note(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _is_left_over(entry: os.DirEntry[str]) -> bool:
    try:
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > LONGEST_WRITING_S
    except OSError:
        return False


def _parsed(path: Path) -> SpooledEvent:
    """The event in a file; a ValueError or an OSError if there is none."""
    # Not blocking: where somebody has put a pipe, opening would wait for its other end.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        read = os.read(file, LARGEST_NOTE)
    finally:
        os.close(file)
    note: Any = json.loads(read)
    if not _is_event(note):
        raise ValueError("no note of ours")
    try:
        at = datetime.fromtimestamp(note["at"], UTC)
    except OverflowError as error:
        raise ValueError("a time that no calendar has") from error
    fields = {name: value for name in IDS_AND_PATHS if isinstance(value := note.get(name), str)}
    # Half of a surrogate pair is no text; the store takes none, and the note would hold up all others for good.
    "".join((note["event"], *fields.values())).encode()
    return SpooledEvent(path=path, client=note["client"], event=note["event"], at=at, **fields)


def _is_event(note: Any) -> bool:
    return (
        isinstance(note, dict)
        and note.get("v") == 1
        and note.get("client") in CLIENTS
        and isinstance(note.get("event"), str)
        and isinstance(note.get("at"), int | float)
    )


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # A folder of that name, or one that may not be written: it is met again, and costs little.
        return
