from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from modelmerit.learning.analysis import Analysis, analyse
from modelmerit.learning.kinds import Kind
from modelmerit.learning.rule_review import Reach, reach_of
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
KINDS = [("medium", ""), ("medium", "docs")]
DOCS_TO_OPUS = {("medium", "docs"): OPUS}
DOCS_TO_HAIKU = {("medium", "docs"): HAIKU}


def after(attempts: list[Attempt], policy: Policy) -> Analysis:
    return analyse(Tallies.from_attempts(attempts), policy, attempts[-1].created_at + timedelta(days=8))


def sonnet_suffices(model: str, complexity: str, keyword: str) -> float:
    return {HAIKU: 0.5, SONNET: 0.9, OPUS: 0.9}[model]


def test_a_rule_that_does_no_better_than_the_default_is_to_go(history: MakeHistory, policy: MakePolicy) -> None:
    rules = policy([("keyword is 'docs'", "opus")])
    (found,) = after(history(30, sonnet_suffices, KINDS, DOCS_TO_OPUS), rules).suggestions
    assert (found.type, found.scope) == ("remove_rule", {"keyword": "docs"})
    assert (found.from_model, found.to_model) == (OPUS, SONNET)
    assert found.change.summary == "remove rule 1: if keyword is 'docs' use opus"


def test_a_rule_to_a_model_that_is_too_weak_is_to_go(history: MakeHistory, policy: MakePolicy) -> None:
    rules = policy([("keyword is 'docs' and complexity is medium", "haiku")])
    (found,) = after(history(30, sonnet_suffices, KINDS, DOCS_TO_HAIKU), rules).suggestions
    assert found.type == "remove_rule"
    assert found.scope == {"complexity": "medium", "keyword": "docs"}
    assert found.to_model == SONNET


def test_a_rule_that_could_use_a_cheaper_model_than_the_default_is_changed(
    history: MakeHistory, policy: MakePolicy
) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if keyword == "docs" else sonnet_suffices(model, complexity, keyword)

    rules = policy([("keyword is 'docs'", "opus")])
    (found,) = after(history(30, rate, KINDS, DOCS_TO_OPUS), rules).suggestions
    assert (found.type, found.to_model) == ("modify_rule", HAIKU)
    assert found.change.summary.startswith("modify rule 1")


def test_a_rule_about_a_workspace_is_reviewed_by_that_workspace(history: MakeHistory, policy: MakePolicy) -> None:
    made = history(30, sonnet_suffices, KINDS, DOCS_TO_OPUS)
    told = [replace(one, task_keywords=(), workspace="handbook" if one.task_keywords else "shop") for one in made]
    rules = policy([("workspace is 'handbook'", "opus"), ("estimated_files > 5", "opus")])
    (found,) = after(told, rules).suggestions
    assert (found.type, found.scope, found.to_model) == ("remove_rule", {"workspace": "handbook"}, SONNET)


def test_a_rule_that_is_right_is_left_alone(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return {HAIKU: 0.3, SONNET: 0.5, OPUS: 0.9}[model] if keyword == "docs" else sonnet_suffices(model, "", "")

    rules = policy([("keyword is 'docs'", "opus")])
    assert after(history(30, rate, KINDS, DOCS_TO_OPUS), rules).suggestions == ()


def test_a_keyword_that_has_a_rule_gets_no_second_one(history: MakeHistory, policy: MakePolicy) -> None:
    """The history is from before the rule: it is the rule's business now, and no evidence about it yet."""

    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if keyword == "docs" else sonnet_suffices(model, complexity, keyword)

    rules = policy([("keyword is 'docs'", "haiku")])
    assert after(history(30, rate, [*KINDS, ("medium", "api")]), rules).suggestions == ()


def test_a_rule_in_words_is_judged_by_its_model_where_no_other_rule_uses_it(
    history: MakeHistory, policy: MakePolicy
) -> None:
    rules = policy([("task contains 'manual' or 'guide'", "opus")])
    (found,) = after(history(30, sonnet_suffices, KINDS, DOCS_TO_OPUS), rules).suggestions
    assert (found.type, found.to_model) == ("remove_rule", SONNET)
    assert found.scope == {"condition": "task contains 'manual' or 'guide'"}


def test_the_tasks_of_a_rule_are_told_from_others_only_where_they_can_be(policy: MakePolicy) -> None:
    reached = policy(
        [
            ("keyword is 'docs' and complexity is simple or medium", "haiku"),
            ("keyword is 'api' and priority is high", "opus"),
            ("task contains 'huge'", "opus"),
            ("estimated_files > 5", "sonnet"),
        ]
    )
    assert [reach_of(reached, rule) for rule in reached.rules] == [
        Reach(Kind("keyword", "docs"), ("simple", "medium")),
        None,
        None,
        Reach(None, ("simple", "complex")),
    ]
