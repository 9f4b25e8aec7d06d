from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.learning.backtest import decided_at
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt, Task

MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
END = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=30, days=2)
WORDS = (
    "docs",
    "api",
    "css",
    "ci",
    "test",
    "logging",
    "bug",
    "database",
    "security",
    "migration",
    "design",
    "refactor",
)
KEYWORDS = [("medium", keyword) for keyword in WORDS]


def opus_for_css(model: str, complexity: str, keyword: str) -> float:
    """Only opus solves tasks about css; elsewhere haiku is worse, and opus no better than sonnet."""
    if keyword == "css":
        return 0.85 if model == OPUS else 0.3
    return {HAIKU: 0.5, SONNET: 0.85, OPUS: 0.85}[model]


def haiku_is_enough(model: str, complexity: str, keyword: str) -> float:
    """A world in which all models do equally well."""
    return 0.9


def moved(attempts: list[Attempt], dimension: str) -> list[Attempt]:
    """The same history, whose keywords are values of another dimension."""
    if dimension == "keyword":
        return attempts
    return [replace(one, task_keywords=(), **{dimension: one.task_keywords[0]}) for one in attempts]


def unlabelled(attempts: list[Attempt]) -> list[Attempt]:
    return [replace(one, complexity=None) for one in attempts]


@pytest.mark.parametrize("dimension", ["keyword", "workspace", "role"])
def test_a_kind_that_needs_the_model_of_a_higher_complexity_gets_it(
    history: MakeHistory, policy: MakePolicy, dimension: str
) -> None:
    start = policy()
    found = decided_at(moved(history(26, opus_for_css, KEYWORDS), dimension), start, END)
    (css,) = found.suggestions
    assert css.scope == {"complexity": "medium", dimension: "css"}
    assert (css.type, css.from_model, css.to_model) == ("upgrade_complexity", SONNET, OPUS)
    assert f"{dimension} is 'css' and complexity is medium" in css.change.summary


@pytest.mark.parametrize("dimension", ["keyword", "workspace"])
def test_a_kind_that_has_a_rule_gets_no_other(history: MakeHistory, policy: MakePolicy, dimension: str) -> None:
    ruled = policy([(f"{dimension} is 'css'", "claude-sonnet-4-5")])
    found = decided_at(moved(history(26, opus_for_css, KEYWORDS), dimension), ruled, END)
    # What the rule says may be changed; there is no second one beside it.
    assert not [one for one in found.suggestions if dimension in one.scope and one.type != "modify_rule"]


def test_a_workspace_that_is_simply_hard_gets_no_rule(history: MakeHistory, policy: MakePolicy) -> None:
    def hard_css(model: str, complexity: str, keyword: str) -> float:
        return {HAIKU: 0.5, SONNET: 0.85, OPUS: 0.85}[model] - (0.5 if keyword == "css" else 0.0)

    found = decided_at(moved(history(26, hard_css, KEYWORDS), "workspace"), policy(), END)
    assert not [one for one in found.suggestions if "workspace" in one.scope]


def test_tasks_without_a_complexity_are_medium_ones_and_change_its_default(
    history: MakeHistory, policy: MakePolicy
) -> None:
    found = decided_at(unlabelled(history(30, haiku_is_enough, [("medium", "")])), policy(), END)
    assert [(one.type, dict(one.scope), one.to_model) for one in found.suggestions] == [
        ("change_default", {"complexity": "medium"}, HAIKU)
    ]


def test_where_no_task_has_a_complexity_no_rule_asks_for_one(history: MakeHistory, policy: MakePolicy) -> None:
    start = policy()
    found = decided_at(unlabelled(history(26, opus_for_css, KEYWORDS)), start, END)
    (css,) = found.suggestions
    assert (dict(css.scope), css.to_model) == ({"keyword": "css"}, OPUS)
    assert "complexity" not in css.change.summary
    # Such a rule does decide about such a task.
    assert policy([("keyword is 'css'", OPUS)]).recommend(Task("x", keywords=("css",))).model == OPUS
