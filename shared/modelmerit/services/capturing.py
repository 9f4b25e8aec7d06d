"""Recording what the clients' hooks have seen: the spool is emptied, and what happened is read and stored.

Reading and judging run on another thread, so that a server goes on answering. Everything here may happen twice, in any
order, and in several processes at once: whatever is recorded again as it was changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from modelmerit.capture.faults import note_fault, told
from modelmerit.capture.live import LiveSession, by_session, is_due, is_settled, is_too_late
from modelmerit.capture.spool import Spool, SpooledEvent
from modelmerit.evidence.store import Store
from modelmerit.policy.file import PolicyFile
from modelmerit.policy.schema import Policy
from modelmerit.settings import Settings

if TYPE_CHECKING:
    from modelmerit.evidence.captures import Captured

BATCH = 200
"""Events that one drain takes at most, so that what it reads and stores is bounded."""

STORED_AT_ONCE = 8
"""Runs that one transaction stores at most: a dispatch may be waiting for its turn."""

FIRST_EVENTS = "first events"
"""Under this name the store keeps when each client was first heard of, among the marks of what was read."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain came to: events done with, runs recorded that were new or have changed, events that still wait for
    the client's records to be complete, files that were no events, and what went wrong, a line each.

    `more` tells that there were more events than one drain takes.
    """

    events: int = 0
    recorded: int = 0
    waiting: int = 0
    broken: int = 0
    faults: tuple[str, ...] = ()
    more: bool = False


class Capturing:
    """Empties the spool of the home. `now` tells the time, in UTC."""

    def __init__(self, store: Store, policy_file: PolicyFile, settings: Settings, now: Callable[[], datetime]) -> None:
        self._store = store
        self._policy_file = policy_file
        self._home = settings.home
        self._spool = Spool(settings.home / "spool")
        self._now = now
        self._noted = ""

    async def drain(self) -> Drained:
        """Record what the oldest spooled events announce, unless another process is at it; never raises.

        Events whose runs cannot be stored just now, because the disk is full say, stay in the spool.
        """
        if self._spool.is_empty():
            return Drained()
        try:
            with self._spool.alone() as alone:
                return await self._drain() if alone else Drained()
        except Exception as error:  # whoever asked for a report or an analysis must get it all the same
            return Drained(faults=(self._note(told(error)),))

    async def catch_up(self) -> None:
        """Drain until nothing is left but what is not complete yet; never raises."""
        while (drained := await self.drain()).more and drained.events > 0:
            pass

    async def _drain(self) -> Drained:
        batch = await asyncio.to_thread(self._spool.read, BATCH)
        since = await self._listening_since(batch.events)
        sessions = await asyncio.to_thread(by_session, batch.events)
        to_read = {event.path for events in sessions.values() for event in events}
        done = [event for event in batch.events if event.path not in to_read]
        await self._finish(done)
        events, recorded, faults = len(done), 0, []
        if batch.broken:
            faults.append(self._note(f"{batch.broken} files in the spool were no events; they are removed"))
        policy = self._policy_file.current().policy
        for session, announced in sessions.items():
            now = self._now()
            if not any(is_due(event, now) for event in announced):
                continue
            try:
                captured, ended = await asyncio.to_thread(_look, session, announced, since[session.client], policy, now)
            except Exception as error:  # the records are another program's, and may be anything
                faults.append(self._note(told(error)))
                done = [event for event in announced if is_too_late(event, now)]
            else:
                recorded += await self._store_runs(captured, now)
                done = [event for event in announced if is_settled(event, ended, now)]
            await self._finish(done)
            events += len(done)
        waiting = len(batch.events) - events
        return Drained(events, recorded, waiting, batch.broken, tuple(faults), batch.more)

    async def _store_runs(self, captured: Sequence["Captured"], now: datetime) -> int:
        """Store the runs, oldest first so that retries find what they retry; answers how many were new or changed."""
        in_time = sorted(captured, key=lambda one: one.attempt.created_at)
        changed = 0
        for first in range(0, len(in_time), STORED_AT_ONCE):
            results = await self._store.capture_all(in_time[first : first + STORED_AT_ONCE], now)
            changed += sum(result.state != "unchanged" for result in results)
        return changed

    async def _listening_since(self, events: Sequence[SpooledEvent]) -> dict[str, datetime]:
        """When each client's first event came: what is older is history, which `modelmerit import` reads."""
        marks = await self._store.read_marks(FIRST_EVENTS)
        for event in events:
            if event.client not in marks:
                marks[event.client] = event.at.isoformat()
                await self._store.mark_read(FIRST_EVENTS, event.client, marks[event.client])
        return {client: datetime.fromisoformat(mark) for client, mark in marks.items()}

    async def _finish(self, done: Sequence[SpooledEvent]) -> None:
        """Count the events, and forget them."""
        for client in {event.client for event in done}:
            theirs = [event for event in done if event.client == client]
            counts = Counter(event.event for event in theirs)
            await self._store.note_events(client, counts, max(event.at for event in theirs))
        await asyncio.to_thread(self._spool.remove, done)

    def _note(self, fault: str) -> str:
        # What goes wrong at every drain is worth one line, not one every few seconds.
        if fault != self._noted:
            note_fault(self._home, "drain", fault, self._now())
            self._noted = fault
        return fault


def _look(
    session: LiveSession, announced: Sequence[SpooledEvent], since: datetime, policy: Policy, now: datetime
) -> tuple[list["Captured"], dict[str, bool]]:
    """What is to be stored of a session's runs, and of each whether it has ended."""
    from modelmerit.capture.outcomes.inference import infer
    from modelmerit.capture.recording import captured

    stopped = {event.run_id for event in announced}
    seen = [run for run in session.runs() if run.started_at >= since or run.run_id in stopped]
    judged = [(run, infer(run)) for run in seen]
    ended = {run.run_id: inferred is not None for run, inferred in judged}
    return [captured(run, inferred, policy=policy, now=now, live=True) for run, inferred in judged], ended
