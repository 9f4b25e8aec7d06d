"""What becomes of a line of input: the SDK gets it, an error answers it, or silence does.

The SDK drops a line it cannot use, and whoever sent a request in it waits until they give up. Here such a line is
either mended, where no reader could take it for something else, or refused with a protocol error under the id of its
request, as far as that can be told. Silence is right for blank lines, notifications and responses. What is in order
reaches the SDK as it came.

Nothing here reads or writes anything.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mcp.types import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR
from pydantic_core import from_json

LONGEST_LINE = 16 << 20
"""Bytes. The longest argument any tool takes is far below; what is longer is not even kept."""
LONGEST_BATCH = 100
"""How many requests of a batch are told, each by its own id, that batches are not served."""

RequestId = str | int


class Refusal(NamedTuple):
    """A protocol error; `id` is None where the line does not tell, safely, which request it is."""

    code: int
    message: str
    id: RequestId | None = None


class TooLong(NamedTuple):
    """What is kept of a line longer than the bound: where it begins and where it ends."""

    head: bytes
    tail: bytes


class LineSplitter:
    """Cuts input at newlines, and holds no more of a line than the bound, however long it is."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes | TooLong]:
        """The lines that end in this chunk, without their newlines."""
        *ends, rest = chunk.split(b"\n")
        lines = []
        for end in ends:
            self._keep(end)
            lines.append(self._line())
        self._keep(rest)
        return lines

    def end(self) -> list[bytes | TooLong]:
        """What is left when the input ends in the middle of a line."""
        return [self._line()] if self._size else []

    def _keep(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._longest:
            whole = b"".join(self._parts)
            self._parts = [whole[:_SEARCHED], whole[-_ENDING:]]

    def _line(self) -> bytes | TooLong:
        parts, size = self._parts, self._size
        self._parts, self._size = [], 0
        return b"".join(parts) if size <= self._longest else TooLong(parts[0], parts[1])


def judge(line: bytes | TooLong) -> str | tuple[Refusal, ...]:
    """The line as the SDK shall have it, or the errors to answer it with, none where it deserves silence."""
    if isinstance(line, TooLong):
        request_id = _told_id(line.head.decode(errors="replace"), line.tail.decode(errors="replace"))
        return (Refusal(INVALID_REQUEST, f"The line is longer than {LONGEST_LINE >> 20} MiB.", request_id),)
    try:
        message = from_json(line)
    except ValueError:
        return _judge_after_mending(line)
    return tuple(_faults(message)) or line.decode(errors="replace")


def _judge_after_mending(line: bytes) -> str | tuple[Refusal, ...]:
    # A UTF-16 newline leaves its second byte, a NUL, at the beginning of the line that follows.
    line = line.strip(_BLANK).removeprefix(b"\xef\xbb\xbf")
    if not line:
        return ()
    if b"\0" in line:
        told = line.replace(b"\0", b"").decode(errors="replace").lstrip("\ufffd")
        return (_unreadable("it holds NUL bytes", told),)
    text = re.sub(_BEFORE_HALF, _without_half, line.decode(errors="replace"))
    try:
        message = from_json(text)
    except ValueError as error:
        return (_unreadable(str(error), text),)
    refusals = tuple(_faults(message))
    if not refusals and isinstance(message.get("id"), str) and "\ufffd" in message["id"]:
        return (Refusal(INVALID_REQUEST, "Invalid request: the id is not a text."),)
    return refusals or text


def _faults(message: Any) -> Iterator[Refusal]:
    """What keeps a message from being served; a response is let through as it is, because nobody answers those."""
    if isinstance(message, list) and message:
        requests = [part for part in message if isinstance(part, dict) and "method" in part]
        ids = [part["id"] for part in requests if type(part.get("id")) in _ID_TYPES]
        for request_id in ids[:LONGEST_BATCH] or [None]:
            yield Refusal(
                INVALID_REQUEST, "Batches are not served; send each message on a line of its own.", request_id
            )
    elif not isinstance(message, dict):
        yield _invalid("expected a JSON object", None)
    elif "method" in message or not ("result" in message or "error" in message):
        yield from _faults_of_request(message)


def _faults_of_request(message: dict[str, Any]) -> Iterator[Refusal]:
    given = message.get("id")
    request_id = given if type(given) in _ID_TYPES else None
    if "id" in message and request_id is None:
        yield _invalid("the id must be a text or a whole number", None)
    elif message.get("jsonrpc") != "2.0":
        yield _invalid('"jsonrpc" must be "2.0"', request_id)
    elif type(message.get("method")) is not str:
        yield _invalid("the method must be a text", request_id)
    elif "result" in message or "error" in message:
        yield _invalid("it is both a request and a response", request_id)
    elif not isinstance(message.get("params"), dict | None):
        yield Refusal(INVALID_PARAMS, "Invalid params: expected a JSON object.", request_id)


def _invalid(reason: str, request_id: RequestId | None) -> Refusal:
    return Refusal(INVALID_REQUEST, f"Invalid request: {reason}.", request_id)


def _unreadable(reason: str, text: str) -> Refusal:
    ending = text[-_ENDING:] if len(text) > _SEARCHED else ""
    message = f"Parse error: {reason}. Expected one JSON object in UTF-8, on one line."
    return Refusal(PARSE_ERROR, message, _told_id(text[:_SEARCHED], ending))


def _told_id(text: str, ending: str) -> RequestId | None:
    """The id a broken message gives itself: never one inside its parameters, which may be that of another request.

    JavaScript clients put the id last: `ending` is for a message that is too long to be followed so far.
    """
    found = re.search(_ID_AT_END, ending)
    depth = 0
    for part in re.finditer(_PART, text):
        if part[0] in "{[":
            depth += 1
        elif part[0] in "]}":
            depth -= 1
        elif part["id"] and depth == 1 and text[0] == "{":
            found = part
            break
    if found is None:
        return None
    return int(found["number"]) if found["number"] else str(found["text"])


def _without_half(found: re.Match[str]) -> str:
    return found[1] + "\\ufffd" if found[2] else found[1]


_ID_TYPES = (int, str)
_SEARCHED = 1 << 18
_ENDING = 1 << 10
_BLANK = b"\0 \t\r"

# Patterns, which `re` compiles when they are first used: most sessions never need one.

# Every escape is taken whole, so that the u of an escaped backslash begins none.
_BEFORE_HALF = (
    r"(?s)((?:[^\\]++|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\(?!u[dD][89a-fA-F][0-9a-fA-F]{2}).)*+)"
    r"(\\u[dD][89a-fA-F][0-9a-fA-F]{2})?+"
)
_VALUE = r'\s*:\s*(?:(?P<number>-?\d{1,18})|"(?P<text>[^"\\\x00-\x1f\ufffd]{1,256})")\s*'
_ID_AT_END = r'"id"' + _VALUE + r"\}\s*\Z"
# A string that never ends is taken to the end: nothing is looked at twice, and hostile input costs no more than other.
_PART = r'(?s)(?P<id>"id"' + _VALUE + r'(?=[,}]|\Z))|"(?:[^"\\]++|\\.)*+"?|[{}\[\]]'
