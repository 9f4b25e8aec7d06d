"""How long Claude Code waits for the hook: whole processes, beside a Python that does nothing, by turns.

The hook is run as the client runs it, on events as the client tells them, in the mode that only records. `no modules`
is `python -S -c pass`. The ratio is that of the medians, and of the minima: a busy machine slows both.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import modelmerit
from figures import milliseconds, verdict
from temporary_home import temporary_home

GOAL = 4.0
HOOK = Path(modelmerit.__file__).parent / "capture" / "hook.py"
NOTHING = "no modules"
SESSION = {
    "session_id": "0d5f3c1e-7c5a-4f8e-9a51-3f1c6c3f0b77",
    "transcript_path": "/home/dev/.claude/projects/-home-dev-shop/0d5f3c1e-7c5a-4f8e-9a51-3f1c6c3f0b77.jsonl",
    "cwd": "/home/dev/shop",
    "permission_mode": "default",
}
EVENTS: Mapping[str, Mapping[str, object]] = {
    "SubagentStop": {
        "stop_hook_active": False,
        "agent_id": "a1b2c3d4e5f60718",
        "agent_type": "Explore",
        "agent_transcript_path": "/home/dev/.claude/projects/-home-dev-shop/0d5f/subagents/agent-a1b2c3d4.jsonl",
        "last_assistant_message": "The import is tested in three places. " * 50,
    },
    "UserPromptSubmit": {"prompt": "Please look at the import again; it still fails on empty files. " * 200},
}


def run_once(command: Sequence[str], told: bytes) -> float:
    """The seconds that a process takes, from its start to its end."""
    began = time.perf_counter()
    subprocess.run(command, input=told, check=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=60, help="runs of each (default %(default)s)")
    arguments = parser.parse_args()
    with temporary_home() as home:
        hook = (sys.executable, "-S", "-E", str(HOOK), "claude-code", "--mode", "observe", "--home", str(home))
        runs: dict[str, tuple[Sequence[str], bytes]] = {NOTHING: ((sys.executable, "-S", "-c", "pass"), b"")}
        for name, fields in EVENTS.items():
            runs[name] = hook, json.dumps({**SESSION, "hook_event_name": name, **fields}).encode()
        for command, told in runs.values():
            run_once(command, told)
        taken_s: dict[str, list[float]] = {name: [] for name in runs}
        order = deque(runs)
        for _ in range(arguments.runs):
            for name in order:
                taken_s[name].append(run_once(*runs[name]))
            order.rotate(1)
        spooled = len(list((home / "spool").glob("[!.]*.json")))
    if spooled != len(EVENTS) * (arguments.runs + 1):
        raise SystemExit(f"{spooled} events were noted, {len(EVENTS) * (arguments.runs + 1)} were told")
    print(f"{arguments.runs} runs of each, all events noted:")
    for name, seconds in taken_s.items():
        print(f"  {name:16} {milliseconds(seconds)}")
    for name in EVENTS:
        minima = min(taken_s[name]) / min(taken_s[NOTHING])
        medians = median(taken_s[name]) / median(taken_s[NOTHING])
        print(f"  {name} / {NOTHING}: minima {minima:.2f} x, medians {verdict(medians, GOAL)}")


if __name__ == "__main__":
    main()
