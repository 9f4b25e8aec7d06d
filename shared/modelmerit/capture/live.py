"""What spooled events ask to be read, and when they are done with.

An event says that something has happened in a session, not what: that stands in the client's own records, a little
later. A sub-agent's stop comes before its last line is written, and the human's words before the client has kept them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from modelmerit.capture.runs import AgentRun
from modelmerit.capture.spool import SpooledEvent

LATEST = timedelta(seconds=10)
"""How long an event waits for the records to say what it announced; then what they say is taken as it is."""

KEPT_AFTER = timedelta(seconds=3)
"""How long after an event the client has surely kept all that it announced."""

UNTOUCHED = timedelta(days=1)
"""A run that nothing was written of for so long was abandoned; if it goes on after all, that is read."""

STOPS = frozenset({"SubagentStop", "session.idle", "session.error"})
WORDS = frozenset({"UserPromptSubmit", "chat.message"})
ENDS = frozenset({"SessionEnd", "Stop"})


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session of a client: its transcript or the store it is in, and its id, which OpenCode's store is asked for."""

    client: str
    place: Path
    session_id: str | None = None

    def read(self, *, expected: bool = False) -> tuple[Sequence[AgentRun], frozenset[str]]:
        """The sub-agents' runs in it as they stand, and the calls of agents that the human refused.

        Where no agent worked and none was `expected` to there is nothing to find, and people's own sessions are long.

        Raises:
            OSError: If the client's records cannot be read.
        """
        if self.client == "opencode":
            from modelmerit.capture.opencode.sessions import read_runs

            return list(read_runs(self.place, session_id=self.session_id)), frozenset()
        from modelmerit.capture.claude_code.histories import find_sessions
        from modelmerit.capture.claude_code.sessions import read_session

        files = next(find_sessions(self.place, {}))
        if not files.agents and not expected:
            return (), frozenset()
        found = read_session(files)
        return found.runs, found.refused


def by_session(events: Iterable[SpooledEvent]) -> dict[LiveSession, list[SpooledEvent]]:
    """The events that ask for a session to be read, under it; the others are only counted."""
    sessions: dict[LiveSession, list[SpooledEvent]] = {}
    for event in events:
        session = _session_of(event)
        if session is not None and event.event in STOPS | WORDS | ENDS and not _of_a_ghost(event):
            sessions.setdefault(session, []).append(event)
    return sessions


def is_due(event: SpooledEvent, now: datetime) -> bool:
    """Whether the records may already say what the event announced."""
    return event.event not in WORDS or not _within(KEPT_AFTER, event, now)


def is_settled(event: SpooledEvent, ended: Mapping[str, bool], now: datetime) -> bool:
    """Whether the event is done with, once its session was read; `ended` tells of each run whether it has ended.

    A run that ended is looked at once more later: an agent that was woken again has ended before.
    """
    if event.event in ENDS or not _within(LATEST, event, now):
        return True
    if _within(KEPT_AFTER, event, now):
        return False
    return event.event in WORDS or event.run_id is None or ended.get(event.run_id, False)


def is_too_late(event: SpooledEvent, now: datetime) -> bool:
    """Whether the event has waited long enough for a session that cannot be read."""
    return not _within(LATEST, event, now)


def _within(time: timedelta, event: SpooledEvent, now: datetime) -> bool:
    # A clock that was set back must not make an event wait until it has caught up.
    return timedelta(0) <= now - event.at < time


def _session_of(event: SpooledEvent) -> LiveSession | None:
    if event.client == "opencode":
        session_id = event.parent_id or event.session_id
        return LiveSession(event.client, Path(event.store), session_id) if event.store and session_id else None
    # Of any other path the client's whole history might be looked for there.
    transcript = Path(event.transcript_path or "")
    return LiveSession(event.client, transcript, event.session_id) if transcript.suffix == ".jsonl" else None


def _of_a_ghost(event: SpooledEvent) -> bool:
    """Whether a stop is that of a compaction, which is announced like a sub-agent's, without a kind or a transcript."""
    if event.event != "SubagentStop" or event.agent_type:
        return False
    return not (event.agent_transcript_path and Path(event.agent_transcript_path).exists())
