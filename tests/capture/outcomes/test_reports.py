import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture.outcomes.clauses import plain_words
from modelmerit.capture.outcomes.reports import reports, same_matter

TASK = "Add a search box to the page with the orders, and show the total"


def is_report(words: str) -> bool:
    return reports(plain_words(words), TASK)


@pytest.mark.parametrize(
    "words",
    [
        "the search box doesn't open",
        "the orders are not loading",
        "I don't see the total",
        "I can't search the orders",
        "the page is still empty",
        "the total is wrong",
        "the search fails",
        "the page crashes",
        "searching does nothing",
        "nothing happens on the page",
        "the total shows the count instead of the sum",
        "I get an error in the search",
        "it should only show the total",
        "there is no total",
        "the orders are on top of each other",
        "I'm not seeing the total",
    ],
)
def test_what_something_of_the_task_does_not_do_is_a_report(words: str) -> None:
    assert is_report(words)


@pytest.mark.parametrize(
    "words",
    [
        "don't open the search box",
        "please don't show the total",
        "so that the search doesn't crash",
        "if the search fails",
        "make sure the total isn't wrong",
        "the total doesn't matter",
        "the search could fail",
        "I don't know the total",
        "I don't want a search",
        "things that are not on the page",
        "fix the error in the search",
        "users don't search for orders",
        "I wonder why orders are not kept",
        "the search is fast",
        "the orders are in the table",
    ],
)
def test_orders_purposes_conditions_and_neutral_words_are_none(words: str) -> None:
    assert not is_report(words)


@pytest.mark.parametrize("words", ["the login doesn't open", "it is empty", "I get an error at the door"])
def test_a_report_about_something_else_is_none(words: str) -> None:
    assert not is_report(words)


@pytest.mark.parametrize("words", ["the login is still empty", "the login is broken again", "nothing happens"])
def test_words_that_refer_back_are_about_the_task_without_naming_it(words: str) -> None:
    assert is_report(words)


def test_matters_are_compared_by_stems_and_short_names() -> None:
    assert same_matter("Sort the invoices", "the invoice is lost")
    assert same_matter("Build the UI", "the ui is blank")
    assert not same_matter("Sort the invoices", "the ui is blank")


@pytest.mark.parametrize("task", ["go", "continue", "ok do it"])
def test_a_task_that_names_nothing_is_about_everything(task: str) -> None:
    assert same_matter(task, "the invoice is lost")


def test_without_a_task_nothing_is_about_it() -> None:
    assert not same_matter("", "the invoice is lost")


@given(st.text(), st.text())
def test_of_any_clause_it_is_told_whether_it_reports_a_failure(clause: str, task: str) -> None:
    assert reports(clause, task) in {True, False}
