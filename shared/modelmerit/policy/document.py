"""Reading models.json.

What cannot be JSON, or has the wrong shape at the top, is an error. A single rule or value that does not work is a
problem of the policy, named by its place, and the rest works on: a typing mistake in rule 7 must not stop an agent.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from modelmerit.errors import PolicyFileError, RuleSyntaxError, UnknownModel
from modelmerit.policy.blocks import read_exploration, read_learning, read_models
from modelmerit.policy.names import ModelNames, is_family_word
from modelmerit.policy.parser import parse_condition
from modelmerit.policy.schema import ExplorationSettings, LearningSettings, ModelEntry, Policy, Recommendation, Rule
from modelmerit.records import COMPLEXITIES, Complexity

__all__ = [
    "ExplorationSettings",
    "LearningSettings",
    "ModelEntry",
    "Policy",
    "Recommendation",
    "Rule",
    "content_hash",
    "parse_policy",
    "read_json",
]

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_SHAPES: Mapping[str, tuple[type, str]] = {
    "task_complexity": (dict, "an object with simple, medium and complex"),
    "rules": (list, "a list of rules"),
    "models": (dict, "an object of models by alias"),
    "learning": (dict, "an object of settings"),
    "exploration": (dict, "an object of settings"),
    "escalation": (list, "a list of models, from cheap to dear"),
}
_NEAREST: Mapping[Complexity, tuple[Complexity, ...]] = {
    "simple": ("simple", "medium", "complex"),
    "medium": ("medium", "complex", "simple"),
    "complex": ("complex", "medium", "simple"),
}


def parse_policy(text: str) -> Policy:
    """The policy that the text of a models.json describes.

    Raises:
        PolicyFileError: If the text is not JSON, is of the wrong shape at the top, or names no default model at all.
    """
    data = read_json(text)
    for key, (kind, expected) in _SHAPES.items():
        if key in data and not isinstance(data[key], kind):
            raise PolicyFileError(
                f"models.json: `{key}` is {_kind(data[key])}, expected {expected}. Correct it, or restore a backup."
            )
    problems: list[str] = []
    models = read_models(data.get("models", {}), problems)
    names = _model_names(data, models)

    def resolve_all(place: str, written: tuple[str, ...]) -> tuple[str, ...]:
        found = []
        for name in written:
            try:
                found.append(names.resolve(name))
            except UnknownModel as error:
                problems.append(f"{place}: {error}")
        return tuple(dict.fromkeys(found))

    defaults = _defaults(data, names, problems)
    exploration = read_exploration(data.get("exploration", {}), problems, resolve_all)
    ladder = tuple(name for name in data.get("escalation", ()) if isinstance(name, str))
    if len(ladder) < len(data.get("escalation", ())):
        problems.append("escalation has an entry that is no text, expected names of models only: it is left out")
    return Policy(
        defaults=defaults,
        rules=_rules(data, names, problems),
        models=models,
        learning=read_learning(data.get("learning", {}), problems),
        exploration=replace(exploration, exclude=tuple(_id_or_as_written(names, name) for name in exploration.exclude)),
        escalation=resolve_all("escalation", ladder),
        problems=tuple(map(_one_line, problems)),
        hash=content_hash(text),
        names=names,
        data=data,
    )


def content_hash(text: str) -> str:
    """SHA-256 of the text's bytes, in hexadecimal: the name of a policy."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_json(text: str) -> dict[str, Any]:
    """The JSON object of a models.json, strictly: no key twice, no NaN.

    Raises:
        PolicyFileError: With the place of the mistake.
    """
    try:
        data = json.loads(
            text.removeprefix(BYTE_ORDER_MARK), object_pairs_hook=_unique_keys, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        if not text.removeprefix(BYTE_ORDER_MARK).strip():
            raise PolicyFileError("models.json is empty, expected a JSON object. Restore a backup.") from None
        raise PolicyFileError(
            f"models.json is not JSON: line {error.lineno}, column {error.colno}: {error.msg}. "
            "Correct it there, or restore a backup."
        ) from None
    except RecursionError:
        raise PolicyFileError("models.json is nested too deeply, expected a few levels. Restore a backup.") from None
    except ValueError as error:
        raise PolicyFileError(f"models.json: {error}. Correct it, or restore a backup.") from None
    if not isinstance(data, dict):
        raise PolicyFileError(
            f"models.json holds {_kind(data)}, expected an object with `task_complexity` and `rules`. Restore a backup."
        )
    return data


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object, expected it once")
    return unique


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"found {name}, expected a number that JSON knows")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")


def _model_names(data: Mapping[str, Any], models: tuple[ModelEntry, ...]) -> ModelNames:
    """The ids of the file in its order: those declared, and every name in it that can only be an id."""
    aliases = {entry.alias: entry.id for entry in models}
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
        if name not in aliases and is_family_word(name):
            try:
                ModelNames(tuple(ids), aliases).resolve(name)
            except UnknownModel as error:
                if " fits " not in str(error):
                    ids[name] = None
    return ModelNames(tuple(ids), aliases)


def _names_in(data: Mapping[str, Any], key: str) -> list[str]:
    block = data.get(key, {})
    found: list[Any] = []
    if key == "task_complexity":
        found = [_default_name(block.get(complexity)) for complexity in COMPLEXITIES]
    elif key == "rules":
        found = [rule.get("use") for rule in block if isinstance(rule, dict)]
    elif key == "escalation":
        found = list(block)
    elif key == "exploration" and isinstance(block.get("candidates"), list):
        found = block["candidates"]
    return [name for name in found if isinstance(name, str) and name.strip()]


def _default_name(value: object) -> object:
    return value.get("model") if isinstance(value, dict) else value


def _defaults(data: Mapping[str, Any], names: ModelNames, problems: list[str]) -> Mapping[Complexity, str]:
    usable: dict[Complexity, str] = {}
    wrong: dict[Complexity, str] = {}
    block = data.get("task_complexity", {})
    for complexity in COMPLEXITIES:
        name = _default_name(block.get(complexity))
        if not isinstance(name, str) or not name.strip():
            wrong[complexity] = "names no model"
            continue
        try:
            usable[complexity] = names.resolve(name)
        except UnknownModel as error:
            wrong[complexity] = f"cannot be used: {error}"
    if not usable:
        raise PolicyFileError(
            "models.json: `task_complexity` names no usable model, expected one such as "
            '"medium": {"model": "claude-sonnet-4-5-20250929"}. Add it, or restore a backup.'
        )
    nearest: dict[Complexity, Complexity] = {
        wanted: next(near for near in _NEAREST[wanted] if near in usable) for wanted in COMPLEXITIES
    }
    for complexity, why in wrong.items():
        problems.append(f"task_complexity.{complexity} {why}; the model of {nearest[complexity]} is used")
    return {complexity: usable[nearest[complexity]] for complexity in COMPLEXITIES}


def _rules(data: Mapping[str, Any], names: ModelNames, problems: list[str]) -> tuple[Rule, ...]:
    working = []
    for number, rule in enumerate(data.get("rules", ()), start=1):
        condition_text, use = (rule.get("if"), rule.get("use")) if isinstance(rule, dict) else (None, None)
        if not isinstance(condition_text, str) or not isinstance(use, str):
            problems.append(f'rule {number} is left out: expected {{"if": "task contains \'docs\'", "use": "a model"}}')
            continue
        try:
            condition = parse_condition(condition_text)
            working.append(Rule(number, condition.text, condition, use, names.resolve(use)))
        except RuleSyntaxError as error:
            problems.append(f"rule {number}, column {error.column}: {error}; the rule is left out")
        except UnknownModel as error:
            problems.append(f"rule {number}: {error} The rule is left out.")
    return tuple(working)


def _one_line(problem: str) -> str:
    """What is shown beside an answer: a name from the file may hold line breaks and worse."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in problem)


def _id_or_as_written(names: ModelNames, name: str) -> str:
    try:
        return names.resolve(name)
    except UnknownModel:
        return name
