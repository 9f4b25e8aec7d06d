"""What a change does to the tasks: those it is about go where it says, and all others where they went before."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from modelmerit.errors import ChangeDoesNotApply, PolicyFileError, UnknownModel
from modelmerit.policy.changes import (
    Change,
    add_rule,
    apply_change,
    combine,
    contradictions,
    inverse,
    modify_rule,
    remove_rule,
    set_default,
    set_escalation,
)
from modelmerit.policy.document import Policy, parse_policy
from modelmerit.policy.file import PolicyFile
from modelmerit.policy.meanings import shifts
from modelmerit.policy.parser import parse_condition
from modelmerit.records import COMPLEXITIES, Complexity, Task

NOW = datetime(2026, 11, 21, 10, 15, 30, tzinfo=UTC)
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
NAMES = st.sampled_from([HAIKU, SONNET, OPUS, "haiku", "opus", "claude-opus-5", "gpt-5-mini", "local"])
CONDITIONS = st.sampled_from(
    [
        "keyword is 'docs'",
        "keyword is 'docs' and complexity is simple",
        "keyword is 'docs' or 'ci'",
        "task contains 'api'",
        "task contains 'rest api'",
        "not task contains 'api'",
        "complexity is simple",
        "complexity is simple or medium",
        "estimated_files > 5",
        "estimated_files > 2",
        "not estimated_files > 5 and keyword is 'ci'",
        "complexity is simple and complexity is complex",
    ]
)
TASKS = [
    Task(text, keywords, complexity=complexity, estimated_files=files)
    for text in ("a rest api", "the API", "a page")
    for keywords in ((), ("docs",), ("docs", "ci"))
    for complexity in (None, *COMPLEXITIES)
    for files in (None, 3, 9)
]

RULE_OF_A_FILE = st.one_of(
    st.builds(lambda condition, use: {"if": condition, "use": use}, CONDITIONS, NAMES),
    st.builds(lambda condition, use: {"why": [1], "if": condition, "use": use}, CONDITIONS, NAMES),
    st.sampled_from([{"if": "keyword is", "use": "opus"}, {"if": "keyword is 'ci'"}, "opus", None]),
)
NAMED_LEVEL = st.one_of(NAMES, NAMES.map(lambda name: {"examples": ["x"], "model": name}))
LEVELS = st.builds(
    dict.__or__,
    st.dictionaries(st.sampled_from(COMPLEXITIES), st.one_of(NAMED_LEVEL, st.just({"examples": []}), st.none())),
    st.dictionaries(st.sampled_from(COMPLEXITIES), NAMED_LEVEL, min_size=1),
)
"""A file that names no model for any level does not work."""


def documents(fewest_rules: int) -> st.SearchStrategy[dict[str, Any]]:
    """What may stand in a models.json; where no rule is asked for, there may be no list of them either."""
    rules = {"rules": st.lists(RULE_OF_A_FILE, min_size=fewest_rules, max_size=4)}
    return st.fixed_dictionaries(
        {"task_complexity": LEVELS} | (rules if fewest_rules else {}),
        optional={
            **({} if fewest_rules else rules),
            "models": st.just({"haiku": HAIKU, "local": {"id": "codestral:22b", "x": {"y": [None, 1.5]}}}),
            "escalation": st.just(["haiku", "opus"]),
            "exploration": st.just({"candidates": ["opus", HAIKU], "exclude": ["opus"]}),
            "x-team": st.just({"owner": {"deep": [[], {}]}}),
        },
    )


STYLES = st.sampled_from([{"indent": 2}, {"indent": 4}, {"indent": "\t"}, {}, {"separators": (",", ":")}])


@st.composite
def policy_texts(draw: st.DrawFn, fewest_rules: int = 0) -> str:
    """A models.json that works, in any formatting."""
    data = draw(documents(fewest_rules))
    keys = draw(st.permutations(list(data)))
    text = json.dumps({key: data[key] for key in keys}, **draw(STYLES)) + draw(st.sampled_from(["", "\n", "\n\n"]))
    text = draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    try:
        parse_policy(text)
    except PolicyFileError:
        assume(False)
    return text


@st.composite
def texts_and_a_rule(draw: st.DrawFn) -> tuple[str, int]:
    """A models.json that works, and the number of one of its rules."""
    text = draw(policy_texts(fewest_rules=1))
    return text, draw(st.integers(1, len(parse_policy(text).data["rules"])))


def composed(builder: Any, *arguments: Any) -> Change:
    """The change, unless it makes no sense for this policy."""
    try:
        return builder(*arguments)
    except (ChangeDoesNotApply, UnknownModel):
        assume(False)
        raise


def applied(text: str, change: Change) -> Policy:
    before = parse_policy(text)
    after = ""
    try:
        after = apply_change(text, change)
    except ChangeDoesNotApply as error:
        refusal = str(error)
    assume(after or "already" not in refusal)
    assert after, "nothing stands in the way of a change to the file it was made for"
    policy = parse_policy(after)
    if revived := {shift.word for shift in shifts(before.data, policy.data)}:
        told = " ".join(contradictions(before, change))
        assert all(f"'{word}', which names no single model now, would mean" in told for word in revived)
        assume(False)
    assert set(policy.problems) <= set(before.problems) or len(policy.problems) <= len(before.problems)
    if not any(edit.kind == "remove_rule" for edit in change.edits):  # how a removed rule was written is not known
        assert apply_change(after, inverse(change), tolerated=len(before.problems)) == text
    for key in ("x-team", "exploration"):
        assert policy.data.get(key) == before.data.get(key)
    assert policy.exploration == before.exploration
    return policy


def id_of(policy: Policy, name: str) -> str:
    try:
        return policy.resolve(name)
    except UnknownModel:
        return name


COMPLEXITY = st.sampled_from(COMPLEXITIES)
PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


@PROPERTY
@given(policy_texts(), COMPLEXITY, NAMES)
def test_a_new_default_takes_its_complexity_and_nothing_else(text: str, complexity: Complexity, model: str) -> None:
    before = parse_policy(text)
    after = applied(text, composed(set_default, before, complexity, model))
    for task in TASKS:
        was, now = before.recommend(task), after.recommend(task)
        mine = was.rule is None and (task.complexity or "medium") == complexity
        assert now.model == (id_of(before, model) if mine else was.model)
    assert after.escalation == before.escalation


@PROPERTY
@given(policy_texts(), CONDITIONS, NAMES)
def test_a_new_rule_takes_its_tasks_unless_an_earlier_rule_has_them(text: str, condition: str, model: str) -> None:
    before = parse_policy(text)
    change = composed(add_rule, before, condition, model)
    after = applied(text, change)
    [insertion] = [edit for edit in change.edits if edit.kind == "insert_rule"]
    place = insertion.index + 1
    assert after.data["rules"][place - 1]["if"] == condition
    scope = parse_condition(condition)
    for task in TASKS:
        was, now = before.recommend(task), after.recommend(task)
        mine = scope.matches(task) and not (now.rule is not None and now.rule < place)
        assert now.model == (id_of(before, model) if mine else was.model)
    dead = [conflict for conflict in after.conflicts if conflict.never_applies == place]
    assert [conflict.kind for conflict in dead] in ([], ["impossible"])


@PROPERTY
@given(texts_and_a_rule(), NAMES)
def test_a_rules_new_model_is_for_the_tasks_that_reach_the_rule(text_and_rule: tuple[str, int], model: str) -> None:
    text, number = text_and_rule
    before = parse_policy(text)
    after = applied(text, composed(modify_rule, before, number, model))
    for task in TASKS:
        was, now = before.recommend(task), after.recommend(task)
        worked = any(rule.number == number for rule in before.rules)
        if worked:
            assert now.model == (id_of(before, model) if was.rule == number else was.model)


@PROPERTY
@given(texts_and_a_rule())
def test_without_a_rule_all_other_tasks_go_where_they_went(text_and_rule: tuple[str, int]) -> None:
    text, number = text_and_rule
    before = parse_policy(text)
    after = applied(text, composed(remove_rule, before, number))
    for task in TASKS:
        was, now = before.recommend(task), after.recommend(task)
        if was.rule != number:
            assert now.model == was.model


@PROPERTY
@given(policy_texts(), st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_a_ladder_is_the_one_asked_for_and_routes_nothing_anew(text: str, ladder: list[str]) -> None:
    before = parse_policy(text)
    after = applied(text, composed(set_escalation, before, ladder))
    assert after.escalation == tuple(dict.fromkeys(id_of(before, name) for name in ladder))
    assert [after.recommend(task).model for task in TASKS] == [before.recommend(task).model for task in TASKS]


@PROPERTY
@given(policy_texts(), NAMES, NAMES, CONDITIONS, NAMES)
def test_changes_approved_together_do_what_each_would_do(
    text: str, medium: str, complex_: str, condition: str, model: str
) -> None:
    before = parse_policy(text)
    changes = [composed(set_default, before, "medium", medium), composed(set_default, before, "complex", complex_)]
    changes.append(composed(add_rule, before, condition, model))
    after = applied(text, combine(changes, before))
    assert after.defaults == {
        "simple": before.defaults["simple"],
        "medium": id_of(before, medium),
        "complex": id_of(before, complex_),
    }
    scope = parse_condition(condition)
    for task in TASKS:
        now = after.recommend(task)
        if scope.matches(task) and before.recommend(task).rule is None:
            assert now.model == id_of(before, model)


def test_a_new_rule_goes_before_the_rules_that_would_take_all_its_tasks_together() -> None:
    rules = [
        {"if": "role is 'x'", "use": HAIKU},
        {"if": "task contains 'api'", "use": HAIKU},
        {"if": "not task contains 'api'", "use": OPUS},
    ]
    text = json.dumps({"task_complexity": {"medium": SONNET}, "rules": rules})
    change = add_rule(parse_policy(text), "keyword is 'docs'", SONNET)
    assert change.summary == f"add rule 3: if keyword is 'docs' use {SONNET}"


def test_a_rule_that_stands_where_no_task_reaches_it_is_moved() -> None:
    rules = [{"if": "keyword is 'docs' or 'ci'", "use": HAIKU}, {"if": "keyword is 'ci'", "use": OPUS, "why": "slow"}]
    text = json.dumps({"task_complexity": {"medium": SONNET}, "rules": rules})
    change = add_rule(parse_policy(text), "keyword is 'ci'", OPUS)
    moved = f'if keyword is \'ci\' use {OPUS} with {{"why": "slow"}}'
    assert change.summary == f"remove rule 2: {moved}; add rule 1: {moved}"
    after = apply_change(text, change)
    assert json.loads(after)["rules"] == rules[::-1]
    assert apply_change(after, inverse(change)) == text


def test_complexities_that_borrowed_a_model_keep_it() -> None:
    text = f'{{"task_complexity": {{"medium": {{"model": "{SONNET}"}}}}}}'
    change = set_default(parse_policy(text), "medium", HAIKU)
    assert change.summary == (
        f'task_complexity.medium.model: "{SONNET}" -> "{HAIKU}"; '
        f'task_complexity.simple: (none) -> {{"model": "{SONNET}"}}; '
        f'task_complexity.complex: (none) -> {{"model": "{SONNET}"}}'
    )


def test_what_several_earlier_rules_take_away_together_is_told() -> None:
    rules = [{"if": "keyword is 'ci'", "use": HAIKU}, {"if": "keyword is 'docs'", "use": HAIKU}]
    text = json.dumps({"task_complexity": {"medium": SONNET}, "rules": rules})
    policy = parse_policy(text)
    change = add_rule(policy, "not keyword is 'docs' and not keyword is 'ci'", OPUS)
    assert contradictions(policy, change) == ()
    [told] = contradictions(policy, combine([change, add_rule(policy, "role is 'x'", SONNET)]))[-1:]
    assert "can never apply: rule 1" in told


RULE = '{"if":"keyword is \'a\'","use":"b-1"}'
ODD_FILES = {
    "tabs and CRLF": f'{{\r\n\t"task_complexity": {{"medium": "a-1"}},\r\n\t"rules": [\r\n\t\t{RULE}\r\n\t]\r\n}}',
    "one line": f'{{"task_complexity":{{"medium":{{"model":"a-1"}}}},"rules":[{RULE}]}}',
    "no rules": '{"task_complexity": {"simple": "b-1", "medium": "a-1", "complex": "a-1"}}\n\n',
    "empty rules": '{"rules": [\n\n], "task_complexity": {"medium": "a-1"}}',
    "strange spaces": f'{{ "task_complexity" :{{"medium" :"a-1"}} ,"rules": [ {RULE} ,{RULE} ]\n\n }}',
    "nested": '{"x": {"rules": [{"if": 1}]}, "task_complexity": {"medium": {"x": [[]], "model": "a-1"}}, "rules": []}',
    "aliases": '{"models": {"a": "a-1", "b": {"id": "b-1"}}, "task_complexity": {"medium": "a"}, "escalation": ["b"]}',
}
BUILDERS: dict[str, Any] = {
    "default": lambda policy: set_default(policy, "medium", "b-1"),
    "missing default": lambda policy: set_default(policy, "complex", "c-1"),
    "new rule": lambda policy: add_rule(policy, "keyword is 'b'", "c-1"),
    "new rule in front": lambda policy: add_rule(policy, "keyword is 'a' and role is 'x'", "c-1"),
    "modified rule": lambda policy: modify_rule(policy, 1, "c-1"),
    "removed rule": lambda policy: remove_rule(policy, 1),
    "ladder": lambda policy: set_escalation(policy, ["b-1", "a-1"]),
}


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("text", ODD_FILES.values(), ids=list(ODD_FILES))
def test_taking_back_a_change_gives_back_the_bytes_however_the_file_is_written(
    tmp_path: Path, text: str, builder: str
) -> None:
    path = tmp_path / "models.json"
    path.write_bytes(text.encode())
    file = PolicyFile(path, tmp_path / "log")
    policy = file.current().policy
    if builder in ("modified rule", "removed rule") and not policy.rules:
        with pytest.raises(ChangeDoesNotApply, match="rule 1 is no rule"):
            BUILDERS[builder](policy)
        return
    file.commit(BUILDERS[builder](policy), who="ada", why="w", now=NOW)
    assert path.read_bytes() != text.encode()
    assert file.current().policy.problems == () or parse_policy(text).problems
    file.rollback(who="ada", why="w", now=NOW)
    assert path.read_bytes() == text.encode()
