"""Recording a session of a client as it stands: its agents' runs, the calls that were refused, and what stays open."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from modelmerit.capture.faults import told
from modelmerit.capture.live import LiveSession
from modelmerit.evidence.open_runs import OpenRun
from modelmerit.evidence.store import Store
from modelmerit.policy.schema import Policy

if TYPE_CHECKING:
    from modelmerit.evidence.captures import Captured

LONGEST_STORING_S = 0.01
"""After so long a transaction takes no further run in: a dispatch may be waiting for its turn."""

OPEN_SESSIONS = "open sessions"
"""Under this name, and the client's, the store keeps where sessions lie in which something was open once."""

REFUSED = "the human did not let the agent begin"


class CannotRead(Exception):
    """A session cannot be read; the message says why, in words that may be told."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a session shows: its runs, of each whether it has ended, and the calls that were refused."""

    captured: Sequence["Captured"]
    ended: dict[str, bool]
    refused: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of each run whether it has ended, and how many runs were new, have changed, or were called off."""

    ended: dict[str, bool]
    changed: int


class LiveSessions:
    """Records sessions, in small steps; `give_way` is awaited before each."""

    def __init__(self, store: Store, give_way: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._give_way = give_way
        self._places: dict[tuple[str, str], str] = {}

    async def record(
        self, session: LiveSession, wanted: Collection[str], since: datetime, policy: Policy, now: datetime
    ) -> Recorded:
        """Record the session's runs that began after `since`, are `wanted`, by their ids, or that a call announced.

        Raises:
            CannotRead: If the client's records cannot be read.
            StoreError: If something cannot be stored.
        """
        session_id = session.session_id
        expected = [] if session_id is None else await self._store.expected_calls(session.client, session_id)
        await self._give_way()
        try:
            calls = {call.call_id for call in expected}
            seen = await asyncio.to_thread(_look, session, wanted, calls, since, policy, now)
        except Exception as error:  # the records are another program's, and may be anything
            raise CannotRead(told(error)) from error
        changed = await self._store_runs(seen.captured, now)
        refused = [call for call in expected if call.call_id in seen.refused]
        if refused:
            changed += await self._store.call_off(refused, REFUSED, now)
        if session_id is not None and (len(refused) < len(expected) or not all(seen.ended.values())):
            await self._remember(session.client, session_id, session.place)
        return Recorded(seen.ended, changed)

    async def place_of(self, run: OpenRun) -> LiveSession | None:
        """The session of an open run, if it is known where it lies."""
        if run.session_id is None:
            return None
        marks = await self._store.read_marks(f"{OPEN_SESSIONS} {run.client}")
        place = marks.get(run.session_id)
        return LiveSession(run.client, Path(place), run.session_id) if place else None

    async def _store_runs(self, captured: Sequence["Captured"], now: datetime) -> int:
        """Store the runs, oldest first so that retries find what they retry; answers how many were new or changed."""
        in_time = sorted(captured, key=lambda one: one.attempt.created_at)
        changed = 0
        while in_time:
            await self._give_way()
            results = await self._store.capture_first(in_time, now, LONGEST_STORING_S)
            in_time = in_time[len(results) :]
            changed += sum(result.state != "unchanged" for result in results)
        return changed

    async def _remember(self, client: str, session_id: str, place: Path) -> None:
        if self._places.get((client, session_id)) != str(place):
            await self._store.mark_read(f"{OPEN_SESSIONS} {client}", session_id, str(place))
            self._places[client, session_id] = str(place)


def _look(
    session: LiveSession,
    wanted: Collection[str],
    calls: Collection[str | None],
    since: datetime,
    policy: Policy,
    now: datetime,
) -> _Seen:
    from modelmerit.capture.judging import judged
    from modelmerit.capture.recording import captured

    runs, refused = session.read(expected=bool(calls))
    kept = [run for run in runs if run.started_at >= since or run.run_id in wanted or run.call_id in calls]
    outcomes = [(run, judged(run, now)) for run in kept]
    stored = [captured(run, outcome, policy=policy, now=now, live=True) for run, outcome in outcomes]
    return _Seen(stored, {run.run_id: outcome is not None for run, outcome in outcomes}, refused)
