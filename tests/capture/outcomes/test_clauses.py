import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture.outcomes.clauses import OPENING, clauses, opening, plain_words


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("It is not right", "it isnt right"),
        ("it\u2019s not right", "it isnt right"),
        ("I am lost", "im lost"),
        ("It can not  be", "it cant be"),
        ("that dosent work", "that doesnt work"),
        ("We are not done", "we arent done"),
        ("You're not done", "you arent done"),
    ],
)
def test_each_not_is_written_in_one_form(written: str, plain: str) -> None:
    assert plain_words(written) == plain


@pytest.mark.parametrize(
    "pasted",
    [
        "```\nit fails\n```",
        "> it fails",
        "| it | fails |",
        '"it fails"',
        "`it fails`",
        "[Pasted text #1 +20 lines]",
        "[Image #1]",
        "(it fails)",
        "\u2502 it fails",
    ],
)
def test_the_opening_is_what_the_human_says_in_their_own_words(pasted: str) -> None:
    assert opening(f"{pasted}\nLook at this").split() == ["look", "at", "this"]


@pytest.mark.parametrize(
    ("words", "cut"),
    [
        ("no. do it, now", ["no.", "do it,", "now"]),
        ("it works but the list is empty", ["it works", "but the list is empty"]),
        ("it is empty can you fix it", ["it is empty", "can you fix it"]),
        ("one\n\ntwo", ["one", "two"]),
        ("version 1.5 of a.py", ["version 1.5 of a.py"]),
        ("", []),
    ],
)
def test_a_clause_ends_at_a_mark_or_a_line_end_or_where_another_begins(words: str, cut: list[str]) -> None:
    assert clauses(words) == cut


@given(st.text())
def test_the_opening_is_short_and_its_clauses_hold_all_its_words(text: str) -> None:
    found = opening(text)
    assert len(found) <= OPENING
    assert "".join("".join(clauses(found)).split()) == "".join(found.split())
