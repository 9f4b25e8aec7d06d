"""Which dispatch an agent's run is the work of."""

from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.evidence.joining import Run, dispatch_of
from modelmerit.evidence.retries import RecentAttempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def dispatch(task: str, name: str = "d", minutes: float = 1, model: str = "haiku", status: str = "pending"):
    at = NOW - timedelta(minutes=minutes)
    return RecentAttempt(name, task, "shop", model, status, at, 0, None, None, None)


def found(text: str, *dispatched: RecentAttempt, description: str = "", model: str = "haiku", only: bool = False):
    run = Run((text, description), frozenset({model}))
    return dispatch_of(run, dispatched, may_be_the_only_one=only)


@pytest.mark.parametrize(
    ("task", "prompt", "description"),
    [
        ("Fix the parser of dates.", "fix the  parser of dates", ""),
        ("Fix the parser of dates", "Fix teh parser of dates", ""),
        ("Fix the parser of dates", "You work in /repo. Fix the parser of dates, then run the tests.", ""),
        ("Fix the parser of dates", "There is something wrong in dates.py: leap years are off.", "Fix parser of dates"),
        ("Fix the parser of dates in src/dates.py so that leap years work", "Fix the parser of dates", ""),
        (
            "Write unit tests for src/cart.py that cover discounts",
            "In src/cart.py the discounts have no tests. Write some unit tests for that: cover each kind of discounts.",
            "",
        ),
    ],
    ids=["same", "mistyped", "contained", "described", "containing", "in other words"],
)
def test_a_run_is_the_work_of_the_dispatch_about_the_same(task: str, prompt: str, description: str):
    assert found(prompt, dispatch(task), description=description) == "d"


@pytest.mark.parametrize(
    ("task", "prompt"),
    [
        ("Review part 5", "Review part 45"),
        ("Review part 4", "You are a reviewer. Review part 45 of the plan, and answer with a list."),
        ("Add tests for the cart page", "Add tests for the cache page"),
        ("Write unit tests for src/cart.py", "Write unit tests for src/cache.py, which has none so far, please"),
        (
            "Write unit tests that cover discounts of the cart",
            "Write unit tests that cover discounts of the cache, all",
        ),
        ("Update the readme", "Find out why the build is red"),
        ("Fix it", "Find out why the build is red and fix it"),
    ],
)
@pytest.mark.parametrize("status", ["pending", "completed"])
def test_a_look_alike_is_anothers_work(task: str, prompt: str, status: str):
    assert found(prompt, dispatch(task, status=status)) is None


def test_the_same_words_come_first_then_nearly_the_same_then_what_is_contained():
    same = dispatch("Fix the parser of dates", "same", minutes=9)
    near = dispatch("Fix the parsers of dates", "near", minutes=5)
    part = dispatch("parser of dates", "part")
    prompt = "Fix the parser of dates"

    assert found(prompt, part, near, same) == "same"
    assert found(prompt, part, near) == "near"
    assert found(prompt, part) == "part"


def test_of_equal_ones_the_one_with_the_runs_model_counts_and_then_the_last():
    old, new = dispatch("Fix the parser", "old", minutes=9), dispatch("Fix the parser", "new", model="opus")
    assert found("Fix the parser", new, old) == "old"
    assert found("Fix the parser", new, old, model="opus") == "new"
    assert found("Fix the parser", new, old, model="sonnet") == "new"


def test_the_only_open_dispatch_with_the_runs_model_may_be_meant_in_any_words():
    only = dispatch("Update the readme")
    others = [dispatch("Think of a name", "o", model="opus"), dispatch("Sort the imports", "s", status="completed")]

    assert found("Describe what the project is for", only, *others, only=True) == "d"
    assert found("Describe what the project is for", only, *others) is None
    assert found("Describe what the project is for", only, dispatch("Sort the imports", "p"), only=True) is None
    assert found("Describe what the project is for", only, model="sonnet", only=True) is None


def test_even_the_only_one_is_not_meant_if_it_is_of_the_same_mould_or_about_something_named_otherwise():
    assert found("Review part 45", dispatch("Review part 5"), only=True) is None
    assert found("Add tests for the cache page", dispatch("Add tests for the cart page"), only=True) is None
    assert found("Find out why it is slow", dispatch("Mend src/cart.py"), only=True) is None


def test_a_run_without_words_is_no_dispatchs_work():
    assert found("", dispatch("Fix the parser")) is None
