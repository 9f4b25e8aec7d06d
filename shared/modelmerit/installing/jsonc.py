"""Reading JSON with comments and trailing commas, as clients write it, and where in the text every value stands.

A client's own state may be many megabytes, of which an edit touches one object. So what is plain JSON is read by the
standard library, and where its members stand is found out for those objects alone that somebody asks about.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from modelmerit.installing.content import NotEditable

_TRIVIA = re.compile(r"(?:[ \t\r\n]++|//[^\r\n]*+|/\*.*?\*/)*+", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\r\n]|\\.)*+"')
_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(slots=True)
class Node:
    """A value from `start` up to `end`."""

    start: int
    end: int
    value: Any
    _members: list["Member"] | None = None
    _reader: "_Reader | None" = None

    @property
    def members(self) -> list["Member"]:
        """Those of an object or a list, in order."""
        if self._members is None:
            self._members = [] if self._reader is None else self._reader.members_of(self.start)[0]
        return self._members


@dataclass(slots=True)
class Member:
    """An item of a list, or a key and its value. `start` is where the key begins, `comma` where the one after it is."""

    start: int
    key: str | None
    node: Node
    comma: int | None = None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


_PLAIN = json.JSONDecoder(parse_constant=_refuse)
"""Reads JSON as its standard has it, without NaN and Infinity."""


@lru_cache(maxsize=4)
def read(text: str) -> Node:
    """The one value of a JSON text; comments, trailing commas and a byte order mark are allowed.

    It is remembered, as an edit reads a text several times and a client's own state may be megabytes: do not change it.

    Raises:
        NotEditable: With the line and column of the mistake, both from 1.
    """
    try:
        return _Reader(text).document()
    except RecursionError:
        raise NotEditable("it is nested too deeply") from None


def skip(text: str, position: int) -> int:
    """Where the white space and comments that begin at `position` end."""
    found = _TRIVIA.match(text, position)
    return found.end() if found else position


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def document(self) -> Node:
        start = skip(self.text, len(_BYTE_ORDER_MARK) if self.text.startswith(_BYTE_ORDER_MARK) else 0)
        node = self._value(start)
        end = skip(self.text, node.end)
        if end < len(self.text):
            raise self._mistake(end, "expected nothing after the value")
        return node

    def members_of(self, start: int) -> tuple[list[Member], int]:
        """The members of the object or list that begins at `start`, and where it ends."""
        is_object = self.text[start] == "{"
        closing = "}" if is_object else "]"
        members: list[Member] = []
        position = skip(self.text, start + 1)
        while self.text[position : position + 1] != closing:
            if members and members[-1].comma is None:
                raise self._mistake(position, f"expected a comma or {closing}")
            member = self._member(position, is_object=is_object)
            members.append(member)
            position = skip(self.text, member.node.end)
            if self.text[position : position + 1] == ",":
                member.comma = position
                position = skip(self.text, position + 1)
        return members, position + 1

    def _value(self, start: int) -> Node:
        opening = self.text[start : start + 1]
        if opening in ("{", "["):
            return self._container(start, is_object=opening == "{")
        if opening == '"':
            value, end = self._string(start)
            return Node(start, end, value)
        found = _SCALAR.match(self.text, start)
        if found is None:
            raise self._mistake(start, "expected a value")
        try:
            return Node(start, found.end(), json.loads(found[0]))
        except ValueError:
            raise self._mistake(start, "expected a number of fewer digits") from None

    def _container(self, start: int, *, is_object: bool) -> Node:
        try:
            value, end = _PLAIN.raw_decode(self.text, start)
        except ValueError:
            pass  # it has comments or trailing commas, or a mistake, whose place is to be told
        else:
            return Node(start, end, value, _reader=self)
        members, end = self.members_of(start)
        values = (member.node.value for member in members)
        value = dict(zip((member.key for member in members), values, strict=True)) if is_object else list(values)
        return Node(start, end, value, members)

    def _member(self, start: int, *, is_object: bool) -> Member:
        if not is_object:
            return Member(start, None, self._value(start))
        key, end = self._string(start)
        colon = skip(self.text, end)
        if self.text[colon : colon + 1] != ":":
            raise self._mistake(colon, "expected a colon")
        return Member(start, key, self._value(skip(self.text, colon + 1)))

    def _string(self, start: int) -> tuple[str, int]:
        found = _STRING.match(self.text, start)
        try:
            if found is not None:
                return str(json.loads(found[0])), found.end()
        except ValueError:
            pass
        raise self._mistake(start, "expected a text in double quotes")

    def _mistake(self, position: int, expected: str) -> NotEditable:
        line = self.text.count("\n", 0, position) + 1
        column = position - self.text.rfind("\n", 0, position)
        return NotEditable(f"line {line}, column {column}: {expected}")
