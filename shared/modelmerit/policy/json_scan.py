"""Where every value of a JSON text begins and ends.

The scanner is for text that is already known to be JSON: it finds places, it does not judge. It goes through the text
once and remembers spans, so that an edit can touch the characters of one value and no others.
"""

import re
from dataclasses import dataclass, field

_NEXT = re.compile(r"[ \t\r\n\ufeff]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}]+")


@dataclass(slots=True)
class Span:
    """A value from `start` up to `end`; `members` are those of an object or a list, in order."""

    start: int
    end: int = 0
    members: list["Member"] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """What stands between two commas: a value, in an object with its key in front. `start` is where the key begins."""

    start: int
    key: str | None
    key_end: int
    value: Span

    @property
    def end(self) -> int:
        """Where the member's value ends."""
        return self.value.end


def scan(text: str) -> Span:
    """The span of the whole document, without what stands around it."""
    return _value(text, _skip(text, 0))


def _skip(text: str, position: int) -> int:
    found = _NEXT.match(text, position)
    return found.end() if found else position


def _value(text: str, start: int) -> Span:
    opening = text[start]
    if opening in "{[":
        return _container(text, start, is_object=opening == "{")
    found = (_STRING if opening == '"' else _SCALAR).match(text, start)
    assert found is not None, "the text was parsed as JSON before it was scanned"
    return Span(start, found.end())


def _container(text: str, start: int, *, is_object: bool) -> Span:
    span = Span(start)
    position = _skip(text, start + 1)
    while text[position] not in "}]":
        if text[position] == ",":
            position = _skip(text, position + 1)
        member_start, key, key_end = position, None, position
        if is_object:
            quoted = _STRING.match(text, position)
            assert quoted is not None, "a key is a string"
            key, key_end = quoted[0], quoted.end()
            position = _skip(text, _skip(text, key_end) + 1)
        value = _value(text, position)
        span.members.append(Member(member_start, key, key_end, value))
        position = _skip(text, value.end)
    span.end = position + 1
    return span
