"""What the report says of single attempts: retries, figures out of the ordinary, and what ran against what was said."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from modelmerit.evidence.store import FinishedTask, Store
from modelmerit.learning.report import AttemptFacts, FrequentRetry, UnusualAttempt
from modelmerit.learning.tallying import SECONDS_PER_DAY
from modelmerit.policy.document import Policy

RECENT = timedelta(days=30)
RECENT_LIMIT = 2000
SHOWN = 5
LONGEST_WINDOW_DAYS = 20_000
"""A longer window reaches back beyond 1970, where there is no evidence."""
FEWEST_TO_COMPARE = 10
UNUSUAL_FACTOR = 10.0
"""How many times the usual figure, or how small a part of it, is out of the ordinary."""


async def observe(store: Store, policy: Policy, now: datetime) -> AttemptFacts:
    """What the report needs beyond the tallies, over the policy's window or the last 30 days."""
    window = timedelta(days=min(policy.learning.window_days or LONGEST_WINDOW_DAYS, LONGEST_WINDOW_DAYS))
    # The window counts today as one of its days, as the tallies' does.
    activity = await store.activity(max(now - window + timedelta(days=1), datetime(1970, 1, 1, tzinfo=UTC)), now)
    first_day = await store.first_day()
    finished = await store.recently_finished(now - RECENT, RECENT_LIMIT)
    return AttemptFacts(
        first_attempt_at=None if first_day is None else datetime.fromtimestamp(first_day * SECONDS_PER_DAY, UTC),
        recommended=activity.recommended_known,
        followed=activity.ran_as_recommended,
        executions_known=activity.executed_known,
        executed_otherwise=activity.executed_known - activity.executed_as_answered,
        checked_share=activity.checked / activity.with_outcome if activity.with_outcome else 0.0,
        frequent_retries=[
            FrequentRetry(
                complexity=retry.complexity,
                model=retry.model,
                attempts=retry.attempts,
                retried=retry.retried,
                examples=(retry.example,),
            )
            for retry in await store.frequent_retries(now - RECENT, SHOWN)
        ],
        unusual_attempts=unusual(finished)[:SHOWN],
    )


def unusual(finished: Sequence[FinishedTask]) -> list[UnusualAttempt]:
    """The attempts whose time or tokens are far from the median of their model and complexity, farthest first."""
    found: list[tuple[float, UnusualAttempt]] = []
    for figure in ("execution_time_seconds", "tokens_used"):
        groups: dict[tuple[str, str | None], list[tuple[float, FinishedTask]]] = defaultdict(list)
        for task in finished:
            value: float | None = getattr(task, figure)
            if value is not None:
                groups[task.model, task.complexity].append((value, task))
        for members in groups.values():
            typical = median(value for value, _ in members)
            if len(members) < FEWEST_TO_COMPARE or typical <= 0:
                continue
            for value, task in members:
                factor = max(value, 1e-9) / typical
                distance = max(factor, 1 / factor)
                if distance >= UNUSUAL_FACTOR:
                    found.append(
                        (
                            distance,
                            UnusualAttempt(
                                id=task.id,
                                model=task.model,
                                figure=figure,
                                value=value,
                                typical=typical,
                                outcome=task.outcome,
                            ),
                        )
                    )
    return [attempt for _, attempt in sorted(found, key=lambda pair: -pair[0])]
