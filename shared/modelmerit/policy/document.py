"""Reading models.json.

What cannot be JSON, or has the wrong shape at the top, is an error. A single rule or value that does not work is a
problem of the policy, named by its place, and the rest works on: a typing mistake in rule 7 must not stop an agent.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from modelmerit.errors import PolicyFileError, RuleSyntaxError, UnknownModel
from modelmerit.policy.blocks import misspelt_keys, read_exploration, read_learning, read_models
from modelmerit.policy.json_reading import kind_of, read_json
from modelmerit.policy.meanings import default_name, model_names
from modelmerit.policy.names import ModelNames
from modelmerit.policy.parser import parse_condition
from modelmerit.policy.schema import ExplorationSettings, LearningSettings, ModelEntry, Policy, Recommendation, Rule
from modelmerit.policy.spelling import nearest
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
]

_SHAPES: Mapping[str, tuple[type, str]] = {
    "task_complexity": (dict, "an object with simple, medium and complex"),
    "rules": (list, "a list of rules"),
    "models": (dict, "an object of models by alias"),
    "learning": (dict, "an object of settings"),
    "exploration": (dict, "an object of settings"),
    "escalation": (list, "a list of models, from cheap to dear"),
}
_LEVEL_KEYS = ("model", "examples")
_RULE_KEYS: Mapping[str, str] = {"if": "a condition", "use": "a model"}
_A_RULE = '{"if": "task contains \'docs\'", "use": "haiku"}'
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
                f"models.json: `{key}` is {kind_of(data[key])}, expected {expected}. Correct it, or restore a backup."
            )
    problems = misspelt_keys("", data, _SHAPES)
    models = read_models(data.get("models", {}), problems)
    names = model_names(data)

    def resolve_all(place: str, written: Sequence[str]) -> tuple[str, ...]:
        found = []
        for name in written:
            try:
                found.append(names.resolve(name))
            except UnknownModel as error:
                problems.append(f"{place}: {error} It is left out.")
        return tuple(dict.fromkeys(found))

    defaults = _defaults(data, names, problems)
    rules = _rules(data, names, problems)
    learning = read_learning(data.get("learning", {}), problems)
    exploration = read_exploration(data.get("exploration", {}), problems)
    exploration = replace(
        exploration,
        candidates=resolve_all("exploration.candidates", exploration.candidates),
        exclude=tuple(_id_or_as_written(names, name) for name in exploration.exclude),
    )
    ladder = [name for name in data.get("escalation", ()) if isinstance(name, str)]
    if len(ladder) < len(data.get("escalation", ())):
        problems.append("escalation has an entry that is no text, expected names of models only: it is left out")
    return Policy(
        defaults=defaults,
        rules=rules,
        models=models,
        learning=learning,
        exploration=exploration,
        escalation=resolve_all("escalation", ladder),
        problems=tuple(map(_one_line, problems)),
        hash=content_hash(text),
        names=names,
        data=data,
    )


def content_hash(text: str) -> str:
    """SHA-256 of the text's bytes, in hexadecimal: the name of a policy."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _defaults(data: Mapping[str, Any], names: ModelNames, problems: list[str]) -> Mapping[Complexity, str]:
    usable: dict[Complexity, str] = {}
    wrong: dict[Complexity, str] = {}
    block = data.get("task_complexity", {})
    problems.extend(misspelt_keys("task_complexity.", block, COMPLEXITIES))
    for complexity in COMPLEXITIES:
        level = block.get(complexity)
        if isinstance(level, dict):
            problems.extend(misspelt_keys(f"task_complexity.{complexity}.", level, _LEVEL_KEYS))
        name = default_name(level)
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
    lender: dict[Complexity, Complexity] = {
        wanted: next(near for near in _NEAREST[wanted] if near in usable) for wanted in COMPLEXITIES
    }
    for complexity, why in wrong.items():
        problems.append(f"task_complexity.{complexity} {why}; the model of {lender[complexity]} is used")
    return {complexity: usable[lender[complexity]] for complexity in COMPLEXITIES}


def _rules(data: Mapping[str, Any], names: ModelNames, problems: list[str]) -> tuple[Rule, ...]:
    working = []
    for number, rule in enumerate(data.get("rules", ()), start=1):
        if wrong := _misshapen(rule):
            problems.append(f"rule {number} is left out: {wrong}")
            continue
        try:
            condition = parse_condition(rule["if"])
            working.append(Rule(number, condition.text, condition, rule["use"], names.resolve(rule["use"])))
        except RuleSyntaxError as error:
            problems.append(f"rule {number}, column {error.column}: {error}. The rule is left out.")
        except UnknownModel as error:
            problems.append(f"rule {number}: {error} The rule is left out.")
    return tuple(working)


def _misshapen(rule: object) -> str:
    """What is wrong with the shape of a rule, and what to do; empty if nothing is."""
    if not isinstance(rule, dict):
        return f"it is {kind_of(rule)}, expected an object: {_A_RULE}"
    for key, value in _RULE_KEYS.items():
        if key not in rule:
            near = nearest(key, (other for other in rule if other not in _RULE_KEYS))
            guess = f"rename its `{near}` to `{key}`" if near else f"add one, as in {_A_RULE}"
            return f"its `{key}` is missing, expected {value}: {guess}"
        if not isinstance(rule[key], str):
            return f"its `{key}` is {kind_of(rule[key])}, expected {value}, as in {_A_RULE}"
    return ""


def _one_line(problem: str) -> str:
    """What is shown beside an answer: a name from the file may hold line breaks and worse."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in problem)


def _id_or_as_written(names: ModelNames, name: str) -> str:
    try:
        return names.resolve(name)
    except UnknownModel:
        return name
