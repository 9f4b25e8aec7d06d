"""Composing changes to models.json: each builder looks at a policy and says what exactly would be edited.

Names are written as the file writes them, a new rule goes where it takes effect, and family words keep their meaning.
"""

from collections.abc import Sequence
from typing import Any

from modelmerit.errors import ChangeDoesNotApply, UnknownModel
from modelmerit.policy.applying import Change
from modelmerit.policy.document import Policy, parse_policy
from modelmerit.policy.edits import AddKey, Edit, InsertRule, ModifyRule, RemoveRule, ReplaceValue
from modelmerit.policy.json_style import dumps
from modelmerit.policy.names import is_family_word
from modelmerit.policy.overlap import covers
from modelmerit.policy.parser import parse_condition
from modelmerit.records import Complexity


def set_default(policy: Policy, complexity: Complexity, model: str) -> Change:
    """Gives a complexity another model.

    Raises:
        ChangeDoesNotApply: If that is its model already.
        UnknownModel: If `model` is neither known to the file nor an id.
    """
    block = policy.data["task_complexity"]
    path = ("task_complexity", complexity)
    entry = block.get(complexity)
    current = entry.get("model") if isinstance(entry, dict) else entry
    name, model = _written(policy, model)
    if isinstance(current, str) and _known(policy, current) == model:
        raise ChangeDoesNotApply(f"task_complexity.{complexity} is {current!r} already. There is nothing to do.")
    if not isinstance(current, str) or current in policy.model_ids:
        name = model  # an id is replaced by an id, an alias by an alias
    edit: Edit
    if complexity not in block:
        edit = AddKey(path[:1], complexity, {"model": name})
    elif not isinstance(entry, dict):
        edit = ReplaceValue(path, entry, name if isinstance(entry, str) else {"model": name})
    elif "model" in entry:
        edit = ReplaceValue((*path, "model"), entry["model"], name)
    else:
        edit = AddKey(path, "model", name)
    return _keeping_names(policy, edit)


def add_rule(policy: Policy, condition: str, model: str) -> Change:
    """Adds a rule, in front of the first one that would shadow it, else last.

    Raises:
        RuleSyntaxError: If `condition` cannot be parsed.
        UnknownModel: If `model` is neither known to the file nor an id.
    """
    parsed = parse_condition(condition)
    rule = {"if": parsed.text, "use": _written(policy, model)[0]}
    rules = policy.data.get("rules")
    shadowing = next((known for known in policy.rules if covers(known.condition, parsed)), None)
    if rules is None:
        return _keeping_names(policy, AddKey((), "rules", []), InsertRule(rule, 0))
    if shadowing is None:
        return _keeping_names(policy, InsertRule(rule, len(rules)))
    index = shadowing.number - 1
    return _keeping_names(policy, InsertRule(rule, index, rules[index]))


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
    return _keeping_names(policy, ModifyRule(rule, number - 1, use))


def remove_rule(policy: Policy, number: int) -> Change:
    """Takes rule `number` out.

    Raises:
        ChangeDoesNotApply: If there is no such rule.
    """
    rule = _rule(policy, number)
    rules = policy.data["rules"]
    following = rules[number] if number < len(rules) and isinstance(rules[number], dict) else None
    return _keeping_names(policy, RemoveRule(rule, number - 1, following))


def set_escalation(policy: Policy, ladder: Sequence[str]) -> Change:
    """Sets the ladder a retry climbs, from cheap to dear; the file's aliases are written where there are any.

    Raises:
        ChangeDoesNotApply: If that is the ladder in the file already.
        UnknownModel: If one of the models is neither known to the file nor an id.
    """
    names = [_written(policy, model)[0] for model in ladder]
    if "escalation" not in policy.data:
        return _keeping_names(policy, AddKey((), "escalation", names))
    current = policy.data["escalation"]
    if [_known(policy, name) for name in current] == [_known(policy, name) for name in names]:
        raise ChangeDoesNotApply(f"escalation is {dumps(current)} already. There is nothing to do.")
    return _keeping_names(policy, ReplaceValue(("escalation",), current, names))


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


def _keeping_names(policy: Policy, *edits: Edit) -> Change:
    """A change in which every family word of the file goes on meaning the same model.

    'opus' means the one id it fits. An edit that takes that id out of the file, or brings a second one in, would
    change or break rules it is not about; an alias for the word prevents that.
    """
    text = dumps(policy.data)
    for edit in edits:
        text = edit.apply(text)
    after = parse_policy(text)
    pins: list[Edit] = []
    for word in _family_words(after):
        meant = _known(policy, word)
        if meant not in (word, _known(after, word)):
            block = after.data.get("models")
            if block is None and not pins:
                pins.append(AddKey((), "models", {}))
            pins.append(AddKey(("models",), word, meant))
    return Change.of(*edits, *pins)


def _family_words(policy: Policy) -> list[str]:
    """The words still in use in the file that are neither ids nor aliases."""
    written = [rule.get("use") for rule in policy.data.get("rules", ()) if isinstance(rule, dict)]
    written += policy.data.get("escalation", ())
    written += policy.data.get("exploration", {}).get("candidates") or ()
    words = [name for name in written if isinstance(name, str) and is_family_word(name)]
    return [word for word in dict.fromkeys(words) if word not in policy.names.aliases and word not in policy.model_ids]
