"""What a setting of models.json may be, said once: for the reader, for its complaints and for the JSON schema.

The settings are dataclass fields; their declarations travel in the fields' metadata:

    rate: float = field(default=0.10, metadata=number("The share of tasks that try another model."))
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Kind = Literal["number", "whole", "choice", "names"]
_KEY = "declared"


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting: what it means in a sentence, and which values it takes.

    Numbers lie from `low` to `high`. With `null`, an explicit null is a value of its own. `choices` are those of a
    `choice`.
    """

    kind: Kind
    meaning: str
    low: float = 0
    high: float = 1
    null: bool = False
    choices: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """The values it takes, in words."""
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        if self.kind == "names":
            return "a list of names"
        what = "a whole number" if self.kind == "whole" else "a number"
        return f"{what} from {self.low} to {self.high}{' or null' if self.null else ''}"

    def fits(self, value: object) -> bool:
        """Whether `value` can be used as it is."""
        if value is None:
            return self.null
        if self.kind == "choice":
            return value in self.choices
        if self.kind == "names":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and (self.kind == "number" or value == int(value))


def number(meaning: str, low: float = 0, high: float = 1, *, null: bool = False) -> Mapping[str, Declared]:
    """A number, by default a share or a probability."""
    return {_KEY: Declared("number", meaning, low, high, null)}


def whole(meaning: str, low: int, high: int, *, null: bool = False) -> Mapping[str, Declared]:
    """A whole number."""
    return {_KEY: Declared("whole", meaning, low, high, null)}


def choice(meaning: str, choices: tuple[str, ...]) -> Mapping[str, Declared]:
    """One of some words."""
    return {_KEY: Declared("choice", meaning, choices=choices)}


def names(meaning: str) -> Mapping[str, Declared]:
    """A list of names."""
    return {_KEY: Declared("names", meaning)}


def declarations(settings: type[Any]) -> Mapping[str, tuple[Declared, Any]]:
    """Every setting of a dataclass, in order, with its default."""
    return {one.name: (one.metadata[_KEY], one.default) for one in fields(settings)}
