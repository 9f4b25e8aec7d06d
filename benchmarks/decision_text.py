"""What a run of `decision_quality.py` found, as the text of `decision_quality.md`."""

from collections.abc import Sequence

from decision_families import MEANINGS
from decision_run import LEAST_FOUND, MOST_FALSE, MOST_GAP, MOST_WRONG, OURS, Run
from decision_scoring import LEAST_IN_BIN, Score, Summary, calibration, largest_gap, of_family, summary
from decision_shortfalls import shortfalls
from decision_tables import share, table

EVIDENCE_STEPS = (0, 10, 25, 50, 100)
MOST_LISTED = 60


def document(run: Run) -> str:
    """The whole file."""
    sections = [
        _opening(run),
        _rules(run),
        _families(run),
        _evidence(run),
        _calibration(run),
        _ablations(run),
        run.real_outcomes.strip(),
        _disappointments(run),
        _mistakes(run),
        _again(run),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _opening(run: Run) -> str:
    return f"""# Decision quality

Written by `benchmarks/decision_quality.py` on {run.day} with modelmerit {run.version}; nothing here is edited by hand.

How often is a suggestion wrong, how often is there one where there is nothing to find, and how often is found what
there is? In simulated worlds the truth is known: {len(run.families)} families of worlds, {run.worlds} of each (seeds
{run.first_seed} to {run.first_seed + run.worlds - 1}), {run.attempts:,} attempts. A world is a year of one person's
tasks, looked at every week, with nothing applied. Models (2 to 5), prices, tasks a day (5 to 40), the share explored
(5 to 20 %), keywords and kinds of evidence differ from world to world; 5 % of the outcomes are never reported, and a
quarter of the failures are tried again with a dearer model.

- A suggestion is **right** if, in each complexity whose model it changes, success falls by at most 0.10 and the cost
  per success falls, or success rises by at least 0.05; within 0.02 of the limit it is **too close** to call and not
  counted. It counts once a world. In `weak` worlds a mere saving is no find.
- **Wrong share**: wrong suggestions among those that could be called; goal at most {MOST_WRONG:.0%}.
- **False worlds**: worlds with nothing to find in which something wrong was suggested; goal at most {MOST_FALSE:.0%}.
- **Found**: worlds with something to find in which a right suggestion was made; goal at least {LEAST_FOUND:.0%}.
- **Days**: median days until then, counted from when there was something to find.

Brackets are 95 % intervals (Wilson), as if suggestions of one world were independent."""


def _rules(run: Run) -> str:
    rows = []
    for name, scores in run.scores.items():
        total, gap = summary(scores), largest_gap(calibration(scores))
        rows.append(
            [
                f"**{name}**" if name == OURS else name,
                share(total.wrong, total.right + total.wrong),
                share(total.false_worlds, total.empty_worlds),
                share(total.found_worlds, total.full_worlds),
                _days(total),
                f"{total.right} / {total.wrong} / {total.too_close}",
                "-" if gap is None else f"{gap:.2f}",
            ]
        )
    head = ("rule", "wrong share", "false worlds", "found", "days", "right / wrong / too close", "calibration gap")
    return f"""## Ours beside other rules

{table(head, rows)}

The other rules see every attempt with an outcome, whoever chose its model, every week. The plain formula takes success
rates at face value (confidence = n / 20, at most 1; under 0.70 with n >= 8 upgrade; within 0.05 with n >= 5 downgrade).
[LiteLLM Auto's gate](https://github.com/BerriAI/litellm/pull/39658), as that pull request describes it, takes the
cheapest model, per completed task, whose lower bound is within 7 points ("Balanced") of the best one. Bayesian A/B
calls a winner at 95 % under flat priors, as [GrowthBook](https://docs.growthbook.io/app/experiments) does. Both
published rules were made for other data; what was adapted is said in `decision_rules.py`."""


def _families(run: Run) -> str:
    rows = []
    for family in run.families:
        of_rule = {name: summary(of_family(scores, family)) for name, scores in run.scores.items()}
        ours = of_rule[OURS]
        found = f"{ours.found_worlds} of {ours.full_worlds}" if ours.full_worlds else "-"
        wrong_in = [sum(one.wrong > 0 for one in of_family(scores, family)) for scores in run.scores.values()]
        counts = f"{ours.right} / {ours.wrong} / {ours.too_close}"
        rows.append([f"`{family}`", MEANINGS[family], counts, found, _days(ours), *wrong_in])
    head = ("family", "what it is", "right / wrong / too close", "found", "days")
    return f"""## By family

Of {run.worlds} worlds each. The first columns are ours; the last say in how many worlds each rule was wrong.

{table((*head, *(f"wrong in: {name}" for name in run.scores)), rows, left=2)}"""


def _evidence(run: Run) -> str:
    rows = []
    for low, high in zip(EVIDENCE_STEPS, (*EVIDENCE_STEPS[1:], 10**9), strict=True):
        worlds = {
            name: [one for one in scores if one.something_to_find and low <= one.explored_at_targets < high]
            for name, scores in run.scores.items()
        }
        count = len(worlds[OURS])
        if count:
            label = f"{low} to {high - 1}" if high < 10**9 else f"{low} and more"
            rows.append([label, count, *(_found(scores) for scores in worlds.values())])
    return (
        f"""## How much evidence it takes

Worlds with something to find, by how many explored attempts in the whole year spoke to it, and in how many each rule
found it.

{table(("explored attempts", "worlds", *run.scores), rows)}"""
        if rows
        else ""
    )


def _calibration(run: Run) -> str:
    rows = [
        [f"{one.low:.1f} to {one.low + 0.1:.1f}", one.count, f"{one.stated:.3f}", f"{one.right / one.count:.3f}"]
        for one in calibration(run.scores[OURS])
    ]
    return f"""## Is the stated confidence earned?

Suggestions and hints of ours when first made, by stated confidence. Goal: in each bin of {LEAST_IN_BIN} or more, stated
and true within {MOST_GAP:.2f} of each other.

{table(("stated", "findings", "mean stated", "share right"), rows)}"""


def _ablations(run: Run) -> str:
    if not run.ablated:
        return ""
    rows, families = [], []
    for name, scores in run.ablated.items():
        total, gap = summary(scores), largest_gap(calibration(scores))
        rows.append(
            [
                name,
                share(total.wrong, total.right + total.wrong),
                share(total.false_worlds, total.empty_worlds),
                share(total.found_worlds, total.full_worlds),
                _days(total),
                "-" if gap is None else f"{gap:.2f}",
            ]
        )
    for family in run.families:
        totals = [summary(of_family(scores, family)) for scores in run.ablated.values()]
        families.append([f"`{family}`", *(f"{one.right} / {one.wrong} / {one.found_worlds}" for one in totals)])
    return f"""## What each part is worth

The same worlds, the first {run.ablated_worlds} of each family, with one part taken away at a time.

{table(("method", "wrong share", "false worlds", "found", "days", "calibration gap"), rows)}

By family: suggestions right / wrong / worlds in which something was found.

{table(("family", *run.ablated), families)}"""


def _disappointments(run: Run) -> str:
    return "## What disappoints\n\n" + "\n".join(f"- {line}" for line in shortfalls(run) or ["No goal was missed."])


def _mistakes(run: Run) -> str:
    calls = [
        [
            f"`{one.family}`",
            one.seed,
            call.day,
            ", ".join(f"{key} {value}" for key, value in sorted(call.scope.items())),
            call.to_model,
            "-" if call.confidence is None else f"{call.confidence:.3f}",
        ]
        for one in run.scores[OURS]
        for call in one.calls
        if call.right is False and not call.hint
    ]
    listed = table(("family", "seed", "day", "scope", "to", "confidence"), calls[:MOST_LISTED])
    left = f"\n\n{len(calls) - MOST_LISTED} more are left out." if len(calls) > MOST_LISTED else ""
    return f"## Every wrong suggestion of ours\n\n{listed if calls else 'There was none.'}{left}"


def _again(run: Run) -> str:
    return f"""## How to run it again

    {run.command}

took {run.minutes:.0f} minutes. The same seeds give the same figures. With `--save DIR` each world is kept, so that any
line of this file can be seen with the command itself:

    modelmerit backtest DIR/null-1/dispatches.json --policy DIR/null-1/models.json --every 7"""


def _found(scores: Sequence[Score]) -> int:
    return sum(one.found_after_days is not None for one in scores)


def _days(total: Summary) -> str:
    return "-" if total.median_days is None else f"{total.median_days:.0f}"
