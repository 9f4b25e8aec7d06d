"""Takes secrets out of a task's text before anything is stored, and says which kinds it found, never their values.

`find_secrets` is the seam: a fuller engine takes its place by returning the same `Secret` spans, and `redact`, which
only cuts them out, stays. What counts as a secret is in `secret_rules`. Personal data is not looked for.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from modelmerit.evidence.secret_rules import Rule, compiled, rules

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
    halves = re.split(r"(\[redacted:[a-z0-9-]{1,40}\])", text)
    pieces = [_Piece(half, "" if index % 2 else None) for index, half in enumerate(halves)]
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
    view = re.sub(r"\\[nrt]", "  ", text).replace('\\"', '""')
    lowered = view.lower()
    possible = sorted({order for word, order in _words() if word in lowered})
    claims = [(start, end, order) for order in possible for start, end in _matches(rules()[order], view)]
    merged: list[tuple[int, int, int]] = []
    for start, end, order in sorted(claims):
        if merged and start < merged[-1][1]:
            first, last, earlier = merged.pop()
            merged.append((first, max(last, end), min(earlier, order)))
        else:
            merged.append((start, end, order))
    return [Secret(start, end, rules()[order].id) for start, end, order in merged]


@cache
def _words() -> tuple[tuple[str, int], ...]:
    """The words of all rules, each with its rule's place in the table; the empty word, in every text, for always."""
    return tuple((word, order) for order, rule in enumerate(rules()) for word in rule.words or ("",))


def _cut(text: str) -> Iterator[_Piece]:
    position = 0
    for secret in find_secrets(text) if len(text) >= SHORTEST_READ else ():
        yield _Piece(text[position : secret.start])
        yield _Piece(f"[redacted:{secret.rule}]", secret.rule)
        position = secret.end
    yield _Piece(text[position:])


def _matches(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    pattern, rest, position = compiled(rule.pattern), compiled(r"\w*"), 0
    while match := pattern.search(text, position):
        start, end = match.span("secret")
        if rule.accepts(match["secret"]):
            # A token longer than its bound must not leave its tail behind.
            tail = rest.match(text, end)
            position = tail.end() if tail else end
            yield start, position
        else:
            # A refused value may itself be the name of the next one: `password: token=...`.
            position = max(start, match.start() + 1)
