"""Which dispatch an agent's run is the work of, where the client does not say.

Agents that work in parallel get tasks from one mould, and to take one's outcome for another's is worse than to miss
that a run was dispatched. So the same words come first, then nearly the same, then a dispatched text that the agent's
prompt contains; and what is nearly the same, but about something else, is another agent's task. Nothing is read or
written here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from modelmerit.evidence.retries import RecentAttempt, is_same_task, normalise

WINDOW = timedelta(minutes=15)
"""How long before its run an attempt was dispatched, at the most."""
SLACK = timedelta(seconds=5)
"""How much later than the run the dispatch may be dated: agents call tools in parallel."""

SAME_WORDS, SAME_TASK, CONTAINED, SAME_MATTER, ONLY_ONE = range(5, 0, -1)
FEWEST_WORDS = 3
"""A text of fewer words is contained in too many others."""
SHARED_WORDS = 0.9
"""The share of the dispatched text's words that a prompt in other words has to have."""
LOOKS_ALIKE = 0.75
"""Texts that are so similar, and yet not the same task, are of one mould."""

_WORD = re.compile(r"[^\W_][\w./\\:@#-]*")
_NAMED = re.compile(r"[\d_/\\@#]|\w[.:]\w", re.ASCII)


@dataclass(frozen=True, slots=True)
class Run:
    """An agent's run as a dispatch is compared with it; `models` are those it was asked to run on, and ran on."""

    texts: tuple[str, ...]
    models: frozenset[str]


def dispatch_of(run: Run, candidates: Sequence[RecentAttempt], *, may_be_the_only_one: bool) -> str | None:
    """The id of the dispatch the run is the work of, or None.

    `candidates` were dispatched in the run's session around `WINDOW` before it, and are no other run's. The nearest in
    words wins, of those equally near one answered with the run's model, then the last. `may_be_the_only_one` says that
    the only open dispatch answered with the run's model may be meant without a word in common.
    """
    opened = [one for one in candidates if one.status in ("pending", "running") and one.model in run.models]
    alone = opened[0].id if may_be_the_only_one and len(opened) == 1 else None
    ranked = [
        ((nearness, one.model in run.models, one.created_at, one.id), one.id)
        for one in candidates
        if (nearness := _nearness(run, one, alone=one.id == alone))
    ]
    return max(ranked)[1] if ranked else None


def _nearness(run: Run, dispatched: RecentAttempt, *, alone: bool) -> int:
    texts = [text for text in run.texts if text.strip()]
    if any(normalise(text) == normalise(dispatched.task) for text in texts):
        return SAME_WORDS
    if any(is_same_task(dispatched.task, text) for text in texts):
        return SAME_TASK
    words, said = _words(dispatched.task), [_words(text) for text in texts]
    if any(_contains(text, words) for text in said):
        return CONTAINED
    if dispatched.model not in run.models:
        return 0
    # A few words of a task ("run the tests") may be in many.
    if any(_contains(words, text) for text in said):
        return SAME_MATTER
    if any(_alike(dispatched.task, text) for text in texts):
        return 0
    known = {word for text in said for word in text}
    if any(_NAMED.search(word) and word not in known for word in words):
        return 0
    distinct = set(words)
    if len(distinct) > FEWEST_WORDS and len(distinct & known) >= SHARED_WORDS * len(distinct):
        return SAME_MATTER
    return ONLY_ONE if alone else 0


def _words(text: str) -> list[str]:
    return [word.rstrip(".:-") for word in _WORD.findall(normalise(text))]


def _contains(words: list[str], part: list[str]) -> bool:
    """Whether the words of `part` stand in `words`, one after the other."""
    return len(part) >= FEWEST_WORDS and f" {' '.join(part)} " in f" {' '.join(words)} "


def _alike(a: str, b: str) -> bool:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.normalized_similarity(normalise(a), normalise(b), score_cutoff=LOOKS_ALIKE) >= LOOKS_ALIKE
