"""Many real `task-dispatcher` processes dispatching at once: is every dispatch recorded exactly once, and how fast?

Each process has a client thread of its own that sends the next task when the last is answered, without a pause: more
than any room of agents would do. Afterwards the store is exported and compared with the task ids that were answered.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import median
from threading import Barrier

from figures import percentile
from simulated_history import WORKSPACES, task_text
from stdio_client import StdioClient, installed
from temporary_home import modelmerit, temporary_home


class Answered:
    """What one process answered: task ids in order, and the seconds of each call."""

    def __init__(self) -> None:
        self.task_ids: list[str] = []
        self.seconds: list[float] = []


def dispatch_all(home: Path, count: int, seed: int, start: Barrier) -> Answered:
    """Start a server, wait for the others, then dispatch `count` tasks one after the other."""
    rng = Random(seed)
    answered = Answered()
    with StdioClient([installed("task-dispatcher")], home=home) as client:
        client.open()
        start.wait()
        for _ in range(count):
            task = {"task": task_text(rng), "workspace": rng.choice(WORKSPACES)}
            began = time.perf_counter()
            result = client.call("dispatch_task", task)
            answered.seconds.append(time.perf_counter() - began)
            answered.task_ids.append(result["structuredContent"]["task_id"])
        start.wait()
    return answered


def run(processes: int, count: int, seed: int) -> bool:
    """One run; prints its figures and answers whether the store holds exactly what was answered."""
    with temporary_home() as home:
        start = Barrier(processes + 1)
        with ThreadPoolExecutor(processes) as pool:
            futures = [pool.submit(dispatch_all, home, count, seed + number, start) for number in range(processes)]
            for future in futures:
                future.add_done_callback(lambda done: start.abort() if done.exception() else None)
            start.wait()
            began = time.perf_counter()
            start.wait()
            elapsed_s = time.perf_counter() - began
            runs = [future.result() for future in futures]
        recorded = [record["id"] for record in json.loads(modelmerit(home, "export", "dispatches").output)]
    answered = [task_id for one in runs for task_id in one.task_ids]
    seconds = [value for one in runs for value in one.seconds]
    lost, unasked = set(answered) - set(recorded), set(recorded) - set(answered)
    doubled = len(answered) - len(set(answered)) + len(recorded) - len(set(recorded))
    exact = not lost and not unasked and not doubled and len(answered) == processes * count
    print(f"{processes} processes x {count}: {len(recorded)} of {processes * count} recorded, ", end="")
    print(f"{len(lost)} lost, {doubled} doubled, {len(unasked)} unasked for: {'exact' if exact else 'NOT exact'}")
    slowest, fastest = max(median(one.seconds) for one in runs), min(median(one.seconds) for one in runs)
    print(
        f"  {len(seconds) / elapsed_s:.0f} dispatches/s, p50 {median(seconds) * 1e3:.1f}, "
        f"p99 {percentile(seconds, 99) * 1e3:.1f}, max {max(seconds) * 1e3:.1f} ms; "
        f"median of the slowest process {slowest / fastest:.2f} x that of the fastest"
    )
    return exact


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--runs",
        nargs="+",
        default=["2x1000", "8x100"],
        metavar="PROCESSESxTASKS",
        help="processes, and tasks of each (default 2x1000 8x100)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the tasks (default %(default)s)")
    arguments = parser.parse_args()
    shapes = [tuple(map(int, shape.split("x"))) for shape in arguments.runs]
    exact = [run(processes, count, arguments.seed) for processes, count in shapes]
    if not all(exact):
        raise SystemExit("the store does not hold exactly what was answered")


if __name__ == "__main__":
    main()
