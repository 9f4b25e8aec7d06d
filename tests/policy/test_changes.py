"""Changes: the one line a person approves, and the file with that and nothing else done to it."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.errors import ChangeDoesNotApply, RuleSyntaxError, UnknownModel
from modelmerit.policy.changes import (
    Change,
    add_rule,
    apply_change,
    combine,
    contradictions,
    diff,
    inverse,
    modify_rule,
    remove_rule,
    set_default,
    set_escalation,
)
from modelmerit.policy.document import Policy, parse_policy
from modelmerit.policy.loading import starter_text
from modelmerit.policy.overlap import covers
from modelmerit.policy.parser import parse_condition
from modelmerit.records import Task

PLAIN = starter_text().split(',\n  "models"')[0] + "\n}\n"
ODD = (
    "\ufeff{\r\n"
    '\t"$schema": "./models.schema.json",\r\n'
    '\t"task_complexity": {"simple":{"model":"haiku","note":"caf\u00e9"},"medium":{"model":"sonnet"},'
    '"complex":{"model":"opus"}},\r\n'
    '\t"rules": [{"if":"task contains \'api\'","use":"opus","why":"asked for"},'
    '{"if":"keyword is \'ci\'","use":"haiku"}],\r\n'
    '\t"models": {\r\n'
    '\t\t"haiku" : "claude-haiku-4-5",\r\n'
    '\t\t"sonnet" : {"id" : "claude-sonnet-4-5", "colour" : "blue"},\r\n'
    '\t\t"opus" : "claude-opus-4-5"\r\n'
    "\t},\r\n"
    '\t"escalation": ["haiku", "opus"],\r\n'
    '\t"x-team": {"owner": [1.0, 1e3, null]}\r\n'
    "}"
)
Builder = Callable[[Policy], Change]
BUILDERS: dict[str, Builder] = {
    "default": lambda policy: set_default(policy, "medium", "haiku"),
    "new rule": lambda policy: add_rule(policy, "keyword is 'docs'", "haiku"),
    "new rule in front": lambda policy: add_rule(
        policy, "task contains 'api design' and complexity is simple", "haiku"
    ),
    "new id": lambda policy: add_rule(policy, "keyword is 'css'", "gpt-5-mini"),
    "modified rule": lambda policy: modify_rule(policy, 2, "sonnet"),
    "removed first rule": lambda policy: remove_rule(policy, 1),
    "removed last rule": lambda policy: remove_rule(policy, len(policy.rules)),
    "ladder": lambda policy: set_escalation(policy, ["haiku", "sonnet", "opus"]),
}


@pytest.mark.parametrize(
    ("text", "builder", "summary"),
    [
        (
            starter_text(),
            "default",
            'task_complexity.medium.model: "claude-sonnet-4-5-20250929" -> "claude-haiku-4-5-20251001"',
        ),
        (ODD, "default", 'task_complexity.medium.model: "sonnet" -> "haiku"'),
        (starter_text(), "new rule", "add rule 4: if keyword is 'docs' use haiku"),
        (PLAIN, "new rule", "add rule 4: if keyword is 'docs' use claude-haiku-4-5-20251001"),
        (ODD, "new rule in front", "add rule 1: if task contains 'api design' and complexity is simple use haiku"),
        (ODD, "modified rule", "modify rule 2: if keyword is 'ci' use haiku -> sonnet"),
        (ODD, "removed first rule", 'remove rule 1: if task contains \'api\' use opus with {"why": "asked for"}'),
        (starter_text(), "ladder", 'escalation: (none) -> ["haiku", "sonnet", "opus"]'),
        (ODD, "ladder", 'escalation: ["haiku", "opus"] -> ["haiku", "sonnet", "opus"]'),
    ],
)
def test_the_summary_says_exactly_what_changes(text: str, builder: str, summary: str) -> None:
    assert BUILDERS[builder](parse_policy(text)).summary == summary


@pytest.mark.parametrize("text", [PLAIN, starter_text(), ODD], ids=["plain", "starter", "odd"])
@pytest.mark.parametrize("name", BUILDERS)
def test_every_change_leaves_all_else_and_can_be_undone(text: str, name: str) -> None:
    policy = parse_policy(text)
    change = Change.from_dict(json.loads(json.dumps(BUILDERS[name](policy).to_dict())))
    assert change == BUILDERS[name](policy)
    after = apply_change(text, change)
    changed = [line for line in diff(text, after).splitlines()[2:] if line[0] in "+-"]
    assert 1 <= len(changed) <= 3
    assert after[:4] == text[:4]
    assert after[-3:] == text[-3:]
    assert after.count("\r\n") == after.count("\n") or "\r" not in text
    for kept in ('"$schema": "./models.schema.json"', '"x-team": {"owner": [1.0, 1e3, null]}', '"colour" : "blue"'):
        assert (kept in after) == (kept in text)
    assert parse_policy(after).problems == ()
    undone = apply_change(after, inverse(change))
    assert json.loads(undone.removeprefix("\ufeff")) == json.loads(text.removeprefix("\ufeff"))
    if name != "removed first rule":  # what stood in the removed text is known, how it was written is not
        assert undone == text


def test_a_new_rule_is_written_in_front_of_the_one_that_would_shadow_it() -> None:
    policy = parse_policy(starter_text())
    after = parse_policy(apply_change(starter_text(), add_rule(policy, "estimated_files > 9", "sonnet")))
    assert [rule.condition_text for rule in after.rules][2:] == ["estimated_files > 9", "estimated_files > 5"]
    assert after.recommend(Task("t", estimated_files=10)).model == "claude-sonnet-4-5-20250929"


def test_a_file_without_rules_gets_its_first() -> None:
    text = '{\n  "task_complexity": {"medium": "a-1", "simple": "b-1", "complex": "c-1"}\n}\n'
    change = add_rule(parse_policy(text), "keyword is 'docs'", "b-1")
    assert change.summary == "add rule 1: if keyword is 'docs' use b-1"
    after = apply_change(text, change)
    assert '  "rules": [\n    {"if": "keyword is \'docs\'", "use": "b-1"}\n  ]\n}\n' in after
    assert apply_change(after, inverse(change)) == text


def test_a_missing_default_is_added() -> None:
    text = '{"task_complexity": {"medium": {"model": "a-1"}}}'
    change = set_default(parse_policy(text), "simple", "b-1")
    assert change.summary == 'task_complexity.simple: (none) -> {"model": "b-1"}'
    assert apply_change(text, change) == '{"task_complexity": {"medium": {"model": "a-1"}, "simple": {"model": "b-1"}}}'


def test_family_words_keep_their_meaning_when_their_model_leaves_the_defaults() -> None:
    change = set_default(parse_policy(PLAIN), "complex", "sonnet")
    assert change.summary.endswith('; models.opus: (none) -> "claude-opus-4-5-20251101"')
    after = parse_policy(apply_change(PLAIN, change))
    assert after.problems == ()
    assert [rule.model for rule in after.rules] == [rule.model for rule in parse_policy(PLAIN).rules]
    assert apply_change(apply_change(PLAIN, change), inverse(change)) == PLAIN


def test_family_words_keep_their_meaning_when_a_sibling_model_arrives() -> None:
    change = set_default(parse_policy(PLAIN), "medium", "claude-opus-5")
    after = parse_policy(apply_change(PLAIN, change))
    assert after.recommend(Task("a design")).model == "claude-opus-4-5-20251101"


def test_a_change_applies_to_a_file_that_changed_elsewhere() -> None:
    policy = parse_policy(starter_text())
    elsewhere = apply_change(starter_text(), remove_rule(policy, 1))
    after = apply_change(elsewhere, combine([modify_rule(policy, 2, "sonnet"), set_default(policy, "medium", "haiku")]))
    assert parse_policy(after).rules[0].use == "sonnet"


@pytest.mark.parametrize("name", ["default", "modified rule", "removed last rule", "new rule", "ladder"])
def test_a_change_does_not_apply_twice(name: str) -> None:
    change = BUILDERS[name](parse_policy(ODD))
    with pytest.raises(ChangeDoesNotApply):
        apply_change(apply_change(ODD, change), change)


def test_a_refusal_says_what_is_there_now() -> None:
    change = set_default(parse_policy(starter_text()), "medium", "haiku")
    moved = starter_text().replace('"medium":  {"model": "claude-sonnet-4-5-20250929"', '"medium":  {"model": "gpt-5"')
    with pytest.raises(ChangeDoesNotApply, match='model is "gpt-5" now, expected "claude-sonnet'):
        apply_change(moved, change)


def test_a_change_that_would_break_the_file_is_refused() -> None:
    policy = parse_policy(starter_text())
    broken = Change.of(*add_rule(policy, "keyword is 'ci'", "opus").edits)
    values = broken.to_dict()
    values["edits"][0]["rule"]["if"] = "keyword is"
    with pytest.raises(ChangeDoesNotApply, match=r"would leave models\.json with a problem: rule 4, column 11"):
        apply_change(starter_text(), Change.from_dict(values))


def test_a_summary_cannot_be_forged() -> None:
    values = add_rule(parse_policy(starter_text()), "keyword is 'ci'", "opus").to_dict()
    assert Change.from_dict({**values, "summary": "harmless"}).summary == "add rule 4: if keyword is 'ci' use opus"


@pytest.mark.parametrize("values", [{}, {"edits": []}, {"edits": [{"kind": "format_disk"}]}, {"edits": [{"path": 1}]}])
def test_an_unreadable_record_of_a_change_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ChangeDoesNotApply):
        Change.from_dict(values)


def test_builders_refuse_what_makes_no_sense() -> None:
    policy = parse_policy(starter_text())
    with pytest.raises(ChangeDoesNotApply, match="already"):
        set_default(policy, "medium", "sonnet")
    with pytest.raises(ChangeDoesNotApply, match="already"):
        modify_rule(policy, 1, "opus")
    with pytest.raises(ChangeDoesNotApply, match="rule 9 is no rule"):
        remove_rule(policy, 9)
    with pytest.raises(UnknownModel):
        set_default(policy, "medium", "gemini")
    with pytest.raises(RuleSyntaxError):
        add_rule(policy, "keyword is", "opus")


@pytest.mark.parametrize(
    ("condition", "model", "expected"),
    [
        ("keyword is 'docs'", "sonnet", ""),
        (
            "estimated_files > 5",
            "sonnet",
            (
                "this rule comes first and takes the same tasks as rule 4 (if estimated_files > 5 use opus), "
                "which would never be reached"
            ),
        ),
        ("estimated_files > 2", "sonnet", ""),  # it comes last; the earlier, narrower rule is an exception to it
        (
            "keyword is 'readme'",
            "sonnet",
            (
                "rule 2 (if task contains 'documentation' or 'readme' use haiku) also asks for 'readme', "
                "with another model, and comes first"
            ),
        ),
        (
            "estimated_files < 9",
            "haiku",
            (
                "rule 3 (if estimated_files > 5 use opus) and rule 4 (if estimated_files < 9 use haiku) name different "
                "models for some tasks, such as estimated_files is 6: rule 3 comes first and wins. Make the two "
                "exclude each other, or put the one that should win in front."
            ),
        ),
    ],
)
def test_rules_in_each_others_way_are_told(condition: str, model: str, expected: str) -> None:
    policy = parse_policy(starter_text())
    assert "".join(contradictions(policy, add_rule(policy, condition, model))) == expected


def test_a_default_that_a_rule_takes_over_is_told() -> None:
    text = starter_text().replace("estimated_files > 5", "complexity is medium or complex")
    policy = parse_policy(text)
    assert contradictions(policy, set_default(policy, "medium", "haiku")) == (
        (
            "rule 3 (if complexity is medium or complex use opus) takes every medium task, "
            "so this default would not be used"
        ),
    )


TASKS = st.builds(
    Task,
    st.sampled_from(["a api", "b", "a b", "c"]),
    st.sampled_from([(), ("a",), ("b", "a")]),
    complexity=st.sampled_from([None, "simple", "medium"]),
    estimated_files=st.sampled_from([None, 1, 5, 9]),
)
COMPARISONS = st.sampled_from(
    [
        "task contains 'a'",
        "task contains 'a' or 'b'",
        "task contains 'a b'",
        "keyword is 'a'",
        "keyword is 'b' or 'a'",
        "complexity is simple",
        "complexity is simple or medium",
        "estimated_files > 4",
        "estimated_files is 5",
    ]
)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: "({} {} {})".format(*parts)),
    ),
    max_leaves=5,
)


@given(CONDITIONS, CONDITIONS, TASKS)
def test_a_condition_that_covers_another_matches_all_its_tasks(wide: str, narrow: str, task: Task) -> None:
    left, right = parse_condition(wide), parse_condition(narrow)
    assert covers(left, left)
    if covers(left, right) and right.matches(task):
        assert left.matches(task)
