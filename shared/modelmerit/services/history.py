"""Dispatch histories: in from a file, out to one, and a back-test that needs no store."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.log_fields import UNDERSTOOD
from modelmerit.evidence.log_files import BrokenRecord, LogWriter, read_log
from modelmerit.evidence.store import Store
from modelmerit.policy.document import Policy
from modelmerit.records import Attempt

BATCH = 500
MOST_UNUSED = 100
"""Names of unknown fields are told up to this many: in some logs each record makes up its own."""
BATCH_BYTES = 8 << 20
"""Read at most so much of a log of huge records before they are stored and let go of."""


@dataclass(slots=True)
class Imported:
    """What became of a history so far.

    `added` records were new or have ended since, `known` ones changed nothing, `broken` ones could not be read.
    `unused` counts the records with each field that nothing here knows: such are kept, and not understood.
    `stopped` says where and why the rest of the file could not be read, if so.
    """

    added: int = 0
    known: int = 0
    broken: int = 0
    stopped: str | None = None
    unused: Counter[str] = field(default_factory=Counter, compare=False)


async def import_log(
    store: Store,
    path: Path,
    *,
    progress: Callable[[int], None] = lambda _: None,
    on_broken: Callable[[BrokenRecord], None] = lambda _: None,
    result: Imported | None = None,
) -> Imported:
    """Add a dispatch log to the store. Importing the same file twice adds nothing; what has ended since is brought in.

    `progress` is told how many bytes have been read, `on_broken` each record that could not be. Whoever passes a
    `result` knows what became of the history even if the import is cancelled: what was read until then is kept.

    Raises:
        DispatchLogError: If nothing of the file can be read.
    """
    result = Imported() if result is None else result
    batch: list[Attempt] = []
    read = stored = 0

    def told(position: int) -> None:
        nonlocal read
        read = position
        progress(position)

    async def flush() -> None:
        nonlocal stored
        added = await store.import_attempts(batch)
        result.added += added
        result.known += len(batch) - added
        stored = read
        batch.clear()

    try:
        for entry in read_log(path, progress=told):
            if isinstance(entry, BrokenRecord):
                result.broken += 1
                on_broken(entry)
                continue
            result.unused.update(
                name
                for name in entry.extra
                if name not in UNDERSTOOD and (name in result.unused or len(result.unused) < MOST_UNUSED)
            )
            batch.append(entry)
            if len(batch) == BATCH or read - stored > BATCH_BYTES:
                await flush()
    except DispatchLogError as error:
        result.stopped = str(error)
    finally:
        await flush()
    if result.stopped and not result.added + result.known:
        raise DispatchLogError(result.stopped)
    return result


async def export_log(store: Store, file: IO[str]) -> int:
    """Write every attempt as a dispatch log; answers how many."""
    writer = LogWriter(file)
    await store.export(writer.write)
    return writer.close()


def backtest_log(path: Path, policy: Policy, every_days: int) -> tuple[list[dict[str, Any]], list[BrokenRecord]]:
    """What would have been suggested every few days of a history, and the records that could not be read."""
    from modelmerit.learning.backtest import backtest

    attempts: list[Attempt] = []
    broken: list[BrokenRecord] = []
    for entry in read_log(path):
        (broken if isinstance(entry, BrokenRecord) else attempts).append(entry)  # type: ignore[arg-type]
    return backtest(attempts, policy, every_days), broken
