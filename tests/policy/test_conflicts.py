"""Rules that never apply, change nothing, or contradict each other: what is found, how it is told, what is not."""

import json
import time
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmerit.policy.conflicts import Conflict
from modelmerit.policy.document import Policy, parse_policy
from modelmerit.policy.loading import starter_text
from modelmerit.policy.overlap import taken_by
from modelmerit.policy.parser import parse_condition
from modelmerit.records import COMPLEXITIES, Task

DEFAULTS = {"simple": "haiku-1", "medium": "sonnet-1", "complex": "opus-1"}
RawRule = tuple[str, str]


def policy_of(*rules: RawRule, **defaults: str) -> Policy:
    written = [{"if": condition, "use": use} for condition, use in rules]
    return parse_policy(json.dumps({"task_complexity": {**DEFAULTS, **defaults}, "rules": written}))


def without(policy: Policy, numbers: set[int]) -> Policy:
    data: dict[str, Any] = dict(policy.data)
    data["rules"] = [rule for number, rule in enumerate(data["rules"], start=1) if number not in numbers]
    return parse_policy(json.dumps(data))


def removable(conflict: Conflict) -> int | None:
    """The rule that a finding advises to remove, or says can be removed."""
    return conflict.rules[0] if conflict.kind == "no_effect" else conflict.never_applies


def test_the_rules_of_the_starter_are_not_in_each_others_way() -> None:
    assert parse_policy(starter_text()).conflicts == ()


@pytest.mark.parametrize(
    ("rules", "numbers", "kind", "message"),
    [
        (
            [("task contains 'docs' or 'readme'", "haiku"), ("task contains 'docs'", "opus")],
            (1, 2),
            "shadowed",
            (
                "rule 2 (if task contains 'docs' use opus) can never apply: rule 1 (if task contains 'docs' or "
                "'readme' use haiku) matches every such task first. Move rule 2 in front of rule 1, or remove it."
            ),
        ),
        (
            [("estimated_files > 5", "opus"), ("estimated_files > 10 and role is 'writer'", "opus")],
            (1, 2),
            "shadowed",
            (
                "rule 2 (if estimated_files > 10 and role is 'writer' use opus) can never apply: rule 1 (if "
                "estimated_files > 5 use opus) matches every such task first. Remove rule 2: the model is the same."
            ),
        ),
        (
            [("keyword is 'a'", "opus"), ("not keyword is 'A'", "haiku"), ("role is 'x'", "sonnet")],
            (1, 2, 3),
            "shadowed",
            (
                "rule 3 (if role is 'x' use sonnet) can never apply: rule 1 (if keyword is 'a' use opus) and rule 2 "
                "(if not keyword is 'A' use haiku) together match every such task first. Move rule 3 in front of "
                "rule 1, or remove it."
            ),
        ),
        (
            [("keyword is 'docs'", "haiku"), ("KEYWORD is  'Docs'", "haiku")],
            (1, 2),
            "duplicate",
            (
                "rule 2 (if KEYWORD is  'Docs' use haiku) is a duplicate of rule 1 (if keyword is 'docs' use haiku), "
                "which comes first. Remove rule 2."
            ),
        ),
        (
            [("keyword is 'docs' or 'ci'", "haiku"), ("keyword is 'ci' or keyword is 'docs'", "opus")],
            (1, 2),
            "contradiction",
            (
                "rule 1 (if keyword is 'docs' or 'ci' use haiku) and rule 2 (if keyword is 'ci' or keyword is 'docs' "
                "use opus) are for the same tasks but name different models: rule 1 comes first and wins, rule 2 can "
                "never apply. Remove one of them."
            ),
        ),
        (
            [("complexity is simple and complexity is complex", "haiku")],
            (1,),
            "impossible",
            (
                "rule 1 (if complexity is simple and complexity is complex use haiku) can never apply: no task can "
                "fit its condition. Correct it, or remove it."
            ),
        ),
        (
            [("complexity is simple and keyword is 'docs'", "haiku")],
            (1,),
            "no_effect",
            (
                "rule 1 (if complexity is simple and keyword is 'docs' use haiku) changes nothing: without it its "
                "tasks would get the same model from `task_complexity`. Remove rule 1, unless it is there to be read."
            ),
        ),
        (
            [("keyword is 'docs' and role is 'x'", "haiku"), ("keyword is 'docs'", "haiku")],
            (1, 2),
            "no_effect",
            (
                "rule 1 (if keyword is 'docs' and role is 'x' use haiku) changes nothing: without it its tasks would "
                "get the same model from rule 2 (if keyword is 'docs' use haiku). Remove rule 1, unless it is there "
                "to be read."
            ),
        ),
        (
            [("task contains 'docs' or 'readme'", "haiku"), ("task contains 'readme' or 'changelog'", "opus")],
            (1, 2),
            "contradiction",
            (
                "rule 1 (if task contains 'docs' or 'readme' use haiku) and rule 2 (if task contains 'readme' or "
                "'changelog' use opus) name different models for `task contains 'readme'`: rule 1 comes first and "
                "wins. Keep that in one of them, or move rule 2 in front of rule 1 if it should win."
            ),
        ),
        (
            [("keyword is 'docs'", "haiku"), ("task contains 'docs'", "opus")],
            (1, 2),
            "contradiction",
            (
                "rule 1 (if keyword is 'docs' use haiku) and rule 2 (if task contains 'docs' use opus) name different "
                "models for the same tasks: rule 1 comes first and wins. Keep one of them, or move rule 2 in front of "
                "rule 1 if it should win."
            ),
        ),
        (
            [("estimated_files > 5", "opus"), ("estimated_files < 10", "haiku")],
            (1, 2),
            "contradiction",
            (
                "rule 1 (if estimated_files > 5 use opus) and rule 2 (if estimated_files < 10 use haiku) name "
                "different models for some tasks, such as estimated_files is 6: rule 1 comes first and wins. Make the "
                "two exclude each other, or put the one that should win in front."
            ),
        ),
    ],
)
def test_a_conflict_names_its_rules_and_says_what_to_do(
    rules: list[RawRule], numbers: tuple[int, ...], kind: str, message: str
) -> None:
    [conflict] = policy_of(*rules).conflicts
    assert (conflict.rules, conflict.kind, conflict.message) == (numbers, kind, message)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("task contains 'docs'", "task contains 'api docs'"),
        ("task contains 'rate limit'", "task contains 'the Rate-Limits of'"),
        ("task contains 'test'", "task contains 'tests'"),
        ("task contains 'fix'", "task contains 'fixes'"),
        ("task contains 'api'", "task contains 'api' and not complexity is simple"),
        ("not task contains 'unit'", "not task contains 'unit' and keyword is 'docs'"),
        ("not task contains 'unit test'", "not task contains 'test'"),
        ("not estimated_files > 5", "estimated_files is 3"),
        ("not workspace is 'web'", "workspace is 'api'"),
        ("estimated_files >= 3 or keyword is 'ci'", "estimated_files > 2 and role is 'x' or keyword is 'ci'"),
        ("not (keyword is 'a' and keyword is 'b')", "not keyword is 'a' or not keyword is 'b'"),
    ],
)
def test_a_narrower_condition_is_seen_to_be_inside_a_wider_one(wide: str, narrow: str) -> None:
    assert taken_by([parse_condition(wide)], parse_condition(narrow)) == (0,)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("task contains 'unit tests'", "task contains 'tests'"),
        ("task contains 'api'", "task contains 'apigee'"),
        ("task contains 'design'", "task contains 'designing'"),  # "review the designings" is only the second
        ("task contains 'straße'", "task contains 'strasse'"),
        ("keyword is 'docs'", "task contains 'docs'"),
        ("complexity is simple or medium or complex", "keyword is 'ci'"),  # the complexity may be unknown
        ("estimated_files > 5 or estimated_files <= 5", "keyword is 'ci'"),
        ("not complexity is simple", "not priority is low"),
    ],
)
def test_a_task_that_is_left_is_never_denied(earlier: str, later: str) -> None:
    assert taken_by([parse_condition(earlier)], parse_condition(later)) is None


@pytest.mark.parametrize(
    "rules",
    [
        [("task contains 'docs'", "haiku"), ("estimated_files > 5", "opus")],  # about different things
        [("task contains 'docs' and complexity is complex", "opus"), ("task contains 'docs'", "haiku")],
        [("estimated_files > 10", "opus"), ("estimated_files > 5", "haiku")],
        [("task contains 'api docs'", "opus"), ("task contains 'docs'", "haiku")],
        [("complexity is simple", "opus"), ("complexity is simple or medium", "haiku")],
        [("workspace is 'web'", "opus"), ("role is 'writer'", "haiku")],
    ],
)
def test_an_exception_in_front_of_a_general_rule_is_good_style(rules: list[RawRule]) -> None:
    assert policy_of(*rules).conflicts == ()


def test_a_model_that_is_the_default_anyway_is_a_finding_for_all_complexities_the_rule_reaches() -> None:
    rule = ("keyword is 'docs' and not complexity is simple", "opus")
    assert [conflict.kind for conflict in policy_of(rule, medium="opus-1").conflicts] == ["no_effect"]
    assert policy_of(rule).conflicts == ()
    unknown_is_medium = ("keyword is 'docs' and not (complexity is simple or complex)", "sonnet")
    assert [conflict.kind for conflict in policy_of(unknown_is_medium).conflicts] == ["no_effect"]


def test_an_exception_from_a_later_rule_has_an_effect_even_with_the_defaults_model() -> None:
    assert policy_of(("keyword is 'ci'", "opus"), ("keyword is 'docs'", "haiku"), simple="opus-1").conflicts == ()
    exception = ("keyword is 'docs' and complexity is complex", "opus")
    assert policy_of(exception, ("keyword is 'docs'", "haiku")).conflicts == ()


def test_a_rule_that_does_not_work_is_counted_but_not_judged() -> None:
    [conflict] = policy_of(("keyword is 'a'", "opus"), ("keyword is", "opus"), ("keyword is 'a'", "haiku")).conflicts
    assert conflict.rules == (1, 3)


WORDS = ["test", "tests", "tested", "unit test", "docs", "fix"]
COMPARISONS = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(lambda some: f"task contains {quoted_list(some)}"),
    st.lists(st.sampled_from(["docs", "ci"]), min_size=1, max_size=2).map(
        lambda some: f"keyword is {quoted_list(some)}"
    ),
    st.sampled_from(["workspace is 'web'", "workspace is 'web' or 'api'", "role is 'x'", "priority is high"]),
    st.sampled_from(["complexity is simple", "complexity is simple or medium", "complexity is complex"]),
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "is"]), st.integers(0, 3)).map(
        lambda pair: f"estimated_files {pair[0]} {pair[1]}"
    ),
)


def quoted_list(words: list[str]) -> str:
    return " or ".join(f"'{word}'" for word in words)


def conditions(comparisons: st.SearchStrategy[str], leaves: int = 4) -> st.SearchStrategy[str]:
    return st.recursive(
        comparisons,
        lambda inner: st.one_of(
            inner.map(lambda one: f"not ({one})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: "({} {} {})".format(*parts)),
        ),
        max_leaves=leaves,
    )


MODELS = st.sampled_from(["haiku", "sonnet", "opus"])
POLICIES = st.lists(st.tuples(conditions(COMPARISONS), MODELS), max_size=5).map(lambda rules: policy_of(*rules))
TEXTS = st.lists(
    st.sampled_from(["test", "tests", "tested", "testss", "Test's", "unit", "units", "docs", "fixes", "a", "-"]),
    max_size=4,
)
TASKS = st.builds(
    Task,
    TEXTS.map(" ".join),
    st.lists(st.sampled_from(["docs", "ci", "bug"]), unique=True).map(tuple),
    workspace=st.sampled_from([None, "web", "API", "x"]),
    complexity=st.sampled_from([None, *COMPLEXITIES]),
    priority=st.sampled_from([None, "low", "high"]),
    role=st.sampled_from([None, "x", "y"]),
    estimated_files=st.none() | st.integers(0, 5),
)


@settings(deadline=None)
@given(POLICIES, st.lists(TASKS, min_size=1, max_size=10))
def test_no_task_reaches_a_rule_that_is_said_to_be_dead(policy: Policy, tasks: list[Task]) -> None:
    dead = {conflict.never_applies for conflict in policy.conflicts} - {None}
    assert not dead & {policy.recommend(task).rule for task in tasks}


@settings(deadline=None)
@given(POLICIES, st.lists(TASKS, min_size=1, max_size=10))
def test_taking_all_the_advice_at_once_changes_no_tasks_model(policy: Policy, tasks: list[Task]) -> None:
    useless = {number for conflict in policy.conflicts if (number := removable(conflict)) is not None}
    left = without(policy, useless)
    assert [left.recommend(task).model for task in tasks] == [policy.recommend(task).model for task in tasks]
    again = {number for conflict in left.conflicts if (number := removable(conflict)) is not None}
    assert not again, "what remains is needed"


FINITE = st.sampled_from(
    [
        "keyword is 'docs'",
        "keyword is 'docs' or 'ci'",
        "complexity is simple",
        "complexity is simple or medium",
        "workspace is 'web'",
        "estimated_files > 1",
        "estimated_files <= 2",
        "estimated_files is 2",
    ]
)
ALL_TASKS = [
    Task("t", keywords, workspace, complexity, None, None, files)
    for keywords, workspace, complexity, files in product(
        [(), ("docs",), ("ci",), ("docs", "ci")], [None, "web", "x"], [None, *COMPLEXITIES], [None, 1, 2, 3]
    )
]


@settings(deadline=None)
@given(st.lists(st.tuples(conditions(FINITE, 3), MODELS), max_size=4))
def test_where_every_task_can_be_tried_exactly_the_useless_rules_are_found(rules: list[RawRule]) -> None:
    policy = policy_of(*rules)
    reached = {policy.recommend(task).rule for task in ALL_TASKS}
    useless = {number for number in range(1, len(rules) + 1) if number not in reached}
    assert {conflict.never_applies for conflict in policy.conflicts} - {None} == useless
    models = [policy.recommend(task).model for task in ALL_TASKS]
    for number in sorted((number for number in reached if number is not None), reverse=True):
        left = without(policy, useless | {number})
        if [left.recommend(task).model for task in ALL_TASKS] == models:
            useless.add(number)
    assert {removable(conflict) for conflict in policy.conflicts} - {None} == useless


@given(POLICIES)
def test_every_finding_is_one_line_about_different_models_or_a_rule_to_remove(policy: Policy) -> None:
    for conflict in policy.conflicts:
        assert "\n" not in conflict.message
        assert all(f"rule {number}" in conflict.message for number in conflict.rules)
        if conflict.kind == "contradiction":
            first, second = (rule for rule in policy.rules if rule.number in conflict.rules)
            assert first.model != second.model
    pairs = [conflict.rules for conflict in policy.conflicts]
    assert all(one != other for one, other in combinations(pairs, 2))


@pytest.mark.parametrize(
    "condition",
    [
        "keyword is 'k{}' and complexity is simple",
        "not task contains 'x{}'",
        "estimated_files > {}",
        "keyword is 'same'",
    ],
)
def test_thousands_of_rules_are_judged_in_bounded_time(condition: str) -> None:
    models = ("haiku", "sonnet", "opus")
    policy = policy_of(*((condition.format(4_000 - number), models[number % 3]) for number in range(4_000)))
    started = time.process_time()
    assert isinstance(policy.conflicts, tuple)
    assert time.process_time() - started < 25, "it takes a second; comparing every two rules would take many minutes"
