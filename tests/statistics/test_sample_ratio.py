from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.sample_ratio import mismatch_p_value, standard_deviations_off

ALARM = 0.001


def p_value(chosen: int, *logged: tuple[int, float]) -> float:
    """For an arm that was chosen so often in so many attempts of each logged chance."""
    expected = sum(attempts * chance for attempts, chance in logged)
    variance = sum(attempts * chance * (1 - chance) for attempts, chance in logged)
    return mismatch_p_value(standard_deviations_off(chosen, expected, variance))


@pytest.mark.parametrize(("deviations", "probability"), [(0.0, 1.0), (1.96, 0.05), (2.5758, 0.01), (3.2905, 0.001)])
def test_the_probability_is_that_of_the_normal_distribution_to_both_sides(
    deviations: float, probability: float
) -> None:
    # M. Abramowitz and I. A. Stegun (1964), Handbook of Mathematical Functions, table 26.6.
    assert mismatch_p_value(deviations) == pytest.approx(probability, rel=1e-3)


def test_a_departure_is_told_in_standard_deviations_with_the_tail_allowed_for() -> None:
    # 10,000 attempts at 0.1: 900 is the variance, and 100 the departure; 900 + 100 / 3 stands for the variance.
    assert standard_deviations_off(900, 1000.0, 900.0) == pytest.approx(100 / sqrt(900 + 100 / 3))
    assert standard_deviations_off(1100, 1000.0, 900.0) == pytest.approx(100 / sqrt(900 + 100 / 3))


def test_chances_that_vary_by_attempt_have_the_variance_of_each() -> None:
    # 1,000 attempts of 0.09 and 1,000 of 0.25: 340. Of 1,400 expected, 1,460 were chosen.
    assert p_value(1460, (1000, 0.9), (1000, 0.5)) == pytest.approx(mismatch_p_value(60 / sqrt(340 + 60 / 3)))


@pytest.mark.parametrize("residue", [0.0, 1e-17, -1e-17])
def test_what_was_certain_or_has_been_taken_away_again_tells_nothing(residue: float) -> None:
    assert p_value(10, (10, 1.0)) == 1.0
    assert mismatch_p_value(standard_deviations_off(0, residue, residue)) == pytest.approx(1.0)


def binomial(attempts: int, chance: float) -> Floats:
    return np.array([comb(attempts, k) * chance**k * (1 - chance) ** (attempts - k) for k in range(attempts + 1)])


@pytest.mark.parametrize("chance", [0.02, 0.05, 0.1, 0.5])
@pytest.mark.parametrize("attempts", [3, 10, 40, 150, 400])
@pytest.mark.parametrize("arms", [2, 24])
def test_a_rightly_logged_chance_raises_an_alarm_no_more_often_than_it_may(
    attempts: int, chance: float, arms: int
) -> None:
    """Exactly, over all that can happen, for few attempts too."""
    alarms = [p_value(k, (attempts, chance)) < ALARM / arms for k in range(attempts + 1)]
    assert binomial(attempts, chance)[alarms].sum() <= ALARM / arms


def test_a_wrongly_logged_chance_is_found_in_some_hundred_attempts() -> None:
    """Half the explored share is missing: 0.1 was logged where 0.05 was true. Two arms share the allowance."""
    found = {}
    for attempts in (100, 600, 1000):
        alarms = [p_value(k, (attempts, 0.1)) < ALARM / 2 for k in range(attempts + 1)]
        found[attempts] = float(binomial(attempts, 0.05)[alarms].sum())
    assert found[100] < 0.05
    assert found[600] > 0.65
    assert found[1000] > 0.97


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0.01, 0.99))
def test_the_farther_an_arm_is_off_the_less_probable_it_is(chosen: int, attempts: int, chance: float) -> None:
    expected = attempts * chance
    nearer = chosen - 1 if chosen > expected else chosen + 1
    if abs(nearer - expected) < abs(chosen - expected):
        assert 0.0 <= p_value(chosen, (attempts, chance)) <= p_value(nearer, (attempts, chance)) <= 1.0
