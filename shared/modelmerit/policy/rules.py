"""What a rule's `if` says of a task.

Three values: a comparison with something unknown is neither true nor false, and stays unknown under `not`; at the
top, unknown means that the rule does not match. So `not estimated_files > 5` says nothing of a task whose number of
files nobody estimated.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class And:
    """True where all `parts` are."""

    parts: tuple["Node", ...]

    def truth(self, task: Task) -> bool | None:
        """True, false, or None where the task does not say."""
        values = [part.truth(task) for part in self.parts]
        return False if False in values else None if None in values else True


@dataclass(frozen=True, slots=True)
class Or:
    """True where any of `parts` is."""

    parts: tuple["Node", ...]

    def truth(self, task: Task) -> bool | None:
        """True, false, or None where the task does not say."""
        values = [part.truth(task) for part in self.parts]
        return True if True in values else None if None in values else False


Node = Comparison | Not | And | Or


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
