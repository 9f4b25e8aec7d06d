"""How often suggestions are right: simulated worlds whose truth is known, ours beside other rules, and ablations.

Progress goes to standard error, the report to standard output, or with --write to `decision_quality.md` beside this
file.
"""

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic

from decision_families import FAMILIES, make_world
from decision_histories import draw_history, explored_at_targets
from decision_real import real_section
from decision_rules import EVERY_DAYS, OTHER_RULES, weekly_looks
from decision_run import OURS, Run
from decision_scoring import Score, score
from decision_text import document
from decision_worlds import World
from modelmerit.evidence.dispatch_log import record_from_attempt
from modelmerit.learning.backtest import backtest
from modelmerit.learning.method import Method
from modelmerit.policy.document import parse_policy
from modelmerit.records import Attempt

REPORT = Path(__file__).with_suffix(".md")
METHODS = {
    OURS: Method(),
    "without shrinkage": Method(shrinkage=False),
    "without propensities": Method(propensities=False),
    "without the missing-outcome bound": Method(missing_bound=False),
    "without change detection": Method(change_detection=False),
}
RULES = (OURS, *OTHER_RULES)


def judge(family: str, seed: int, names: Sequence[str], folder: Path | None = None) -> tuple[int, dict[str, Score]]:
    """How many attempts a world has, and what each rule or method made of it."""
    world = make_world(family, seed)
    attempts = draw_history(world)
    if folder is not None:
        save(world, attempts, folder / f"{family}-{seed}")
    policy = parse_policy(json.dumps(world.policy))
    explored = explored_at_targets(world, attempts)
    scores = {}
    for name in names:
        method = METHODS.get(name)
        looks = backtest(attempts, policy, EVERY_DAYS, method) if method else weekly_looks(name, attempts, policy)
        scores[name] = score(world, looks, explored)
    return len(attempts), scores


def save(world: World, attempts: Sequence[Attempt], folder: Path) -> None:
    """Keep a world's log and policy, for the command line."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dispatches.json").write_text(json.dumps([record_from_attempt(one) for one in attempts]))
    (folder / "models.json").write_text(json.dumps(world.policy, indent=2) + "\n")


def run(options: argparse.Namespace) -> Run:
    """All worlds judged, over the processes asked for."""
    began = monotonic()
    families = options.family or list(FAMILIES)
    seeds = range(options.seed, options.seed + options.worlds)
    ablated_seeds = seeds[: options.ablated_worlds]
    ablations = [name for name in METHODS if name != OURS]
    judged: dict[tuple[str, int], dict[str, Score]] = {}
    attempts = 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        waiting = {
            pool.submit(judge, family, seed, (*RULES, *(ablations if seed in ablated_seeds else ())), options.save): (
                family,
                seed,
            )
            for seed in seeds
            for family in families
        }
        for done, future in enumerate(as_completed(waiting), start=1):
            count, judged[waiting[future]] = future.result()
            attempts += count
            print(
                f"\r{done} of {len(waiting)} worlds, {monotonic() - began:.0f} s", end="", file=sys.stderr, flush=True
            )
    _tell("\n")
    order = [(family, seed) for family in families for seed in seeds]
    real = real_section(options.splits, options.jobs) if options.splits else ""
    ablated = {name: [judged[key][name] for key in order if key[1] in ablated_seeds] for name in METHODS}
    return Run(
        scores={name: [judged[key][name] for key in order] for name in RULES},
        ablated=ablated if ablated_seeds else {},
        families=families,
        worlds=options.worlds,
        ablated_worlds=len(ablated_seeds),
        first_seed=options.seed,
        attempts=attempts,
        command=_command(options),
        version=version("modelmerit"),
        day=datetime.now(UTC).date(),
        minutes=(monotonic() - began) / 60,
        real_outcomes=real,
    )


def with_section(text: str, section: str) -> str:
    """The document with a section in the place of the one that has the same title."""
    title = section.split("\n", 1)[0]
    before, found, rest = text.partition(f"{title}\n")
    if not found:
        raise SystemExit(f"{REPORT.name} has no section {title!r}; write it whole first.")
    _, following, after = rest.partition("\n## ")
    return before + section.rstrip() + "\n" + following + after


def _command(options: argparse.Namespace) -> str:
    """The command that gives the same figures again."""
    figures = f"--worlds {options.worlds} --ablated-worlds {options.ablated_worlds} --seed {options.seed}"
    figures += f" --splits {options.splits}"
    families = "".join(f" --family {family}" for family in options.family or ())
    return f".venv/bin/python benchmarks/{Path(__file__).name} {figures}{families} --write"


def _tell(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20, help="worlds of each family")
    parser.add_argument("--ablated-worlds", type=int, default=5, help="how many of them the ablations see")
    parser.add_argument("--splits", type=int, default=40, help="splits of the recorded outcomes; 0 leaves them out")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first world of each family")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes to use")
    parser.add_argument("--family", action="append", choices=list(FAMILIES), help="only this one; may be repeated")
    parser.add_argument("--save", type=Path, metavar="DIR", help="keep each world's dispatches.json and models.json")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name} beside this file")
    parser.add_argument(
        "--recorded-only",
        action="store_true",
        help=f"measure the recorded outcomes alone, and put them into {REPORT.name} as it is",
    )
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # each process is one job; more threads only get in the way
    if options.recorded_only:
        text = with_section(REPORT.read_text(encoding="utf-8"), real_section(options.splits, options.jobs))
    else:
        text = document(run(options))
    if options.write:
        REPORT.write_text(text, encoding="utf-8")
        print(f"wrote {REPORT}", file=sys.stderr)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
