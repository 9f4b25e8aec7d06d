import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.statistics.normal import normal_cdf, normal_quantile
from modelmerit.statistics.posterior import CELL, CENTRES, Posterior, normal_belief, normal_log_prior


def normal(mean: float, sd: float) -> Posterior:
    return Posterior(np.exp(normal_log_prior(mean, sd)))


def test_the_normal_distribution_is_the_tabled_one() -> None:
    # Standard normal table: Phi(1.96) = 0.9750, Phi(-1) = 0.1587.
    assert normal_cdf(np.array([1.96, -1.0])) == pytest.approx([0.9750, 0.1587], abs=5e-5)
    assert normal_quantile(0.95) == pytest.approx(1.6449, abs=5e-5)


def test_a_normal_belief_has_the_moments_and_quantiles_of_the_normal() -> None:
    belief = normal(0.1, 0.05)
    assert belief.mean == pytest.approx(0.1, abs=1e-6)
    # The grid adds the variance of a cell, 0.01^2 / 12, in its quantiles but not in the moments of its centres.
    assert belief.sd == pytest.approx(0.05, abs=1e-4)
    assert belief.interval() == pytest.approx((0.1 - 1.645 * 0.05, 0.1 + 1.645 * 0.05), abs=2e-3)
    assert belief.above(0.05) == pytest.approx(0.8413, abs=2e-3)


def test_certainty_is_a_cell_wide() -> None:
    weights = np.zeros(len(CENTRES))
    weights[100] = 1.0  # the cell 0.00..0.01
    belief = Posterior(weights)
    assert belief.above(0.0) == 1.0
    assert belief.above(0.005) == pytest.approx(0.5)
    assert belief.above(0.01) == pytest.approx(0.0)


@given(st.floats(-0.6, 0.6), st.floats(0.02, 0.3), st.floats(-1, 1), st.floats(-1, 1))
def test_a_higher_limit_is_never_likelier_to_be_exceeded(mean: float, sd: float, one: float, other: float) -> None:
    belief = normal(mean, sd)
    low, high = sorted((one, other))
    assert 0.0 <= belief.above(high) <= belief.above(low) <= 1.0


def test_a_belief_narrower_than_a_cell_is_a_cell_wide() -> None:
    # Nobody can believe more exactly than the grid can hold; else all weight could fall between two centres.
    assert normal_belief(0.2, 0.0).mean == pytest.approx(0.2, abs=1e-6)
    assert normal_belief(0.2, 0.0).weights == pytest.approx(normal_belief(0.2, CELL).weights)


def test_a_normal_belief_is_the_normal_distribution() -> None:
    belief = normal_belief(-0.1, 0.04)
    assert belief.weights.sum() == pytest.approx(1.0)
    assert belief.above(-0.1 + 1.96 * 0.04) == pytest.approx(0.025, abs=2e-3)


def test_within_limits_a_belief_is_what_it_was_among_what_is_left() -> None:
    # Half of a normal about zero lies above it; what is left has the mean sd * sqrt(2 / pi) = 0.0798.
    belief = normal_belief(0.0, 0.1)
    upper = belief.within(0.0, 1.0)
    assert upper.weights.sum() == pytest.approx(1.0)
    assert upper.mean == pytest.approx(0.0798, abs=CELL)
    # The cell next to the limit stays, with a weight of 0.04 beside 0.5.
    assert upper.above(0.1) == pytest.approx(2 * belief.above(0.1), rel=0.08)


def test_limits_that_hold_already_change_nothing() -> None:
    belief = normal_belief(0.0, 0.05)
    assert belief.within(-1.0, 1.0).weights == pytest.approx(belief.weights)


def test_what_contradicts_all_of_a_belief_leaves_it_as_it_was() -> None:
    weights = np.zeros(len(CENTRES))
    weights[100] = 1.0
    assert Posterior(weights).within(0.5, 0.6).weights == pytest.approx(weights)


@given(st.floats(-0.6, 0.6), st.floats(0.02, 0.3), st.floats(0.02, 0.4), st.floats(0.02, 0.4))
def test_a_belief_within_limits_lies_between_them_but_for_a_cell(
    mean: float, sd: float, below: float, above: float
) -> None:
    kept = normal_belief(mean, sd).within(mean - below, mean + above)
    assert kept.weights.sum() == pytest.approx(1.0)
    assert kept.above(mean - below - 2 * CELL) == pytest.approx(1.0)
    assert kept.above(mean + above + 2 * CELL) == pytest.approx(0.0, abs=1e-9)
