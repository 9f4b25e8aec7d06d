"""Writes attempts and says the id of each once it is stored; run by test_database in processes of its own."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from modelmerit.evidence.store import Store
from modelmerit.records import Attempt


async def main(path: Path, name: str, count: int) -> None:
    store = await Store.open(path)
    try:
        for number in range(count):
            now = datetime.now(UTC)
            made = Attempt(id=f"{name}-{number}", task=f"Task {number}", model="m", created_at=now, updated_at=now)
            await store.import_attempts([made])
            print(made.id, flush=True)
    finally:
        await store.close()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
