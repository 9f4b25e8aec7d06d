"""The JSON schema of models.json, for editors: descriptions to read and mistakes to see while typing.

It is made from the same declarations by which the file is read. What only a reader can judge is left to the reader:
whether a condition can be parsed, and whether a name means a model. Keys that are not known are people's own.

    python -m modelmerit.policy.json_schema config/models.schema.json
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelmerit.policy.advice import EXAMPLES
from modelmerit.policy.blocks import PRICE
from modelmerit.policy.declared import Declared, declarations
from modelmerit.policy.lexer import MAX_LENGTH
from modelmerit.policy.schema import ExplorationSettings, LearningSettings
from modelmerit.records import COMPLEXITIES

Schema = dict[str, Any]

_VISIBLE = r"\S"
_PRICES: Mapping[str, str] = {
    "input": "input tokens",
    "output": "output tokens, those of reasoning included",
    "cache_read": "input tokens read from the cache",
    "cache_write_5m": "input tokens written to the cache for five minutes",
    "cache_write_1h": "input tokens written to the cache for an hour",
}
_LEVELS: Mapping[str, str] = {
    "simple": "Where simple tasks go that no rule matches.",
    "medium": "Where medium tasks, and those of unknown complexity, go that no rule matches.",
    "complex": "Where complex tasks go that no rule matches.",
}
_CONDITIONS = (
    *EXAMPLES.values(),
    "task contains 'architecture' or 'design'",
    "keyword is 'docs' and complexity is simple or medium",
    "not (workspace is 'web' or priority is critical)",
)


def models_schema() -> Schema:
    """The schema, in draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "models.json",
        "description": "Which model a task goes to: the first rule that matches decides, else the task's complexity.",
        "type": "object",
        "required": ["task_complexity"],
        "properties": {
            "$schema": {"type": "string", "description": "Where this schema is, for editors."},
            "task_complexity": {
                "type": "object",
                "description": "The model for each complexity, where no rule matches.",
                "required": list(COMPLEXITIES),
                "properties": {level: _level(_LEVELS[level]) for level in COMPLEXITIES},
            },
            "rules": {
                "type": "array",
                "description": "Rules in the order in which they are tried; the first that matches decides.",
                "items": _rule(),
            },
            "models": {
                "type": "object",
                "description": "Short names for models, and what is known of each.",
                "additionalProperties": _model(),
                "examples": [{"haiku": {"id": "claude-haiku-4-5-20251001", "use_as": {"claude-code": "haiku"}}}],
            },
            "learning": _settings("How evidence is displayed and judged.", LearningSettings),
            "exploration": _settings("How often another model is tried, and which.", ExplorationSettings),
            "escalation": {
                "type": "array",
                "description": "The ladder that a retry climbs, from cheap to dear.",
                "items": _name("A model: an id, an alias of `models`, or a word that fits exactly one id."),
                "default": [],
                "examples": [["haiku", "sonnet", "opus"]],
            },
        },
    }


def schema_text() -> str:
    """The schema as it is written to a file."""
    return json.dumps(models_schema(), indent=2, ensure_ascii=False) + "\n"


def _name(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, "pattern": _VISIBLE, **more}


def _level(description: str) -> Schema:
    model = _name("A model id, an alias of `models`, or a word that fits exactly one id of the file.")
    return {
        "description": description,
        "anyOf": [
            {
                "type": "object",
                "required": ["model"],
                "properties": {
                    "model": model,
                    "examples": {
                        "description": "Tasks of this complexity, in your words; for people and agents to read.",
                        "examples": [["update docs", "fix typo"]],
                    },
                },
            },
            model,
        ],
    }


def _rule() -> Schema:
    return {
        "type": "object",
        "required": ["if", "use"],
        "properties": {
            "if": {
                "type": "string",
                "description": "When the rule applies: comparisons joined by `and`, `or`, `not` and parentheses.",
                "maxLength": MAX_LENGTH,
                "pattern": _condition_pattern(),
                "examples": list(_CONDITIONS),
            },
            "use": _name(
                "A model id, an alias of `models`, or a word such as opus that fits exactly one id of the file."
            ),
        },
        "examples": [{"if": EXAMPLES["keyword"], "use": "haiku"}],
    }


def _condition_pattern() -> str:
    """That a condition begins with a field, in whatever case, behind any parentheses and `not`s."""

    def any_case(word: str) -> str:
        return "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in word)

    fields = "|".join(map(any_case, EXAMPLES))
    return rf"^(?:\s|\(|{any_case('not')}(?=[\s(]))*(?:{fields})(?![A-Za-z0-9_-])"


def _model() -> Schema:
    prices = {kind: {**_value(PRICE), "description": f"USD per million {tokens}."} for kind, tokens in _PRICES.items()}
    details = {
        "type": "object",
        "properties": {
            "id": {
                "type": ["string", "null"],
                "description": "The model's id at its provider; by default the alias itself.",
                "pattern": _VISIBLE,
                "examples": ["claude-haiku-4-5-20251001"],
            },
            "provider": {
                "type": ["string", "null"],
                "description": "Who serves the model.",
                "examples": ["anthropic"],
            },
            "use_as": {
                "type": ["string", "object", "null"],
                "description": "What clients call the model: one name for all of them, or a name by client.",
                "additionalProperties": {"type": "string"},
                "examples": ["haiku", {"claude-code": "haiku", "opencode": "builder"}],
            },
            "prices": {
                "type": ["object", "null"],
                "description": "Prices in USD per million tokens, by kind of token.",
                "properties": prices,
                "additionalProperties": _value(PRICE),
                "examples": [{"input": 1, "output": 5, "cache_read": 0.1}],
            },
        },
    }
    return {
        "description": "A model id, or an object that says more of the model.",
        "anyOf": [details, _name("A model id.")],
    }


def _settings(description: str, settings: type[Any]) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {
            key: {
                **_value(declared),
                "description": declared.meaning,
                "default": list(default) if isinstance(default, tuple) else default,
            }
            for key, (declared, default) in declarations(settings).items()
        },
    }


def _value(declared: Declared) -> Schema:
    if declared.kind == "choice":
        return {"enum": list(declared.choices)}
    if declared.kind == "names":
        return {"type": "array", "items": {"type": "string"}}
    kind = "integer" if declared.kind == "whole" else "number"
    return {
        "type": [kind, "null"] if declared.null else kind,
        "minimum": declared.low,
        "maximum": declared.high,
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
