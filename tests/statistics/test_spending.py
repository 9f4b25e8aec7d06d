from math import exp, log, sqrt

import numpy as np
import pytest

from modelmerit.statistics.spending import Spending, relative_change, spending


def test_a_success_costs_what_the_failures_cost_too() -> None:
    # 10 attempts at 0.20, 5 of 8 with an outcome succeeded: 0.20 / (5 / 8).
    spent = spending(np.array([2.0]), np.array([10.0]), np.array([5.0]), np.array([8.0]))
    assert spent is not None
    assert spent.usd_per_success == pytest.approx(0.32)


def test_the_error_comes_from_how_much_the_days_scatter() -> None:
    # Mean cost 1, success rate 1/2, ten attempts a day for five days. The days' costs are off by -2, -1, 0, 1, 2 of a
    # total of 50, the successes by the opposite of a total of 25: (-2 / 50) - (2 / 25) = -0.12, and so on in steps of
    # 0.06. The squares add up to 0.0144 + 0.0036 + 0 + 0.0036 + 0.0144 = 0.036, times 5 / 4.
    ten = np.full(5, 10.0)
    spent = spending(np.array([8.0, 9, 10, 11, 12]), ten, np.array([7.0, 6, 5, 4, 3]), ten)
    assert spent is not None
    assert spent.usd_per_success == pytest.approx(2.0)
    assert spent.relative_error == pytest.approx(sqrt(0.045))


@pytest.mark.parametrize(
    ("cost_known", "successes"),
    [(np.zeros(5), np.ones(5)), (np.ones(5), np.zeros(5))],
    ids=["no cost is known", "nothing succeeded"],
)
def test_without_costs_or_successes_there_is_nothing_to_say(cost_known: np.ndarray, successes: np.ndarray) -> None:
    assert spending(cost_known, cost_known, successes, np.ones(5)) is None


def test_what_costs_nothing_costs_nothing_and_has_no_relative_error() -> None:
    assert spending(np.zeros(5), np.ones(5), np.ones(5), np.ones(5)) == Spending(0.0, None)


def test_fewer_than_five_days_do_not_say_how_much_days_scatter() -> None:
    spent = spending(np.ones(4), np.ones(4), np.ones(4), np.ones(4))
    assert spent == Spending(1.0, None)
    assert relative_change(Spending(1.0, 0.1), Spending(1.0, None)) is None


def test_a_change_is_a_ratio_with_both_errors() -> None:
    # log(0.4 / 0.5) with an error of sqrt(0.03^2 + 0.04^2) = 0.05.
    found = relative_change(Spending(0.4, 0.03), Spending(0.5, 0.04), z=2.0)
    assert found is not None
    change, (low, high) = found
    assert change == pytest.approx(-0.2)
    assert (low, high) == (pytest.approx(exp(log(0.8) - 0.1) - 1), pytest.approx(exp(log(0.8) + 0.1) - 1))


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    # 30 days of 20 attempts, failures twice as dear as successes, nothing changes: of 400 intervals of 95 % about 20
    # miss zero, and more than 38 do so once in ten thousand.
    rng = np.random.default_rng(1)

    def month() -> Spending:
        good = rng.random((30, 20)) < 0.8
        cost = rng.lognormal(-2, 0.6, (30, 20)) * np.where(good, 1, 2)
        twenty = np.full(30, 20.0)
        spent = spending(cost.sum(axis=1), twenty, good.sum(axis=1).astype(float), twenty)
        assert spent is not None
        return spent

    missed = 0
    for _ in range(400):
        found = relative_change(month(), month())
        assert found is not None
        missed += not found[1].low <= 0 <= found[1].high
    assert 5 <= missed <= 38
