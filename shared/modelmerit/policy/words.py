"""Whether a text has a word in it, the way a person means it.

Whole words, any case, with the regular inflections of the word as written: 'design' is in "designing the API",
'api' is not in "rapid". A phrase matches across spaces, hyphens and underscores: 'rate limiting' is in "rate-limiting".
Irregular forms ('wrote' for 'write') and derivations ('designer') are other words; a rule can list them.
"""

import re
from functools import lru_cache

_TOKEN = re.compile(r"[^\s_-]+")
_VOWELS = frozenset("aeiou")


def contains_word(text: str, word: str) -> bool:
    """Whether `text` has `word`, or a simple inflection of it, as a whole word; an empty word is in no text.

    Takes time linear in the length of `text`.
    """
    pattern = _pattern(word)
    return pattern is not None and pattern.search(text) is not None


def word_tokens(word: str) -> tuple[str, ...]:
    """The single words of a phrase, in lower case; what separates them does not matter to a match."""
    return tuple(_TOKEN.findall(word.casefold()))


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str] | None:
    tokens = _TOKEN.findall(word) or word.split()
    if not tokens:
        return None
    # Alternatives are tried at one place only and the gap is possessive, so no input makes this backtrack.
    body = r"[\s_-]++".join("(?:" + "|".join(map(re.escape, _inflections(token))) + ")" for token in tokens)
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


def _inflections(word: str) -> list[str]:
    """`word` and its regular forms, longest first."""
    low = word.casefold()
    forms = {word, f"{word}'s", f"{word}s"}
    if len(low) < 3 or not low.isalpha():
        return sorted(forms, key=lambda form: (-len(form), form))
    if low[-1] == "e":
        stem = word if low[-2] in "eoy" else word[:-1]
        forms |= {f"{word}d", f"{stem}ing"}
    elif low[-1] == "y" and low[-2] not in _VOWELS:
        forms |= {f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing"}
    else:
        if low.endswith(("s", "x", "z", "ch", "sh")):
            forms.add(f"{word}es")
        forms |= {f"{word}ed", f"{word}ing"}
        if low[-1] not in _VOWELS and low[-1] not in "wxy" and low[-2] in _VOWELS and low[-3] not in _VOWELS:
            forms |= {f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"}  # plan, planning; debug, debugged
    return sorted(forms, key=lambda form: (-len(form), form))
