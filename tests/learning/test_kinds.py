from collections.abc import Callable

import pytest

from modelmerit.learning.kinds import Kind
from modelmerit.policy.schema import Policy
from modelmerit.records import Task

MakePolicy = Callable[..., Policy]
DOCS, WEB, REVIEWER = Kind("keyword", "docs"), Kind("workspace", "web"), Kind("role", "reviewer")
KINDS = [
    (DOCS, "docs", "keyword is 'docs'", "tasks with keyword 'docs'", Task("x", keywords=("docs",))),
    (WEB, "workspace=web", "workspace is 'web'", "tasks in workspace 'web'", Task("x", workspace="web")),
    (REVIEWER, "role=reviewer", "role is 'reviewer'", "tasks of role 'reviewer'", Task("x", role="reviewer")),
]


@pytest.mark.parametrize(("kind", "label", "condition", "words", "task"), KINDS)
def test_a_kind_is_called_as_each_place_calls_it(
    kind: Kind, label: str, condition: str, words: str, task: Task, policy: MakePolicy
) -> None:
    assert (kind.label, kind.condition(None), kind.words(None)) == (label, condition, words)
    assert kind.condition("simple") == f"{condition} and complexity is simple"
    assert kind.words("simple") == f"simple {words}"
    assert kind.scope(None) == {kind.dimension: kind.value}
    assert kind.scope("simple") == {kind.dimension: kind.value, "complexity": "simple"}
    assert Kind.of(label) == kind
    ruled = policy([(kind.condition(None), "claude-opus-4-5")])
    assert ruled.recommend(task).model == "claude-opus-4-5"


def test_a_value_with_an_equals_sign_is_kept_whole() -> None:
    assert Kind.of("workspace=a=b") == Kind("workspace", "a=b")


@pytest.mark.parametrize("kind", [DOCS, WEB, REVIEWER])
def test_a_rule_about_a_kind_decides_about_its_tasks(kind: Kind, policy: MakePolicy) -> None:
    everywhere = policy([(kind.condition(None), "claude-opus-4-5")])
    assert [kind.has_rule(everywhere, complexity) for complexity in ("simple", "medium", "complex")] == [True] * 3
    simple = policy([(kind.condition("simple"), "claude-opus-4-5")])
    assert [kind.has_rule(simple, complexity) for complexity in ("simple", "medium", "complex")] == [True, False, False]


@pytest.mark.parametrize("kind", [DOCS, WEB, REVIEWER])
def test_a_rule_about_something_else_decides_nothing_about_a_kind(kind: Kind, policy: MakePolicy) -> None:
    others = [other.condition(None) for other, *_ in KINDS if other != kind]
    elsewhere = policy([(condition, "claude-opus-4-5") for condition in (*others, "task contains 'parser'")])
    assert not kind.has_rule(elsewhere, "medium")
    assert not kind.has_rule(policy(), "medium")


def test_a_rule_about_the_word_is_a_rule_about_the_keyword(policy: MakePolicy) -> None:
    assert DOCS.has_rule(policy([("task contains 'docs'", "claude-opus-4-5")]), "medium")
