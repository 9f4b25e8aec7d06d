"""A back-test: what would have been suggested every few days of a history, with what was known then.

Nothing is applied: the policy stays the same from the first look to the last. An attempt is pending from its start
until its last update, and a success that was later retried counts as one until the retry began.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from modelmerit.learning.analysis import analyse
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt


def backtest(attempts: Iterable[Attempt], policy: Policy, every_days: int) -> list[dict[str, Any]]:
    """The looks of a back-test, ready for JSON, oldest first."""
    history = sorted(attempts, key=lambda attempt: attempt.created_at)
    return [_look(history, policy, as_of) for as_of in _look_times(history, every_days)]


def _look_times(history: Sequence[Attempt], every_days: int) -> list[datetime]:
    if not history:
        return []
    start = history[0].created_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = max(attempt.updated_at for attempt in history)
    times = [start + timedelta(days=every_days)]
    while times[-1] < end:
        times.append(times[-1] + timedelta(days=every_days))
    return times


def _look(history: Sequence[Attempt], policy: Policy, as_of: datetime) -> dict[str, Any]:
    tallies = Tallies.from_attempts(attempt for attempt in history if attempt.updated_at <= as_of)
    analysis = analyse(tallies, policy, as_of)
    return {
        "as_of": as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "suggestions": [suggestion.to_dict() for suggestion in analysis.suggestions],
        "hints": [hint.to_dict() for hint in analysis.hints],
    }
