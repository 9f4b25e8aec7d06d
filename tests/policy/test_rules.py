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


@pytest.mark.parametrize(
    ("condition", "column", "message"),
    [
        ("", 1, "found the end of the condition, expected a comparison"),
        ("task contains docs", 15, "found docs, expected a quoted word"),
        ("task contians 'docs'", 6, "found contians, expected `contains` after task"),
        ("task contains 'docs", 15, "is never closed"),
        ("task contains ''", 15, "found an empty word ''"),
        ("task contains 'a' and 'b'", 23, "expected a whole comparison after `and`"),
        ("task contains 'a' 'b'", 19, "expected `and`, `or`, or the end"),
        ("task contains 'a' or", 21, "found the end of the condition"),
        ("(task contains 'a'", 19, "expected `)` to close the parenthesis of column 1"),
        ("task contains 'a')", 18, "found ), expected"),
        ("complexity is hard", 15, "found hard, expected one of simple, medium, complex"),
        ("workspace is not 'a'", 14, "write: not workspace is"),
        ("estimated_files = 5", 17, "expected one of < <= > >= is"),
        ("estimated_files > 5.5", 19, "found '5.5', expected a whole number"),
        ("estimated_files > many", 19, "expected a whole number"),
        ("model is 'opus'", 1, "found model, expected a comparison that begins with task"),
        ("task contains \N{LEFT SINGLE QUOTATION MARK}a", 15, "curly quote"),
        ("task contains 'a\N{ZERO WIDTH SPACE}b'", 17, "invisible character U+200B"),
        ("task contains 'a' & 'b'", 19, "found '&'"),
        ("task contains " + "'a' or " * 700 + "'a'", MAX_LENGTH + 1, "expected at most"),
    ],
)
def test_a_mistake_is_told_with_its_column_and_what_was_expected(condition: str, column: int, message: str) -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        parse_condition(condition)
    assert caught.value.column == column
    assert message in str(caught.value)


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
