"""Whether a model has come to do worse."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.learning.falls import LEAST_FALL, last_fall
from modelmerit.statistics.arrays import Floats

WEEKS = np.arange(2900, 2920)
"""Twenty weeks; week 2900 begins on 2025-07-31, 20,300 days after 1970-01-01."""

TEN_A_WEEK = np.full(20, 10.0)


def by_week(before: float, after: float, weeks_before: int = 12) -> Floats:
    return np.asarray(10.0 * np.where(np.arange(20) < weeks_before, before, after))


def test_a_fall_is_dated_to_its_week_with_the_rates_before_and_after() -> None:
    fall = last_fall(WEEKS, TEN_A_WEEK, by_week(0.9, 0.4))
    assert fall is not None
    # Twelve weeks after the first.
    assert fall.since == date(2025, 7, 31) + timedelta(weeks=12)
    assert (fall.before, fall.after) == pytest.approx((0.9, 0.4))


@pytest.mark.parametrize(
    ("before", "after"),
    [(0.9, 0.9), (0.4, 0.9), (0.9, 0.85)],
    ids=["nothing changed", "it does better", "hardly worse"],
)
def test_only_what_is_clearly_worse_is_a_fall(before: float, after: float) -> None:
    assert last_fall(WEEKS, TEN_A_WEEK, by_week(before, after)) is None


def test_two_bad_attempts_after_a_hundred_good_ones_are_no_fall() -> None:
    attempts = np.array([50.0, 50.0, 2.0])
    assert last_fall(WEEKS[:3], attempts, np.array([45.0, 45.0, 0.0])) is None


def test_weeks_without_attempts_say_nothing() -> None:
    attempts = np.where(np.arange(20) % 2, 10.0, 0.0)
    fall = last_fall(WEEKS, attempts, np.minimum(attempts, by_week(0.9, 0.3)))
    assert fall is not None
    assert (fall.before, fall.after) == pytest.approx((0.9, 0.3))
    assert last_fall(WEEKS, np.zeros(20), np.zeros(20)) is None
    assert last_fall(WEEKS[:0], np.zeros(0), np.zeros(0)) is None


@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1)), min_size=1, max_size=20),
)
def test_whatever_the_counts_a_fall_goes_down(weeks: list[tuple[int, float]]) -> None:
    attempts = np.array([float(count) for count, _ in weeks])
    fall = last_fall(WEEKS[: len(weeks)], attempts, attempts * np.array([rate for _, rate in weeks]))
    assert fall is None or fall.before - fall.after >= LEAST_FALL
