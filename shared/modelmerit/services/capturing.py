"""Recording what the clients' hooks have seen: the spool is emptied, and what happened is read and stored.

Reading and judging run on another thread, and what is stored is stored in small steps, so that a server goes on
answering. Everything here may happen twice, in any order, and in several processes at once: whatever is recorded again
as it was changes nothing.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from modelmerit.capture.faults import note_fault, told
from modelmerit.capture.live import UNTOUCHED, by_session, is_due, is_settled, is_too_late
from modelmerit.capture.spool import Spool, SpooledEvent
from modelmerit.evidence.open_runs import OpenRun
from modelmerit.evidence.store import Store
from modelmerit.policy.file import PolicyFile
from modelmerit.services.live_sessions import CannotRead, LiveSessions
from modelmerit.settings import Settings

BATCH = 200
"""Events that one drain takes at most, so that what it reads and stores is bounded."""

LONGEST_CATCHING_UP_S = 5.0
"""How long an answer waits for the spool; what is left then is recorded after it."""

LOOKED_AGAIN_AFTER_S = 0.1
"""How long between two looks at what another process drains."""

LOOKED_FOR_ABANDONED_EVERY = timedelta(hours=1)
NEVER_BEGAN = "nothing was heard of it for a day: its agent never began"
LOST = "nothing was heard of it for a day, and its records are gone"

FIRST_EVENTS = "first events"
"""Under this name the store keeps when each client was first heard of, among the marks of what was read."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain came to: events done with, runs recorded that were new or have changed, events that still wait for
    the client's records to be complete, files that were no events, and what went wrong, a line each.

    `more` tells that there were more events than one drain takes, `elsewhere` that another process is draining.
    """

    events: int = 0
    recorded: int = 0
    waiting: int = 0
    broken: int = 0
    faults: tuple[str, ...] = ()
    more: bool = False
    elsewhere: bool = False


async def _at_once() -> None:
    """Give way to nobody."""


class Capturing:
    """Empties the spool of the home. `now` tells the time, in UTC.

    Whoever serves others at the same time sets `give_way`, which is awaited before each step.
    """

    def __init__(self, store: Store, policy_file: PolicyFile, settings: Settings, now: Callable[[], datetime]) -> None:
        self._store = store
        self._policy_file = policy_file
        self._home = settings.home
        self._spool = Spool(settings.home / "spool")
        self._now = now
        self._noted = ""
        self.give_way: Callable[[], Awaitable[None]] = _at_once
        self._sessions = LiveSessions(store, lambda: self.give_way())
        self._looked_for_abandoned: datetime | None = None

    async def drain(self) -> Drained:
        """Record what the oldest spooled events announce, unless another process is at it; never raises.

        Events whose runs cannot be stored just now, because the disk is full say, stay in the spool.
        """
        if self._spool.is_empty():
            return Drained()
        try:
            with self._spool.alone() as alone:
                return await self._drain() if alone else Drained(elsewhere=True)
        except Exception as error:  # whoever asked for a report or an analysis must get it all the same
            return Drained(faults=(self._note(told(error)),))

    async def catch_up(self, longest_s: float = LONGEST_CATCHING_UP_S) -> None:
        """Drain until nothing is left but what is not complete yet, or `longest_s` have gone by; never raises.

        Another process that is at it is waited for too, for `LONGEST_CATCHING_UP_S` at most: it may have been stopped.
        """
        began = time.monotonic()
        while True:
            drained = await self.drain()
            passed_s = time.monotonic() - began
            if drained.elsewhere and passed_s < min(longest_s, LONGEST_CATCHING_UP_S):
                await asyncio.sleep(LOOKED_AGAIN_AFTER_S)
            elif not (drained.more and drained.events) or passed_s >= longest_s:
                break
        await self.close_abandoned()

    async def close_abandoned(self) -> None:
        """Close the runs of which nothing was heard for a day, as their clients were killed say; never raises.

        Their records are read once more before; if they cannot be just now, they wait. Once an hour is often enough;
        more often this does nothing, nor while the spool holds events that may tell of them.
        """
        now, last = self._now(), self._looked_for_abandoned
        is_too_soon = last is not None and timedelta(0) <= now - last < LOOKED_FOR_ABANDONED_EVERY
        if is_too_soon or not self._spool.is_empty():
            return
        self._looked_for_abandoned = now
        unread: set[str] = set()
        try:
            for _, group in groupby(await self._abandoned(now), key=lambda run: (run.client, run.session_id or "")):
                runs = list(group)
                if not await self._look_again(runs, now):
                    unread |= {run.attempt_id for run in runs}
            for run in await self._abandoned(now):
                if run.attempt_id not in unread:
                    await self.give_way()
                    await self._store.call_off([run], LOST if run.run_id else NEVER_BEGAN, now)
        except Exception as error:  # whoever asked for something else must get it all the same
            self._note(told(error))

    async def _abandoned(self, now: datetime) -> list[OpenRun]:
        found = await self._store.open_runs(now - UNTOUCHED)
        return sorted(found, key=lambda run: (run.client, run.session_id or ""))

    async def _look_again(self, runs: Sequence[OpenRun], now: datetime) -> bool:
        """Record what the session of these runs shows of them by now; False if it is there and cannot be read."""
        session = await self._sessions.place_of(runs[0])
        if session is not None:
            wanted = {run.run_id for run in runs if run.run_id is not None}
            try:
                await self._sessions.record(session, wanted, now, self._policy_file.current().policy, now)
            except CannotRead:
                return not session.place.exists()
        return True

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
            wanted = {event.run_id for event in announced if event.run_id is not None}
            try:
                found = await self._sessions.record(session, wanted, since[session.client], policy, now)
            except CannotRead as fault:
                faults.append(self._note(str(fault)))
                done = [event for event in announced if is_too_late(event, now)]
            else:
                recorded += found.changed
                done = [event for event in announced if is_settled(event, found.ended, now)]
            await self._finish(done)
            events += len(done)
        waiting = len(batch.events) - events
        return Drained(events, recorded, waiting, batch.broken, tuple(faults), batch.more)

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
        if not done:
            return
        await self.give_way()
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
