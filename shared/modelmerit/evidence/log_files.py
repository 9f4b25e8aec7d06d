"""Reading and writing whole dispatch logs without holding them in memory."""

import codecs
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.dispatch_log import attempt_from_record, record_from_attempt
from modelmerit.evidence.log_records import records
from modelmerit.evidence.log_text import LogText
from modelmerit.records import Attempt


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that could not be read: the line where it begins, its number in the file, both from 1, and why."""

    line: int
    number: int
    reason: str


def read_log(path: Path, *, progress: Callable[[int], None] = lambda _: None) -> Iterator[Attempt | BrokenRecord]:
    """Each record of the log in order, as an attempt or as what is wrong with it.

    A log is a JSON array of records, an object whose `dispatches` is one, or JSON lines. `progress` is told how many
    bytes have been read so far, where the file can tell.

    Raises:
        DispatchLogError: If the file cannot be opened or is no log, and where it cannot be read on.
    """
    try:
        with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=_encoding(raw), errors="replace") as file:
            text = LogText(file, str(path), lambda: progress(raw.tell()) if raw.seekable() else None)
            for number, found in enumerate(records(text), start=1):
                try:
                    if isinstance(found.value, DispatchLogError):
                        raise found.value
                    yield attempt_from_record(found.value, may_have_halves=found.may_have_halves)
                except DispatchLogError as error:
                    yield BrokenRecord(found.line, number, str(error))
    except OSError as error:
        raise DispatchLogError(f"{str(path)!r} cannot be read ({error.strerror}). Check the path.") from error


def _encoding(raw: io.BufferedReader) -> str:
    """UTF-8, or UTF-16 as PowerShell writes it into a file."""
    return "utf-16" if raw.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


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
