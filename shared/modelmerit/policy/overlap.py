"""Which rules get in each other's way, as far as their text shows.

Whether one condition covers another is decided from their form alone, so "covers" is proof and its absence is none:
`keyword is 'docs'` and `task contains 'readme'` meet in practice, but not on paper.
"""

from collections.abc import Iterator

from modelmerit.policy.rules import And, Comparison, Condition, Node, Not, Or
from modelmerit.policy.words import word_tokens


def covers(wide: Condition, narrow: Condition) -> bool:
    """Whether every task that `narrow` matches is surely matched by `wide` too."""
    return _covers(wide.root, narrow.root, {})


def shared_words(left: Condition, right: Condition) -> tuple[str, ...]:
    """The words that both ask for, as keyword or in the text, in the order of `right`."""
    theirs = set(_words(left.root))
    return tuple(dict.fromkeys(word for word in _words(right.root) if word in theirs))


def _covers(wide: Node, narrow: Node, known: dict[tuple[int, int], bool]) -> bool:
    # Remembered per pair of nodes: without it, lists inside lists would be compared exponentially often.
    pair = (id(wide), id(narrow))
    if pair not in known:
        known[pair] = _decide(wide, narrow, known)
    return known[pair]


def _decide(wide: Node, narrow: Node, known: dict[tuple[int, int], bool]) -> bool:
    if isinstance(wide, Comparison) and isinstance(narrow, Comparison):
        return _comparison_covers(wide, narrow)
    if isinstance(narrow, Or):
        return all(_covers(wide, part, known) for part in narrow.parts)
    if isinstance(wide, And):
        return all(_covers(part, narrow, known) for part in wide.parts)
    if isinstance(wide, Not) and isinstance(narrow, Not):
        return _covers(narrow.inner, wide.inner, known)
    if isinstance(wide, Or) and any(_covers(part, narrow, known) for part in wide.parts):
        return True
    return isinstance(narrow, And) and any(_covers(wide, part, known) for part in narrow.parts)


def _comparison_covers(wide: Comparison, narrow: Comparison) -> bool:
    if wide.field != narrow.field:
        return False
    if wide.field == "task":
        return all(any(_phrase_in(word, text) for word in wide.values) for text in narrow.values)
    if wide.field == "estimated_files":
        low, high = _range(narrow)
        wide_low, wide_high = _range(wide)
        return wide_low <= low and high <= wide_high
    return {value.casefold() for value in narrow.values} <= {value.casefold() for value in wide.values}


def _phrase_in(word: str, text: str) -> bool:
    phrase, tokens = word_tokens(word), word_tokens(text)
    return bool(phrase) and any(tokens[at : at + len(phrase)] == phrase for at in range(len(tokens)))


def _range(comparison: Comparison) -> tuple[float, float]:
    number = int(comparison.values[0])
    return {
        "is": (number, number),
        "<": (float("-inf"), number - 1),
        "<=": (float("-inf"), number),
        ">": (number + 1, float("inf")),
        ">=": (number, float("inf")),
    }[comparison.operator]


def _words(node: Node) -> Iterator[str]:
    if isinstance(node, Comparison):
        if node.field in ("task", "keyword"):
            yield from (value.casefold() for value in node.values)
    elif not isinstance(node, Not):
        for part in node.parts:
            yield from _words(part)
