"""What a model may be called in models.json.

A name is a model id, an alias of the `models` block, or a family word. A family word is a single word of letters that
is a part of exactly one id in the file: 'opus' for `claude-opus-4-5-20251101`. Only letters count, because with digits
or hyphens a shorter name is often another model: `gpt-5` is not `gpt-5-mini`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from modelmerit.errors import UnknownModel

_PARTS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class ModelNames:
    """The ids a file knows, in its order, and its aliases."""

    ids: tuple[str, ...]
    aliases: Mapping[str, str]

    def resolve(self, name: str) -> str:
        """The id that `name` stands for.

        Raises:
            UnknownModel: If it is no id, no alias, and no family word of exactly one id; the message lists candidates.
        """
        if name in self.ids:
            return name
        if name in self.aliases:
            return self.aliases[name]
        fits = [model for model in self.ids if is_family_word(name) and _has_part(model, name)]
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise UnknownModel(
                f"{name!r} fits {len(fits)} models, expected exactly one: {_listed(fits)}. "
                f"Write the full id, or name it in the `models` block."
            )
        known = _listed([*self.aliases, *self.ids]) or "none yet"
        raise UnknownModel(
            f"{name!r} is no model of this file, expected one of: {known}. "
            f"Write a full model id, or add {name!r} to the `models` block."
        )


def is_family_word(name: str) -> bool:
    """Whether `name` can only be an alias or a family, not recognisably an id of its own."""
    return name.isalpha()


def _has_part(model: str, word: str) -> bool:
    return word.casefold() in (part.casefold() for part in _PARTS.findall(model))


def _listed(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(names))
