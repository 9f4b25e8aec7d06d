"""Whether a text has a word in it, the way a person means it.

Whole words, any case, with the regular inflections of the word as written: 'design' is in "designing the API",
'api' is not in "rapid". A phrase matches across spaces, hyphens and underscores: 'rate limiting' is in "rate-limiting".
Irregular forms ('wrote' for 'write') and derivations ('designer') are other words; a rule can list them.
"""

import re
from functools import lru_cache

_TOKEN = re.compile(r"[^\s_-]+")
_VOWELS = frozenset("aeiou")
_LETTERS_BEFORE_A_SINGULAR_S = frozenset("aisu")
"""As in alias, redis, access and status; any other word that ends in s is a plural or a verb's third person."""


def contains_word(text: str, word: str) -> bool:
    """Whether `text` has `word`, or a simple inflection of it, as a whole word; an empty word is in no text.

    Takes time linear in the length of `text`.
    """
    begins = _common_beginning(word)
    if begins is not None and text.isascii() and begins not in _lowered(text):
        return False
    pattern = _pattern(word)
    return pattern is not None and pattern.search(text) is not None


def word_implies(word: str, other: str) -> bool:
    """Whether every text that has `word` surely has `other` too, as 'rate limits' implies 'limit'."""
    mine, theirs = token_forms(word), token_forms(other)
    if not mine or not theirs:
        return mine == theirs and word == other
    return any(
        all(forms <= wanted for forms, wanted in zip(mine[at:], theirs, strict=False))
        for at in range(len(mine) - len(theirs) + 1)
    )


def token_forms(word: str) -> tuple[frozenset[tuple[str, ...]], ...]:
    """For each single word of a phrase, the forms it may have in a text, in a spelling that leaves out case."""
    # Character by character: a text is matched so, and the lower case of a whole word may depend on its ending.
    return tuple(
        frozenset(tuple(map(str.lower, form)) for form in _inflections(token)) for token in _TOKEN.findall(word)
    )


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str] | None:
    tokens = _TOKEN.findall(word) or word.split()
    if not tokens:
        return None
    # Alternatives are tried at one place only and the gap is possessive, so no input makes this backtrack.
    body = r"[\s_-]++".join("(?:" + "|".join(map(re.escape, _inflections(token))) + ")" for token in tokens)
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def _common_beginning(word: str) -> str | None:
    """What every text that has `word` has in lower case, if it is plain: it is found faster than a pattern is made."""
    tokens = _TOKEN.findall(word)
    if not tokens or not word.isascii():
        return None
    first: str = tokens[0].lower()
    return first[:-1] if len(first) > 1 else first


@lru_cache(maxsize=4)
def _lowered(text: str) -> str:
    return text.lower()


def _inflections(word: str) -> list[str]:
    """`word` and its regular forms, longest first."""
    low = word.casefold()
    forms = {word, f"{word}'s", f"{word}s"}
    if len(low) < 3 or not low.isalpha():
        pass
    elif low[-1] == "s" and low[-2] not in _LETTERS_BEFORE_A_SINGULAR_S:
        forms = {word}
    elif low[-1] == "e":
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
    forms |= {f"{form}'" for form in forms if form[-1] in "sS" and form[-2:-1] != "'"}  # the tests' output
    return sorted(forms, key=lambda form: (-len(form), form))
