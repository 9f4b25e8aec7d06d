"""The tasks that can exist, as far as some conditions can tell them apart.

Whatever a condition asks about becomes a variable with finitely many values: `complexity` is unknown, simple, medium or
complex; a word is in the text or not; `estimated_files` is unknown or lies in one of the ranges between the numbers
that are mentioned. A condition becomes a `Goal` over these variables in which nothing is negated any more.

Every real task is one of these imagined ones, so what none of them does, no task does. The reverse does not hold:
among the imagined ones are texts that nobody can write.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from modelmerit.policy.rules import And, Comparison, Node, Not, comparisons
from modelmerit.policy.words import contains_word, token_forms, word_implies
from modelmerit.records import COMPLEXITIES, PRIORITIES

Variable = tuple[str, str]
"""A field, and for `task` and `keyword` the word."""
Wanted = Literal["true", "false", "not true", "not false"]
_OPPOSITE: Mapping[Wanted, Wanted] = {
    "true": "false",
    "false": "true",
    "not true": "not false",
    "not false": "not true",
}
DEFAULT = 1
"""The bit of the value that says nothing: an unknown field, a word that is not there."""
_ABSENT, _PRESENT = DEFAULT, 2


@dataclass(frozen=True, slots=True)
class Fits:
    """The variable has one of the values whose bits are set."""

    variable: Variable
    allowed: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts hold."""

    parts: tuple["Goal", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Goal", ...]


Goal = Fits | AllOf | AnyOf


class Worlds:
    """The variables of some conditions, and what those conditions ask of them.

    With `as_written`, words are taken for what they look like: a text that says 'designing' is taken to have 'design',
    and a keyword to be a word of the text. People mean it so, but a task is imaginable that breaks it.
    """

    def __init__(self, conditions: Iterable[Node], *, as_written: bool = False) -> None:
        self._as_written = as_written
        known: dict[str, dict[str, None]] = {
            "complexity": dict.fromkeys(COMPLEXITIES),
            "priority": dict.fromkeys(PRIORITIES),
            "workspace": {},
            "role": {},
        }
        cuts: set[int] = set()
        words: dict[str, None] = {}
        for comparison in (one for condition in conditions for one in comparisons(condition)):
            if comparison.field == "estimated_files":
                cuts.update(cut for cut in _range(comparison) if cut is not None)
            elif comparison.field in known:
                known[comparison.field].update(dict.fromkeys(map(str.casefold, comparison.values)))
            elif comparison.field == "task" or as_written:
                words.update(dict.fromkeys(comparison.values))
        self._cuts = sorted(cuts)
        self._bits = {field: {value: 2 << at for at, value in enumerate(values)} for field, values in known.items()}
        self._full = {field: (2 << len(values)) - 1 for field, values in known.items()}
        for field in ("workspace", "role"):
            self._full[field] = self._full[field] << 1 | 1  # and any value that nobody mentions
        self._full["estimated_files"] = (4 << len(self._cuts)) - 1
        self._implied, self._implying = self._implications(words)

    def full(self, variable: Variable) -> int:
        """The bits of all values of a variable."""
        return self._full.get(variable[0], _ABSENT | _PRESENT)

    def consequences(self, variable: Variable, values: int) -> Iterator[Fits]:
        """What follows for other words from a word being there, or not being there."""
        if variable[0] == "task" and values == _PRESENT:
            yield from (Fits(("task", word), _PRESENT) for word in self._implied.get(variable[1], ()))
        elif variable[0] == "task" and values == _ABSENT:
            yield from (Fits(("task", word), _ABSENT) for word in self._implying.get(variable[1], ()))

    def goal(self, node: Node, wanted: Wanted) -> Goal:
        """What has to hold for `node` to be true, or false, or neither of one of them."""
        if isinstance(node, Comparison):
            return self._comparison(node, wanted)
        if isinstance(node, Not):
            return self.goal(node.inner, _OPPOSITE[wanted])
        parts = tuple(self.goal(part, wanted) for part in node.parts)
        return AllOf(parts) if isinstance(node, And) == (wanted in ("true", "not false")) else AnyOf(parts)

    def one_of(self, field: str, values: Iterable[str | None]) -> Fits:
        """That a field has one of some values, all of them known here; None is that it is unknown."""
        allowed = 0
        for value in values:
            allowed |= DEFAULT if value is None else self._bits[field][value.casefold()]
        return Fits((field, ""), allowed)

    def said(self, variable: Variable, value: int) -> str:
        """A field's value the way the rule language says it; empty where it is unknown."""
        field, _ = variable
        if value == DEFAULT:
            return ""
        if field == "estimated_files":
            cell = value.bit_length() - 2
            return f"estimated_files is {self._cuts[cell - 1] if cell else self._cuts[0] - 1}"
        name = next((name for name, bit in self._bits[field].items() if bit == value), "any other")
        return f"{field} is {name}"

    def _comparison(self, node: Comparison, wanted: Wanted) -> Goal:
        if node.field in ("task", "keyword"):
            present = wanted in ("true", "not false")
            value = _PRESENT if present else _ABSENT
            parts = tuple(Fits(self._word(node.field, word), value) for word in node.values)
            return parts[0] if len(parts) == 1 else AnyOf(parts) if present else AllOf(parts)
        variable = (node.field, "")
        full = self.full(variable)
        true = self._files(node) if node.field == "estimated_files" else self.one_of(node.field, node.values).allowed
        allowed: Mapping[Wanted, int] = {
            "true": true,
            "not true": full & ~true,
            "false": full & ~true & ~DEFAULT,
            "not false": true | DEFAULT,
        }
        return Fits(variable, allowed[wanted])

    def _word(self, field: str, word: str) -> Variable:
        if field == "keyword" and not self._as_written:
            return ("keyword", word.casefold())
        return ("task", word)

    def _files(self, comparison: Comparison) -> int:
        """The bits of the ranges in which the comparison is true."""
        low, high = _range(comparison)
        first = 0 if low is None else bisect_left(self._cuts, low) + 1
        last = len(self._cuts) + 1 if high is None else bisect_left(self._cuts, high) + 1
        return ((1 << (last - first)) - 1) << (first + 1)

    def _implications(self, words: Iterable[str]) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
        begins: dict[tuple[str, ...], list[str]] = defaultdict(list)
        forms = {word: token_forms(word) for word in words}
        for word, tokens in forms.items():
            for form in tokens[0] if tokens else ():
                begins[form].append(word)
        implied: dict[str, list[str]] = defaultdict(list)
        implying: dict[str, list[str]] = defaultdict(list)
        for word in forms:
            spelled = [tuple(map(str.lower, token)) for token in word.replace("-", " ").replace("_", " ").split()]
            for other in dict.fromkeys(other for token in spelled for other in begins.get(token, ())):
                if other != word and (word_implies(word, other) or (self._as_written and contains_word(word, other))):
                    implied[word].append(other)
                    implying[other].append(word)
        return implied, implying


def _range(comparison: Comparison) -> tuple[int | None, int | None]:
    """The numbers a comparison fits: from the first, up to but without the second; None where there is no end."""
    number = int(comparison.values[0])
    ranges: Mapping[str, tuple[int | None, int | None]] = {
        "is": (number, number + 1),
        "<": (None, number),
        "<=": (None, number + 1),
        ">": (number + 1, None),
        ">=": (number, None),
    }
    return ranges[comparison.operator]
