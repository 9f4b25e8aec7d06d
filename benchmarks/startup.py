"""How long a server takes from process start to the answered `initialize`, beside a bare SDK server.

The home exists already and byte-code is compiled, as in every session but the first: a round that is not counted sees
to both. The servers take turns, and the order turns too. CPU seconds are those of the process up to the answer; their
ratio is taken within each round, because a busy machine slows one round and not the next.
"""

import argparse
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from figures import verdict
from stdio_client import HANDSHAKE_ERA, MODERN_ERA, NOOP_SERVER, Era, StdioClient, Usage, installed
from temporary_home import temporary_home

GOAL = 1.15
BARE = "bare SDK, 1 tool"
SERVERS: Mapping[str, Sequence[str]] = {
    BARE: NOOP_SERVER,
    "bare SDK, 6 tools": (*NOOP_SERVER, "6"),
    "task-dispatcher": (installed("task-dispatcher"),),
    "model-learning-analyzer": (installed("model-learning-analyzer"),),
}


def start_once(command: Sequence[str], home: Path, era: Era) -> tuple[float, Usage]:
    """Start a server, wait for its first answer, end it; the seconds that took, and what the process used."""
    with StdioClient(command, home=home, era=era) as client:
        answered_s = client.open()
        return answered_s, client.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=16, help="starts of each server (default %(default)s)")
    parser.add_argument(
        "--era",
        choices=(HANDSHAKE_ERA, MODERN_ERA),
        default=HANDSHAKE_ERA,
        help="in the modern one, the first answer is that to server/discover (default %(default)s)",
    )
    arguments = parser.parse_args()
    wall: dict[str, list[float]] = {name: [] for name in SERVERS}
    used: dict[str, list[Usage]] = {name: [] for name in SERVERS}
    order = deque(SERVERS)
    with temporary_home() as home:
        for command in SERVERS.values():
            start_once(command, home, arguments.era)
        for _ in range(arguments.runs):
            for name in order:
                answered_s, usage = start_once(SERVERS[name], home, arguments.era)
                wall[name].append(answered_s)
                used[name].append(usage)
            order.rotate(1)
    print(f"{arguments.runs} starts of each, protocol {arguments.era}:")
    cpu = {name: [usage.cpu_s for usage in usages] for name, usages in used.items()}
    for name in SERVERS:
        peak_mib = median(usage.peak_mib for usage in used[name])
        print(
            f"  {name:24} wall min {min(wall[name]) * 1e3:5.0f}  median {median(wall[name]) * 1e3:5.0f} ms"
            f"  CPU min {min(cpu[name]) * 1e3:5.0f}  median {median(cpu[name]) * 1e3:5.0f} ms  peak {peak_mib:3.0f} MiB"
        )
    for name in SERVERS:
        if name != BARE:
            ratio = median(own / bare for own, bare in zip(cpu[name], cpu[BARE], strict=True))
            print(
                f"  {name} / {BARE}: wall minimum {min(wall[name]) / min(wall[BARE]):.2f} x, CPU {verdict(ratio, GOAL)}"
            )


if __name__ == "__main__":
    main()
