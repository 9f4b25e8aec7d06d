"""The records of a transcript: one JSON object a line, of which any field may be missing or of another type."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_AT_A_TIME = 1 << 20
_YEARS = range(1970, 9999)
"""Beyond these a moment may have no date in another zone."""


class Transcript:
    """The records of a file that `wanted` says yes to, judging by the raw line: most lines need no parsing.

    `broken_lines` counts the lines read so far that are no JSON objects; the client itself skips those. A file that
    cannot be read has no records.
    """

    def __init__(self, path: Path, wanted: Callable[[bytes], bool]) -> None:
        self._path = path
        self._wanted = wanted
        self.broken_lines = 0

    def __iter__(self) -> Iterator[Record]:
        try:
            file = self._path.open("rb", buffering=_AT_A_TIME)
        except OSError:
            return
        with file:
            for line in file:
                raw = line.strip()
                if not raw:
                    continue
                if raw[0] != _OPENING or raw[-1] != _CLOSING:
                    self.broken_lines += 1
                elif self._wanted(raw):
                    try:
                        record = json.loads(raw.decode())
                    except (ValueError, RecursionError):
                        self.broken_lines += 1
                    else:
                        yield record


_OPENING, _CLOSING = b"{}"


def text_of(value: object) -> str | None:
    """A string that says something, else None. Half of a surrogate pair, which no store takes, becomes "?"."""
    if not isinstance(value, str) or not value:
        return None
    return value if value.isascii() else value.encode(errors="replace").decode()


def mapping_of(value: object) -> Record:
    """A JSON object, or an empty one in its place."""
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[Record]:
    """The JSON objects of a list; of anything else, none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def time_of(value: object) -> datetime | None:
    """A moment as the client writes it, with its zone."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None and at.year in _YEARS else None


def texts_of(content: object) -> list[str]:
    """The texts of a message's content, which is a string or a list of blocks."""
    if isinstance(content, str):
        return [text] if (text := text_of(content)) else []
    texts = (text_of(block.get("text")) for block in objects_of(content) if block.get("type") == "text")
    return [text for text in texts if text]
