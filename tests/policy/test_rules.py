"""The rule language: what it says of a task, and how it complains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.errors import RuleSyntaxError
from modelmerit.policy.lexer import MAX_LENGTH
from modelmerit.policy.parser import parse_condition
from modelmerit.policy.rules import quoted
from modelmerit.records import Task

DOCS_TASK = Task(
    "Designing the API docs",
    keywords=("docs", "api"),
    workspace="web",
    complexity="medium",
    priority="high",
    role="writer",
    estimated_files=6,
)
UNKNOWN_TASK = Task("something")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("task contains 'architecture' or 'design'", True),
        ('task contains "architecture"', False),
        ("keyword is 'docs'", True),
        ("keyword is 'ci' or 'api'", True),
        ("keyword is 'ci'", False),
        ("workspace is 'web'", True),
        ("role is 'writer' and complexity is medium", True),
        ("complexity is simple or medium", True),
        ("complexity is simple or priority is high", True),
        ("estimated_files > 5", True),
        ("estimated_files >= 7 or estimated_files <= 5", False),
        ("estimated_files is 6", True),
        ("estimated_files < 6", False),
        ("not keyword is 'ci'", True),
        ("not (keyword is 'docs' or keyword is 'ci')", False),
        ("not not keyword is 'docs'", True),
        ("task contains 'nothing' or 'design' and complexity is simple", False),
        ("keyword is 'docs' or keyword is 'ci' and complexity is simple", True),
        ("TASK CONTAINS 'design' AND Priority IS High", True),
        ("keyword is 'docs'and(complexity is medium)", True),
        ("task contains '('", False),
    ],
)
def test_a_condition_says_what_it_reads_like(condition: str, expected: bool) -> None:
    assert parse_condition(condition).matches(DOCS_TASK) is expected


@pytest.mark.parametrize(
    "comparison",
    ["workspace is 'x'", "role is 'x'", "complexity is simple", "priority is low", "estimated_files > 5"],
)
def test_what_is_unknown_matches_neither_a_comparison_nor_its_opposite(comparison: str) -> None:
    assert not parse_condition(comparison).matches(UNKNOWN_TASK)
    assert not parse_condition(f"not {comparison}").matches(UNKNOWN_TASK)
    assert not parse_condition(f"not ({comparison} and task contains 'something')").matches(UNKNOWN_TASK)


def test_the_unknown_does_not_matter_where_the_rest_decides() -> None:
    assert parse_condition("estimated_files > 5 or task contains 'something'").matches(UNKNOWN_TASK)
    assert parse_condition("not (estimated_files > 5 and task contains 'else')").matches(UNKNOWN_TASK)


def test_a_condition_may_be_as_long_as_anyone_writes_and_no_longer() -> None:
    longest = "task contains " + "'a' or " * 569 + "'a'"
    assert parse_condition(longest).matches(Task("a"))
    with pytest.raises(RuleSyntaxError, match="expected at most") as caught:
        parse_condition(longest + " " * MAX_LENGTH + "or 'a'")
    assert caught.value.column == MAX_LENGTH + 1


@pytest.mark.parametrize("opening", ["(", "not ", "not ("])
def test_hostile_nesting_is_an_error_and_not_a_crash(opening: str) -> None:
    with pytest.raises(RuleSyntaxError, match="levels"):
        parse_condition(opening * 500)


WORDS = ["task", "contains", "keyword", "is", "complexity", "simple", "estimated_files", ">", "5", "and", "or", "not"]
SOUP = st.lists(st.sampled_from([*WORDS, "(", ")", "'a'", '"b"', "'"])).map(" ".join)


@given(st.text() | SOUP)
def test_no_text_makes_the_parser_raise_anything_but_its_own_error(text: str) -> None:
    try:
        condition = parse_condition(text)
    except RuleSyntaxError as error:
        column = error.column
    else:
        column = 1
        assert condition.matches(DOCS_TASK) in (True, False)
        assert parse_condition(condition.text).root == condition.root
    assert 1 <= column <= len(text) + 1


@given(st.text(min_size=1).filter(lambda word: word.strip() and word.isprintable()))
def test_any_visible_word_with_one_kind_of_quotes_can_be_written(word: str) -> None:
    if "'" in word and '"' in word:
        with pytest.raises(RuleSyntaxError):
            quoted(word)
    else:
        assert parse_condition(f"workspace is {quoted(word)}").matches(Task("t", workspace=word))


@given(SOUP)
def test_a_condition_written_out_anew_means_the_same(text: str) -> None:
    try:
        root = parse_condition(text).root
    except RuleSyntaxError:
        return
    again = parse_condition(str(root)).root
    for task in (DOCS_TASK, UNKNOWN_TASK, Task("a b", estimated_files=5), Task("b", complexity="simple")):
        assert again.truth(task) is root.truth(task)
