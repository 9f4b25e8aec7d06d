"""What was wrong with the arguments of a call, in words that an agent can act on.

What was expected is read off the schema that the agent was given, so that the two never differ.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

MOST_FAULTS = 5
LONGEST_SHOWN = 60

Schema = Mapping[str, Any]


def unknown_or_of_the_wrong_kind(arguments: Mapping[str, Any], schema: Schema) -> list[str]:
    """The faults that pydantic would let pass, or would take long to find: strange names, and values it would convert.

    It takes true for 1, and the number 0 for a day in 1970.
    """
    known = schema["properties"]
    strange = [name for name in arguments if name not in known]
    if strange:
        named = ", ".join(shown(name) for name in strange[:MOST_FAULTS]) + (", …" if len(strange) > MOST_FAULTS else "")
        return [f"{named}: no such argument; expected {listed(list(known), 'and') or 'none'}"]
    return [
        _fault(name, value, known[name])
        for name, value in arguments.items()
        if value is not None and not _of_its_kind(value, known[name].get("type"))
    ]


def faults(error: ValidationError, schema: Schema) -> list[str]:
    """What pydantic found."""
    known = schema["properties"]
    found = []
    for detail in error.errors(include_url=False, include_context=False):
        name = str(detail["loc"][0])
        if detail["type"] == "missing":
            found.append(f"{name} is missing; expected {expected(known[name])}")
        else:
            found.append(_fault(name, detail["input"], known[name]))
    return found


def told(found: list[str]) -> str:
    """The faults as one text; how many more there are, where there are many."""
    more = f" And {len(found) - MOST_FAULTS} more." if len(found) > MOST_FAULTS else ""
    return " ".join(f"{fault}." for fault in found[:MOST_FAULTS]) + more


def shown(value: Any) -> str:
    """A value as a caller knows it, cut short."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return f"{value[:LONGEST_SHOWN]!r}… ({len(value):,} characters)"
    text = repr(value)
    return text if len(text) <= 2 * LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def expected(schema: Schema) -> str:
    """What a schema asks for, in words."""
    if "enum" in schema:
        return listed([repr(choice) for choice in schema["enum"]], "or")
    match schema.get("type"), schema.get("format"):
        case "string", "date":
            return "a date, YYYY-MM-DD"
        case "string", "date-time":
            return "a time with its zone, such as 2026-01-31T12:00:00Z"
        case "string", _:
            shortest = schema.get("minLength", 0)
            length = f"{shortest} to {schema['maxLength']:,}" if shortest else f"up to {schema['maxLength']:,}"
            return f"text of {length} characters" + (", not only blanks" if "pattern" in schema else "")
        case "boolean", _:
            return "true or false"
        case "integer", _:
            return f"a whole number from {schema['minimum']:,} to {schema['maximum']:,}"
        case _:
            return f"a number from {schema['minimum']:,} to {schema['maximum']:,}"


def _fault(name: str, value: Any, schema: Schema) -> str:
    return f"{name} is {shown(value)}; expected {expected(schema)}"


def _of_its_kind(value: Any, kind: str | None) -> bool:
    if kind == "string":
        return isinstance(value, str)
    return kind == "boolean" or not isinstance(value, bool)


def listed(words: list[str], last: str) -> str:
    """Words as a sentence lists them, `last` before the last one; nothing for none."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)
