"""What a misspelt word was probably meant to be."""

from collections.abc import Iterable
from itertools import islice

_ALIKE = 72.0
"""Of 100: 'rule' and 'rules' are 89 alike, 'min_samples' and 'min_sample_size' 77, 'note' and 'mode' 50."""
_MOST_COMPARED = 200


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` is most like, in whatever case; None where it is like none."""
    from rapidfuzz import fuzz, process  # only a mistake needs it

    plain = {_plain(name): name for name in islice(known, _MOST_COMPARED)}
    found = process.extractOne(_plain(word), plain.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return name[:80].casefold().strip().replace("-", "_").replace(" ", "_")
