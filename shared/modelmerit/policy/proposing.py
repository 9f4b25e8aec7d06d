"""Composing changes to models.json: each builder looks at a policy and says what exactly would be edited.

Names are written as the file writes them, a new rule goes where it takes effect, and family words keep their meaning.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modelmerit.errors import ChangeDoesNotApply, UnknownModel
from modelmerit.policy.applying import Change
from modelmerit.policy.document import Policy, parse_policy
from modelmerit.policy.edits import AddKey, Edit, InsertRule, ModifyRule, RemoveRule, ReplaceValue, find_rule
from modelmerit.policy.json_reading import read_json
from modelmerit.policy.json_style import dumps
from modelmerit.policy.meanings import default_name, shifts
from modelmerit.policy.names import is_family_word
from modelmerit.policy.overlap import taken_by
from modelmerit.policy.parser import parse_condition
from modelmerit.policy.rules import Condition
from modelmerit.policy.schema import Rule
from modelmerit.records import COMPLEXITIES, Complexity


def set_default(policy: Policy, complexity: Complexity, model: str) -> Change:
    """Gives a complexity another model.

    A complexity that had its model only because another one lent it to it gets that model for its own.

    Raises:
        ChangeDoesNotApply: If that is its model already.
        UnknownModel: If `model` is neither known to the file nor an id.
    """
    current = default_name(policy.data["task_complexity"].get(complexity))
    if isinstance(current, str) and _known(policy, current) == _written(policy, model)[1]:
        raise ChangeDoesNotApply(f"task_complexity.{complexity} is {current!r} already. There is nothing to do.")
    edit = _default_edit(policy, complexity, model)
    after = parse_policy(_edited(policy, keeping_names(policy, edit).edits))
    lent = [
        _default_edit(policy, other, policy.defaults[other])
        for other in COMPLEXITIES
        if other != complexity and after.defaults[other] != policy.defaults[other]
    ]
    return keeping_names(policy, edit, *lent)


def add_rule(policy: Policy, condition: str, model: str) -> Change:
    """Adds a rule, in front of the first one that would leave no task to it, else last.

    A rule that says the same, but stands where no task reaches it, is moved.

    Raises:
        RuleSyntaxError: If `condition` cannot be parsed.
        UnknownModel: If `model` is neither known to the file nor an id.
    """
    parsed = parse_condition(condition)
    rule: Mapping[str, Any] = {"if": parsed.text, "use": _written(policy, model)[0]}
    rules = policy.data.get("rules")
    if rules is None:
        return keeping_names(policy, AddKey((), "rules", []), InsertRule(rule, 0))
    following = _shadowing(policy, parsed)
    if following is None:
        return keeping_names(policy, InsertRule(rule, len(rules)))
    index = following.number - 1
    edits: list[Edit] = [InsertRule(rule, index, rules[index])]
    there = find_rule(rules, rule, len(rules))
    if there is not None and there > index:
        edits = [_removal(rules, there), InsertRule(rules[there], index, rules[index])]
    return keeping_names(policy, *edits)


def modify_rule(policy: Policy, number: int, model: str) -> Change:
    """Gives rule `number` another model.

    Raises:
        ChangeDoesNotApply: If there is no such rule, or that is its model already.
        UnknownModel: If `model` is neither known to the file nor an id.
    """
    rule = _rule(policy, number)
    use, model = _written(policy, model)
    if _known(policy, rule["use"]) == model:
        raise ChangeDoesNotApply(f"rule {number} uses {rule['use']!r} already. There is nothing to do.")
    return keeping_names(policy, ModifyRule(rule, number - 1, use))


def remove_rule(policy: Policy, number: int) -> Change:
    """Takes rule `number` out.

    Raises:
        ChangeDoesNotApply: If there is no such rule.
    """
    _rule(policy, number)
    return keeping_names(policy, _removal(policy.data["rules"], number - 1))


def set_escalation(policy: Policy, ladder: Sequence[str]) -> Change:
    """Sets the ladder a retry climbs, from cheap to dear; the file's aliases are written where there are any.

    Raises:
        ChangeDoesNotApply: If that is the ladder in the file already.
        UnknownModel: If one of the models is neither known to the file nor an id.
    """
    names = [_written(policy, model)[0] for model in ladder]
    if "escalation" not in policy.data:
        return keeping_names(policy, AddKey((), "escalation", names))
    current = policy.data["escalation"]
    if [_known(policy, name) for name in current] == [_known(policy, name) for name in names]:
        raise ChangeDoesNotApply(f"escalation is {dumps(current)} already. There is nothing to do.")
    return keeping_names(policy, ReplaceValue(("escalation",), current, names))


def _default_edit(policy: Policy, complexity: Complexity, model: str) -> Edit:
    """The edit that writes a model into `task_complexity` the way the file writes it."""
    block, path = policy.data["task_complexity"], ("task_complexity", complexity)
    entry = block.get(complexity)
    current = default_name(entry)
    name, model = _written(policy, model)
    if not isinstance(current, str) or current in policy.model_ids:
        name = model  # an id is replaced by an id, an alias by an alias
    if complexity not in block:
        return AddKey(path[:1], complexity, {"model": name})
    if not isinstance(entry, dict):
        return ReplaceValue(path, entry, name if isinstance(entry, str) else {"model": name})
    if "model" in entry:
        return ReplaceValue((*path, "model"), entry["model"], name)
    return AddKey(path, "model", name)


def _shadowing(policy: Policy, condition: Condition) -> Rule | None:
    """The first rule with which no task is left for `condition`, whether it takes them alone or with those before."""
    earlier = [rule.condition for rule in policy.rules]
    while takers := taken_by(earlier, condition):
        earlier = earlier[: max(takers)]
    return policy.rules[len(earlier)] if len(earlier) < len(policy.rules) else None


def _removal(rules: Sequence[Any], index: int) -> RemoveRule:
    following = rules[index + 1] if index + 1 < len(rules) and isinstance(rules[index + 1], dict) else None
    return RemoveRule(rules[index], index, following)


def _written(policy: Policy, model: str) -> tuple[str, str]:
    """How the file would call `model`, and its id. An id the file does not know yet is written as it is."""
    try:
        resolved = policy.resolve(model)
    except UnknownModel:
        if is_family_word(model):
            raise
        return model, model
    return policy.preferred_name(resolved), resolved


def _known(policy: Policy, name: object) -> object:
    try:
        return policy.resolve(name) if isinstance(name, str) else name
    except UnknownModel:
        return name


def _rule(policy: Policy, number: int) -> dict[str, Any]:
    rules = policy.data.get("rules", [])
    rule = rules[number - 1] if 1 <= number <= len(rules) else None
    if not isinstance(rule, dict) or not {"if", "use"} <= rule.keys():
        raise ChangeDoesNotApply(
            f"rule {number} is no rule of models.json that can be changed, expected one of 1 to {len(rules)} with an "
            "`if` and a `use`. Look at the file."
        )
    return rule


def keeping_names(policy: Policy, *edits: Edit) -> Change:
    """A change in which every family word of the file goes on meaning the same model.

    An alias for the word prevents that it changes with the ids of the file.

    Raises:
        ChangeDoesNotApply: If the edits do not apply to the policy.
    """
    after = read_json(_edited(policy, edits))
    pins: list[Edit] = []
    for word, meant, _ in shifts(policy.data, after):
        if meant is not None:
            if "models" not in after and not pins:
                pins.append(AddKey((), "models", {}))
            pins.append(AddKey(("models",), word, meant))
    return Change.of(*edits, *pins)


def _edited(policy: Policy, edits: Sequence[Edit]) -> str:
    text = dumps(policy.data)
    for edit in edits:
        text = edit.apply(text)
    return text
