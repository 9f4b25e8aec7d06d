"""The store's part in what was seen in clients' records: runs, hooks that spoke up, and how far histories were read."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from modelmerit.evidence import captures, open_runs, queries
from modelmerit.evidence.captures import Captured, CaptureResult
from modelmerit.evidence.database import Database
from modelmerit.evidence.open_runs import OpenRun
from modelmerit.evidence.rows import from_microseconds, to_microseconds
from modelmerit.records import Attempt


class SeenEvent(NamedTuple):
    """How often a hook spoke up, and when it last did."""

    times: int
    last: datetime


class CaptureStore:
    """What the store knows of clients' records. Each call is one transaction."""

    _database: Database

    async def capture(self, captured: Captured, now: datetime) -> CaptureResult:
        """Record what was seen of a run; `now` is when its records were read.

        The same sighting again changes nothing, and one that was read earlier than the last is left out.
        """
        return await self._database.transaction(lambda c: captures.capture(c, captured, now))

    async def capture_all(self, captured: Sequence[Captured], now: datetime) -> list[CaptureResult]:
        """Record many runs in one transaction; the results come in their order."""
        in_time = sorted(range(len(captured)), key=lambda at: (captured[at].attempt.created_at, captured[at].run_id))
        done = await self._database.transaction(
            lambda c: {at: captures.capture(c, captured[at], now) for at in in_time}
        )
        return [done[at] for at in range(len(captured))]

    async def capture_first(self, captured: Sequence[Captured], now: datetime, longest_s: float) -> list[CaptureResult]:
        """Record the first of many runs in one transaction: at least one, and more until `longest_s` have gone by."""
        return await self._database.transaction(lambda c: _captured_within(c, captured, now, longest_s))

    async def expect_run(self, client: str, call_id: str, attempt_id: str) -> None:
        """Record that the agent about to be called works on this attempt; the last that is said of a call stands."""
        await self._database.transaction(lambda c: captures.expect_run(c, client, call_id, attempt_id))

    async def expect_dispatched(self, call: Captured) -> Attempt | None:
        """Record that the agent about to be called works on the dispatch that was made for it, if one was."""
        return await self._database.transaction(lambda c: captures.expect_dispatched(c, call))

    async def expected_calls(self, client: str, session_id: str) -> list[OpenRun]:
        """The calls of a session that a dispatch was made for, and whose agents were not seen yet."""
        return await self._database.read(lambda c: open_runs.expected_calls(c, client, session_id))

    async def open_runs(self, unseen_since: datetime) -> list[OpenRun]:
        """The runs without an outcome that began before a moment, and were not seen after it."""
        return await self._database.read(lambda c: open_runs.open_runs(c, unseen_since))

    async def call_off(self, runs: Sequence[OpenRun], reason: str, now: datetime) -> int:
        """Record of runs without an outcome, and not seen since, that they were cancelled; answers how many they were.

        What is told or seen of them later stands in its place.
        """
        return await self._database.transaction(lambda c: open_runs.call_off(c, runs, reason, now))

    async def read_marks(self, client: str) -> dict[str, str]:
        """How far each source of a client's history was read."""
        rows = await self._database.read(lambda c: c.execute(queries.READ_MARKS, {"client": client}).fetchall())
        return dict(rows)

    async def mark_read(self, client: str, source: str, mark: str) -> None:
        """Record how far a source was read: any text that changes when there is more of it."""
        await self.mark_all_read(client, {source: mark})

    async def mark_all_read(self, client: str, marks: Mapping[str, str]) -> None:
        """Record how far each of many sources was read, in one transaction."""
        rows = [{"client": client, "source": source, "mark": mark} for source, mark in marks.items()]
        await self._database.transaction(lambda c: c.executemany(queries.MARK_READ, rows))

    async def note_events(self, client: str, events: Mapping[str, int], last: datetime) -> None:
        """Count how often each hook has spoken up since the last note; `last` is the latest moment of them."""
        rows = [
            {"client": client, "event": event, "times": times, "last_us": to_microseconds(last)}
            for event, times in events.items()
        ]
        await self._database.transaction(lambda c: c.executemany(queries.NOTE_EVENT, rows))

    async def seen_events(self, client: str) -> dict[str, SeenEvent]:
        """The client's hooks that ever spoke up, by event."""
        rows = await self._database.read(lambda c: c.execute(queries.SEEN_EVENTS, {"client": client}).fetchall())
        return {event: SeenEvent(times, from_microseconds(last_us)) for event, times, last_us in rows}


def _captured_within(
    connection: sqlite3.Connection, captured: Sequence[Captured], now: datetime, longest_s: float
) -> list[CaptureResult]:
    ends = time.monotonic() + longest_s
    done: list[CaptureResult] = []
    for one in captured:
        done.append(captures.capture(connection, one, now))
        if time.monotonic() >= ends:
            break
    return done
