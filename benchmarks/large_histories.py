"""Whether anything gets slower or larger with a million attempts, or more.

Two stores are filled by the real `modelmerit import`, a small one and a large one, with many keywords and models over a
year. Then the real servers work on both: the dispatcher's tools take turns on the small store, the large one and a
no-op tool, and the analysis of the large store is set against plain scans of its attempts in the same run.
"""

import argparse
import sqlite3
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from figures import milliseconds, ratio_of_medians, verdict
from simulated_history import WORKSPACES, keyworded_history, task_text
from stdio_client import NOOP_SERVER, StdioClient, installed
from temporary_home import import_records, temporary_home

GROWTH_GOAL = 1.3
NOOP_GOAL = 3.0
SCANS = 3
MEMORY_GOAL_MIB = 150
WARM_UP_ROUNDS = 20
SCAN = """
SELECT complexity, model, count(*), avg(CASE outcome WHEN 'success' THEN 1.0 WHEN 'failure' THEN 0.0 END)
FROM attempts GROUP BY 1, 2
"""


def filled(home: Path, attempts: int, rng: Random) -> None:
    """Import a history into the home, and say what that took."""
    imported = import_records(home, keyworded_history(attempts, rng, datetime.now(UTC)))
    seconds = imported["seconds"]
    print(f"import of {attempts:,} attempts: {seconds:.1f} s, {imported['added'] / seconds:,.0f} a second")


def dispatcher(small: Path, large: Path, rounds: int, rng: Random) -> None:
    """The dispatcher's tools on both stores and a no-op, a call of each by turns."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    noop, few, many = (
        StdioClient(NOOP_SERVER, home=small),
        StdioClient([installed("task-dispatcher")], home=small),
        StdioClient([installed("task-dispatcher")], home=large),
    )
    for client in (noop, few, many):
        client.open()
    for number in range(-WARM_UP_ROUNDS, rounds):
        if number == 0:
            seconds.clear()
        seconds["no-op", ""].append(_timed(noop, "noop", {})[0])
        task = {"task": task_text(rng), "workspace": rng.choice(WORKSPACES)}
        for size, client in (("small", few), ("large", many)):
            took, answered = _timed(client, "dispatch_task", task)
            seconds["dispatch_task", size].append(took)
            outcome = {"task_id": answered["task_id"], "outcome": "success", "tokens_used": 1234}
            seconds["update_task_outcome", size].append(_timed(client, "update_task_outcome", outcome)[0])
            seconds["recommend_model", size].append(_timed(client, "recommend_model", task)[0])
    noop_seconds = seconds["no-op", ""]
    for tool in ("dispatch_task", "update_task_outcome", "recommend_model"):
        on_small, on_large = seconds[tool, "small"], seconds[tool, "large"]
        print(f"{tool}: {milliseconds(on_large)} on the large store")
        print(f"  large / small: {verdict(ratio_of_medians(on_large, on_small), GROWTH_GOAL)}")
        print(f"  large / no-op: {verdict(ratio_of_medians(on_large, noop_seconds), NOOP_GOAL)}")
    for client in (noop, few):
        client.kill()
    print(f"task-dispatcher, peak memory: {_memory(many)}")


def analyser(large: Path) -> None:
    """The analysis of the large store, cold and warm, against scans of its attempts."""
    client = StdioClient([installed("model-learning-analyzer")], home=large)
    client.open()
    cold, answered = _timed(client, "analyze_model_performance", {})
    again, _ = _timed(client, "analyze_model_performance", {})
    report, _ = _timed(client, "suggest_model_rules", {})
    memory = _memory(client)
    connection = sqlite3.connect(large / "modelmerit.db")
    scans = []
    for _ in range(SCANS):
        began = time.perf_counter()
        connection.execute(SCAN).fetchall()
        scans.append(time.perf_counter() - began)
    connection.close()
    print(f"plain scan of the attempts: {', '.join(f'{scan:.2f}' for scan in scans)} s")
    print(f"analyze_model_performance, {answered['attempts']:,} attempts: {cold:.2f} s, again {again:.2f} s")
    print(f"  in plain scans: {verdict(cold / median(scans), SCANS)}")
    print(f"suggest_model_rules after it: {report:.2f} s")
    print(f"model-learning-analyzer, peak memory: {memory}")


def _timed(client: StdioClient, tool: str, arguments: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    result = client.call(tool, arguments)
    return time.perf_counter() - began, result.get("structuredContent", {})


def _memory(client: StdioClient) -> str:
    peak = client.kill().peak_mib
    return f"{peak:.0f} MiB (goal: under {MEMORY_GOAL_MIB}: {'met' if peak < MEMORY_GOAL_MIB else 'NOT met'})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=1_000_000, help="in the large store (default %(default)s)")
    parser.add_argument("--small", type=int, default=1000, help="attempts in the small store (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=300, help="calls of each tool (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of tasks and histories (default %(default)s)")
    parser.add_argument("--home", type=Path, help="a home that is full already, in place of the large import")
    arguments = parser.parse_args()
    rng = Random(arguments.seed)
    with temporary_home() as small, temporary_home() as fresh:
        large = arguments.home or fresh
        filled(small, arguments.small, rng)
        if arguments.home is None:
            filled(large, arguments.attempts, rng)
        dispatcher(small, large, arguments.rounds, rng)
        analyser(large)


if __name__ == "__main__":
    main()
