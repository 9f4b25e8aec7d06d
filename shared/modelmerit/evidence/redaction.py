"""Takes secrets out of a task's text before anything is stored, and says which kinds it found, never their values.

`find_secrets` is the seam: a fuller engine takes its place by returning the same `Secret` spans, and `redact`, which
only cuts them out, stays. What counts as a secret is in `secret_rules`. Personal data is not looked for.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from modelmerit.evidence.secret_rules import SHORTEST_TOKEN, Rule, rules
from modelmerit.evidence.secret_values import compiled

MARKER = r"(\[redacted:[a-z0-9-]{1,40}\])"
MOST_PASSES = 8
SHORTEST_READ = 8
"""A stretch of fewer characters cannot hold a secret that we would know."""


class Redacted(NamedTuple):
    """A text without its secrets. `found` holds the ids of the rules that fired, each once, in order of appearance."""

    text: str
    found: tuple[str, ...]


class Secret(NamedTuple):
    """Where a secret lies in a text, end exclusive, and the id of the rule that says so."""

    start: int
    end: int
    rule: str


class _Piece(NamedTuple):
    """A stretch of the text: still to be read where `rule` is None, else what stands for a secret."""

    text: str
    rule: str | None = None


def redact(text: str) -> Redacted:
    """The text with each secret replaced by `[redacted:<rule id>]`; what is redacted already stays as it is.

    What lies between the finds is read again until nothing new turns up, so redacting twice is redacting once.
    """
    pieces = [_Piece(part, "" if index % 2 else None) for index, part in enumerate(re.split(MARKER, text))]
    for _ in range(MOST_PASSES):
        before = len(pieces)
        pieces = [part for piece in pieces for part in ((piece,) if piece.rule is not None else _cut(piece.text))]
        if len(pieces) == before:
            break
    return Redacted("".join(piece.text for piece in pieces), tuple(dict.fromkeys(p.rule for p in pieces if p.rule)))


def without_secrets(text: str | None) -> str | None:
    """The text as it may be stored; None stays None."""
    return None if text is None else redact(text).text


def find_secrets(text: str) -> list[Secret]:
    """The secrets of a text, in order and apart from each other. Where two rules meet, the earlier one names both."""
    # In quoted JSON a newline's letter is glued to the token behind it, and a quote wears a backslash.
    view = re.sub(r"\\[nrt]", "  ", text).replace('\\"', '""') if "\\" in text else text
    # Letters beyond Latin-1 may change their number when they are lowered; what is found here must be at its place.
    lowered = (view if view.isascii() else view.encode("latin-1", "replace").decode("latin-1")).lower()
    possible = sorted({*_worded(lowered), *_tokens(view)})
    claims = [(start, end, order) for order in possible for start, end in _matches(rules()[order], view, lowered)]
    merged: list[tuple[int, int, int]] = []
    for start, end, order in sorted(claims):
        if merged and start < merged[-1][1]:
            first, last, earlier = merged.pop()
            merged.append((first, max(last, end), min(earlier, order)))
        else:
            merged.append((start, end, order))
    return [Secret(start, end, rules()[order].id) for start, end, order in merged]


def _worded(lowered: str) -> Iterator[int]:
    """The places in the table of the rules one of whose words is in the text."""
    for word, orders in _words():
        if word in lowered:
            yield from orders


def _tokens(text: str) -> Iterator[int]:
    """The places in the table of the formats of which there is a token: only the long words can be one."""
    long_words = " ".join([word for word in text.split() if len(word) >= SHORTEST_TOKEN])
    for literal, order in _literals() if long_words else ():
        if literal in long_words and compiled(rules()[order].pattern).search(long_words):
            yield order


@cache
def _words() -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Each word with the places in the table of the rules that need it or another."""
    words = dict.fromkeys(word for rule in rules() for word in rule.words)
    return tuple((word, tuple(order for order, rule in enumerate(rules()) if word in rule.words)) for word in words)


@cache
def _literals() -> tuple[tuple[str, int], ...]:
    """The literal of each format with its place in the table."""
    return tuple((rule.literal, order) for order, rule in enumerate(rules()) if not rule.words)


def _cut(text: str) -> Iterator[_Piece]:
    position = 0
    for secret in find_secrets(text) if len(text) >= SHORTEST_READ else ():
        yield _Piece(text[position : secret.start])
        yield _Piece(f"[redacted:{secret.rule}]", secret.rule)
        position = secret.end
    yield _Piece(text[position:])


def _matches(rule: Rule, text: str, lowered: str) -> Iterator[tuple[int, int]]:
    rest, position = compiled(r"\w*"), 0
    places = _places(rule.starts, lowered)
    while match := _next_match(rule, text, position, places):
        start, end = match.span("secret")
        if rule.accepts(match["secret"]):
            # A token longer than its bound must not leave its tail behind.
            tail = rest.match(text, end)
            position = tail.end() if tail else end
            yield start, position
        else:
            # A refused value may itself be the name of the next one: `password: token=...`.
            position = max(start, match.start() + 1)


def _next_match(rule: Rule, text: str, position: int, places: Iterator[int]) -> re.Match[str] | None:
    """The first match from `position` on, tried only at the places left where one can begin."""
    pattern = compiled(rule.pattern)
    if not rule.starts:
        return pattern.search(text, position)
    tried = (pattern.match(text, place) for place in places if place >= position)
    return next(filter(None, tried), None)


def _places(starts: tuple[str, ...], lowered: str) -> Iterator[int]:
    """Where any of `starts` is in the text, in order."""
    places = set()
    for start in starts:
        place = lowered.find(start)
        while place >= 0:
            places.add(place)
            place = lowered.find(start, place + 1)
    return iter(sorted(places))
