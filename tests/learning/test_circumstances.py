import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.learning.circumstances import USUAL, strays


@pytest.mark.parametrize(
    ("known", "as_answered", "straying"),
    [(0, 0, False), (1, 0, True), (1, 1, False), (20, 19, False), (19, 18, True), (100, 95, False), (100, 94, True)],
)
def test_a_client_strays_where_more_than_one_run_in_twenty_was_another_model(
    known: int, as_answered: int, straying: bool
) -> None:
    assert strays(known, as_answered) is straying


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_further_run_as_answered_makes_no_client_stray(known: int, otherwise: int) -> None:
    known += otherwise
    assert strays(known, known - otherwise) or not strays(known + 1, known + 1 - otherwise)


def test_where_nothing_is_known_repeats_say_nothing_new_and_no_client_has_strayed() -> None:
    assert (USUAL.sameness, USUAL.checked_share, USUAL.unreliable) == (1.0, 0.0, frozenset())
