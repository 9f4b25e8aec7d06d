"""Reads from a task's text the topics it is about, as canonical keywords: "update the readme" is about docs.

Rules and evidence share this reading, so a keyword means the same in `keyword is 'docs'` and in a report. Only words of
the vocabulary count; a text without any has no keywords. The words themselves are in `vocabulary`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from modelmerit.evidence.vocabulary import VOCABULARY

TEXT_CAP = 4_000
"""Characters read: the beginning of a long prompt says what it is about, the rest is material."""

MOST_KEYWORDS = 8

_RUN = re.compile(r"[A-Za-z0-9]+(?:\+[0-9])?")
_PARTICLES = frozenset({"up", "in", "out", "to"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")


def extract_keywords(text: str) -> tuple[str, ...]:
    """The canonical keywords of a text, in order of first appearance, each once.

    Where there are more than `MOST_KEYWORDS`, those that appear most often stay, the earlier one first among equals.
    """
    words = [word for run in _RUN.findall(text[:TEXT_CAP]) for word in _words(run)]
    seen: Counter[str] = Counter()
    position = 0
    while position < len(words):
        keyword, length = _match(words, position)
        if keyword:
            seen[keyword] += 1
        position += length
    order = list(seen)
    kept = set(sorted(order, key=lambda keyword: -seen[keyword])[:MOST_KEYWORDS])
    return tuple(keyword for keyword in order if keyword in kept)


def _words(run: str) -> list[str]:
    """The words of a run of letters: one if the vocabulary has it ("TypeScript"), else its parts ("RateLimiter")."""
    whole = run.lower()
    return [whole] if whole in _phrases()[0] else _CAMEL.sub(" ", run).lower().split()


def _match(words: list[str], position: int) -> tuple[str | None, int]:
    """The keyword of the longest phrase that begins here and its length in words; None and 1 where none does."""
    table, longest = _phrases()
    for length in range(min(longest.get(words[position], 1), len(words) - position), 0, -1):
        if keyword := table.get(" ".join(words[position : position + length])):
            return keyword, length
    return None, 1


@cache
def _phrases() -> tuple[dict[str, str], dict[str, int]]:
    """Every phrase and inflection with its keyword, and how long the phrases are that begin with a word."""
    table: dict[str, str] = {}
    longest: dict[str, int] = {}
    for keyword, phrases in VOCABULARY.items():
        for phrase in phrases.split(", "):
            for words in _forms(phrase.split()):
                table.setdefault(" ".join(words), keyword)
                longest[words[0]] = max(longest.get(words[0], 1), len(words))
    return table, longest


def _forms(words: list[str]) -> Iterator[list[str]]:
    """A phrase with its last word inflected, or its verb where it ends in a particle ("cleaned up", "signs in")."""
    place = 0 if words[-1] in _PARTICLES else -1
    for form in _inflections(words[place]):
        yield [*words[:-1], form] if place else [form, *words[1:]]


def _inflections(word: str) -> set[str]:
    """A word and its regular forms. Some are no English ("apied"); they occur in no text and do no harm."""
    forms = {word, f"{word}s"}
    if len(word) < 3 or not word.isalpha():
        return forms
    if word.endswith("e"):
        stems = {f"{word}d", f"{word[:-1]}ing"}
    elif word.endswith("y") and word[-2] not in "aeiou":
        stems = {f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing"}
    else:
        stems = {f"{word}es", f"{word}ed", f"{word}ing"}
        if len(word) < 6 and word[-2] in "aeiou" and word[-1] not in "aeiouwxy":
            stems |= {f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"}
    return forms | stems
