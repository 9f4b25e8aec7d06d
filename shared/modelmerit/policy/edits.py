"""The single edits that a change to models.json is made of.

An edit says what it expects to find, not only where: a rule is looked for by its `if` and `use`, a value must still be
what it was. So an edit applies to a file that has changed elsewhere, and refuses one that has changed there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from modelmerit.errors import ChangeDoesNotApply
from modelmerit.policy.json_reading import read_json
from modelmerit.policy.json_style import dumps
from modelmerit.policy.json_text import Path, add_key, insert_item, name_of, remove, replace_value, value_at

RawRule = Mapping[str, Any]
_RULES: Path = ("rules",)


@dataclass(frozen=True, slots=True)
class InsertRule:
    """Puts `rule` in front of the rule `before`, or last where that is None. `index` is where that was."""

    kind: ClassVar[str] = "insert_rule"
    rule: RawRule
    index: int
    before: RawRule | None = None

    def apply(self, text: str) -> str:
        """`text` with the rule; refused where it stands already."""
        rules = _rules(text)
        there = find_rule(rules, self.rule, self.index)
        if there is not None:
            raise ChangeDoesNotApply(
                f"This rule is in models.json already, as rule {there + 1}. There is nothing to do."
            )
        index = len(rules)
        if self.before is not None:
            found = find_rule(rules, self.before, self.index)
            # Its neighbour may be gone; the place it was approved for is then the best guess left.
            index = min(self.index, len(rules)) if found is None else found
        return insert_item(text, _RULES, index, dict(self.rule))

    def inverted(self) -> "RemoveRule":
        """The edit that takes the rule out again."""
        return RemoveRule(self.rule, self.index, self.before)

    def __str__(self) -> str:
        return f"add rule {self.index + 1}: {rule_line(self.rule)}"


@dataclass(frozen=True, slots=True)
class RemoveRule:
    """Takes `rule` out; `index` is where it was, `before` the rule that followed it."""

    kind: ClassVar[str] = "remove_rule"
    rule: RawRule
    index: int
    before: RawRule | None = None

    def apply(self, text: str) -> str:
        """`text` without the rule; refused where it is not found."""
        return remove(text, (*_RULES, _found(text, self.rule, self.index)))

    def inverted(self) -> InsertRule:
        """The edit that puts the rule back."""
        return InsertRule(self.rule, self.index, self.before)

    def __str__(self) -> str:
        return f"remove rule {self.index + 1}: {rule_line(self.rule)}"


@dataclass(frozen=True, slots=True)
class ModifyRule:
    """Gives `rule`, found near `index`, another `use`."""

    kind: ClassVar[str] = "modify_rule"
    rule: RawRule
    index: int
    use: str

    def apply(self, text: str) -> str:
        """`text` with the rule's new model; refused where the rule is not found."""
        return replace_value(text, (*_RULES, _found(text, self.rule, self.index), "use"), self.use)

    def inverted(self) -> "ModifyRule":
        """The edit that gives the rule its old model back."""
        return ModifyRule({**self.rule, "use": self.use}, self.index, self.rule["use"])

    def __str__(self) -> str:
        return f"modify rule {self.index + 1}: {rule_line(self.rule)} -> {_plain(self.use)}"


@dataclass(frozen=True, slots=True)
class ReplaceValue:
    """Replaces the value at `path`, which must be `before`."""

    kind: ClassVar[str] = "replace_value"
    path: Path
    before: Any
    after: Any

    def apply(self, text: str) -> str:
        """`text` with the new value; refused where the old one is not there any more."""
        _expect(text, self.path, self.before)
        return replace_value(text, self.path, self.after)

    def inverted(self) -> "ReplaceValue":
        """The edit that puts the old value back."""
        return ReplaceValue(self.path, self.after, self.before)

    def __str__(self) -> str:
        return f"{name_of(self.path)}: {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True, slots=True)
class AddKey:
    """Adds `key` to the object at `path`, which must not have it."""

    kind: ClassVar[str] = "add_key"
    path: Path
    key: str
    value: Any

    def apply(self, text: str) -> str:
        """`text` with the key; refused where there is one."""
        return add_key(text, self.path, self.key, self.value)

    def inverted(self) -> "RemoveKey":
        """The edit that takes the key out again."""
        return RemoveKey(self.path, self.key, self.value)

    def __str__(self) -> str:
        return f"{name_of((*self.path, self.key))}: (none) -> {_shown(self.value)}"


@dataclass(frozen=True, slots=True)
class RemoveKey:
    """Removes `key`, which must hold `value`, from the object at `path`."""

    kind: ClassVar[str] = "remove_key"
    path: Path
    key: str
    value: Any

    def apply(self, text: str) -> str:
        """`text` without the key; refused where its value is another. What was empty and is filled by now stays."""
        if self.value in ([], {}) and _filled(text, (*self.path, self.key)):
            return text
        _expect(text, (*self.path, self.key), self.value)
        return remove(text, (*self.path, self.key))

    def inverted(self) -> AddKey:
        """The edit that puts the key back."""
        return AddKey(self.path, self.key, self.value)

    def __str__(self) -> str:
        return f"{name_of((*self.path, self.key))}: {_shown(self.value)} -> (none)"


Edit = InsertRule | RemoveRule | ModifyRule | ReplaceValue | AddKey | RemoveKey
_KINDS: Mapping[str, type[Edit]] = {
    kind.kind: kind for kind in (InsertRule, RemoveRule, ModifyRule, ReplaceValue, AddKey, RemoveKey)
}


def edit_to_dict(edit: Edit) -> dict[str, Any]:
    """Plain JSON values, for the store and the change log."""
    return {"kind": edit.kind, **asdict(edit)}


def edit_from_dict(values: Mapping[str, Any]) -> Edit:
    """The edit that `edit_to_dict` wrote.

    Raises:
        ChangeDoesNotApply: If the values describe no edit.
    """
    fields: dict[str, Any] = {key: value for key, value in values.items() if key != "kind"}
    try:
        if "path" in fields:
            fields["path"] = tuple(fields["path"])
        return _KINDS[values["kind"]](**fields)
    except (KeyError, TypeError):
        raise ChangeDoesNotApply(f"{values!r} is no edit of models.json. Decide on a new change.") from None


def find_rule(rules: Sequence[Any], wanted: RawRule, near: int) -> int | None:
    """Where the rule with this `if` and `use` is, the one nearest to `near` if there are several."""

    def says(rule: Any) -> tuple[Any, Any] | None:
        return (rule.get("if"), rule.get("use")) if isinstance(rule, Mapping) else None

    places = [index for index, rule in enumerate(rules) if says(rule) == says(wanted)]
    return min(places, key=lambda index: abs(index - near), default=None)


def rule_line(rule: RawRule) -> str:
    """A rule on one line as a person says it: `if keyword is 'docs' use haiku`."""
    more = {key: value for key, value in rule.items() if key not in ("if", "use")}
    line = f"if {_plain(rule.get('if'))} use {_plain(rule.get('use'))}"
    return f"{line} with {_shown(more)}" if more else line


def _rules(text: str) -> list[Any]:
    rules = read_json(text).get("rules")
    if not isinstance(rules, list):
        raise ChangeDoesNotApply("models.json has no list of `rules` any more, expected one. Look at the file.")
    return rules


def _found(text: str, rule: RawRule, near: int) -> int:
    index = find_rule(_rules(text), rule, near)
    if index is None:
        raise ChangeDoesNotApply(
            f"The rule `{rule_line(rule)}` is not in models.json any more. Look at the file and decide anew."
        )
    return index


def _expect(text: str, path: Path, expected: Any) -> None:
    actual = value_at(read_json(text), path)
    if dumps(actual) != dumps(expected):
        raise ChangeDoesNotApply(
            f"{name_of(path)} is {_shown(actual)} now, expected {_shown(expected)}. Look at the file and decide anew."
        )


def _filled(text: str, path: Path) -> bool:
    """Whether there is something in the list or object at the path."""
    try:
        return bool(value_at(read_json(text), path))
    except ChangeDoesNotApply:
        return False


def _shown(value: Any) -> str:
    written = dumps(value)
    return written if written.isprintable() else json.dumps(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else _shown(value)
