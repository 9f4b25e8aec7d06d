import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.statistics.planning import FIRST_LOOK, GROWTH, LOOK_DAYS, last_look, required_attempts, stage


@pytest.mark.parametrize(
    ("rate", "margin", "attempts"),
    # n = (1.6449 + 0.8416)^2 * 2 p (1 - p) / margin^2, rounded up: one-sided 5 %, power 80 %, equal rates.
    [(0.9, 0.15, 50), (0.9, 0.10, 112), (0.8, 0.10, 198), (0.8, 0.15, 88), (0.45, 0.15, 137), (0.9, 0.05, 446)],
)
def test_the_attempts_needed_for_a_margin_are_those_of_the_sample_size_formula(
    rate: float, margin: float, attempts: int
) -> None:
    assert required_attempts(rate, rate, -margin) == attempts


def test_ruling_out_takes_as_many_attempts_as_showing() -> None:
    assert required_attempts(0.6, 0.8, -0.1) == required_attempts(0.6, 0.8, -0.3)


def test_no_number_of_attempts_settles_a_difference_that_is_the_limit() -> None:
    assert required_attempts(0.7, 0.8, -0.1) is None


def test_many_attempts_of_the_incumbent_halve_what_the_challenger_needs() -> None:
    balanced = required_attempts(0.8, 0.8, -0.1)
    lopsided = required_attempts(0.8, 0.8, -0.1, incumbents_per_challenger=1e9)
    assert balanced is not None
    assert lopsided == pytest.approx(balanced / 2, abs=1)


def days(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_there_is_no_look_before_the_first_fifteen_attempts() -> None:
    assert last_look(days(1, 2), np.array([7.0, 7.0])) is None
    assert last_look(days(), np.zeros(0)) is None


def test_a_look_comes_when_the_evidence_has_grown_by_half() -> None:
    # 15 on day 3; 15 * 1.5 = 22.5 is reached on day 9 with 23; 34.5 is not reached.
    look = last_look(days(1, 3, 5, 9, 11), np.array([10.0, 5.0, 7.0, 1.0, 11.0]))
    assert look is not None
    assert (look.number, look.day, look.evidence) == (2, 9, 23.0)


def test_a_look_comes_after_five_weeks_if_there_is_anything_new() -> None:
    look = last_look(days(1, 10, 1 + LOOK_DAYS), np.array([100.0, 1.0, 1.0]))
    assert look is not None
    assert (look.number, look.day) == (2, 1 + LOOK_DAYS)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=120))
def test_looks_between_two_days_never_move(evidence: list[int]) -> None:
    """The last look of a longer history is the last look of some shorter one: nothing later changes an earlier one."""
    counts = np.array(evidence, dtype=np.float64)
    every = np.arange(len(counts), dtype=np.int64)
    looks = [last_look(every[:end], counts[:end]) for end in range(1, len(counts) + 1)]
    seen = [look for look in looks if look is not None]
    assert all(later.number in (earlier.number, earlier.number + 1) for earlier, later in itertools.pairwise(seen))
    assert all(
        later == earlier or later.evidence >= GROWTH * earlier.evidence or later.day >= earlier.day + LOOK_DAYS
        for earlier, later in itertools.pairwise(seen)
    )
    assert all(look.evidence >= FIRST_LOOK for look in seen)


def test_a_plan_has_come_as_far_as_its_looks_or_its_evidence_whichever_is_more() -> None:
    # 15 attempts grown by half four times: 15 * 1.5^4 = 75.94.
    assert stage(1, 15.0) == 0.0
    assert stage(1, 15 * 1.5**4) == pytest.approx(4.0)
    assert stage(7, 30.0) == 6.0
    assert stage(1, 3.0) == 0.0
