from collections.abc import Callable
from dataclasses import replace

import pytest

from modelmerit.learning.comparisons import LAST_STAGE, Comparison, compare_all
from modelmerit.learning.strata import comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt


def compared(past: list[Attempt], policy: Policy, stage: float) -> tuple[Comparison, ...]:
    """Haiku and Opus against Sonnet on medium tasks, in this order, when the plan of looks has come to `stage`."""
    day = day_number(past[-1].created_at) + 7
    evidence = comparable_tallies(Tallies.from_attempts(past), day, day)
    return compare_all(stratum(evidence, "medium", "claude-sonnet-4-5"), policy.learning, stage=stage)


def test_two_dozen_challengers_share_the_error_that_a_few_are_allowed(
    history: Callable[..., list[Attempt]], policy: Callable[..., Policy]
) -> None:
    few, _ = compared(history(8, lambda *_: 0.9, [("medium", "")]), policy(), LAST_STAGE)
    many = replace(few, challengers=20)
    assert few.challengers == 2
    # Twenty challengers instead of five or fewer: a quarter of the error for each.
    assert 1 - many.gate == pytest.approx((1 - few.gate) / 4)


def test_a_saving_needs_more_confidence_at_the_first_looks_and_a_dearer_arm_the_same_at_all(
    history: Callable[..., list[Attempt]], policy: Callable[..., Policy]
) -> None:
    past = history(40, lambda *_: 0.9, [("medium", "")])
    at = {stage: compared(past, policy(), stage) for stage in (0.0, 6.0, LAST_STAGE, 40.0)}
    # From 0.95 down to 0.80 in twelve equal steps.
    assert [at[stage][0].gate for stage in at] == pytest.approx([0.95, 0.875, 0.80, 0.80])
    assert {haiku.confidence for haiku, _ in at.values()} == {at[0.0][0].confidence}
    assert [haiku.passes for haiku, _ in at.values()] == [False, True, True, True]
    assert {opus.gate for _, opus in at.values()} == {at[0.0][1].gate}
