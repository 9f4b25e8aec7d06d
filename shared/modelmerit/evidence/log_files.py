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
HEAD = re.compile(r'\ufeff?\s*(?:\{\s*"(?:dispatches|tasks|history)"\s*:\s*\[|\[)?')
BETWEEN = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that could not be read: its number in the file, from 1, and why."""

    number: int
    reason: str


def read_log(path: Path, *, progress: Callable[[int], None] = lambda _: None) -> Iterator[Attempt | BrokenRecord]:
    """Each record of the log in order, as an attempt or as what is wrong with it.

    `progress` is told how many characters have been read so far.

    Raises:
        DispatchLogError: If the file cannot be opened, or is not JSON where a record should be.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, record in enumerate(_records(file, path, progress), start=1):
                try:
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


def _records(file: IO[str], path: Path, progress: Callable[[int], None]) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    buffer = file.read(CHUNK_CHARACTERS)
    read = len(buffer)
    match = HEAD.match(buffer)
    position = match.end() if match else 0
    while True:
        progress(read)
        separator = BETWEEN.match(buffer, position)
        position = separator.end() if separator else position
        try:
            record, end = decoder.raw_decode(buffer, position)
        except ValueError as error:
            chunk = file.read(CHUNK_CHARACTERS)
            if chunk:
                buffer, position = buffer[position:] + chunk, 0
                read += len(chunk)
                continue
            if buffer[position:].strip() in ("", "]", "]}"):
                return
            raise DispatchLogError(
                f"{str(path)!r} is not JSON near {buffer[position : position + 40]!r} ({error}). "
                "Expected a list of records; what came before it was read."
            ) from error
        yield record
        position = end
