import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.statistics.differences import CHEAPER, Arms, DifferencePrior, dearer, difference, evidence_weight

FLAT = DifferencePrior(near_share=1e-9, wide_mean=0.0, wide_sd=50.0)


def arms(weeks: list[int], tried: list[float], solved: list[float], others: list[float], done: list[float]) -> Arms:
    return Arms(np.array(weeks), np.array(tried), np.array(solved), np.array(others), np.array(done))


def test_with_a_flat_prior_and_a_known_incumbent_the_belief_is_the_beta_posterior() -> None:
    # 8 of 10 against a rate of 0.5 known from very many attempts: p_A ~ Beta(9, 3), mean 9/12, so d has mean 0.25.
    # P(p_A > 0.6) = P(Binomial(11, 0.6) <= 8) = 0.8811 by the beta-binomial identity.
    belief = difference(arms([0], [10], [8], [1e6], [5e5]), FLAT, hazard=1e-12)
    assert belief.posterior.mean == pytest.approx(0.25, abs=2e-3)
    assert belief.posterior.above(0.1) == pytest.approx(0.8811, abs=2e-3)


def test_an_incumbent_tried_as_often_halves_the_evidence() -> None:
    # Variances 1/n and 1/n: a half is left. With the incumbent known, all of it.
    assert evidence_weight(arms([0], [10], [5], [10], [5])) == pytest.approx(0.5)
    assert evidence_weight(arms([0], [10], [5], [1e9], [5e8])) == pytest.approx(1.0)


def test_a_season_that_moves_both_arms_moves_no_difference() -> None:
    """An easy and a hard season ten weeks apart; the arms are equal in each, but unequally often tried."""
    seasonal = arms([0, 10], [40, 10], [36, 4], [400, 400], [360, 160])
    assert difference(seasonal, CHEAPER).posterior.mean == pytest.approx(0.0, abs=0.03)


def test_weeks_without_the_incumbent_near_are_left_out() -> None:
    alone = arms([0, 8], [20, 20], [20, 0], [200, 0], [100, 0])
    near = arms([0], [20], [20], [200], [100])
    assert difference(alone, CHEAPER).posterior.mean == pytest.approx(difference(near, CHEAPER).posterior.mean)


def test_without_a_comparison_the_prior_remains() -> None:
    nothing = arms([0], [0], [0], [50], [25])
    # 0.8 * 0 + 0.2 * 0.2, but for what lies beyond a certain success.
    assert difference(nothing, dearer(0.9)).posterior.mean == pytest.approx(0.04, abs=0.01)
    assert evidence_weight(nothing) == 0.0


def test_a_model_that_became_good_is_seen_as_it_is_now() -> None:
    weeks = list(range(40))
    solved = [1.0] * 20 + [3.0] * 20  # of 4 a week: a quarter, then three quarters
    changed = difference(arms(weeks, [4] * 40, solved, [40] * 40, [30] * 40), CHEAPER)
    assert changed.since in range(18, 23)
    assert changed.posterior.mean == pytest.approx(0.0, abs=0.05)


def test_a_challenger_cannot_do_better_than_always() -> None:
    always = difference(arms([0], [20], [20], [200], [180]), dearer(0.9))
    assert always.posterior.above(0.1) == pytest.approx(0.0, abs=1e-9)


@given(st.integers(0, 20), st.integers(0, 19))
def test_one_more_success_never_lowers_the_belief(solved: int, others: int) -> None:
    def mean(successes: int) -> float:
        return difference(arms([0], [21], [successes], [20], [others]), CHEAPER).posterior.mean

    assert mean(solved + 1) >= mean(solved) - 1e-9


def test_the_more_the_incumbent_fails_the_more_is_expected_of_a_dearer_arm():
    shares = [dearer(rate).near_share for rate in (0.9, 0.8, 0.7, 0.6, 0.3)]
    assert shares == pytest.approx([0.8, 0.8, 0.5, 0.2, 0.2])


def test_a_difference_that_cannot_change_is_the_steady_one() -> None:
    belief = difference(arms([0, 1, 2], [10, 10, 10], [8, 7, 9], [90, 90, 90], [80, 81, 79]), CHEAPER, hazard=1e-12)
    assert belief.steady.weights == pytest.approx(belief.posterior.weights, abs=1e-6)


def test_the_steady_difference_is_surer_than_the_present_one() -> None:
    weeks = list(range(20))
    belief = difference(arms(weeks, [4] * 20, [3] * 20, [40] * 20, [36] * 20), CHEAPER, hazard=0.1)
    assert belief.steady.weights.sum() == pytest.approx(1.0)
    assert belief.steady.sd < belief.posterior.sd
    # 60 of 80 against 0.9: -0.15, drawn a little towards what is expected.
    assert belief.steady.mean == pytest.approx(-0.15, abs=0.03)


def test_after_a_change_the_steady_difference_is_that_since_then() -> None:
    weeks = list(range(40))
    solved = [1.0] * 20 + [3.0] * 20
    changed = difference(arms(weeks, [4] * 40, solved, [40] * 40, [30] * 40), CHEAPER)
    assert changed.since is not None
    assert changed.steady.mean == pytest.approx(0.0, abs=0.05)


def test_with_nothing_to_compare_the_steady_difference_is_the_prior_too() -> None:
    nothing = difference(arms([0], [0], [0], [50], [25]), dearer(0.9))
    assert nothing.steady.weights == pytest.approx(nothing.posterior.weights)
