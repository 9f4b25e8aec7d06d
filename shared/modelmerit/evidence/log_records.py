"""The records of a log, whatever holds them, and how to go on behind one that is no JSON.

A log is a JSON array, an object with one in it, or one value after the other, as JSON lines are.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.log_fields import TASK_NAMES
from modelmerit.evidence.log_text import BETWEEN, COLON, LogText, MalformedJson

LIST_NAMES = ("dispatches", "tasks", "history")
"""What the list of records may be called in the object that holds it."""
LIST_END = re.compile(r"\]\s*\}?\s*$")
OPENING = re.compile(r'\{\s{0,80}"[^"\n]{0,80}"\s{0,80}:')
MOST_TRIES = 100


class Found(NamedTuple):
    """A value of the log, or what is wrong with it, and the line where it begins.

    `may_have_halves`: half a character may be in it, as is left in JSON where somebody cut an emoji in two.
    """

    line: int
    value: Any
    may_have_halves: bool = False


def records(text: LogText) -> Iterator[Found]:
    """Each record of the log in order, one that is no JSON as a `MalformedJson`.

    Raises:
        DispatchLogError: If it is no log, or ends too early, or it cannot be told where the next record begins.
    """
    holder, begun = "", False
    while True:
        text.skip_between()
        if text.at_end():
            if holder:
                raise stopped(text, "it ends in the middle of the list")
            return
        if holder and text.next_is("]"):
            text.position += 1
            if holder == "{":
                _leave_object(text)
            holder = ""
        elif not holder and text.next_is("["):
            text.position += 1
            holder = "["
        elif not begun and text.next_is("{") and _enter_object(text):
            holder = "{"
        else:
            line = text.place().line
            try:
                value, length = text.value()
            except MalformedJson as broken:
                stop = stopped(text, str(broken))
                no_log = not (begun or holder or text.next_is("{"))
                indent = text.indent if holder else text.indent or ""
                if not _go_on_behind(text, broken, indent):
                    if no_log or not text.at_end() or (holder and not LIST_END.search(text.before)):
                        raise stop from None
                    holder = ""
                yield Found(line, broken)
            else:
                may_have_halves = text.has_half_escapes(length)
                text.position += length
                yield Found(line, value, may_have_halves)
        begun = True


def stopped(text: LogText, reason: str) -> DispatchLogError:
    """The error that says where reading has stopped, and why."""
    near = text.text[text.position : text.position + 40]
    return DispatchLogError(
        f"{text.name!r} cannot be read on from {text.place()}, near {near!r}: {reason}. "
        "Expected a list of records, or one a line."
    )


def _enter_object(text: LogText) -> bool:
    """Go into the list of records that the object holds; False, and nowhere, if it is a record itself or holds none."""
    ahead = 1
    try:
        while (key := _key(text, ahead)) is not None:
            name, ahead = key
            if name in ("task", "model"):
                return False
            if name in LIST_NAMES and text.next_is("[", ahead):
                text.position += ahead + 1
                return True
            _, ahead = text.value(ahead)
    except MalformedJson:
        pass
    return False


def _leave_object(text: LogText) -> None:
    """Go past what else the object holds behind its list of records."""
    try:
        text.skip_between()
        while (key := _key(text, 0)) is not None:
            _, length = text.value(key[1])
            text.position += length
            text.skip_between()
    except MalformedJson:
        raise stopped(text, "it goes on, or stops, where the list of records has ended") from None
    text.position += 1


def _key(text: LogText, ahead: int) -> tuple[Any, int] | None:
    """The object's next key, and how many characters ahead its value begins; None at the object's end."""
    ahead = text.past(BETWEEN, ahead)
    if text.next_is("}", ahead):
        return None
    key, ahead = text.value(ahead)
    return key, text.past(COLON, ahead)


def _go_on_behind(text: LogText, broken: MalformedJson, indent: str | None) -> bool:
    """Go to where the next record begins; False where none can be told, at the file's end or where trying had an end.

    Behind the same `indent` as the broken one, it begins a line; else it stands behind a comma or brace and is beyond
    doubt a record, not something inside one. It may be broken itself, and begin with the same name as the first.
    """
    opening = OPENING.match(text.text, text.position)
    text.position += 1
    tries = 0
    while tries < MOST_TRIES and text.seek("{"):
        begins_line = indent is not None and text.before.endswith(f"\n{indent}")
        if begins_line or (text.offset >= broken.offset and text.before.rstrip().endswith((",", "}"))):
            try:
                value, length = text.value()
            except MalformedJson:
                if _may_be_record(text, opening, begins_line=begins_line):
                    return True
                tries += 1
            else:
                if _is_record(value, surely=not begins_line):
                    return True
                text.position += length - 1
        text.position += 1
    return False


def _may_be_record(text: LogText, opening: re.Match[str] | None, *, begins_line: bool) -> bool:
    """Whether what is no JSON begins as a record does."""
    if begins_line:
        # A backslash tells a brace inside a text, one that has a line break it should not have.
        return not text.next_is("\\", text.past(BETWEEN, 1))
    return opening is not None and text.next_is(opening[0])


def _is_record(value: dict[str, Any], *, surely: bool) -> bool:
    told = (not value.keys().isdisjoint(TASK_NAMES), "model" in value)
    return all(told) if surely else any(told)
