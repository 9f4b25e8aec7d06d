"""The real command line on real histories: import, analyze, suggest, report, in a home that is gone afterwards.

Two histories are drawn from recorded outcomes of models on tasks (`drawn_history` says how); the third is what main
agents really handed to sub-agents, whose outcome nobody recorded. The data lies beside the project, not in it.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from drawn_history import SOURCES, drawn_records, policy_of
from temporary_home import import_records, modelmerit, temporary_home

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SUBAGENT_PROMPTS = DATA / "prompts" / "subagent_dispatches.jsonl.gz"
SYNTHETIC = "<synthetic>"
"""What Claude Code writes for a model where it made up the answer itself, for an interruption say."""


def subagent_records(path: Path) -> Iterator[dict[str, Any]]:
    """What sub-agents were asked; where no model answered, none is named, and the record cannot be imported."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            asked = json.loads(line)
            yield {
                "workspace": asked["source"],
                "task": asked["prompt"],
                "model": None if asked["model"] == SYNTHETIC else asked["model"],
                "created_at": asked["ts"],
                "execution_time_seconds": asked["seconds"],
                "tool_calls": sum(asked["tools"].values()),
                "client": "claude-code",
                "session_id": asked["session"],
            }


def run(name: str, records: Iterable[dict[str, Any]], policy: dict[str, Any] | None, lines: int) -> None:
    """Take one history through the commands and print what they make of it."""
    print(f"\n== {name}")
    with temporary_home() as home:
        if policy is not None:
            (home / "models.json").write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        modelmerit(home, "report")  # compiles the byte-code, so that the seconds below are those of the work
        imported = import_records(home, records)
        analysed = modelmerit(home, "analyze", "--json")
        suggested = modelmerit(home, "suggest", "--json")
        report = modelmerit(home, "report", "--markdown")
        stored = json.loads(modelmerit(home, "export", "dispatches").output)
    broken = Counter(record["reason"] for record in imported["broken"])
    print(f"imported {imported['added']}, already known {imported['known']}, broken {broken.total()}")
    for reason, times in broken.most_common():
        print(f"  {times} broken: {reason}")
    keywords = Counter(keyword for record in stored for keyword in record["task_keywords"])
    having = sum(bool(record["task_keywords"]) for record in stored)
    print(f"keywords: {len(keywords)} kinds, {having / len(stored):.0%} of the records have one: ", end="")
    print(", ".join(f"{keyword} {times}" for keyword, times in keywords.most_common(10)))
    found = json.loads(suggested.output)
    patterns = json.loads(analysed.output)["patterns"]
    print(f"patterns {len(patterns)}, suggestions {len(found['suggestions'])}, hints {len(found['hints'])}")
    for suggestion in found["suggestions"][:lines]:
        print(f"  {suggestion['confidence']:.1%} {suggestion['change']}")
    print(
        f"seconds: import {imported['seconds']:.1f}, analyze {analysed.seconds:.1f}, suggest {suggested.seconds:.1f}, "
        f"report {report.seconds:.1f}"
    )
    print("the report begins:")
    for line in report.output.splitlines()[:lines]:
        print(f"  | {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [source.name for source in SOURCES]
    parser.add_argument("--entries", type=int, default=4000, help="records drawn per source (default %(default)s)")
    parser.add_argument("--source", choices=[*names, "subagents"], help="one history only (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default %(default)s)")
    parser.add_argument("--until", default="2026-11-01", help="the day the drawn histories end (default %(default)s)")
    parser.add_argument("--lines", type=int, default=20, help="lines of report and suggestions (default %(default)s)")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is absent: this benchmark needs the data that lies beside the project.")
    until = datetime.fromisoformat(arguments.until).replace(tzinfo=UTC)
    print(f"{arguments.entries} entries per source, seed {arguments.seed}, until {arguments.until}")
    for source in SOURCES:
        if arguments.source in (None, source.name):
            records = drawn_records(DATA / "outcomes", source, arguments.entries, until, Random(arguments.seed))
            title = f"{source.name}: {len(source.models)} models drawn evenly, incumbent {source.incumbent}"
            run(title, records, policy_of(source), arguments.lines)
    if arguments.source in (None, "subagents"):
        run("subagents: real prompts, no outcomes", subagent_records(SUBAGENT_PROMPTS), None, arguments.lines)


if __name__ == "__main__":
    main()
