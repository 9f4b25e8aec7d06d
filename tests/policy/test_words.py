"""Whole words with simple inflections."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.policy.words import contains_word


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("design", "Designing the login page"),
        ("design", "two designs"),
        ("design", "it was designed badly"),
        ("api", "the API's answer"),
        ("api", "rest_api_client"),
        ("documentation", "Write DOCUMENTATION."),
        ("migrate", "migrating the store"),
        ("migrate", "migrated"),
        ("copy", "copies the file"),
        ("debug", "debugging the parser"),
        ("fix", "fixes #12"),
        ("search", "it searches"),
        ("rate limiting", "add rate-limiting to login"),
        ("rate-limiting", "add rate  limiting"),
        ("fix bug", "fixed bugs"),
        ("c++", "port the C++ parser"),
        ("straße", "die Straße"),
    ],
)
def test_a_word_is_found_in_its_inflections(word: str, text: str) -> None:
    assert contains_word(text, word)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("api", "rapid prototyping"),
        ("test", "the latest contest"),
        ("design", "a designation"),
        ("css", "access"),
        ("rate limiting", "rate the limiting factor"),
        ("", "anything"),
        ("  ", "any  thing"),
    ],
)
def test_a_part_of_another_word_is_not_the_word(word: str, text: str) -> None:
    assert not contains_word(text, word)


@given(st.text(), st.text())
def test_any_text_and_word_give_an_answer(text: str, word: str) -> None:
    assert contains_word(text, word) in (True, False)


def test_a_hostile_text_takes_linear_time() -> None:
    started = time.perf_counter()
    for text in ("a " * 200_000, "rate" + " " * 400_000, "rate -_" * 60_000, "s" * 400_000):
        assert not contains_word(text, "rate limiting limit rate")
    assert time.perf_counter() - started < 2
