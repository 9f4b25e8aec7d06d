"""How long the tools of `task-dispatcher` take beside a tool that does nothing on a bare SDK server.

Both are real processes over stdio, and their calls take turns, so that whatever else the machine does hits both alike.
The store holds an imported history: once spread over workspaces and months, once crowded into one workspace and hour.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from figures import milliseconds, ratio_of_medians, verdict
from simulated_history import WORKSPACES, crowded_history, spread_history, task_text
from stdio_client import HANDSHAKE_ERA, MODERN_ERA, NOOP_SERVER, Era, StdioClient, installed
from temporary_home import import_records, temporary_home

GOAL = 3.0
NOOP = "noop"
DISPATCH = "dispatch_task"
WARM_UP_ROUNDS = 20

Records = Iterable[dict[str, Any]]
HISTORIES: dict[str, tuple[Callable[[int, Random, datetime], Records], tuple[str, ...]]] = {
    "spread over 8 workspaces and 90 days": (spread_history, WORKSPACES),
    "crowded into one workspace and the last hour": (crowded_history, WORKSPACES[:1]),
}


class Timings:
    """Wall and CPU seconds of every call, by tool."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = defaultdict(list)
        self.cpu: dict[str, list[float]] = defaultdict(list)

    def call(self, client: StdioClient, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call a tool and note what it took."""
        cpu_before = client.cpu_s()
        began = time.perf_counter()
        result = client.call(tool, arguments)
        self.wall[tool].append(time.perf_counter() - began)
        cpu_after = client.cpu_s()
        if cpu_before is not None and cpu_after is not None:
            self.cpu[tool].append(cpu_after - cpu_before)
        return result

    def drop(self) -> None:
        """Forget the calls that only warmed things up."""
        self.wall.clear()
        self.cpu.clear()


def measure(home: Path, workspaces: tuple[str, ...], era: Era, rounds: int, rng: Random) -> Timings:
    """Every tool once a round, the no-op before and after the dispatch by turns."""
    timings = Timings()
    with (
        StdioClient(NOOP_SERVER, home=home, era=era) as noop,
        StdioClient([installed("task-dispatcher")], home=home, era=era) as dispatcher,
    ):
        noop.open()
        dispatcher.open()
        for number in range(-WARM_UP_ROUNDS, rounds):
            if number == 0:
                timings.drop()
            task = {"task": task_text(rng), "workspace": rng.choice(workspaces)}
            if number % 2:
                timings.call(noop, NOOP, {})
            dispatched = timings.call(dispatcher, DISPATCH, task)
            if not number % 2:
                timings.call(noop, NOOP, {})
            outcome = {
                "task_id": dispatched["structuredContent"]["task_id"],
                "outcome": rng.choice(("success", "success", "success", "failure")),
                "tokens_used": rng.randrange(1000, 50_000),
                "execution_time_seconds": rng.randrange(5, 500),
            }
            timings.call(dispatcher, "update_task_outcome", outcome)
            timings.call(dispatcher, "recommend_model", task)
    return timings


def print_figures(timings: Timings) -> None:
    for tool, wall in timings.wall.items():
        cpu = f"  CPU median {median(timings.cpu[tool]) * 1e3:6.2f} ms" if tool in timings.cpu else ""
        times = f"{ratio_of_medians(wall, timings.wall[NOOP]):5.2f} x"
        print(f"  {tool:20}  {milliseconds(wall)}  {times}{cpu}")
    ratio = ratio_of_medians(timings.wall[DISPATCH], timings.wall[NOOP])
    print(f"  {DISPATCH} / {NOOP}: {verdict(ratio, GOAL)}")
    if timings.cpu:
        print(f"  of CPU: {ratio_of_medians(timings.cpu[DISPATCH], timings.cpu[NOOP]):.2f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=1000, help="attempts in the store before (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=300, help="calls of each tool (default %(default)s)")
    parser.add_argument("--era", choices=(HANDSHAKE_ERA, MODERN_ERA), help="one protocol era only (default: both)")
    parser.add_argument("--seed", type=int, default=1, help="of tasks and histories (default %(default)s)")
    arguments = parser.parse_args()
    eras: list[Era] = [arguments.era] if arguments.era else [HANDSHAKE_ERA, MODERN_ERA]
    for name, (history, workspaces) in HISTORIES.items():
        for era in eras:
            rng = Random(arguments.seed)
            with temporary_home() as home:
                imported = import_records(home, history(arguments.attempts, rng, datetime.now(UTC)))
                print(f"{imported['added']} attempts {name}, protocol {era}, {arguments.rounds} calls each:")
                print_figures(measure(home, workspaces, era, arguments.rounds, rng))


if __name__ == "__main__":
    main()
