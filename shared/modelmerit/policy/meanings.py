"""What the names in a models.json mean, and whether an edit would make one of them mean something else.

'opus' means the one id of the file that it fits. An edit that takes that id out of the file, or brings a second one
in, changes what rules say that it is not about.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from modelmerit.errors import UnknownModel
from modelmerit.policy.blocks import read_models
from modelmerit.policy.names import ModelNames, is_family_word
from modelmerit.records import COMPLEXITIES

Data = Mapping[str, Any]


class Shift(NamedTuple):
    """A word of the file whose meaning differs between two versions; None is that it means no single model."""

    word: str
    before: str | None
    after: str | None


def model_names(data: Data) -> ModelNames:
    """The ids of a file in its order, those declared and every name in it that can only be an id; and its aliases."""
    aliases = {entry.alias: entry.id for entry in read_models(data.get("models", {}), [])}
    ids: dict[str, None] = {}
    for key in data:
        if key == "models":
            ids.update(dict.fromkeys(aliases.values()))
            continue
        for name in _names_in(data, key):
            if name not in aliases and not is_family_word(name):
                ids[name] = None
    for name in _names_in(data, "task_complexity"):
        # A default names a model even if the file has no other word on it, as a local model's `codestral`.
        if name not in aliases and is_family_word(name) and not ModelNames(tuple(ids), aliases).fitting(name):
            ids[name] = None
    return ModelNames(tuple(ids), aliases)


def default_name(level: object) -> object:
    """The name in a level of `task_complexity`, which may be an object or the name itself."""
    return level.get("model") if isinstance(level, dict) else level


def shifts(before: Data, after: Data) -> list[Shift]:
    """The words in use in both versions of a file that mean something else in the later one."""
    earlier, later = model_names(before), model_names(after)
    known = _words_in_use(before)
    used = [word for word in _words_in_use(after) if word in known and word not in later.aliases]
    compared = [Shift(word, _meaning(earlier, word), _meaning(later, word)) for word in used]
    return [shift for shift in compared if shift.before != shift.after]


def _words_in_use(data: Data) -> dict[str, None]:
    names = [name for key in data for name in _names_in(data, key)]
    excluded = data.get("exploration", {}).get("exclude")
    names += [name for name in excluded if isinstance(name, str)] if isinstance(excluded, list) else ()
    return {name: None for name in names if is_family_word(name)}


def _names_in(data: Data, key: str) -> list[str]:
    block = data.get(key, {})
    found: list[Any] = []
    if key == "task_complexity":
        found = [default_name(block.get(complexity)) for complexity in COMPLEXITIES]
    elif key == "rules":
        found = [rule.get("use") for rule in block if isinstance(rule, dict)]
    elif key == "escalation":
        found = list(block)
    elif key == "exploration" and isinstance(block.get("candidates"), list):
        found = block["candidates"]
    return [name for name in found if isinstance(name, str) and name.strip()]


def _meaning(names: ModelNames, word: str) -> str | None:
    try:
        return names.resolve(word)
    except UnknownModel:
        return None
