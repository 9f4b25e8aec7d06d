"""Decides whether a task is another try at an earlier one: the same words, but for a few, about the same things.

Look-alikes are the danger. Agents that work in parallel get tasks from one mould ("review part 5", "review part 45";
"add tests for the cart page", "... the cache page"), and to call those retries would fail attempts that were fine. So a
small edit distance is not enough: paths, identifiers and numbers must agree, and no word may have been swapped for
another one. Nothing is read or written here; the caller brings the earlier attempts.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from modelmerit.records import NOT_THE_MODELS_FAULT, Attempt, ErrorType, Outcome, Status

WINDOW = timedelta(hours=1)
MAX_DISTANCE = 0.20
READ_CHARACTERS = 8_000
"""How much of the beginning, and as much of the end, of a long text is looked at."""
MOST_COMPARED = 200
"""Earlier attempts looked at, newest first, before giving up."""
MOST_PAIRED = 50
"""Differing words that are paired with each other; texts with more of them are different tasks."""

WORDS_PER_SWAP = 100
"""A text may have one word in this many swapped for another and still be the same task."""

_UNFINISHED = frozenset({"pending", "running"})
_TOKEN = re.compile(r"[^\s`'\"“”\u2018\u2019()\[\]{}<>,;!?]{1,500}")
_WORD = re.compile(r"[^\W\d_]{1,100}")
_NAMED = re.compile(r"[\d_/\\@#$=*|~]|\w\.\w|^\.|^-|::|[a-z][A-Z]|^[A-HJ-Zbce-hj-lnopqru-z]$", re.ASCII)
"""What makes a token a path, an identifier, a number, a flag, or a letter that tells one part from another."""
_NO_TASK = frozenset(
    {"proceed", "continue", "go", "on", "ahead", "ok", "okay", "yes", "yep", "yup", "y", "k", "hi", "hello", "hey"}
    | {"done", "thanks", "thank", "you", "great", "good", "nice", "perfect", "next", "please", "do", "it", "this"}
    | {"that", "try", "again", "retry", "more", "sure", "no", "stop", "commit", "push", "what", "is", "and"}
)
_FILLERS = frozenset(
    {"a", "an", "the", "this", "that", "please", "again", "now", "just", "still", "to", "of", "for", "in", "on", "and"}
    | {"is", "are", "it", "its", "with", "at", "by", "from", "retry", "try", "once", "more", "ok", "so", "also", "then"}
)
_SAME_VERBS = (
    frozenset({"add", "write", "create", "make", "implement"}),
    frozenset({"fix", "repair", "correct", "resolve", "solve"}),
    frozenset({"update", "change", "adjust", "modify", "edit", "revise"}),
    frozenset({"remove", "delete", "drop"}),
    frozenset({"explore", "investigate", "examine", "inspect", "analyze"}),
)


class RecentAttempt(NamedTuple):
    """The little of an attempt that a new task is compared with; reading whole ones would cost ten times as much."""

    id: str
    task: str
    workspace: str | None
    model: str
    status: Status
    created_at: datetime
    retry_count: int
    judged_outcome: Outcome | None
    execution_time_seconds: float | None
    error_type: ErrorType | None

    @property
    def model_failed(self) -> bool:
        """Whether a stronger model is called for: not where the provider, the harness or a person stopped the work."""
        return self.error_type not in NOT_THE_MODELS_FAULT


@dataclass(frozen=True, slots=True)
class RetryMatch:
    """The attempt a task tries again; `confirmed` is False while that attempt may still turn out well."""

    previous: RecentAttempt
    confirmed: bool


@dataclass(frozen=True, slots=True)
class _Gist:
    """A task as it is compared; `named` are those of its tokens that look like a path, an identifier or a number."""

    text: str
    full_length: int
    words: Counter[str]
    tokens: tuple[str, ...]
    named: frozenset[str]


def normalise(text: str) -> str:
    """The text as it is compared: case folded, spaces collapsed, without the punctuation around it."""
    return " ".join(_ends(text).casefold().split()).strip(" .,;:!?\"'`*-")


def is_same_task(a: str, b: str) -> bool:
    """Whether two texts ask for the same thing, so that the later one is another try.

    Their normalised edit distance is under `MAX_DISTANCE`, and they agree in paths, identifiers, numbers and words, but
    for typing errors, inflections and small words. Texts that name no task ("continue") never match.
    """
    return _same(_gist(a), _gist(b))


def find_retry(task: str, workspace: str | None, now: datetime, recent: Sequence[RecentAttempt]) -> RetryMatch | None:
    """The earlier attempt that `task`, beginning at `now`, tries again, or None.

    `recent` is newest first; of attempts from the same moment the one that comes first in it counts as the nearer. An
    unknown workspace is a workspace of its own. The nearest attempt at the same task decides: if it succeeded, doing
    it again is no retry of it nor of what came before it.
    """
    gist = _gist(task)
    near = (a for a in recent if a.workspace == workspace and timedelta(0) <= now - a.created_at <= WINDOW)
    for compared, previous in enumerate(sorted(near, key=lambda attempt: attempt.created_at, reverse=True)):
        if compared == MOST_COMPARED:
            return None
        if _same(gist, _gist(previous.task)):
            if previous.judged_outcome == "success":
                return None
            ended = previous.status not in _UNFINISHED or _ran_out(previous, now)
            return RetryMatch(previous, previous.judged_outcome is not None or ended)
    return None


def confirms(previous: Attempt, retry_started: datetime) -> bool | None:
    """Whether the earlier attempt, as known by now, confirms a possible retry that began at `retry_started`.

    True if it failed, was partial, or had ended by then: whoever asks again after the end was not content, whatever
    was reported later. False if it succeeded and was, as far as is known, still at work then; None while open.
    """
    if previous.judged_outcome == "success":
        return _ran_out(previous, retry_started)
    if previous.judged_outcome is not None:
        return True
    finished = previous.status not in _UNFINISHED and previous.updated_at <= retry_started
    return True if finished or _ran_out(previous, retry_started) else None


def _ran_out(attempt: Attempt | RecentAttempt, by: datetime) -> bool:
    seconds = attempt.execution_time_seconds
    return seconds is not None and attempt.created_at + timedelta(seconds=seconds) <= by


def _ends(text: str) -> str:
    return text if len(text) <= 2 * READ_CHARACTERS else f"{text[:READ_CHARACTERS]} {text[-READ_CHARACTERS:]}"


@lru_cache(maxsize=256)
def _gist(text: str) -> _Gist:
    normal = normalise(text)
    tokens = [token for found in _TOKEN.findall(_ends(text)) if (token := found.rstrip(".:*-"))]
    named = frozenset(token.casefold() for token in tokens if _NAMED.search(token))
    folded = tuple(dict.fromkeys(token.casefold() for token in tokens))
    unread = max(0, len(text) - 2 * READ_CHARACTERS)
    return _Gist(normal, len(normal) + unread, Counter(_WORD.findall(normal)), folded, named)


def _same(a: _Gist, b: _Gist) -> bool:
    longer = max(a.full_length, b.full_length)
    if abs(a.full_length - b.full_length) >= MAX_DISTANCE * longer or a.words.keys() <= _NO_TASK:
        return False
    # In the order they appear: "from 1 to 2" is not "from 2 to 1". A name in one text may be a plain word in the other.
    named = a.named | b.named
    if [token for token in a.tokens if token in named] != [token for token in b.tokens if token in named]:
        return False
    if _swapped(a.words, b.words):
        return False
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.normalized_distance(a.text, b.text, score_cutoff=MAX_DISTANCE) < MAX_DISTANCE


def _swapped(a: Counter[str], b: Counter[str]) -> bool:
    """Whether words of one text stand in the place of others, more of them than a long text may have."""
    only_a, only_b = list((a - b).keys() - _FILLERS), list((b - a).keys() - _FILLERS)
    allowed = min(a.total(), b.total()) // WORDS_PER_SWAP
    fewer, others = sorted((only_a, only_b), key=len)
    if len(fewer) <= allowed:
        return False
    # So many differences are no near copy, and pairing them would cost their square.
    if len(fewer) > MOST_PAIRED:
        return True
    return sum(not any(_same_word(word, other) for other in others) for word in fewer) > allowed


def _same_word(a: str, b: str) -> bool:
    """Whether one is the other mistyped, inflected, or the same order. "get" is not "set" mistyped: it is too short."""
    if _stem(a) == _stem(b) or any(a in verbs and b in verbs for verbs in _SAME_VERBS):
        return True
    from rapidfuzz.distance import OSA

    return min(len(a), len(b)) >= 5 and a[0] == b[0] and OSA.distance(a, b, score_cutoff=1) <= 1


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
