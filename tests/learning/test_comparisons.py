from collections.abc import Callable
from dataclasses import replace

import pytest

from modelmerit.learning.comparisons import compare_all
from modelmerit.learning.strata import comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt


def test_two_dozen_challengers_share_the_error_that_a_few_are_allowed(
    history: Callable[..., list[Attempt]], policy: Callable[..., Policy]
) -> None:
    past = history(8, lambda *_: 0.9, [("medium", "")])
    day = day_number(past[-1].created_at) + 7
    evidence = comparable_tallies(Tallies.from_attempts(past), day, day)
    few, _ = compare_all(stratum(evidence, "medium", "claude-sonnet-4-5"), policy().learning)
    many = replace(few, challengers=20)
    assert few.challengers == 2
    # Twenty challengers instead of five or fewer: a quarter of the error for each.
    assert 1 - many.gate == pytest.approx((1 - few.gate) / 4)
