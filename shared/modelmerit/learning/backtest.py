"""A back-test: what would have been suggested every few days of a history, with what was known then.

Nothing is applied: the policy stays the same from the first look to the last. An attempt is pending from its start
until its last update, and what was later retried counts as what it was reported to be until the retry began.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from modelmerit.learning.deciding import Decisions, decide
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.reliability import Reliability
from modelmerit.learning.repeats import numbered
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import is_retry, keys_of, measures_of
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

FOREVER = datetime.max.replace(tzinfo=UTC)


def backtest(
    attempts: Iterable[Attempt], policy: Policy, every_days: int, method: Method = COMPLETE
) -> list[dict[str, Any]]:
    """The looks of a back-test, ready for JSON, oldest first."""
    history = numbered(sorted(attempts, key=lambda attempt: (attempt.created_at, attempt.id)))
    versions = [
        (version, since.timestamp(), until.timestamp())
        for attempt, retried_at in _with_retries(history)
        for version, since, until in _versions(attempt, retried_at)
    ]
    spread = [(key, version, since, until) for version, since, until in versions for key in keys_of(version)]
    known = Tallies.from_rows((*key, *measures_of(version)) for key, version, _, _ in spread)
    since = np.array([since for _, _, since, _ in spread])
    until = np.array([until for _, _, _, until in spread])
    reliability = Reliability(history)
    looks = []
    for as_of in _look_times(history, every_days):
        moment = as_of.timestamp()
        then = known.where((since <= moment) & (moment < until))
        decided = decide(then, policy, as_of, reliability.at(moment), method)
        looks.append(
            {
                "as_of": as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "suggestions": [suggestion.to_dict() for suggestion in decided.suggestions],
                "hints": [hint.to_dict() for hint in decided.hints],
            }
        )
    return looks


def decided_at(attempts: Iterable[Attempt], policy: Policy, as_of: datetime, method: Method = COMPLETE) -> Decisions:
    """What is decided at one moment on a history that had ended by then."""
    history = numbered(sorted(attempts, key=lambda attempt: (attempt.created_at, attempt.id)))
    circumstances = Reliability(history).at(as_of.timestamp())
    return decide(Tallies.from_attempts(history), policy, as_of, circumstances, method)


def _look_times(history: Sequence[Attempt], every_days: int) -> list[datetime]:
    """Every `every_days` from the first midnight on, until nothing new can be learned."""
    if not history:
        return []
    start = history[0].created_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = max(attempt.updated_at for attempt in history)
    times = [start + timedelta(days=every_days)]
    while times[-1] < end:
        times.append(times[-1] + timedelta(days=every_days))
    return times


def _with_retries(history: Sequence[Attempt]) -> Iterator[tuple[Attempt, datetime | None]]:
    """Each attempt with the moment its retry began; None if it was not retried, or nobody knows when."""
    retried_at: dict[str, datetime] = {}
    for attempt in history:
        if attempt.previous_dispatch_id is not None and is_retry(attempt):
            retried_at.setdefault(attempt.previous_dispatch_id, attempt.created_at)
    for attempt in history:
        yield attempt, retried_at.get(attempt.id)


def _versions(attempt: Attempt, retried_at: datetime | None) -> Iterator[tuple[Attempt, datetime, datetime]]:
    """What was known of an attempt, from when until when."""
    known_at = max(attempt.created_at, attempt.updated_at)
    if attempt.created_at < known_at:
        pending = replace(
            attempt,
            outcome=None,
            error_type=None,
            retried=False,
            tokens_used=None,
            execution_time_seconds=None,
            cost_usd=None,
        )
        yield pending, attempt.created_at, known_at
    if attempt.retried and retried_at is not None and known_at < retried_at:
        yield replace(attempt, retried=False), known_at, retried_at
        known_at = retried_at
    yield attempt, known_at, FOREVER
