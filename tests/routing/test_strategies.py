"""How the strategies share tasks out among the arms."""

from math import exp, pi, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.routing.strategies import CAUTION, Belief, Results, thompson_sampling, ucb

COUNTS = st.integers(0, 300) | st.integers(0, 10**9)
RESULTS = st.builds(Results, COUNTS, COUNTS)
NEW = Results()


def shares(strategy, *results: Results) -> list[float]:
    return strategy([Belief.after(one) for one in results])


def test_a_belief_has_the_mean_and_deviation_of_the_beta_distribution():
    # Beta(7 + 20, 3 + 10): mean 27/40, variance 27 x 13 / (40^2 x 41).
    belief = Belief.after(Results(20, 10))

    assert (belief.mean, belief.attempts) == (27 / 40, 40)
    assert belief.sd == pytest.approx(sqrt(27 * 13 / (40**2 * 41)))


def test_sums_below_zero_are_no_evidence_and_no_error():
    assert Belief.after(Results(-50, -50)) == Belief.after(NEW)


@given(RESULTS, RESULTS)
def test_of_two_arms_the_greater_draw_is_that_of_a_difference_of_normals(one, other):
    a, b = Belief.after(one), Belief.after(other)
    # A - B is normal with mean a - b and variance CAUTION^2 (sd_a^2 + sd_b^2).
    expected = NormalDist().cdf((a.mean - b.mean) / (CAUTION * sqrt(a.sd**2 + b.sd**2)))

    assert thompson_sampling([a, b])[0] == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize(
    "results",
    [
        (Results(80, 20), Results(40, 15), NEW),
        (Results(7000, 3000), Results(70, 30), Results(7, 3)),
        (Results(20, 10), Results(20, 10), Results(3, 1), Results(300, 130)),
    ],
)
def test_of_more_arms_it_is_the_integral_over_all_draws_of_one(results):
    draws = [NormalDist(belief.mean, CAUTION * belief.sd) for belief in map(Belief.after, results)]
    step = 0.005
    for own, share in zip(draws, shares(thompson_sampling, *results), strict=True):
        integral = 0.0
        for z in (step * number for number in range(-1600, 1601)):
            below = 1.0
            for other in draws:
                below *= 1.0 if other is own else other.cdf(own.mean + own.stdev * z)
            integral += step * exp(-z * z / 2) / sqrt(2 * pi) * below
        assert share == pytest.approx(integral, abs=0.002)


@pytest.mark.parametrize("strategy", [thompson_sampling, ucb])
@given(st.lists(RESULTS, min_size=1, max_size=8))
def test_shares_add_up_to_one_and_arms_with_equal_results_have_equal_shares(strategy, results):
    found = shares(strategy, *results)

    assert sum(found) == pytest.approx(1)
    assert min(found) >= 0
    assert found == shares(strategy, *results)
    by_results = dict(zip(results, found, strict=True))
    assert [by_results[one] for one in results] == found


@pytest.mark.parametrize("strategy", [thompson_sampling, ucb])
def test_arms_of_which_nothing_is_known_share_alike(strategy):
    assert shares(strategy, NEW, NEW, NEW) == pytest.approx([1 / 3] * 3)


def test_more_successes_are_worth_more_of_the_tasks():
    worse, better = shares(thompson_sampling, Results(30, 20), Results(35, 15))

    assert worse < 0.05 < 0.95 < better


def test_the_upper_bound_tries_the_unknown_arm_until_it_has_shown_itself():
    known = Results(80, 20)
    # N = 120. New: 10 kl(0.70, q) = ln 120 at q = 0.972. Known: 110 kl(0.791, q) = ln 120 at q = 0.893.
    assert shares(ucb, known, NEW) == [0.0, 1.0]
    # N = 160. Tried: 50 kl(0.54, q) = ln 160 at q = 0.748. Known: q = 0.895.
    assert shares(ucb, known, Results(20, 20)) == [1.0, 0.0]
