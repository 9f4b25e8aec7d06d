"""Editing JSON text so that only the edit differs.

A person's models.json has an order, an indentation and a style of its own. An edit replaces, inserts or removes the
characters of one value and the comma beside it, written the way its neighbours are written; all else, byte order mark,
line ends and a missing last newline included, stays as it is. Insert something and remove it again, and the bytes are
the same as before (but for an empty list or object spread over several lines, which closes up).

After every edit the text is parsed again and compared with what the edit means for the data.
"""

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

from modelmerit.errors import ChangeDoesNotApply
from modelmerit.policy.json_reading import read_json
from modelmerit.policy.json_scan import Member, Span, scan
from modelmerit.policy.json_style import JsonStyle, dumps

Path = tuple[str | int, ...]


def replace_value(text: str, path: Path, value: Any) -> str:
    """`text` with the value at `path` replaced.

    Raises:
        ChangeDoesNotApply: If nothing is at `path`.
    """

    def change(data: Any) -> None:
        _at(data, path[:-1])[path[-1]] = value

    span = _span(text, path)
    written = JsonStyle.of(text).write(value, text[span.start : span.end])
    return _checked(text, text[: span.start] + written + text[span.end :], change)


def insert_item(text: str, path: Path, index: int, value: Any) -> str:
    """`text` with `value` inserted into the list at `path` before `index`; at its end if it has no more items.

    Raises:
        ChangeDoesNotApply: If there is no list at `path`.
    """
    items = _at(read_json(text), path)
    if not isinstance(items, list):
        raise ChangeDoesNotApply(f"{name_of(path)} is no list, expected one. Look at models.json.")
    index = min(index, len(items))
    return _checked(text, _inserted(text, path, index, None, value), lambda data: _at(data, path).insert(index, value))


def add_key(text: str, path: Path, key: str, value: Any) -> str:
    """`text` with `key` added as the last of the object at `path`.

    Raises:
        ChangeDoesNotApply: If there is no object at `path`, or it has the key.
    """
    holder = _at(read_json(text), path)
    if not isinstance(holder, dict):
        raise ChangeDoesNotApply(f"{name_of(path)} is no object, expected one. Look at models.json.")
    if key in holder:
        raise ChangeDoesNotApply(f"{name_of((*path, key))} is there already. Look at models.json and decide anew.")

    def change(data: Any) -> None:
        _at(data, path)[key] = value

    return _checked(text, _inserted(text, path, len(holder), key, value), change)


def remove(text: str, path: Path) -> str:
    """`text` without the item or key at `path`.

    Raises:
        ChangeDoesNotApply: If nothing is at `path`.
    """

    def change(data: Any) -> None:
        del _at(data, path[:-1])[path[-1]]

    _span(text, path)
    container = _span(text, path[:-1])
    members = container.members
    index = _index(members, path[-1])
    if len(members) == 1:
        before, after = text[container.start + 1 : members[0].start], text[members[0].end : container.end - 1]
        kept = before if before == after and "\n" not in before else ""
        edited = text[: container.start + 1] + kept + text[container.end - 1 :]
    elif index < len(members) - 1:
        edited = text[: members[index].start] + text[members[index + 1].start :]
    else:
        edited = text[: members[index - 1].end] + text[members[index].end :]
    return _checked(text, edited, change)


def value_at(data: Any, path: Path) -> Any:
    """What the parsed document holds at `path`.

    Raises:
        ChangeDoesNotApply: If nothing is there.
    """
    return _at(data, path)


def name_of(path: Path) -> str:
    """A path as people write it: `task_complexity.medium.model`, `rules[0].use`."""
    name = ""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name or "models.json"


def _inserted(text: str, path: Path, index: int, key: str | None, value: Any) -> str:
    style = JsonStyle.of(text)
    container = _span(text, path)
    members = container.members
    if not members:
        inside = text[container.start + 1 : container.end - 1]
        opened, closed = style.gaps(text, container, inside)
        written = style.member(key, value, None)
        return text[: container.start + 1] + opened + written + closed + text[container.end - 1 :]
    neighbour = members[index] if index < len(members) else members[-1]
    sample = _like(text, members, neighbour, value)
    written = style.member(key, value, sample, text[neighbour.key_end : neighbour.value.start] if key else None)
    gap = _gap(text, container, style)
    if index < len(members):
        return text[: neighbour.start] + written + "," + gap + text[neighbour.start :]
    return text[: neighbour.end] + "," + gap + written + text[neighbour.end :]


def _like(text: str, members: Sequence[Member], neighbour: Member, value: Any) -> str | None:
    """The text of a sibling of the same kind as `value`, the neighbour first; for a list, of one without structure."""
    opening = dumps(value)[0]
    for sibling in (neighbour, *reversed(members)):
        nested = any(member.value.members for member in sibling.value.members)
        if text[sibling.value.start] == opening and opening in "{[" and not (opening == "[" and nested):
            return text[sibling.value.start : sibling.value.end]
    return None


def _gap(text: str, container: Span, style: JsonStyle) -> str:
    """The white space after a comma of this container."""
    members = container.members
    if len(members) > 1:
        between = text[members[0].end : members[1].start]
        return between[between.index(",") + 1 :]
    leading = text[container.start + 1 : members[0].start]
    return leading if "\n" in leading else style.space_after_comma


def _at(data: Any, path: Path) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            raise ChangeDoesNotApply(
                f"{name_of(path)} is not in models.json any more. Look at the file and decide anew."
            ) from None
    return data


def _span(text: str, path: Path) -> Span:
    _at(read_json(text), path)
    span = scan(text)
    for step in path:
        span = span.members[_index(span.members, step)].value
    return span


def _index(members: Sequence[Member], step: str | int) -> int:
    if isinstance(step, int):
        return step if step >= 0 else len(members) + step
    return next(i for i, member in enumerate(members) if member.key is not None and json.loads(member.key) == step)


def _checked(before: str, after: str, change: Callable[[Any], None]) -> str:
    expected = copy.deepcopy(read_json(before))
    change(expected)
    if dumps(read_json(after)) != dumps(expected):
        raise AssertionError("the edited text does not say what the edit means")
    return after
