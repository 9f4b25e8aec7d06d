"""Which model is the version before another, as far as their ids tell.

`claude-sonnet-4-5-20250929` comes before `claude-sonnet-4-6`: the same words, a lower number, then an earlier date.
What an id does not say in numbers ("gpt-4o", "latest") is a word, and other words are another model.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

SEPARATOR = re.compile(r"[-_ .()@:]+")
EARLIEST_YEAR = 1000
"""A number from here on begins a date: `2025` of `2025-08-07`, `20250929`."""


class _Version(NamedTuple):
    words: frozenset[str]
    numbers: tuple[int, ...]
    date: tuple[int, ...]


def predecessor(model: str, known: Iterable[str]) -> str | None:
    """The newest of the known models that is an earlier version of this one."""
    own = _version(model)
    earlier = [
        (version.numbers, version.date, other)
        for other in known
        if (version := _version(other)).words == own.words and version[1:] < own[1:]
    ]
    return max(earlier)[2] if earlier else None


def _version(model: str) -> _Version:
    words: list[str] = []
    numbers: list[int] = []
    date: list[int] = []
    # Whoever offers it, before the last slash, does not change what it is.
    for token in filter(None, SEPARATOR.split(model.rpartition("/")[2].casefold())):
        if not token.isdecimal():
            words.append(token)
        elif date or int(token) >= EARLIEST_YEAR:
            date.append(int(token))
        else:
            numbers.append(int(token))
    return _Version(frozenset(words), tuple(numbers), tuple(date))
