"""How far what was recorded can be relied on, now or at any moment of a history."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from modelmerit.learning.circumstances import Circumstances, strays
from modelmerit.learning.executions import shows_obedience
from modelmerit.learning.logged_chances import ArmKey, Chances, chances_of
from modelmerit.learning.mismatches import assignments, mismatches
from modelmerit.learning.repeats import RepeatedOutcome, may_repeat, task_key
from modelmerit.learning.tallying import UNNAMED_CLIENT
from modelmerit.records import Attempt
from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.clusters import correlation_within


class Reliability:
    """The circumstances of a history, whose repeats are numbered, as they were known at any moment."""

    def __init__(self, history: Sequence[Attempt]) -> None:
        ended = [attempt for attempt in history if attempt.outcome is not None]
        checked = [attempt for attempt in ended if attempt.evidence in ("human", "tests")]
        self._ended_at = _times(ended)
        self._checked_at = _times(checked)
        self._chances = _LoggedChances(history)
        self._repeated = _repeated([attempt for attempt in history if attempt.judged_outcome is not None])
        self._executed = [
            (attempt.updated_at.timestamp(), attempt.client or UNNAMED_CLIENT, attempt.executed_model == attempt.model)
            for attempt in history
            if shows_obedience(attempt)
        ]

    def at(self, moment: float) -> Circumstances:
        """The circumstances at a moment, in seconds since 1970."""
        ended = int((self._ended_at <= moment).sum())
        known: Counter[str] = Counter()
        as_answered: Counter[str] = Counter()
        for seen_at, client, same in self._executed:
            if seen_at <= moment:
                known[client] += 1
                as_answered[client] += same
        return Circumstances(
            checked_share=int((self._checked_at <= moment).sum()) / ended if ended else 0.0,
            sameness=sameness([outcome for seen_at, outcome in self._repeated if seen_at <= moment]),
            unreliable=frozenset(client for client in known if strays(known[client], as_answered[client])),
            mismatches=mismatches(assignments(self._chances.at(moment))),
        )


class _LoggedChances:
    """The logged chances of a history, added up to any moment."""

    def __init__(self, history: Sequence[Attempt]) -> None:
        found = [(attempt.created_at.timestamp(), *rest) for attempt in history for rest in chances_of(attempt)]
        self._keys = sorted({key for _, key, _ in found})
        codes = {key: code for code, key in enumerate(self._keys)}
        self._seen_at = np.array([seen_at for seen_at, _, _ in found])
        self._code = np.array([codes[key] for _, key, _ in found], dtype=np.int64)
        self._values = np.array([sums for _, _, sums in found], dtype=np.float64).reshape(-1, len(Chances._fields))

    def at(self, moment: float) -> list[tuple[ArmKey, Chances]]:
        """The sums over the attempts that had begun by then."""
        then = self._seen_at <= moment
        columns = [np.bincount(self._code[then], column[then], len(self._keys)) for column in self._values.T]
        return [
            (key, Chances(round(chosen), expected, variance))
            for key, chosen, expected, variance in zip(self._keys, *map(np.ndarray.tolist, columns), strict=True)
            if expected > 0
        ]


def sameness(outcomes: Sequence[RepeatedOutcome]) -> float:
    """How alike the outcomes of repeats are, from 0 (as those of different tasks) to 1 (always the same)."""
    clusters: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    arms: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for key, complexity, model, succeeded in outcomes:
        for sums in (clusters[key, complexity, model], arms[complexity, model]):
            sums[0] += 1
            sums[1] += succeeded
    sizes, successes = np.array([*clusters.values()], dtype=np.float64).reshape(-1, 2).T
    rates = np.array([arms[place[1:]][1] / arms[place[1:]][0] for place in clusters])
    return correlation_within(sizes, successes, rates)


def _times(attempts: Sequence[Attempt]) -> Floats:
    return np.array([attempt.updated_at.timestamp() for attempt in attempts])


def _repeated(ended: Sequence[Attempt]) -> list[tuple[float, RepeatedOutcome]]:
    """The outcomes of tasks that some arm had more than once, and when they were known."""
    repeats = {task_key(attempt) for attempt in ended if attempt.repeat_number}
    if not repeats:
        return []
    return [
        (
            attempt.updated_at.timestamp(),
            RepeatedOutcome(key, attempt.complexity or "", attempt.arm.model, attempt.judged_outcome == "success"),
        )
        for attempt in ended
        if may_repeat(attempt) and (key := task_key(attempt)) in repeats
    ]
