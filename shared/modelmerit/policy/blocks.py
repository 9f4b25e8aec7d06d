"""Reading the optional blocks of models.json, value by value.

A value that cannot be used costs only itself: its default stands in, and a problem says where and what was expected.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from modelmerit.policy.declared import Declared, declarations
from modelmerit.policy.json_reading import kind_of
from modelmerit.policy.schema import ExplorationSettings, LearningSettings, ModelEntry
from modelmerit.policy.spelling import nearest

MODEL_KEYS = ("id", "provider", "use_as", "prices")
PRICE = Declared("number", "USD per million tokens.", 0, 1_000_000)
_OWN = ("x-", "_", "$", "#", "/")
"""How people begin keys of their own, comments among them."""
_LONGEST_SHOWN = 60


def misspelt_keys(place: str, values: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """A problem for each key that looks like one of the `known` keys which is missing; other keys are people's own."""
    missing = [key for key in known if key not in values]
    strange = [key for key in values if key not in known and not key.startswith(_OWN)] if missing else []
    found = ((key, nearest(key, missing)) for key in strange)
    return [
        f"{place}{key} is not known, expected {meant}: it is not used. Rename it if {meant} is meant"
        for key, meant in found
        if meant
    ]


def read_models(values: Mapping[str, Any], problems: list[str]) -> tuple[ModelEntry, ...]:
    """The `models` block: an id, or an object, by alias. An object without an `id` is named by its alias."""
    entries = []
    for alias, value in values.items():
        if isinstance(value, str) and value.strip():
            entries.append(ModelEntry(alias, value))
        elif isinstance(value, dict):
            entries.append(_model_entry(alias, value, problems))
        else:
            problems.append(
                f"models.{alias} is {_shown(value)}, expected a model id or an object with an `id`: it is left out"
            )
    return tuple(entries)


def _model_entry(alias: str, value: Mapping[str, Any], problems: list[str]) -> ModelEntry:
    place = f"models.{alias}"

    def kept(key: str, expected: str, fits: Callable[[Any], bool]) -> Any:
        found = value.get(key)
        if found is None or fits(found):
            return found
        problems.append(f"{place}.{key} is {_shown(found)}, expected {expected}: it is ignored")
        return None

    problems.extend(misspelt_keys(f"{place}.", value, MODEL_KEYS))
    model = kept("id", "a model id", lambda found: isinstance(found, str) and found.strip() != "")
    provider = kept("provider", "a provider's name", lambda found: isinstance(found, str))
    use_as = kept("use_as", "a name, or an object of names by client", _is_use_as)
    prices = kept("prices", "an object of USD per million tokens by kind", lambda found: isinstance(found, dict)) or {}
    for kind, price in prices.items():
        if not PRICE.fits(price):
            problems.append(f"{place}.prices.{kind} is {_shown(price)}, expected {PRICE.expected}: it is ignored")
    usable = {kind: price for kind, price in prices.items() if PRICE.fits(price)}
    return ModelEntry(alias, model or alias, provider, use_as or {}, usable)


def _is_use_as(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and all(isinstance(name, str) for name in value.values()))


def read_learning(values: Mapping[str, Any], problems: list[str]) -> LearningSettings:
    """The `learning` block."""
    return LearningSettings(**_read("learning", LearningSettings, values, problems))


def read_exploration(values: Mapping[str, Any], problems: list[str]) -> ExplorationSettings:
    """The `exploration` block, its names of models as they are written."""
    settings = _read("exploration", ExplorationSettings, values, problems)
    if settings["mode"] == "adaptive" and len(set(settings["candidates"]) - set(settings["exclude"])) < 2:
        problems.append(
            'exploration.mode is "adaptive", expected at least two models in exploration.candidates, which it may '
            "choose among: 'off' is used"
        )
        settings["mode"] = "off"
    return ExplorationSettings(**settings)


def _read(place: str, settings: type[Any], values: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """The value of every setting: the one in the file if it can be used, else the default."""
    declared = declarations(settings)
    problems.extend(misspelt_keys(f"{place}.", values, declared))
    return {
        key: _value(f"{place}.{key}", values[key], one, default, problems) if key in values else default
        for key, (one, default) in declared.items()
    }


def _value(place: str, value: Any, declared: Declared, default: Any, problems: list[str]) -> Any:
    if declared.kind == "names" and isinstance(value, list):
        names = tuple(item for item in value if isinstance(item, str))
        if len(names) < len(value):
            problems.append(f"{place} has an entry that is no text, expected names only: it is left out")
        return names
    if declared.fits(value):
        return int(value) if declared.kind == "whole" and value is not None else value
    instead = "none" if default in (None, ()) else repr(default)
    problems.append(f"{place} is {_shown(value)}, expected {declared.expected}: {instead} is used")
    return default


def _shown(value: object) -> str:
    """A value as the file has it, or what it is where that is long."""
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= _LONGEST_SHOWN else kind_of(value)
