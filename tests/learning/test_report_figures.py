"""Figures as the report writes them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modelmerit.learning.figures import count, counted, duration, money, percent, points, rate, tokens


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0, "0 %"),
        (0.004, "under 1 %"),
        (0.005, "under 1 %"),
        (0.006, "1 %"),
        (0.904, "90 %"),
        (0.9949, "99 %"),
        (0.995, "over 99 %"),
        (0.99999, "over 99 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_a_whole_percentage_and_no_certainty_nobody_has(share: float, told: str) -> None:
    assert percent(share) == told


def test_a_rate_comes_with_its_counts() -> None:
    assert rate(66, 73) == "90 % (66 of 73)"
    assert rate(12_000, 20_000) == "60 % (12,000 of 20,000)"


@pytest.mark.parametrize(
    ("usd", "told"),
    [
        (0, "$0"),
        (0.0000001, "under $0.000001"),
        (0.0000012, "$0.0000012"),
        (0.0042, "$0.0042"),
        (0.00996, "$0.010"),
        (0.045, "$0.045"),
        (0.0996, "$0.10"),
        (0.18, "$0.18"),
        (1.25, "$1.25"),
        (9.994, "$9.99"),
        (9.996, "$10"),
        (12.3, "$12"),
        (481.89, "$482"),
        (12_345.6, "$12,346"),
    ],
)
def test_money_has_two_digits_that_matter_or_whole_dollars(usd: float, told: str) -> None:
    assert money(usd) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (0.2, "under 1 s"),
        (42.4, "42 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3599.7, "1 h"),
        (12_000, "3 h 20 min"),
        (1e9, "277,777 h 47 min"),
    ],
)
def test_times_are_in_the_two_units_that_matter(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0"),
        (850.4, "850"),
        (999.6, "1.0 k"),
        (1624, "1.6 k"),
        (9960, "10 k"),
        (12_345, "12 k"),
        (999_600, "1.0 M"),
        (1_240_000, "1.2 M"),
        (3.2e9, "3,200 M"),
    ],
)
def test_token_counts_are_in_thousands_and_millions(number: float, told: str) -> None:
    assert tokens(number) == told


def test_differences_of_shares_have_a_sign_and_zero_is_not_negative() -> None:
    assert [points(share) for share in (0.034, -0.07, -0.004, 0.0)] == ["+3", "-7", "+0", "+0"]


@given(st.floats(-1, 1))
@example(0.05496)
def test_a_difference_reads_the_same_once_it_was_kept(share: float) -> None:
    # Four digits are kept: 0.05496 is kept as 0.055.
    assert points(round(share, 4)) == points(share)


def test_counts_are_separated_once_they_are_long_and_nouns_agree() -> None:
    assert [count(number) for number in (0, 3024, 20_000)] == ["0", "3024", "20,000"]
    assert [counted(number, "week") for number in (0, 1, 3)] == ["0 weeks", "1 week", "3 weeks"]
