"""What suggestions are worth on tasks they have not learned from, on recorded outcomes of many models.

Half of the tasks, drawn at random, are learned from: the entries of a dispatch log are drawn with replacement, each one
task and one of the models, all alike, spread over 90 days. What is suggested at its end is then followed on the other
half, where every model's outcome is known too. The policy without suggestions uses the model that does best in the
log, or a given one. Figures are means over many such splits.

The data lies beside the project, in `../shared/data`, and is not part of it.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from random import Random
from statistics import mean, stdev

from modelmerit.learning.backtest import decided_at
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.policy.bundling import combine
from modelmerit.policy.changes import apply_change
from modelmerit.policy.document import parse_policy
from recorded_outcomes import SIX_MODELS, Worked, best_in, drawn_log, policy_text, recorded, under

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "outcomes"
TOO_MUCH_LOST = 0.03
CHEAP_ENOUGH = 0.70


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the data: what kinds of task are known by, how many entries, from which model on."""

    source: str
    kinds: str
    entries: int
    goal: str
    models: tuple[str, ...] = ()
    incumbent: str | None = None

    @property
    def title(self) -> str:
        """The question in a few words."""
        return f"{self.source} by {self.kinds}, {self.entries:,} entries"


RULES = (
    Question("swebench_verified", "repository", 4_000, "at most 0.1 suggestions a run, no loss"),
    Question("swebench_verified", "keyword", 4_000, "at most 0.1 suggestions a run, no loss"),
    Question("ulab", "task type", 4_000, "at least +1.8 points"),
    Question("ulab", "task type", 8_000, "at least +2.3 points"),
)
DEFAULT = Question("swebench_verified", "nothing", 4_500, "", SIX_MODELS, SIX_MODELS[0])


@dataclass(frozen=True, slots=True)
class Split:
    """One split: how many changes were suggested, and what tasks did without and with them.

    `before` and `after` are on the half that was not learned from, `all_before` and `all_after` on all tasks.
    """

    suggested: int
    before: Worked
    after: Worked
    all_before: Worked
    all_after: Worked

    @property
    def gain(self) -> float:
        """How much success rose on the other half."""
        return self.after.success - self.before.success

    @property
    def true_gain(self) -> float:
        """How much success rises over all tasks there are."""
        return self.all_after.success - self.all_before.success

    @property
    def cost_ratio(self) -> float:
        """What a task costs after the change, as a multiple of before, over all tasks; NaN where nobody knows."""
        before, after = self.all_before.cost_usd, self.all_after.cost_usd
        return after / before if before and after else float("nan")


def split(question: Question, method: Method, seed: int) -> Split:
    """What came of one split."""
    data = recorded(DATA, question.source, question.models)
    rng = Random(f"{question.source}-{question.entries}-{seed}")
    tasks = list(data.tasks)
    rng.shuffle(tasks)
    learned, kept = tasks[: len(tasks) // 2], tasks[len(tasks) // 2 :]
    log = list(drawn_log(data, learned, question.kinds, question.entries, rng))
    incumbent = question.incumbent or best_in(log)
    text = policy_text(incumbent, data.models)
    policy = parse_policy(text)
    log = under(incumbent, log)
    found = decided_at(log, policy, log[-1].updated_at, method).suggestions
    # Only a task's first model is judged here, so ladders are left out.
    changes = [one.change for one in found if one.type != "escalation"]
    changed = parse_policy(apply_change(text, combine(changes, policy))) if changes else policy
    return Split(
        suggested=len(changes),
        before=data.worked(question.kinds, policy, kept),
        after=data.worked(question.kinds, changed, kept),
        all_before=data.worked(question.kinds, policy, data.tasks),
        all_after=data.worked(question.kinds, changed, data.tasks),
    )


def splits(question: Question, count: int, jobs: int, method: Method = COMPLETE, first_seed: int = 1) -> list[Split]:
    """The splits of these many seeds."""
    seeds = range(first_seed, first_seed + count)
    if jobs == 1:
        return [split(question, method, seed) for seed in seeds]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(partial(split, question, method), seeds))


def rules_line(question: Question, made: Sequence[Split]) -> tuple[str, ...]:
    """What rules were worth: the question, suggestions a run, points gained, the worst split, and the goal."""
    gains = [100 * one.gain for one in made]
    error = stdev(gains) / sqrt(len(gains)) if len(gains) > 1 else float("nan")
    return (
        question.title,
        f"{mean(one.suggested for one in made):.2f}",
        f"{mean(gains):+.2f} +/- {error:.2f}",
        f"{min(gains):+.2f}",
        question.goal,
    )


def default_lines(made: Sequence[Split]) -> Iterator[tuple[str, str, str]]:
    """What became of the default: how often one was proposed that is cheap enough, and how often too much was lost."""
    count = len(made)
    proposed = [one for one in made if one.suggested]
    cheap = sum(one.cost_ratio <= CHEAP_ENOUGH for one in proposed)
    yield f"a default at {CHEAP_ENOUGH:.2f} of the cost or less", f"{cheap} of {count}", "at least 3 of 4"
    lost = sum(one.true_gain < -TOO_MUCH_LOST for one in proposed)
    yield "loses more than 3 points over all tasks", f"{lost} of {count}", "at most 1 of 50"
    lost = sum(one.gain < -TOO_MUCH_LOST for one in proposed)
    yield "loses more than 3 points on the other half", f"{lost} of {count}", "at most 1 of 50"
    gains = [100 * one.gain for one in made]
    yield "points gained on the other half, mean", f"{mean(gains):+.2f}", "about 0"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=40, help="splits for each question about rules")
    parser.add_argument("--default-splits", type=int, default=50, help="splits for the question about the default")
    parser.add_argument("--seed", type=int, default=1, help="the first split's seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at work")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"The recorded outcomes are not there: expected the folder {DATA}.")
    print("rules: suggestions a run, points gained on the other half (mean +/- error), worst split, goal")
    for question in RULES:
        print(
            *rules_line(question, splits(question, arguments.splits, arguments.jobs, first_seed=arguments.seed)),
            sep="  ",
        )
    print(f"\ndefault: {DEFAULT.title}, from {DEFAULT.incumbent}")
    for line in default_lines(splits(DEFAULT, arguments.default_splits, arguments.jobs, first_seed=arguments.seed)):
        print(*line, sep="  ")


if __name__ == "__main__":
    main()
