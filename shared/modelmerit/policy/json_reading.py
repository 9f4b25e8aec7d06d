"""Reading the JSON of a models.json, strictly, and telling where a mistake is and what to do about it.

Strictly: no key twice, no NaN, no number that a program cannot hold, nothing nested deeper than a person would.
"""

import json
import re
from typing import Any, NoReturn

from modelmerit.errors import PolicyFileError
from modelmerit.policy.json_scan import Span, scan

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_DEEPEST = 100
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[^\s"\[\]{},:]+', re.DOTALL)
_CURLY_QUOTES = (
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
)


class _NoNumber(ValueError):
    """A literal that Python takes for a number and JSON does not."""


class _KeyTwice(ValueError):
    """An object of the file has a key twice."""


def read_json(text: str) -> dict[str, Any]:
    """The JSON object of a models.json.

    Raises:
        PolicyFileError: With the line and column of the mistake, both from 1.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    if not text.strip():
        raise PolicyFileError("models.json is empty, expected a JSON object. Restore a backup.")
    try:
        data = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        position = _place(text, error)
        raise _mistake(text, position, _told(text, position, error.msg), "models.json is not JSON") from None
    except _KeyTwice:
        raise _key_twice(text) from None
    except _NoNumber as error:
        position = next(found.start() for found in _TOKEN.finditer(text) if found[0] == str(error))
        raise _mistake(text, position, f"found {error}, expected a number that JSON knows") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # Python reads no whole number of more than some thousand digits
        raise PolicyFileError(
            "models.json holds a number of thousands of digits, expected a few. Correct it, or restore a backup."
        ) from None
    if not isinstance(data, dict):
        raise PolicyFileError(
            f"models.json holds {kind_of(data)}, expected an object with `task_complexity` and `rules`. "
            "Restore a backup."
        )
    if _is_deep(data):
        raise _too_deep()
    return data


def kind_of(value: object) -> str:
    """What a JSON value is, in words: "an object", "a list", "a text"."""
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        raise _KeyTwice
    return unique


def _no_constant(name: str) -> NoReturn:
    raise _NoNumber(name)


def _finite(literal: str) -> float:
    number = float(literal)
    if number in (float("inf"), float("-inf")):
        raise _NoNumber(literal)
    return number


def _place(text: str, error: json.JSONDecodeError) -> int:
    """Where the mistake is: at a comma too many, not at the bracket that shows it to be one."""
    before = text[: error.pos].rstrip()
    is_after_comma = before.endswith(",") and text[error.pos : error.pos + 1] in ("}", "]")
    return len(before) - 1 if is_after_comma else error.pos


def _told(text: str, position: int, said: str) -> str:
    """What is probably wrong at a place, by what stands there and by what the JSON reader has `said` of it."""
    if said.startswith("Unterminated string"):
        return "the closing quote of this text is missing"
    if said.startswith("Invalid control"):
        return "a text goes over the end of its line; close its quote, or write \\n"
    if said.startswith("Invalid \\"):
        return "found a single backslash in a text, expected two"
    if position >= len(text):
        return "the file ends too early, expected its closing brackets"
    character = text[position]
    found = f"found {character if character.isprintable() else ascii(character)[1:-1]}"
    if character in "/#":
        return f'{found}, but JSON has no comments; put the words into a key of your own, such as "note"'
    if character == "'" or character in _CURLY_QUOTES:
        return f"{found}, expected a straight double quote"
    if character == ",":
        return "found a comma, expected none here"
    if said.startswith("Extra data"):
        return f"{found} after the end of the object; a bracket is closed too early, or there is text too much"
    if said.startswith("Expecting ',' delimiter"):
        return f"{found}, expected a comma before it; or a quote inside a text needs a backslash"
    if said.startswith("Expecting ':' delimiter"):
        return f"{found}, expected a colon after the key"
    if said.startswith("Expecting property name"):
        return f"{found}, expected a key in double quotes"
    if character in "TFN":
        return f"{found}, expected a value; true, false and null are written in small letters"
    return f"{found}, expected a value; texts are written in double quotes"


def _mistake(text: str, position: int, what: str, where: str = "models.json") -> PolicyFileError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return PolicyFileError(f"{where}: line {line}, column {column}: {what}. Correct it there, or restore a backup.")


def _too_deep() -> PolicyFileError:
    return PolicyFileError(
        f"models.json is nested too deeply, expected at most {_DEEPEST} levels. Correct it, or restore a backup."
    )


def _is_deep(data: Any) -> bool:
    level = [data]
    for _ in range(_DEEPEST):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _key_twice(text: str) -> PolicyFileError:
    """The mistake that a key stands twice in one object, with the place of the second one."""
    try:
        spans: list[Span] = [scan(text)]
    except RecursionError:
        return _too_deep()
    while spans:
        span = spans.pop()
        seen: set[str] = set()
        for member in span.members:
            key = None if member.key is None else str(json.loads(member.key))
            if key is not None and key in seen:
                what = f"the key {key!r} stands twice in one object, expected it once"
                return _mistake(text, member.start, what)
            seen.update(() if key is None else (key,))
        spans.extend(member.value for member in reversed(span.members))
    raise AssertionError("the reader saw a key twice")
