"""Dispatch histories: in from a file, out to one, and a back-test that needs no store."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from modelmerit.evidence.log_files import BrokenRecord, LogWriter, read_log
from modelmerit.evidence.store import Store
from modelmerit.policy.document import Policy
from modelmerit.records import Attempt

BATCH = 500


@dataclass(slots=True)
class Imported:
    """What became of a history: records new or ended since, records known already, and broken ones with the reason."""

    added: int = 0
    known: int = 0
    broken: list[BrokenRecord] = field(default_factory=list)


async def import_log(store: Store, path: Path, *, progress: Callable[[int], None] = lambda _: None) -> Imported:
    """Add a dispatch log to the store. Importing the same file twice adds nothing; what has ended since is brought in.

    `progress` is told how many characters have been read.

    Raises:
        DispatchLogError: If the file cannot be read at all; what came before the fault is kept.
    """
    result = Imported()
    batch: list[Attempt] = []

    async def flush() -> None:
        added = await store.import_attempts(batch)
        result.added += added
        result.known += len(batch) - added
        batch.clear()

    try:
        for entry in read_log(path, progress=progress):
            if isinstance(entry, BrokenRecord):
                result.broken.append(entry)
                continue
            batch.append(entry)
            if len(batch) == BATCH:
                await flush()
    finally:
        await flush()
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
