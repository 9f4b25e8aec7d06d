"""What a model may be called in models.json.

A name is a model id, an alias of the `models` block, or a family word. A family word is a single word of letters that
is a part of exactly one id in the file: 'opus' for `claude-opus-4-5-20251101`. Only letters count, because with digits
or hyphens a shorter name is often another model: `gpt-5` is not `gpt-5-mini`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from modelmerit.errors import UnknownModel
from modelmerit.policy.spelling import nearest

_PARTS = re.compile(r"[^\W_]+")
_MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class ModelNames:
    """The ids a file knows, in its order, and its aliases."""

    ids: tuple[str, ...]
    aliases: Mapping[str, str]
    _known: frozenset[str] = field(init=False, repr=False, compare=False)
    _families: Mapping[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        families: dict[str, list[str]] = {}
        for model in self.ids:
            for part in dict.fromkeys(part.casefold() for part in _PARTS.findall(model)):
                families.setdefault(part, []).append(model)
        object.__setattr__(self, "_known", frozenset(self.ids))
        object.__setattr__(self, "_families", families)

    def resolve(self, name: str) -> str:
        """The id that `name` stands for.

        Raises:
            UnknownModel: If it is no id, no alias, and no family word of exactly one id; the message lists candidates.
        """
        if name in self._known:
            return name
        if name in self.aliases:
            return self.aliases[name]
        fits = self.fitting(name)
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise UnknownModel(
                f"{name!r} fits {len(fits)} models, expected exactly one: {_listed(fits)}. "
                f"Write the full id, or name it in the `models` block."
            )
        families = (part for part, models in self._families.items() if len(models) == 1 and is_family_word(part))
        meant = nearest(name, [*self.aliases, *self.ids, *families])
        known = _listed([*self.aliases, *self.ids]) or "none yet"
        raise UnknownModel(
            f"{name!r} is no model of this file, expected one of: {known}. "
            + (f"Did you mean {meant!r}? Else write" if meant else "Write")
            + f" a full model id, or add {name!r} to the `models` block."
        )

    def fitting(self, name: str) -> list[str]:
        """The ids that a family word fits; none for any other name."""
        return self._families.get(name.casefold(), []) if is_family_word(name) else []


def is_family_word(name: str) -> bool:
    """Whether `name` can only be an alias or a family, not recognisably an id of its own."""
    return name.isalpha()


def _listed(names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _MOST_LISTED} more" if len(unique) > _MOST_LISTED else ""
    return ", ".join(unique[:_MOST_LISTED]) + more
