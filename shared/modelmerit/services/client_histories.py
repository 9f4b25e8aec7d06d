"""Each client's history: where it lies, its parts in the order in which they began, and how each is read."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelmerit.capture.runs import Tokens
from modelmerit.errors import EvidenceError
from modelmerit.services.history_parts import HistoryPart, PartRuns

if TYPE_CHECKING:
    from modelmerit.capture.claude_code.histories import SessionFiles

Environment = Mapping[str, str]
DailyTotals = Mapping[tuple[str, str], Tokens]
"""Tokens by day, YYYY-MM-DD here, and model."""


class NoHistory(EvidenceError):
    """There is no history of a client where it was looked for, or none that can be read."""


@dataclass(frozen=True, slots=True)
class ClientHistory:
    """One client's history. `totals` counts its tokens."""

    client: str
    parts: tuple[HistoryPart, ...]
    totals: Callable[[], DailyTotals]


def claude_code_history(
    path: Path | None, environment: Environment, *, turns: bool = False, since: datetime | None = None
) -> ClientHistory:
    """The sessions of Claude Code; `path` is as `find_sessions` takes it.

    Raises:
        NoHistory: If there are none.
    """
    from modelmerit.capture.claude_code.histories import find_sessions
    from modelmerit.capture.claude_code.sessions import read_session
    from modelmerit.capture.claude_code.totals import daily_totals

    def read(files: "SessionFiles") -> PartRuns:
        for file in files.paths:
            _expect_readable(file)
        found = read_session(files, turns=turns, since=since)
        return PartRuns(found.runs, found.broken_lines)

    sessions = [files for files in find_sessions(path, environment) if files.total_bytes]
    if not sessions:
        where = environment.get("CLAUDE_CONFIG_DIR") or "~/.claude or ~/.config/claude" if path is None else str(path)
        raise NoHistory(
            f"There are no transcripts of Claude Code in {where}. "
            "Name its configuration folder, a folder of projects, or one session's .jsonl."
        )
    parts = (
        HistoryPart(
            source=str(files.main.absolute()),
            version=f"{files.total_bytes}:{files.newest_mtime_ns}",
            size=files.total_bytes,
            began=_began(files),
            read=partial(read, files),
        )
        for files in sessions
    )
    # Stable: a copy of a session begins when that did, and is found after it.
    in_order = tuple(sorted(parts, key=lambda part: part.began))
    return ClientHistory("claude-code", in_order, lambda: daily_totals(sessions))


def opencode_history(
    path: Path | None, environment: Environment, *, turns: bool = False, since: datetime | None = None
) -> ClientHistory:
    """The sessions in OpenCode's store; `path` is as `find_store` takes it.

    Raises:
        NoHistory: If there is no store, or it cannot be read.
    """
    from modelmerit.capture.opencode.histories import find_sessions, find_store
    from modelmerit.capture.opencode.sessions import read_runs
    from modelmerit.capture.opencode.totals import daily_totals

    store = find_store(path, environment)
    if store is None:
        where = environment.get("OPENCODE_DATA_DIR") or "~/.local/share/opencode" if path is None else str(path)
        raise NoHistory(f"There is no store of OpenCode in {where}. Name its data folder, or an opencode.db.")

    def read(session_id: str) -> PartRuns:
        return PartRuns(tuple(read_runs(store, session_id=session_id, since=since, turns=turns)))

    def totals() -> DailyTotals:
        with _telling_of_the_store():
            return daily_totals(store)

    with _telling_of_the_store():
        sessions = list(find_sessions(store))
    parts = (
        HistoryPart(
            source=session.session_id,
            version=str(session.changed),
            size=session.size,
            began=session.began,
            read=partial(read, session.session_id),
        )
        for session in sessions
    )
    return ClientHistory("opencode", tuple(parts), totals)


@contextmanager
def _telling_of_the_store() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NoHistory(f"{error.filename}: {error.strerror}.") from error


def _began(files: "SessionFiles") -> datetime:
    """The first moment that a session's transcript names; of one that names none, when it was last written."""
    from modelmerit.capture.claude_code.lines import Transcript, time_of

    for path in files.paths:
        for record in Transcript(path, lambda raw: b'"timestamp"' in raw):
            at = time_of(record.get("timestamp"))
            if at is not None:
                return at
    return datetime.fromtimestamp(files.newest_mtime_ns / 1e9, UTC)


def _expect_readable(file: Path) -> None:
    # Readers take a transcript that they may not open for an empty one.
    if file.exists() and not os.access(file, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
