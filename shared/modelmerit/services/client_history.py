"""Back-filling: the runs in a client's own history, brought into the store as if they had been seen when they ran.

Parts of a history are read one at a time, in the order in which they began, and their runs are stored in order of time
even where parts overlap, so that a retry finds what it retries. What was read and is unchanged is not read again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from modelmerit.capture.judging import judged
from modelmerit.capture.recording import captured
from modelmerit.capture.runs import AgentRun
from modelmerit.evidence.captures import Captured, CaptureResult
from modelmerit.evidence.store import Store
from modelmerit.policy.document import Policy
from modelmerit.services.history_parts import HistoryPart, Unreadable, unreadable
from modelmerit.services.read_marks import ReadMark

BATCH = 250
"""Runs stored in one transaction; other processes wait for it."""
MOST_WAITING = 2_000
"""Runs held back for one that began before them, at most."""

Waiting = tuple[datetime, int, Captured, str]


@dataclass(slots=True)
class ImportedHistory:
    """What became of a history so far.

    Of the parts, `read` were read and `unchanged` skipped. Of the runs, `added` are new, `joined` were dispatches that
    are now known to have run, `changed` are known better than before and `known` were known. `running` of them have
    not ended yet. `unpriced` counts the runs of models whose prices nobody knows.
    """

    read: int = 0
    unchanged: int = 0
    added: int = 0
    joined: int = 0
    changed: int = 0
    known: int = 0
    running: int = 0
    broken_lines: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    unpriced: dict[str, int] = field(default_factory=dict)


async def import_history(
    store: Store,
    policy: Policy,
    client: str,
    parts: Iterable[HistoryPart],
    *,
    now: Callable[[], datetime],
    turns: bool = False,
    since: datetime | None = None,
    progress: Callable[[HistoryPart], None] = lambda _: None,
    result: ImportedHistory | None = None,
) -> ImportedHistory:
    """Store the runs of a history; the same history again adds nothing, and one that grew adds what is new.

    The parts come in the order in which they began; `turns` and `since` are what is read of them. `progress` is told
    each part that is done with. Whoever passes a `result` knows what became of the history even if the import is
    interrupted: what was read until then is kept.
    """
    result = ImportedHistory() if result is None else result
    marks = {source: ReadMark.parse(mark) for source, mark in (await store.read_marks(client)).items()}
    storing = _Storing(store, client, now, result)
    try:
        for part in parts:
            wanted = ReadMark(part.version, turns, since)
            mark = marks.get(part.source)
            if mark is not None and mark.covers(wanted):
                result.unchanged += 1
            else:
                await storing.store_before(part.began)
                _read(part, policy, now(), storing, wanted, result)
            progress(part)
            await asyncio.sleep(0)  # where an interruption comes through
    finally:
        await storing.store_all()
    return result


def _read(
    part: HistoryPart, policy: Policy, now: datetime, storing: "_Storing", mark: ReadMark, result: ImportedHistory
) -> None:
    try:
        found = part.read()
    except OSError as error:
        result.unreadable.append(unreadable(part, error))
        return
    result.read += 1
    result.broken_lines += found.broken_lines
    storing.add(part.source, mark, [_captured(run, policy, now, result) for run in found.runs])


def _captured(run: AgentRun, policy: Policy, now: datetime, result: ImportedHistory) -> Captured:
    inferred = judged(run, now)
    result.running += inferred is None
    one = captured(run, inferred, policy=policy, now=now, live=False)
    for model in one.unpriced:
        result.unpriced[model] = result.unpriced.get(model, 0) + 1
    return one


class _Storing:
    """Runs on their way into the store, and the parts that are done with once all of theirs are in."""

    def __init__(self, store: Store, client: str, now: Callable[[], datetime], result: ImportedHistory) -> None:
        self._store = store
        self._client = client
        self._now = now
        self._result = result
        self._waiting: list[Waiting] = []
        self._batch: list[Waiting] = []
        self._left: Counter[str] = Counter()
        self._marks: dict[str, ReadMark] = {}
        self._number = 0

    def add(self, source: str, mark: ReadMark, runs: Sequence[Captured]) -> None:
        """Take a part's runs in."""
        self._marks[source] = mark
        self._left[source] = len(runs)
        for run in runs:
            self._number += 1
            heappush(self._waiting, (run.attempt.created_at, self._number, run, source))

    async def store_before(self, moment: datetime) -> None:
        """Store the runs that began before a moment, oldest first, as soon as they are enough for a transaction."""
        while self._waiting and (self._waiting[0][0] < moment or len(self._waiting) > MOST_WAITING):
            await self._store_next()

    async def store_all(self) -> None:
        """Store what is left."""
        while self._waiting:
            await self._store_next()
        await self._store_batch()

    async def _store_next(self) -> None:
        self._batch.append(heappop(self._waiting))
        if len(self._batch) == BATCH:
            await self._store_batch()

    async def _store_batch(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            runs = [run for _, _, run, _ in batch]
            storing = asyncio.create_task(self._store.capture_all(runs, self._now()))
            try:
                await asyncio.shield(storing)
            finally:
                # Cancelled or not, the transaction goes on to its end, and what it brought in is counted.
                self._count(batch, await storing)
        done = [source for source in self._marks if not self._left[source]]
        if done:
            await self._store.mark_all_read(self._client, {source: str(self._marks.pop(source)) for source in done})

    def _count(self, batch: Sequence[Waiting], done: Sequence[CaptureResult]) -> None:
        states = Counter(one.state for one in done)
        self._result.added += states["new"]
        self._result.joined += states["joined"]
        self._result.changed += states["changed"]
        self._result.known += states["unchanged"]
        for _, _, _, source in batch:
            self._left[source] -= 1
