"""Arms that were not chosen as their logged chances say: found, told, and what rests on them held back."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import erfc, sqrt
from random import Random

import pytest
from report_making import FACTS, client

from modelmerit.learning.attempt_facts import AttemptFacts
from modelmerit.learning.logged_chances import chances_of
from modelmerit.learning.mismatches import Assignment, assignments, in_force, mismatches
from modelmerit.learning.practice_text import practice
from modelmerit.learning.report import Report
from modelmerit.learning.report_text import report_markdown
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakePolicy = Callable[..., Policy]
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
DEFAULTS = {"simple": HAIKU, "medium": SONNET, "complex": OPUS}


def found_in(attempts: Iterable[Attempt]) -> tuple[Assignment, ...]:
    """How the tasks of these attempts were given out."""
    return assignments(added for attempt in attempts for added in chances_of(attempt))


def given(make: MakeAttempt, counts: dict[str, int], **fields: object) -> list[Attempt]:
    """So many attempts of each model, where 0.8, 0.1 and 0.1 were logged for sonnet, haiku and opus."""
    chances = {SONNET: 0.8, HAIKU: 0.1, OPUS: 0.1}
    return [
        make(model=model, **{"propensities": chances, **fields})
        for model, times in counts.items()
        for _ in range(times)
    ]


def test_models_chosen_as_logged_are_no_mismatch(attempt: MakeAttempt) -> None:
    (one,) = found_in(given(attempt, {SONNET: 805, HAIKU: 95, OPUS: 100}))
    assert (one.complexity, one.incumbent, one.attempts) == ("medium", SONNET, 1000)
    assert one.p_value > 0.5
    assert mismatches([one]) == ()


def test_a_model_that_runs_too_seldom_is_a_mismatch_and_named_first(attempt: MakeAttempt) -> None:
    found = found_in(given(attempt, {SONNET: 830, HAIKU: 55, OPUS: 115}))
    (one,) = mismatches(found)
    assert [(arm.model, arm.chosen, round(arm.expected)) for arm in one.arms] == [
        # 45 / sqrt(90 + 15) = 4.4 standard deviations, 30 / sqrt(160 + 10) = 2.3, and 15 / sqrt(90 + 5) = 1.5.
        (HAIKU, 55, 100),
        (SONNET, 830, 800),
        (OPUS, 115, 100),
    ]
    assert one.p_value < 1e-4


def test_places_are_told_apart_and_cannot_make_up_for_each_other(attempt: MakeAttempt) -> None:
    """Sonnet is missing where it is the challenger, and too frequent elsewhere: over all tasks that would cancel."""
    scarce = given(attempt, {SONNET: 860, HAIKU: 70, OPUS: 70})
    frequent = given(attempt, {SONNET: 740, HAIKU: 130, OPUS: 130}, complexity="simple")
    found = mismatches(found_in([*scarce, *frequent]))
    excess = {one.complexity: {arm.model: round(arm.excess) for arm in one.arms} for one in found}
    assert {complexity: by_model[SONNET] for complexity, by_model in excess.items()} == {"medium": 60, "simple": -60}


def test_tasks_without_a_complexity_are_looked_at_with_the_medium_ones(attempt: MakeAttempt) -> None:
    halves = [given(attempt, {SONNET: 430, HAIKU: 35, OPUS: 35}, complexity=level) for level in ("medium", None)]
    (one,) = found_in([*halves[0], *halves[1]])
    assert (one.complexity, one.attempts) == ("medium", 1000)


def test_the_places_looked_at_share_one_allowance_of_error() -> None:
    made = [
        Assignment(complexity=str(n), incumbent=SONNET, arms=(), p_value=p) for n, p in enumerate((4e-4, 2e-4, 1.0))
    ]
    assert mismatches(made[:1]) == (made[0],)
    # A third of 0.001 each.
    assert mismatches(made) == (made[1],)


def test_the_arms_of_a_place_share_its_allowance_and_of_two_the_rarer_is_named_first(attempt: MakeAttempt) -> None:
    (two,) = found_in(given(attempt, {SONNET: 60, HAIKU: 20}, propensities={SONNET: 0.9, HAIKU: 0.1}))
    # 12 too many, where 80 x 0.09 = 7.2 is the variance of either arm: 12 / sqrt(7.2 + 4) = 3.586.
    assert two.p_value == pytest.approx(2 * erfc(3.5857 / sqrt(2)), rel=1e-3)
    assert [arm.model for arm in two.arms] == [HAIKU, SONNET]
    (even,) = found_in(given(attempt, {SONNET: 72, HAIKU: 8}, propensities={SONNET: 0.9, HAIKU: 0.1}))
    assert even.p_value == 1.0


def test_adaptive_chances_logged_rightly_are_no_mismatch(attempt: MakeAttempt) -> None:
    """They differ from task to task, and depend on what was chosen before."""
    rng = Random(5)
    made, chosen = [], Counter({HAIKU: 1, SONNET: 1})
    for number in range(1500):
        share = 0.05 + 0.9 * chosen[HAIKU] / chosen.total()
        model = HAIKU if rng.random() < share else SONNET
        chosen[model] += 1
        made.append(attempt(number, model=model, propensities={HAIKU: share, SONNET: 1 - share}))
    (one,) = found_in(made)
    assert one.p_value > 0.01


def test_only_what_the_policy_still_says_is_in_force(policy: MakePolicy) -> None:
    places = [("medium", SONNET), ("medium", OPUS), ("simple", SONNET), ("simple", HAIKU)]
    made = [Assignment(complexity=level, incumbent=model, arms=(), p_value=0.0) for level, model in places]
    kept = [(one.complexity, one.incumbent) for one in in_force(made, policy())]
    assert kept == [("medium", SONNET), ("simple", HAIKU)]
    ruled = in_force(made, policy([("task contains 'design'", "opus")]))
    assert ("medium", OPUS) in [(one.complexity, one.incumbent) for one in ruled]


@pytest.fixture
def mismatch(attempt: MakeAttempt) -> Assignment:
    (one,) = mismatches(found_in(given(attempt, {SONNET: 830, HAIKU: 55, OPUS: 115})))
    return one


def said(report: Report) -> dict[str, str]:
    return dict(practice(report))


def test_the_report_says_which_model_ran_too_seldom_and_what_to_do(full: Report, mismatch: Assignment) -> None:
    told = replace(full, mismatches=(mismatch,), facts=AttemptFacts())
    assert said(told)["Not by chance"] == (
        "at medium tasks, claude-haiku-4-5 ran 55 times where its logged chances add up to 100; luck rarely does that."
    )
    assert "imported log" in said(told)["What to do"]
    assert "client starts the model it is told" in said(replace(told, facts=FACTS))["What to do"]
    assert "**Not by chance**" in report_markdown(told)
    (listed,) = json.loads(json.dumps(told.to_dict()))["mismatches"]
    assert listed["arms"][0] == {"model": HAIKU, "chosen": 55, "expected": pytest.approx(100)}


def test_without_a_mismatch_the_report_says_nothing_of_it(full: Report) -> None:
    assert not {"Not by chance", "What to do", "Not believed"} & set(said(full))


def test_more_mismatches_than_anybody_reads_are_counted(full: Report, mismatch: Assignment) -> None:
    lines = practice(replace(full, mismatches=(mismatch,) * 5))
    assert [label for label, _ in lines[:4]] == ["Not by chance", "Not by chance", "What to do", "As recommended"]
    assert lines[2][1].startswith("3 more in report --json; ")


def test_the_report_says_of_which_clients_only_what_was_seen_is_compared(full: Report) -> None:
    told = replace(full, unreliable=("", "opencode"), facts=replace(FACTS, clients=[client("opencode")]))
    assert said(told)["Not believed"] == (
        "clients nobody named, opencode: over 5 % of what was seen ran on another model than was answered, so attempts "
        "of which nobody saw what ran are not compared."
    )
    assert told.to_dict()["unreliable_clients"] == ["", "opencode"]
