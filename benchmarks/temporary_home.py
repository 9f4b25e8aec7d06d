"""A MODELMERIT_HOME that lasts as long as a benchmark, and the real command line run in it."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from stdio_client import environment, installed


class Ran(NamedTuple):
    """A command that succeeded: what it printed, and how long it took."""

    output: str
    seconds: float


@contextmanager
def temporary_home() -> Iterator[Path]:
    """An empty folder that is gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="modelmerit-benchmark-") as folder:
        yield Path(folder)


def modelmerit(home: Path, *arguments: str) -> Ran:
    """Run the `modelmerit` command in `home`.

    Raises:
        RuntimeError: If it fails; with what it said on standard error.
    """
    began = time.perf_counter()
    ended = subprocess.run(
        (installed("modelmerit"), *arguments), env=environment(home), capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise RuntimeError(f"modelmerit {' '.join(arguments)} failed:\n{ended.stderr[-4000:]}")
    return Ran(ended.stdout, time.perf_counter() - began)


def import_records(home: Path, records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Import records as a dispatch log; answers what the command answered, and under `seconds` how long it took."""
    log = home / "history.jsonl"
    with log.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    ran = modelmerit(home, "import", "dispatches", str(log), "--json")
    log.unlink()
    answered: dict[str, Any] = json.loads(ran.output)
    return answered | {"seconds": ran.seconds}
