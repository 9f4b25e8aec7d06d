import numpy as np
import pytest

from modelmerit.statistics import two_way as module
from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.two_way import TwoWay, two_way

# Upper percentage points of chi-squared (NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.4).
PUBLISHED = [
    (1, 0.05, 3.841),
    (1, 0.01, 6.635),
    (2, 0.05, 5.991),
    (4, 0.01, 13.277),
    (10, 0.10, 15.987),
    (10, 0.01, 23.209),
    (30, 0.05, 43.773),
    (100, 0.001, 149.449),
]
CROSSING = np.array([[0.9, 0.4, 0.6], [0.4, 0.9, 0.6], [0.6, 0.6, 0.9], [0.9, 0.4, 0.5], [0.4, 0.9, 0.5]])


def made(attempts: Floats, rates: Floats) -> TwoWay:
    table = two_way(attempts, attempts * rates)
    assert table is not None
    return table


@pytest.mark.parametrize(("freedom", "p_value", "limit"), PUBLISHED)
def test_p_values_are_those_of_the_published_tables(freedom: int, p_value: float, limit: float) -> None:
    # Wilson and Hilferty's approximation is worst at one degree of freedom: six hundredths off.
    assert module._upper_tail(limit, freedom) == pytest.approx(p_value, rel=0.06)


def test_the_p_value_of_two_by_two_is_that_of_its_departure_from_a_sum() -> None:
    # Rows plus columns of [[0.6, 0.5], [0.5, 0.6]] with equal attempts are 0.55 everywhere. Each cell departs by 0.05,
    # so chi-squared is 4 * 100 * 0.0025 / (0.55 * 0.45) = 4.0404 at one degree of freedom: p = 0.0444, and 0.0419 by
    # the approximation.
    table = made(np.full((2, 2), 100.0), np.array([[0.6, 0.5], [0.5, 0.6]]))
    assert table.p_value == pytest.approx(0.0444, rel=0.06)


def test_a_table_without_departures_is_drawn_wholly_to_rows_plus_columns() -> None:
    rates = np.array([[0.3], [0.5], [0.7]]) + np.array([[0.0, 0.1, 0.2]])
    table = made(np.full((3, 3), 40.0), rates)
    assert table.rates == pytest.approx(rates, abs=1e-6)
    assert table.abilities - table.abilities[0] == pytest.approx([0.0, 0.1, 0.2], abs=1e-6)
    assert table.p_value > 0.99


def test_departures_that_chance_explains_are_forgotten() -> None:
    rng = np.random.default_rng(3)
    attempts = np.full((12, 4), 30.0)
    rates = np.linspace(0.3, 0.7, 12)[:, None] + np.linspace(0.0, 0.15, 4)
    worst_observed, worst_believed = [], []
    for _ in range(20):
        successes = rng.binomial(30, rates).astype(np.float64)
        table = two_way(attempts, successes)
        assert table is not None
        worst_observed.append(np.abs(successes / attempts - rates).max())
        worst_believed.append(np.abs(table.rates - rates).max())
    assert np.mean(worst_believed) < 0.6 * np.mean(worst_observed)


def test_under_chance_small_p_values_are_as_rare_as_they_say() -> None:
    # 300 tables: 15 +- 4 of them under 0.05, 3 +- 2 under 0.01, 150 +- 9 under a half.
    rng = np.random.default_rng(4)
    rates = np.linspace(0.3, 0.7, 8)[:, None] + np.linspace(0.0, 0.2, 4)
    attempts = np.full((8, 4), 50.0)
    tables = [two_way(attempts, rng.binomial(50, rates).astype(np.float64)) for _ in range(300)]
    p_values = np.array([table.p_value for table in tables if table is not None])
    assert len(p_values) == 300
    assert float(p_values.mean()) == pytest.approx(0.5, abs=0.06)
    assert 4 <= (p_values < 0.05).sum() <= 28
    assert (p_values < 0.01).sum() <= 10
    assert (p_values < 0.5).sum() == pytest.approx(150, abs=32)


def test_a_strong_crossing_is_no_chance_and_is_found_as_it_is() -> None:
    rng = np.random.default_rng(5)
    successes = rng.binomial(60, CROSSING).astype(np.float64)
    table = two_way(np.full(CROSSING.shape, 60.0), successes)
    assert table is not None
    assert table.p_value < 0.01
    # A cell of 60 attempts has a standard error of at most 0.065.
    assert table.rates == pytest.approx(CROSSING, abs=0.2)
    assert list(table.rates.argmax(axis=1)) == [0, 1, 2, 0, 1]


def test_a_difference_is_as_uncertain_as_its_two_cells() -> None:
    table = made(np.full(CROSSING.shape, 60.0), CROSSING)
    mean, error = table.difference(0, 0, 1)
    assert mean == pytest.approx(table.rates[0, 0] - table.rates[0, 1])
    assert error**2 == pytest.approx(table.variances[0, 0] + table.variances[0, 1])


def test_stated_errors_are_those_of_the_beliefs() -> None:
    """Over many tables, departures from the truth in units of the stated standard deviation vary about one."""
    rng = np.random.default_rng(6)
    attempts = np.full((20, 4), 40.0)
    scores = []
    for _ in range(40):
        rates = np.clip(0.55 + rng.normal(0, 0.1, (20, 1)) + rng.normal(0, 0.1, (20, 4)), 0.05, 0.95)
        table = two_way(attempts, rng.binomial(40, rates).astype(np.float64))
        assert table is not None
        scores.append((table.rates - rates) / np.sqrt(table.variances))
    assert float(np.std(scores)) == pytest.approx(1.0, abs=0.15)


def test_without_shrinkage_each_cell_is_believed_as_it_is() -> None:
    table = two_way(np.full(CROSSING.shape, 10.0), 10 * CROSSING, shrinks=False)
    assert table is not None
    assert table.rates == pytest.approx(CROSSING)


def test_a_model_that_never_had_a_kind_is_expected_to_do_as_its_row_and_column_say() -> None:
    rates = np.array([[0.3], [0.5], [0.7]]) + np.array([[0.0, 0.1, 0.2]])
    attempts = np.full((3, 3), 400.0)
    attempts[2, 2] = 0.0
    table = made(attempts, rates)
    assert table.rates[2, 2] == pytest.approx(0.9, abs=0.01)
    assert table.variances[2, 2] > table.variances[0, 0]


@pytest.mark.parametrize(
    "attempts",
    [
        np.zeros((0, 0)),
        np.full((1, 4), 50.0),
        np.full((4, 1), 50.0),
        np.array([[50.0, 50.0], [0.0, 0.0]]),
        np.array([[50.0, 0.0], [50.0, 0.0]]),
        np.array([[50.0, 0.0], [0.0, 50.0]]),
        np.zeros((3, 3)),
    ],
    ids=["nothing", "one row", "one column", "an empty row", "an empty column", "no freedom left", "no attempts"],
)
def test_too_small_a_table_says_nothing(attempts: Floats) -> None:
    assert two_way(attempts, attempts / 2) is None


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_where_everything_succeeds_or_fails_nothing_departs(rate: float) -> None:
    table = made(np.full((3, 3), 20.0), np.full((3, 3), rate))
    assert table.rates == pytest.approx(rate, abs=1e-6)
    assert table.p_value > 0.9
