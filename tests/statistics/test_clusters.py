import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.clusters import correlation_within, worth_of_repeats


def floats(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def in_ranges(sizes: list[int]) -> Floats:
    """How many attempts have so many before them at their task that the number has 0, 1, 2, ... bits."""
    numbers = np.array([number.bit_length() for size in sizes for number in range(size)])
    return np.bincount(numbers).astype(np.float64)


def test_tasks_that_never_repeat_count_in_full() -> None:
    assert worth_of_repeats(floats(250), 1.0) == pytest.approx([1.0])


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_one_task_given_sixteen_times_counts_by_the_design_effect(correlation: float) -> None:
    # Kish: 16 outcomes of correlation r are worth 16 / (1 + 15 r) independent ones. Ranges of bits hold
    # 1 (number 0), 1 (number 1), 2 (2 and 3), 4 (4 to 7), 8 (8 to 15).
    worth = worth_of_repeats(floats(1, 1, 2, 4, 8), correlation)
    assert worth == pytest.approx([1 / (1 + 15 * correlation)] * 5)


def test_first_attempts_count_more_the_fewer_tasks_are_repeated() -> None:
    # Three tasks tried once and one tried twice: a first attempt is worth 1 three times of four and 1/2 once, 7/8; the
    # second attempt belongs to a task of two, 1/2. In all 4 * 7/8 + 1/2 = 4: the number of tasks.
    assert worth_of_repeats(floats(4, 1), 1.0) == pytest.approx([7 / 8, 1 / 2])


@given(st.lists(st.sampled_from([1, 2, 4, 8, 16, 32]), min_size=1, max_size=30))
def test_at_full_correlation_all_attempts_together_are_worth_the_number_of_tasks(sizes: list[int]) -> None:
    counts = in_ranges(sizes)
    assert float(counts @ worth_of_repeats(counts, 1.0)) == pytest.approx(len(sizes))


@given(st.lists(st.integers(1, 64), min_size=1, max_size=30), st.floats(0.0, 1.0))
def test_attempts_are_worth_no_less_than_their_tasks_and_no_more_than_themselves(
    sizes: list[int], correlation: float
) -> None:
    counts = in_ranges(sizes)
    worth = worth_of_repeats(counts, correlation)
    assert len(sizes) - 1e-9 <= float(counts @ worth) <= sum(sizes) + 1e-9
    assert (worth > 0).all()
    assert (np.diff(worth) <= 1e-12).all()


@given(st.lists(st.integers(1, 64), min_size=1, max_size=30))
def test_without_correlation_every_repeat_counts_in_full(sizes: list[int]) -> None:
    assert worth_of_repeats(in_ranges(sizes), 0.0) == pytest.approx(1.0)


def test_repeats_whose_first_attempts_are_counted_elsewhere_are_no_fresh_evidence() -> None:
    # Seven repeats of one task that was given first with another label: numbers 1, 2-3, 4-7. They cannot be worth more
    # than what tasks of so many attempts tell, 1/2 + 2/4 + 4/8.
    counts = floats(0, 1, 2, 4)
    assert float(counts @ worth_of_repeats(counts, 1.0)) <= 1.5 + 1e-9


def test_where_no_task_repeats_nothing_says_that_repeats_differ() -> None:
    assert correlation_within(floats(), floats(), floats()) == 1.0
    assert correlation_within(floats(1, 1), floats(0, 1), floats(0.5, 0.5)) == 1.0


def test_outcomes_that_are_always_the_same_are_fully_correlated() -> None:
    sizes = np.full(100, 4.0)
    solved = np.where(np.arange(100) < 50, 4.0, 0.0)
    assert correlation_within(sizes, solved, np.full(100, 0.5)) == 1.0


def test_independent_outcomes_are_hardly_correlated() -> None:
    # The discordant pairs are as many as expected, but for chance: 6 pairs a task, a share 2 * 0.21
    # of them. 20,000 tasks have some 50,400 with a standard deviation under 300.
    rng = np.random.default_rng(1)
    solved = rng.binomial(4, 0.3, 20_000).astype(np.float64)
    assert correlation_within(np.full(20_000, 4.0), solved, np.full(20_000, 0.3)) == pytest.approx(0.0, abs=0.02)


def test_a_known_correlation_is_found() -> None:
    # Beta(2, 2) difficulties: the correlation of two outcomes of one task is 1 / (2 + 2 + 1) = 0.2.
    rng = np.random.default_rng(2)
    solved = rng.binomial(8, rng.beta(2, 2, 20_000)).astype(np.float64)
    assert correlation_within(np.full(20_000, 8.0), solved, np.full(20_000, 0.5)) == pytest.approx(0.2, abs=0.02)


def test_a_few_discordant_pairs_leave_most_of_the_doubt() -> None:
    # One task tried twice, solved once: 1 discordant pair, 2 * 1 * 1/4 = 1/2 expected and 2 of doubt: 1 - 1 / 2.5.
    assert correlation_within(floats(2), floats(1), floats(0.5)) == pytest.approx(0.6)


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 20), st.floats(0, 1)), max_size=20))
def test_a_correlation_lies_between_none_and_full(clusters: list[tuple[int, int, float]]) -> None:
    sizes = floats(*(size for size, _, _ in clusters))
    solved = floats(*(min(size, good) for size, good, _ in clusters))
    assert 0.0 <= correlation_within(sizes, solved, floats(*(rate for _, _, rate in clusters))) <= 1.0
