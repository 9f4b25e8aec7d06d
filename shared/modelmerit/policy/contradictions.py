"""What a person should know about the other rules before agreeing to a change."""

from modelmerit.policy.applying import Change
from modelmerit.policy.document import Policy, parse_policy
from modelmerit.policy.edits import AddKey, Edit, InsertRule, ModifyRule, ReplaceValue, find_rule
from modelmerit.policy.json_style import dumps
from modelmerit.policy.meanings import shifts
from modelmerit.policy.overlap import covers, shared_words
from modelmerit.policy.parser import parse_condition
from modelmerit.policy.schema import Rule
from modelmerit.records import COMPLEXITIES


def contradictions(policy: Policy, change: Change) -> tuple[str, ...]:
    """One short sentence for each rule that would shadow what the change brings, or that it would shadow or contradict.

    A name that does not work now, and would, is told too: with it a rule may begin to apply.

    Judged from the text of the rules alone: an empty answer means that none is seen, not that there is none.

    Raises:
        ChangeDoesNotApply: If the change does not apply to the policy.
    """
    text = dumps(policy.data)
    for edit in change.edits:
        text = edit.apply(text)
    after = parse_policy(text)
    found = [sentence for edit in change.edits for sentence in _about(after, edit)]
    for word, meant, means in shifts(policy.data, after.data):
        if meant is None:
            found.append(f"'{word}', which names no single model now, would mean {means} wherever it stands")
    return tuple(dict.fromkeys(found))


def _about(after: Policy, edit: Edit) -> list[str]:
    if isinstance(edit, InsertRule | ModifyRule):
        wanted = edit.rule if isinstance(edit, InsertRule) else {**edit.rule, "use": edit.use}
        index = find_rule(after.data["rules"], wanted, edit.index)
        rule = next((rule for rule in after.rules if index is not None and rule.number == index + 1), None)
        return _about_rule(after, rule) if rule else []
    path = edit.path if isinstance(edit, ReplaceValue) else (*edit.path, edit.key) if isinstance(edit, AddKey) else ()
    if path[:1] == ("task_complexity",) and len(path) > 1 and path[1] in COMPLEXITIES:
        scope = parse_condition(f"complexity is {path[1]}")
        return [
            f"rule {rule.number} ({_said(rule)}) takes every {path[1]} task, so this default would not be used"
            for rule in after.rules
            if covers(rule.condition, scope)
        ]
    return []


def _about_rule(after: Policy, new: Rule) -> list[str]:
    sentences = {other.number: said for other in after.rules if (said := _about_pair(other, new))}
    further = [
        found.message
        for found in after.conflicts
        if new.number in found.rules and not sentences.keys() & set(found.rules)
    ]
    return [*sentences.values(), *further]


def _about_pair(other: Rule, new: Rule) -> str:
    comes_first = other.number < new.number
    first, second = (other, new) if comes_first else (new, other)
    if other.number == new.number:
        return ""
    if covers(first.condition, second.condition):
        return _shadowing(first, second, new)
    words = shared_words(other.condition, new.condition)
    if other.model == new.model or not words:
        return ""
    order = "comes first" if comes_first else "comes later"
    asked = " and ".join(f"'{word}'" for word in words)
    return f"rule {other.number} ({_said(other)}) also asks for {asked}, with another model, and {order}"


def _shadowing(first: Rule, second: Rule, new: Rule) -> str:
    same = covers(second.condition, first.condition)
    scope = "the same tasks as" if same else "every task of"
    subject = "this rule" if first is new else f"rule {first.number} ({_said(first)})"
    target = "this rule" if second is new else f"rule {second.number} ({_said(second)})"
    if first.model == second.model:
        return f"{subject} takes {scope} {target} and uses the same model: the later one is not needed"
    return f"{subject} comes first and takes {scope} {target}, which would never be reached"


def _said(rule: Rule) -> str:
    return f"if {rule.condition_text} use {rule.use}"
