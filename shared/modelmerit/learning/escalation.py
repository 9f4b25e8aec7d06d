"""Start cheap, climb on failure: pays where failures are detected.

With success rate p of the cheap arm A, costs c, and a cost d of noticing a failure and starting over, the chain A
then B costs less than B alone if p > (c_A + d) / (c_B + d). With a perfect check the chain solves whatever A or B
would solve, so it succeeds at least as often as B. A check that misses a share of the failures loses at most that
share of the tasks that A fails and B would have solved; that must stay within the margin.

What d is nobody records. It is taken to be the cost of one more attempt of A. How A's failures split over tasks that B
would solve is unknown too, and the worst case is taken.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import exp
from typing import cast

from modelmerit.learning.cases import Case, Outlook, Situation, whole_case
from modelmerit.learning.comparisons import CHEAPER_GATE, LEAST_ATTEMPTS, Comparison
from modelmerit.learning.kind_effects import Judged
from modelmerit.policy.changes import Change, combine, set_default, set_escalation
from modelmerit.policy.schema import LearningSettings, Policy
from modelmerit.records import Complexity
from modelmerit.statistics.intervals import Interval

LEAST_CHECKED = 0.80
"""The share of outcomes that a person or a test reported, from which failures count as detected."""

LEAST_SOLVED = 0.50
"""A first rung that fails more often than this costs a person more time than it saves them money."""


def escalation_cases(situation: Situation, judged: Sequence[Judged], settled: frozenset[str]) -> list[Case]:
    """The best ladder for each complexity that no other finding is about; none where failures go unnoticed."""
    checked_share = situation.circumstances.checked_share
    if checked_share < LEAST_CHECKED:
        return []
    found = []
    for one in judged:
        cases = [
            _case(situation, one, comparison, checked_share)
            for comparison in one.comparisons
            if comparison.cheaper and comparison.complexity not in settled
        ]
        passing = [case for case in cases if case.passes]
        if passing:
            found.append(max(passing, key=lambda case: (case.confidence, case.challenger.model)))
    return found


def break_even_rate(cost_ratio: float) -> float:
    """The success rate of the cheap arm above which starting with it pays, for c_A / c_B and d = c_A."""
    return 2 * cost_ratio / (1 + cost_ratio)


def confidence_in_ladder(comparison: Comparison, settings: LearningSettings, checked_share: float) -> float:
    """The probability that the ladder costs less and loses no more success than the margin."""
    if comparison.costs is None:
        return 0.0
    dear_rate = comparison.incumbent_rate
    pays = break_even_rate(exp(comparison.costs.log_ratio + comparison.costs.error))
    most_lost = (1 - checked_share) * dear_rate
    # success lost is at most (1 - checked) (1 - p_A) p_B, so p_A must be at least 1 - margin / ((1 - checked) p_B)
    needed = 1 - settings.margin / most_lost if most_lost > settings.margin else 0.0
    return comparison.belief.above(max(pays, needed, LEAST_SOLVED) - dear_rate)


def _case(situation: Situation, one: Judged, comparison: Comparison, checked_share: float) -> Case:
    policy = situation.policy
    confidence = confidence_in_ladder(comparison, policy.learning, checked_share)
    case = whole_case(
        situation,
        one.stratum,
        comparison,
        kind="escalation",
        scope={"complexity": comparison.complexity},
        words=f"{comparison.complexity} tasks",
        covered=partial(
            situation.tallies.rows_of, complexity=comparison.complexity, keyword="", incumbent=comparison.incumbent
        ),
        build=partial(_ladder, policy, cast(Complexity, comparison.complexity), comparison),
    )
    return replace(
        case,
        confidence=confidence,
        gate=CHEAPER_GATE,
        passes=confidence >= CHEAPER_GATE and comparison.attempts >= LEAST_ATTEMPTS and not comparison.overturned,
        outlook=_outlook(situation, case, checked_share),
    )


def _outlook(situation: Situation, case: Case, checked_share: float) -> Outlook | None:
    """What the ladder brings: c_A + (1 - p_A) c_B for a task instead of c_B, so p_A - c_A / c_B of it is saved."""
    if case.costs is None:
        return None
    low, high = (case.incumbent_rate + end for end in case.belief.interval())
    ratio = exp(case.costs.log_ratio)
    saved = case.expected_rate - ratio, Interval(low - ratio, high - ratio)
    lost = (1 - checked_share) * case.incumbent_rate
    cheap, dear = situation.name(case.challenger.model), situation.name(case.incumbent.model)
    reason = (
        f"{cheap} solves {100 * case.expected_rate:.0f} % of {case.words} ({case.challenger.successes} of "
        f"{case.challenger.attempts}) at {100 * ratio:.0f} % of the price of {dear}, which then does what is left: "
        f"{100 * (1 - case.expected_rate):.0f} % of the tasks take a second try"
    )
    return Outlook(
        difference=-lost * (1 - case.expected_rate),
        interval=Interval(-lost * (1 - max(0.0, low)), 0.0),
        saved=saved,
        reason=reason,
    )


def _ladder(policy: Policy, complexity: Complexity, comparison: Comparison) -> Change:
    """The cheap arm as default, and a ladder on which the dear one comes after it."""
    start = set_default(policy, complexity, comparison.challenger)
    ladder = list(policy.escalation)
    low, high = comparison.challenger, comparison.incumbent
    if low in ladder and high in ladder and ladder.index(low) < ladder.index(high) and "escalation" in policy.data:
        return start
    others = [model for model in ladder if model not in (low, high)]
    at = ladder.index(high) if high in ladder else len(ladder)
    before = [model for model in others if ladder.index(model) < at]
    after = [model for model in others if model not in before]
    climbed = (
        ladder
        if low in ladder and high in ladder and ladder.index(low) < ladder.index(high)
        else [*before, low, high, *after]
    )
    return combine([start, set_escalation(policy, climbed)])
