"""Editing JSON with comments so that only the edit differs.

`policy.json_text` does this for models.json, which has no comments. Here comments stay beside what they are written
beside, and a trailing comma stays the habit of the list that has it. After every edit the text is read again and
compared with what the edit means for the data.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from modelmerit.installing.content import NotEditable
from modelmerit.installing.jsonc import Node, read

Path = tuple[str | int, ...]

_REST_OF_LINE = re.compile(r"(?:[ \t]|/\*[^\r\n]*?\*/)*+(?://[^\r\n]*+)?(?=\r?\n)")
_LONGEST_LIST = 80
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_FIRST_INDENT = re.compile(r"[\[{][^\r\n]*\r?\n([ \t]+)")


def value_at(text: str, path: Path) -> Any:
    """What stands at `path`, None if nothing does.

    Raises:
        NotEditable: If the text cannot be read, or a key on the way stands twice.
    """
    found = find(read(text), path)
    return None if found is None else found.value


def find(node: Node, path: Path) -> Node | None:
    """The node at `path` below `node`."""
    for step in path:
        index = _index(node, step)
        if index is None:
            return None
        node = node.members[index].node
    return node


def put(text: str, path: Path, value: Any) -> str:
    """`text` with `value` at `path`, in place of what is there or as the last key; objects on the way are made.

    Raises:
        NotEditable: If something other than an object is on the way.
    """
    root = read(text)
    depth = next(depth for depth in range(len(path), -1, -1) if find(root, path[:depth]) is not None)
    found = find(root, path[:depth])
    assert found is not None, "the whole document is always there"
    if depth == len(path):
        habits = _Habits.of(text, root)
        written = habits.write(value, _indent_at(text, found.start) if habits.multiline else None)
        edited = text[: found.start] + written + text[found.end :]
        return _checked(text, edited, lambda data: _set(data, path, value))
    if not isinstance(found.value, dict):
        raise NotEditable(f"{_name(path[:depth])} is no object")
    for step in reversed(path[depth + 1 :]):
        value = {step: value}
    key = path[depth]
    assert isinstance(key, str), "only objects are made on the way"
    edited = _with_last(text, root, found, key, value)
    return _checked(text, edited, lambda data: _set(data, path[: depth + 1], value))


def append(text: str, path: Path, value: Any) -> str:
    """`text` with `value` as the last item of the list at `path`, which is made if it is not there.

    Raises:
        NotEditable: If something other than a list is there.
    """
    root = read(text)
    found = find(root, path)
    if found is None:
        return put(text, path, [value])
    if not isinstance(found.value, list):
        raise NotEditable(f"{_name(path)} is no list")
    edited = _with_last(text, root, found, None, value)
    return _checked(text, edited, lambda data: _at(data, path).append(value))


def remove(text: str, path: Path) -> str:
    """`text` without what is at `path`; it has to be there."""
    holder = find(read(text), path[:-1])
    assert holder is not None, "only what was found is removed"
    index = _index(holder, path[-1])
    assert index is not None, "only what was found is removed"
    members, member = holder.members, holder.members[index]
    end = member.node.end if member.comma is None else member.comma + 1
    previous = members[index - 1].comma if index > 0 else holder.start
    assert previous is not None, "members are parted by commas"
    start = _start_of_gap(text, previous + 1, member.start, end)
    edited = text[:start] + text[end:]
    if member.comma is None and index > 0:
        edited = text[:previous] + text[previous + 1 : start] + text[end:]
    elif len(members) == 1 and not text[holder.start + 1 : start].strip() and not text[end : holder.end - 1].strip():
        edited = text[: holder.start + 1] + text[holder.end - 1 :]
    return _checked(text, edited, lambda data: _drop(data, path))


def _with_last(text: str, root: Node, holder: Node, key: str | None, value: Any) -> str:
    """`text` with a further member at the end of `holder`."""
    habits = _Habits.of(text, root)
    if not holder.members:
        return _with_only(text, habits, holder, key, value)
    first, last = holder.members[0], holder.members[-1]
    if "\n" not in text[holder.start : first.start]:
        written = "," + habits.space + habits.member(key, value, None)
        if last.comma is not None:
            return text[: last.comma] + written + text[last.comma :]
        return text[: last.node.end] + written + text[last.node.end :]
    indent = _indent_at(text, first.start)
    written = habits.newline + indent + habits.member(key, value, indent)
    if last.comma is not None:
        place = _end_of_line(text, last.comma + 1)
        return text[:place] + written + "," + text[place:]
    place = _end_of_line(text, last.node.end)
    return text[: last.node.end] + "," + text[last.node.end : place] + written + text[place:]


def _with_only(text: str, habits: "_Habits", holder: Node, key: str | None, value: Any) -> str:
    outer = _indent_at(text, holder.start)
    inside = text[holder.start + 1 : holder.end - 1]
    if not habits.multiline and "\n" not in inside:
        return text[: holder.end - 1] + habits.member(key, value, None) + text[holder.end - 1 :]
    indent = outer + habits.unit
    written = habits.newline + indent + habits.member(key, value, indent)
    if not inside.strip():
        return text[: holder.start + 1] + written + habits.newline + outer + text[holder.end - 1 :]
    place = _end_of_line(text, holder.start + 1) if "\n" in inside else holder.end - 1
    closing = "" if "\n" in text[place : holder.end] else habits.newline + outer
    return text[:place] + written + closing + text[place:]


@dataclass(frozen=True, slots=True)
class _Habits:
    """How a text is written: its line ends, its indentation, the space after its commas."""

    newline: str
    unit: str
    space: str
    multiline: bool

    @classmethod
    def of(cls, text: str, root: Node) -> "_Habits":
        indented = _FIRST_INDENT.match(text, root.start)
        members = root.members
        multiline = not members or "\n" in text[root.start : members[0].start]
        colon = text[members[0].start : members[0].node.start] if members else ": "
        space = "" if not multiline and not colon.endswith(" ") else " "
        return cls("\r\n" if "\r\n" in text else "\n", indented[1] if indented else "  ", space, multiline)

    def member(self, key: str | None, value: Any, indent: str | None) -> str:
        """An item, or a key and its value; on one line if `indent` is None."""
        written = self.write(value, indent)
        return written if key is None else f"{_dumps(key)}:{self.space}{written}"

    def write(self, value: Any, indent: str | None) -> str:
        """`value`, objects and lists of them over several lines whose first is indented by `indent`."""
        nested = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        on_one_line = _dumps(value, "," + self.space, ":" + self.space)
        is_short = isinstance(value, list) and len(on_one_line) <= _LONGEST_LIST
        if indent is None or not nested or (is_short and not any(isinstance(item, dict | list) for item in nested)):
            return on_one_line
        inner = indent + self.unit
        keys: Sequence[str | None] = list(value) if isinstance(value, dict) else [None] * len(value)
        lines = [inner + self.member(key, item, inner) for key, item in zip(keys, nested, strict=True)]
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return opening + self.newline + f",{self.newline}".join(lines) + self.newline + indent + closing


def _dumps(value: Any, comma: str = ", ", colon: str = ": ") -> str:
    return json.dumps(value, ensure_ascii=False, separators=(comma, colon))


def _indent_at(text: str, position: int) -> str:
    """The white space at the beginning of the line of `position`."""
    line = text[text.rfind("\n", 0, position) + 1 : position].removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _end_of_line(text: str, position: int) -> int:
    """Where the line ends if only comments follow `position` on it; else `position` itself."""
    found = _REST_OF_LINE.match(text, position)
    return found.end() if found else position


def _start_of_gap(text: str, before: int, start: int, end: int) -> int:
    """Where the line break and the indentation before what goes from `start` to `end` begin, if they can go too.

    `before` is where the last token ends. The line break after a comment stays where something stands behind it that
    must not become part of the comment.
    """
    comments = _COMMENT.findall(text, before, start)
    is_after_comment = bool(comments) and comments[-1].startswith("//")
    if is_after_comment and not _REST_OF_LINE.match(text, end):
        return start
    indented = text[:start].rstrip(" \t")
    return len(indented.removesuffix("\n").removesuffix("\r")) if indented.endswith("\n") else len(indented)


def _index(node: Node, step: str | int) -> int | None:
    if isinstance(step, int):
        return step if isinstance(node.value, list) and step < len(node.members) else None
    found = [index for index, member in enumerate(node.members) if member.key == step]
    if len(found) > 1:
        raise NotEditable(f"{step!r} stands twice in one object")
    return found[0] if found else None


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _set(data: Any, path: Path, value: Any) -> None:
    _at(data, path[:-1])[path[-1]] = value


def _drop(data: Any, path: Path) -> None:
    del _at(data, path[:-1])[path[-1]]


def _name(path: Path) -> str:
    return ".".join(map(str, path)) or "the whole"


def _checked(before: str, after: str, change: Callable[[Any], None]) -> str:
    try:
        # Many times as fast as a deep copy.
        expected = json.loads(json.dumps(read(before).value))
        change(expected)
        is_right = json.dumps(read(after).value) == json.dumps(expected)
    except RecursionError:
        raise NotEditable("it is nested too deeply") from None
    if not is_right:
        raise AssertionError("the edited text does not say what the edit means")
    return after
