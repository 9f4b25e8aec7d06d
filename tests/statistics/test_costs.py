from math import log

import numpy as np
import pytest

from modelmerit.statistics.costs import CostRatio, MeanCost, chance_of_saving, cost_ratio, mean_cost, saving
from modelmerit.statistics.posterior import CENTRES, Posterior


def certain(cell: int) -> Posterior:
    weights = np.zeros(len(CENTRES))
    weights[cell] = 1.0
    return Posterior(weights)


def test_the_mean_cost_is_that_of_all_attempts_and_its_error_comes_from_the_blocks() -> None:
    # Mean 60 / 30 = 2. Scatter in units of the mean: ((10 - 20) / 2)^2 / 10 twice and 0 = 5; with the prior mass of
    # five blocks of variation 1, (5 + 5) / (5 + 3 - 1) per attempt, over 30 attempts.
    mean = mean_cost(np.array([10.0, 30.0, 20.0]), np.array([10.0, 10.0, 10.0]))
    assert mean is not None
    assert mean.usd == pytest.approx(2.0)
    assert mean.relative_error == pytest.approx((10 / 7 / 30) ** 0.5)


def test_unknown_costs_are_unknown_and_not_zero() -> None:
    assert mean_cost(np.zeros(3), np.zeros(3)) is None
    assert mean_cost(np.zeros(3), np.ones(3)) is None


def test_relative_errors_add_up_in_squares() -> None:
    ratio = cost_ratio(MeanCost(0.5, 0.03), MeanCost(1.0, 0.04))
    assert ratio.log_ratio == pytest.approx(log(0.5))
    assert ratio.error == pytest.approx(0.05)


def test_half_the_price_saves_unless_it_fails_twice_as_often() -> None:
    # Cost per success: 0.5 / p_A against 1 / 0.8; equal at p_A = 0.4, which is a difference of -0.4.
    chance = chance_of_saving(CostRatio(log(0.5), 1e-6), 0.8)
    assert chance[CENTRES > -0.39] == pytest.approx(1.0)
    assert chance[CENTRES < -0.41] == pytest.approx(0.0)


def test_the_saving_counts_what_the_failures_cost() -> None:
    # p_B = 0.8 and d = -0.205, so 1 - 0.5 * 0.8 / 0.595 = 0.328.
    middle, (low, high) = saving(CostRatio(log(0.5), 1e-6), 0.8, certain(79))
    assert CENTRES[79] == pytest.approx(-0.205)
    assert middle == pytest.approx(0.328, abs=1e-3)
    assert low == pytest.approx(middle, abs=1e-3)
    assert high == pytest.approx(middle, abs=1e-3)


def test_a_less_certain_price_makes_a_wider_interval() -> None:
    _, (low, high) = saving(CostRatio(log(0.5), 0.2), 0.8, certain(100))
    _, (low_sure, high_sure) = saving(CostRatio(log(0.5), 0.05), 0.8, certain(100))
    assert low < low_sure < high_sure < high
