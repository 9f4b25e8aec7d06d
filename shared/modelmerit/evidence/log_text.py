"""A log's text, read bit by bit: the JSON values in it one after the other, and at which line they are.

Only what is not used yet is held, so that a log of any size takes the same memory.
"""

import json
import re
from collections.abc import Callable
from typing import IO, Any, NamedTuple

from modelmerit.errors import DispatchLogError

CHUNK_CHARACTERS = 1 << 18
LONGEST_VALUE = 4_000_000
"""Characters of one value. What is longer is no record: somewhere a quote or a bracket is missing."""
LONGEST_TOKEN = 16
"""A fault this near the end of what was read may only be a value that goes on in the next chunk."""
LOOK_BACK = 256
"""Characters kept of what is used: enough to see how a record's line begins."""
BETWEEN = re.compile(r"[\s,]*")
COLON = re.compile(r"\s*:?\s*")
DECODER = json.JSONDecoder()


class Place(NamedTuple):
    """A line and a column of a file, both from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class MalformedJson(DispatchLogError):
    """No JSON value comes next. `offset` is where that shows, in characters from the file's beginning."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset


class LogText:
    """The text of a log file, `position` being how far it is used; `name` is for errors.

    `on_read` is called whenever more has been read.
    """

    def __init__(self, file: IO[str], name: str, on_read: Callable[[], None]) -> None:
        self._file = file
        self._on_read = on_read
        self.name = name
        self.text = ""
        self.position = 0
        self._dropped = 0
        self._counted = 0
        self._line = 1
        self._line_offset = 0
        self.read_on()

    def read_on(self) -> bool:
        """Read on, as much again as is unused: a huge record is not scanned once a chunk.

        At the file's end it answers False, and nothing has moved.
        """
        chunk = self._file.read(max(CHUNK_CHARACTERS, len(self.text) - self.position))
        self._on_read()
        if not chunk:
            return False
        self._count(self.position)
        used = max(self.position - LOOK_BACK, 0)
        self._dropped += used
        self.position -= used
        self._counted = self.position
        self.text = self.text[used:] + chunk
        return True

    @property
    def offset(self) -> int:
        """How many characters of the file come before `position`."""
        return self._dropped + self.position

    def at_end(self) -> bool:
        """Whether the file has been used up; asked after `skip_between` or `seek`."""
        return self.position == len(self.text)

    @property
    def before(self) -> str:
        """The last of what comes before `position`."""
        return self.text[max(self.position - LOOK_BACK, 0) : self.position]

    @property
    def indent(self) -> str | None:
        """What stands before `position` on its line, where that is only blanks and commas; else None."""
        before = self.before
        _, line, rest = before.rpartition("\n")
        begins = bool(line) or len(before) == self.offset
        return rest if begins and not rest.strip(" \t,") else None

    def place(self, offset: int | None = None) -> Place:
        """Where in the file `position` is, or what lies at `offset`, which has been read and comes later."""
        self._count(self.position)
        if offset is None:
            return Place(self._line, self.offset - self._line_offset + 1)
        at = offset - self._dropped
        newline = self.text.rfind("\n", self.position, at)
        line_offset = self._line_offset if newline < 0 else self._dropped + newline + 1
        return Place(self._line + self.text.count("\n", self.position, at), offset - line_offset + 1)

    def next_is(self, character: str, ahead: int = 0) -> bool:
        """Whether `character` comes next, or `ahead` characters later."""
        return self.text.startswith(character, self.position + ahead)

    def skip_between(self) -> None:
        """Go past blanks and commas."""
        skipped = self.past(BETWEEN)
        self.position += skipped

    def past(self, pattern: re.Pattern[str], ahead: int = 0) -> int:
        """How many characters ahead that ends which begins `ahead` characters from here and may match nothing."""
        while True:
            match = pattern.match(self.text, self.position + ahead)
            end = match.end() if match else self.position + ahead
            if end < len(self.text) or not self.read_on():
                return end - self.position

    def seek(self, character: str) -> bool:
        """Go to where `character` is next; False, and to the file's end, where there is no more of it."""
        while (at := self.text.find(character, self.position)) < 0:
            self.position = len(self.text)
            if not self.read_on():
                return False
        self.position = at
        return True

    def value(self, ahead: int = 0) -> tuple[Any, int]:
        """The JSON value that begins `ahead` characters from here, and how many characters ahead it ends.

        Raises:
            MalformedJson: If there is none, or none that can be read.
        """
        while True:
            start = self.position + ahead
            try:
                value, end = DECODER.raw_decode(self.text, start)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - LONGEST_TOKEN
                endless = cut and len(self.text) - start > LONGEST_VALUE
                if endless or not cut or not self.read_on():
                    fault = self._dropped + error.pos
                    reason = f"no end within {LONGEST_VALUE} characters" if endless else error.msg.removesuffix(" at")
                    raise MalformedJson(f"it is not JSON: {reason} at {self.place(fault)}", fault) from None
            except RecursionError:
                raise MalformedJson("it is nested too deeply", self._dropped + start) from None
            except ValueError:
                reason = "it has a number of thousands of digits, which cannot be read"
                raise MalformedJson(reason, self._dropped + start) from None
            else:
                return value, end - self.position

    def has_half_escapes(self, length: int) -> bool:
        """Whether the next `length` characters have an escape such as half a character needs."""
        raw = self.text[self.position : self.position + length]
        return "\\ud" in raw or "\\uD" in raw

    def _count(self, position: int) -> None:
        lines = self.text.count("\n", self._counted, position)
        if lines:
            self._line += lines
            self._line_offset = self._dropped + self.text.rindex("\n", self._counted, position) + 1
        self._counted = position
