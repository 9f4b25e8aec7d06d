"""Reading and writing whole dispatch logs without holding them in memory.

A log is a JSON array of records, an object whose `dispatches` is one, or JSON lines.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.dispatch_log import attempt_from_record, record_from_attempt
from modelmerit.records import Attempt

CHUNK_CHARACTERS = 1 << 20
HEAD = re.compile(r'\ufeff?\s*(?P<opened>\{\s*"(?:dispatches|tasks|history)"\s*:\s*\[|\[)?')
WRAPPERS = ("dispatches", "tasks", "history")
BETWEEN = re.compile(r"[\s,]*")
LONGEST_TOKEN = 16
"""A fault this near the end of what was read may only be a value that goes on in the next chunk."""
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that could not be read: its number in the file, from 1, and why."""

    number: int
    reason: str


def read_log(path: Path, *, progress: Callable[[int], None] = lambda _: None) -> Iterator[Attempt | BrokenRecord]:
    """Each record of the log in order, as an attempt or as what is wrong with it.

    `progress` is told how many characters have been read so far.

    Raises:
        DispatchLogError: If the file cannot be opened, is not JSON where a record should be, or ends too early. A line
            that is not JSON, among JSON lines, is a broken record.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, record in enumerate(_records(_Text(file, progress), path), start=1):
                try:
                    if isinstance(record, DispatchLogError):
                        raise record
                    yield attempt_from_record(record)
                except DispatchLogError as error:
                    yield BrokenRecord(number, str(error))
    except OSError as error:
        raise DispatchLogError(f"{str(path)!r} cannot be read ({error.strerror}). Check the path.") from error


class LogWriter:
    """Writes a JSON array, one record a line, as attempts come in; `close` ends the array."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._count = 0

    def write(self, attempt: Attempt) -> None:
        """Append one record."""
        self._file.write(",\n" if self._count else "[\n")
        self._file.write(json.dumps(record_from_attempt(attempt), ensure_ascii=False))
        self._count += 1

    def close(self) -> int:
        """End the array; answers how many records it has."""
        self._file.write("\n]\n" if self._count else "[]\n")
        return self._count


class _Text:
    """A file's text from what is not used yet to what is read, `position` being where the unused begins."""

    def __init__(self, file: IO[str], progress: Callable[[int], None]) -> None:
        self._file = file
        self._progress = progress
        self._read = 0
        self.text = ""
        self.position = 0
        self.read_on()

    def read_on(self) -> bool:
        """Read on, as much again as is unused: a huge record is not scanned once a chunk. False at the file's end."""
        unused = self.text[self.position :]
        chunk = self._file.read(max(CHUNK_CHARACTERS, len(unused)))
        self.text, self.position = unused + chunk, 0
        self._read += len(chunk)
        self._progress(self._read)
        return bool(chunk)

    @property
    def at_end(self) -> bool:
        """Whether the file has been used up; asked after `skip_between`."""
        return self.position == len(self.text)

    def next_is(self, character: str) -> bool:
        """Whether `character` comes next."""
        return self.text.startswith(character, self.position)

    def skip_head(self) -> str | None:
        """Go past what comes before the first record; answers what opened a list, if anything did."""
        head = HEAD.match(self.text)
        assert head is not None, "the pattern matches nothing at all, too"
        self.position = head.end()
        return head["opened"]

    def skip_between(self) -> None:
        """Go past spaces and commas."""
        while True:
            match = BETWEEN.match(self.text, self.position)
            self.position = match.end() if match else self.position
            if not self.at_end or not self.read_on():
                return

    def skip_line(self) -> None:
        """Go past the end of this line."""
        while (end := self.text.find("\n", self.position)) < 0:
            self.position = len(self.text)
            if not self.read_on():
                return
        self.position = end + 1

    def record(self) -> Any:
        """The JSON value that comes next.

        Raises:
            ValueError, RecursionError: If there is none, or none that can be read.
        """
        while True:
            try:
                record, self.position = DECODER.raw_decode(self.text, self.position)
            except json.JSONDecodeError as error:
                in_text = error.msg.startswith("Unterminated string")
                if not (in_text or error.pos >= len(self.text) - LONGEST_TOKEN) or not self.read_on():
                    raise
            else:
                return record

    def remaining(self) -> str:
        """All that is left of the file."""
        return self.text[self.position :] + self._file.read()


def _records(text: _Text, path: Path) -> Iterator[Any]:
    """The records as JSON values; one that is no JSON, where it is clear where the next one begins, as an error."""
    opened = text.skip_head()
    while True:
        text.skip_between()
        if opened and text.next_is("]"):
            return _expect_end(text, opened, path)
        if text.at_end:
            if opened:
                raise _unreadable(text, path, "it ends in the middle of the list")
            return None
        try:
            record = text.record()
        except (ValueError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else f"it is not JSON ({error})"
            if opened or not text.next_is("{"):
                raise _unreadable(text, path, reason) from error
            text.skip_line()
            yield DispatchLogError(reason)
        else:
            yield from _wrapped(record)


def _wrapped(record: object) -> Iterator[Any]:
    """The records of an object that holds them behind other keys; else the record itself."""
    if isinstance(record, dict) and "task" not in record and "model" not in record:
        for name in WRAPPERS:
            if isinstance(record.get(name), list):
                yield from record[name]
                return
    yield record


def _expect_end(text: _Text, opened: str, path: Path) -> None:
    text.position += 1
    rest = text.remaining().strip()
    try:
        # Behind the list, an object may have further keys.
        complete = isinstance(json.loads("{" + rest.removeprefix(",")), dict) if opened.startswith("{") else not rest
    except ValueError:
        complete = False
    if not complete:
        raise _unreadable(text, path, "it goes on, or stops, where the list of records has ended")


def _unreadable(text: _Text, path: Path, reason: str) -> DispatchLogError:
    near = text.text[text.position : text.position + 40]
    return DispatchLogError(
        f"{str(path)!r} cannot be read on near {near!r}: {reason}. "
        "Expected a list of records, or one a line; what came before it was read."
    )
