"""What a rule's `if` says of a task.

Three values: a comparison with something unknown is neither true nor false, and stays unknown under `not`; at the
top, unknown means that the rule does not match. So `not estimated_files > 5` says nothing of a task whose number of
files nobody estimated.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Literal

from modelmerit.errors import RuleSyntaxError
from modelmerit.policy.words import contains_word
from modelmerit.records import Task

Field = Literal["task", "keyword", "workspace", "role", "complexity", "priority", "estimated_files"]
Operator = Literal["contains", "is", "<", "<=", ">", ">="]

_ORDER: Mapping[str, Callable[[int, int], bool]] = {
    "is": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MOST_ALTERNATIVES = 16


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field against one or more values; true if any of them fits. Numbers are kept as their digits."""

    field: Field
    operator: Operator
    values: tuple[str, ...]

    def truth(self, task: Task) -> bool | None:
        """True, false, or None where the task does not say."""
        if self.field == "task":
            return any(contains_word(task.text, word) for word in self.values)
        if self.field == "keyword":
            known = {keyword.casefold() for keyword in task.keywords}
            return any(value.casefold() in known for value in self.values)
        if self.field == "estimated_files":
            files = task.estimated_files
            return None if files is None else _ORDER[self.operator](files, int(self.values[0]))
        actual: str | None = getattr(task, self.field)
        return None if actual is None else any(value.casefold() == actual.casefold() for value in self.values)

    def fitting(self, task: Task) -> "Comparison":
        """The same comparison with only the first value that fits `task`."""
        for value in self.values:
            one = Comparison(self.field, self.operator, (value,))
            if one.truth(task):
                return one
        return self

    def __str__(self) -> str:
        bare = self.field in ("complexity", "priority", "estimated_files")
        written = self.values if bare else tuple(quoted(value) for value in self.values)
        return f"{self.field} {self.operator} {' or '.join(written)}"


@dataclass(frozen=True, slots=True)
class Not:
    """True where `inner` is false."""

    inner: "Node"

    def truth(self, task: Task) -> bool | None:
        """True, false, or None where the task does not say."""
        value = self.inner.truth(task)
        return None if value is None else not value

    def __str__(self) -> str:
        return f"not {_within(self.inner)}"


@dataclass(frozen=True, slots=True)
class And:
    """True where all `parts` are."""

    parts: tuple["Node", ...]

    def truth(self, task: Task) -> bool | None:
        """True, false, or None where the task does not say."""
        values = [part.truth(task) for part in self.parts]
        return False if False in values else None if None in values else True

    def __str__(self) -> str:
        return " and ".join(map(_within, self.parts))


@dataclass(frozen=True, slots=True)
class Or:
    """True where any of `parts` is."""

    parts: tuple["Node", ...]

    def truth(self, task: Task) -> bool | None:
        """True, false, or None where the task does not say."""
        values = [part.truth(task) for part in self.parts]
        return True if True in values else None if None in values else False

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Node = Comparison | Not | And | Or


def _within(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed `if`: its text as written, and what it means."""

    text: str
    root: Node

    def matches(self, task: Task) -> bool:
        """Whether the rule is for `task`; what is unknown does not match."""
        return self.root.truth(task) is True

    def reason(self, task: Task) -> str:
        """Why it matches: the comparison that fits where any one of a list suffices, else the whole condition."""
        choices = self.root.parts if isinstance(self.root, Or) else (self.root,)
        if all(isinstance(choice, Comparison) for choice in choices):
            for choice in choices:
                if isinstance(choice, Comparison) and choice.truth(task):
                    return str(choice.fitting(task))
        return self.text


def alternatives(node: Node) -> list[Node]:
    """The ways in which a condition can be met, as conditions of their own; one where they would be too many."""
    if isinstance(node, Comparison):
        return [Comparison(node.field, node.operator, (value,)) for value in node.values]
    if isinstance(node, Or):
        return [way for part in node.parts for way in alternatives(part)]
    if isinstance(node, Not):
        return [node]
    ways = [alternatives(part) for part in node.parts]
    if prod(map(len, ways)) > _MOST_ALTERNATIVES:
        return [node]
    return [And(together) for together in product(*ways)]


def comparisons(node: Node) -> Iterator[Comparison]:
    """Every comparison of a condition, from left to right."""
    if isinstance(node, Comparison):
        yield node
    elif isinstance(node, Not):
        yield from comparisons(node.inner)
    else:
        for part in node.parts:
            yield from comparisons(part)


def quoted(word: str) -> str:
    """`word` as the rule language writes it.

    Raises:
        RuleSyntaxError: If `word` has both kinds of quotes in it, which no condition can say.
    """
    if "'" not in word:
        return f"'{word}'"
    if '"' not in word:
        return f'"{word}"'
    raise RuleSyntaxError(f"{word!r} has both kinds of quotes, expected at most one kind: name a shorter part of it", 1)
