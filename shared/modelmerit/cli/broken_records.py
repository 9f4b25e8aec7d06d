"""The records of a log that could not be read, as a person and a program are told of them."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import typer

from modelmerit.cli.terminal import errors
from modelmerit.evidence.log_files import BrokenRecord
from modelmerit.serving.escaping import visible

MOST_SHOWN = 20
IN_MEMORY_BYTES = 1 << 20


class BrokenRecords:
    """Broken records as they turn up, kept in `file`: a log may have a million of them."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def add(self, broken: BrokenRecord) -> None:
        """Add one more."""
        self._file.write(json.dumps(asdict(broken)) + "\n")

    def __iter__(self) -> Iterator[BrokenRecord]:
        self._file.seek(0)
        return (BrokenRecord(**json.loads(line)) for line in self._file)


@contextmanager
def no_broken_records() -> Iterator[BrokenRecords]:
    """An empty list of broken records, which goes to the disk when it grows long, and is gone afterwards."""
    with SpooledTemporaryFile(IN_MEMORY_BYTES, "w+", encoding="utf-8") as file:
        yield BrokenRecords(file)


def print_broken(broken: Iterable[BrokenRecord], count: int) -> None:
    """List the first of the broken records on standard error, and say how many more there are."""
    for record in islice(broken, MOST_SHOWN):
        print_error(f"line {record.line} (record {record.number}): {record.reason}")
    if count > MOST_SHOWN:
        print_error(f"and {count - MOST_SHOWN} more; import with --json lists all")


def print_error(text: str) -> None:
    """One line on standard error, as it is: not wrapped, where nobody looks at it on a terminal."""
    errors.print(visible(text), highlight=False, markup=False, soft_wrap=True)


def print_with_broken(answer: dict[str, Any], broken: Iterable[BrokenRecord]) -> None:
    """Print an answer for a program to read, with all broken records under `broken`, one at a time."""
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False).removesuffix("\n}") + ',\n  "broken": [', nl=False)
    separator = "\n    "
    for record in broken:
        typer.echo(separator + json.dumps(asdict(record), ensure_ascii=False), nl=False)
        separator = ",\n    "
    typer.echo("]\n}" if separator[0] == "\n" else "\n  ]\n}")
