"""Whole words with simple inflections."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.policy.words import contains_word, word_implies


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
        ("tests output", "the tests' output"),
        ("focus", "focuses on speed"),
        ("alias", "aliases"),
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
        ("tests", "testsing"),
        ("docs", "docses and docsed"),
        ("", "anything"),
        ("  ", "any  thing"),
    ],
)
def test_a_part_of_another_word_is_not_the_word(word: str, text: str) -> None:
    assert not contains_word(text, word)


@given(st.text(), st.text())
def test_any_text_and_word_give_an_answer(text: str, word: str) -> None:
    assert contains_word(text, word) in (True, False)


WORDS = [
    "test",
    "tests",
    "Test",
    "fix",
    "fixes",
    "copy",
    "copies",
    "rate limit",
    "rate-limits",
    "c++",
    "o",
    "straße",
    "-",
]
PIECES = ["test", "tests", "testss", "tests'", "TESTED", "fixes's", "copied", "rate", "limits", "c++", "os", "Straße"]
GAPS = ["", " ", "-", "_", "'", ".", "\N{LATIN SMALL LETTER LONG S}", "\N{KELVIN SIGN}"]
TEXTS = st.lists(st.sampled_from(PIECES + GAPS), max_size=8).map("".join)


@given(TEXTS, st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_a_word_implies_another_only_if_every_text_with_the_one_has_the_other(text: str, one: str, other: str) -> None:
    assert word_implies(one, one)
    if word_implies(one, other) and contains_word(text, one):
        assert contains_word(text, other)


@given(TEXTS, st.sampled_from(WORDS))
def test_a_letter_from_another_script_does_not_change_what_else_a_text_has(text: str, word: str) -> None:
    assert contains_word(text, word) == contains_word(f"{text} \N{CYRILLIC SMALL LETTER ZHE}", word)


@pytest.mark.parametrize("piece", ["a ", "rate ", "rate -_", "s"])
def test_four_times_a_hostile_text_takes_four_times_as_long_and_not_sixteen(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        started = time.process_time()
        assert not contains_word(text, "rate limiting limit rate")
        return time.process_time() - started

    # A busy machine may try more than once.
    assert any(seconds(400_000) < 10 * max(seconds(100_000), 0.005) for _ in range(3))
