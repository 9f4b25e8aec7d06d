"""How fast the real command line imports a dispatch log, and in how much memory, for a small and a large one.

The floor is `json.loads` of every line of the same file, in this process and in the same run. Figures of the command
have the start of its process in them, which is also shown alone: the import of a log without records.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen
from typing import Any, NamedTuple

from simulated_history import spread_history
from stdio_client import Usage, environment, installed
from temporary_home import temporary_home

MEGABYTE = 1_000_000
GOAL_MIB = 150
KEYWORDS = [f"topic-{number}" for number in range(300)]
WEIGHTS = [1 / (number + 3) for number in range(300)]


class Import(NamedTuple):
    """What the command answered, how long it took, and what its process used."""

    answer: dict[str, Any]
    seconds: float
    usage: Usage


def write_log(path: Path, megabytes: float, seed: int) -> int:
    """Write JSON lines until there are so many megabytes; answers how many records those are."""
    rng = Random(seed)
    # No record has fewer than 500 characters, so that there are enough of them.
    history = spread_history(int(megabytes * MEGABYTE / 500), rng, datetime.now(UTC))
    written = count = 0
    with path.open("w", encoding="utf-8") as file:
        while written < megabytes * MEGABYTE:
            keywords = list(dict.fromkeys(rng.choices(KEYWORDS, WEIGHTS, k=rng.randint(1, 3))))
            record: Mapping[str, Any] = next(history) | {"task_keywords": keywords, "notes": f"by agent {count % 17}"}
            written += file.write(json.dumps(record) + "\n")
            count += 1
    return count


def floor_s(path: Path) -> float:
    """The seconds `json.loads` takes for all lines of the file."""
    began = time.perf_counter()
    with path.open(encoding="utf-8") as file:
        for line in file:
            json.loads(line)
    return time.perf_counter() - began


def import_log(home: Path, path: Path) -> Import:
    """Import a log with the command line.

    Raises:
        RuntimeError: If the command fails.
    """
    command = (installed("modelmerit"), "import", "dispatches", str(path), "--json")
    began = time.perf_counter()
    process = Popen(command, stdout=PIPE, env=environment(home), text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {output[-4000:]}")
    per_mib = 1 << (20 if sys.platform == "darwin" else 10)
    usage = Usage(used.ru_utime + used.ru_stime, used.ru_maxrss / per_mib)
    return Import(json.loads(output), time.perf_counter() - began, usage)


def run(folder: Path, megabytes: float, seed: int) -> Usage:
    """Import one log into a home of its own, print its figures, and answer what the process used."""
    log = folder / f"{megabytes:g}.jsonl"
    home = folder / f"{megabytes:g}"
    count = write_log(log, megabytes, seed)
    floor = floor_s(log)
    imported = import_log(home, log)
    again = import_log(home, log)
    size = log.stat().st_size / MEGABYTE
    exact = imported.answer["added"] == count == again.answer["known"] and again.answer["added"] == 0
    print(
        f"{size:6.1f} MB, {count} records: {count / imported.seconds:5.0f} records/s, "
        f"{size / imported.seconds:5.2f} MB/s, {imported.seconds / floor:5.1f} x json.loads, "
        f"CPU {imported.usage.cpu_s / count * 1e3:.2f} ms a record, peak {imported.usage.peak_mib:.0f} MiB"
    )
    print(
        f"{'again':>10}: {count / again.seconds:5.0f} records/s, peak {again.usage.peak_mib:.0f} MiB, "
        f"{again.answer['added']} added: {'exact' if exact else 'NOT exact'}"
    )
    if not exact:
        raise SystemExit("the store does not hold exactly what the log holds")
    return imported.usage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--megabytes", nargs="+", type=float, default=[2, 20], help="sizes of the logs, small first (default 2 20)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the records (default %(default)s)")
    arguments = parser.parse_args()
    with temporary_home() as folder:
        nothing = folder / "nothing.jsonl"
        nothing.write_text("")
        import_log(folder / "0", nothing)  # compiles the byte-code
        start = import_log(folder / "0", nothing)
        peak_mib = f"peak {start.usage.peak_mib:.0f} MiB"
        print(f"a log without records: {start.seconds:.2f} s, CPU {start.usage.cpu_s:.2f} s, {peak_mib}")
        peaks = [run(folder, megabytes, arguments.seed).peak_mib for megabytes in arguments.megabytes]
    bounded = max(peaks) < GOAL_MIB and peaks[-1] < 1.2 * peaks[0] + 10
    print(
        f"peak of the largest / smallest log: {peaks[-1] / peaks[0]:.2f} x "
        f"(goal: below {GOAL_MIB} MiB, and no growth with the file: {'met' if bounded else 'NOT met'})"
    )


if __name__ == "__main__":
    main()
