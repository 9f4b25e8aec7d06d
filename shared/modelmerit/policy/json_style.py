"""How a JSON text is written: its line ends, its indentation, the space around its colons and commas."""

import json
import re
from dataclasses import dataclass
from typing import Any

from modelmerit.policy.json_scan import Span, scan

_INDENT = re.compile(r"[\[{][ \t]*\r?\n([ \t]*)")


def dumps(value: Any, comma: str = ", ", colon: str = ": ") -> str:
    """`value` on one line, readable; with escapes only where a text has no UTF-8 form."""
    written = json.dumps(value, ensure_ascii=False, separators=(comma, colon))
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(comma, colon))
    return written


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """The habits of one text. `multiline` is whether its outermost object is spread over lines."""

    newline: str
    unit: str
    colon: str
    space_after_comma: str
    multiline: bool

    @classmethod
    def of(cls, text: str) -> "JsonStyle":
        """The style of a JSON text; that of `json.dumps(…, indent=2)` where the text shows none."""
        root = scan(text)
        newline = "\r\n" if "\r\n" in text else "\n"
        first_line = _INDENT.match(text, root.start)
        multiline = first_line is not None or not root.members
        first = root.members[0] if root.members else None
        colon = text[first.key_end : first.value.start] if first else ": "
        colon = colon if colon.strip(" ") == ":" else ": "
        space = _space_after_comma(text, root)
        if space is None:
            space = " " if colon.endswith(" ") else ""
        return cls(newline, first_line[1] if first_line else "  ", colon, space, multiline)

    def write(self, value: Any, like: str | None = None) -> str:
        """`value` the way `like`, the text of a similar value, is written; on one line where there is none."""
        if like is not None and isinstance(value, dict | list) and value and like[0] == dumps(value)[0]:
            return self._write_like(value, like)
        return dumps(value, "," + self.space_after_comma, self.colon)

    def member(self, key: str | None, value: Any, like: str | None, colon: str | None = None) -> str:
        """A list's item, or an object's key and value."""
        written = self.write(value, like)
        return written if key is None else dumps(key) + (colon or self.colon) + written

    def gaps(self, text: str, empty: Span, inside: str) -> tuple[str, str]:
        """The white space before and after what is to be the only member of the `empty` list or object."""
        if inside and "\n" not in inside:
            return inside, inside
        if not self.multiline:
            return "", ""
        line_start = text.rfind("\n", 0, empty.start) + 1
        indent = text[line_start : len(text[:line_start]) + _indent_width(text[line_start : empty.start])]
        return self.newline + indent + self.unit, self.newline + indent

    def _write_like(self, value: Any, like: str) -> str:
        sample = scan(like)
        if not sample.members:
            return self.write(value)
        first, last = sample.members[0], sample.members[-1]
        opened, closed = like[1 : first.start], like[last.end : -1]
        gap = opened if "\n" in opened else self.space_after_comma
        if len(sample.members) > 1:
            between = like[first.end : sample.members[1].start]
            gap = between[between.index(",") + 1 :]
        if isinstance(value, list):
            written = [self.write(item) for item in value]
        else:
            colon = like[first.key_end : first.value.start]
            written = [self.member(key, item, None, colon) for key, item in value.items()]
        return like[0] + opened + ("," + gap).join(written) + closed + like[-1]


def _space_after_comma(text: str, root: Span) -> str | None:
    """The space after the first comma inside a line, if there is such a comma."""
    queue = [root]
    while queue:
        span = queue.pop(0)
        for left, right in zip(span.members, span.members[1:], strict=False):
            between = text[left.end : right.start]
            if "\n" not in between:
                return between[between.index(",") + 1 :]
        queue.extend(member.value for member in span.members)
    return None


def _indent_width(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
