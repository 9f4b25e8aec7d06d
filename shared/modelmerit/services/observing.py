"""What the report says of single attempts: retries, figures out of the ordinary, and what ran against what was said."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Literal

from modelmerit.evidence.activity import Activity
from modelmerit.evidence.store import FinishedTask, RetriedOften, Store
from modelmerit.learning.attempt_facts import AttemptFacts, ClientFacts, FrequentRetry, UnusualAttempt
from modelmerit.learning.circumstances import Circumstances, strays
from modelmerit.learning.mismatches import assignments, mismatches
from modelmerit.learning.reliability import sameness
from modelmerit.learning.tallying import UNNAMED_CLIENT
from modelmerit.policy.document import Policy

RECENT_DAYS = 30
RECENT_LIMIT = 2000
GROUPS_LIMIT = 1000
"""More pairs of complexity and model than anybody has."""

LONGEST_WINDOW_DAYS = 20_000
"""A longer window reaches back beyond 1970, where there is no evidence."""

FEWEST_RETRIES = 3
LEAST_RETRIED_SHARE = 0.10

FEWEST_TO_COMPARE = 10
UNUSUAL_FACTOR = 10.0
"""How many times the usual figure, or how small a part of it, is out of the ordinary."""

SMALLEST = 1e-9
"""Stands for a time or a count of zero."""

Figure = Literal["execution_time_seconds", "tokens_used"]
FIGURES: tuple[Figure, ...] = ("execution_time_seconds", "tokens_used")


async def observe(store: Store, policy: Policy, now: datetime) -> AttemptFacts:
    """What the report needs beyond the tallies, over the policy's window or the last 30 days."""
    window = timedelta(days=min(policy.learning.window_days or LONGEST_WINDOW_DAYS, LONGEST_WINDOW_DAYS))
    # The window counts today as one of its days, as the tallies' does.
    first_day = max(now - window + timedelta(days=1), datetime(1970, 1, 1, tzinfo=UTC))
    activity = await store.activity(first_day, now)
    since = now - timedelta(days=RECENT_DAYS)
    finished = await store.recently_finished(since, RECENT_LIMIT)
    return AttemptFacts(
        recommended=activity.recommended_known,
        followed=activity.ran_as_recommended,
        executions_known=activity.executed_known,
        executed_otherwise=activity.executed_known - activity.executed_as_answered,
        with_outcome=activity.with_outcome,
        checked=activity.checked,
        recent_days=RECENT_DAYS,
        frequent_retries=frequent(await store.frequent_retries(since, GROUPS_LIMIT)),
        unusual_attempts=unusual(finished),
        clients=[_client(*one) for one in (await store.activity_by_client(first_day, now)).items()],
    )


async def circumstances(store: Store, facts: AttemptFacts) -> Circumstances:
    """How far what was recorded can be relied on; `facts` are those observed at the same time."""
    return Circumstances(
        checked_share=facts.checked_share,
        sameness=sameness(await store.repeated_outcomes()),
        unreliable=frozenset(
            client or UNNAMED_CLIENT for client, counts in (await store.executions()).items() if strays(*counts)
        ),
        mismatches=mismatches(assignments(await store.logged_chances())),
    )


def _client(client: str, activity: Activity) -> ClientFacts:
    return ClientFacts(
        client=client,
        attempts=activity.attempts,
        with_outcome=activity.with_outcome,
        human=activity.checked - activity.tests,
        tests=activity.tests,
        reported=activity.reported,
        implicit=activity.implicit,
        recommended=activity.recommended_known,
        followed=activity.ran_as_recommended,
        executions_known=activity.executed_known,
        executed_otherwise=activity.executed_known - activity.executed_as_answered,
    )


def frequent(groups: Sequence[RetriedOften]) -> list[FrequentRetry]:
    """The kinds of task that are tried again often, and not just once or twice; the largest share first."""
    often = [
        group
        for group in groups
        if group.retried >= FEWEST_RETRIES and group.retried >= LEAST_RETRIED_SHARE * group.attempts
    ]
    return [
        FrequentRetry(
            complexity=group.complexity,
            model=group.model,
            attempts=group.attempts,
            retried=group.retried,
            examples=(group.example,),
        )
        for group in sorted(often, key=lambda group: (-group.retried / group.attempts, group.model))
    ]


def unusual(finished: Sequence[FinishedTask]) -> list[UnusualAttempt]:
    """The attempts whose time or tokens are far from the median of their model and complexity.

    Reported successes that took far too little come first, then those farthest off.
    """
    found = [
        UnusualAttempt(
            id=task.id,
            model=task.model,
            complexity=task.complexity,
            figure=figure,
            value=value,
            typical=typical,
            outcome=task.outcome,
        )
        for figure in FIGURES
        for members in _alike(finished, figure)
        for task, value, typical in _out_of_the_ordinary(members)
    ]
    return sorted(found, key=lambda one: (not one.contradicts_success, -_times_off(one.value, one.typical), one.id))


def _alike(finished: Sequence[FinishedTask], figure: Figure) -> Iterator[list[tuple[FinishedTask, float]]]:
    """The tasks of each model and complexity that have the figure."""
    groups: Mapping[tuple[str, str | None], list[tuple[FinishedTask, float]]] = defaultdict(list)
    for task in finished:
        value: float | None = getattr(task, figure)
        if value is not None:
            groups[task.model, task.complexity].append((task, value))
    yield from groups.values()


def _out_of_the_ordinary(members: list[tuple[FinishedTask, float]]) -> Iterator[tuple[FinishedTask, float, float]]:
    """The tasks far from what is typical among them, with their value and the typical one."""
    typical = median(value for _, value in members)
    if len(members) < FEWEST_TO_COMPARE or typical <= 0:
        return
    for task, value in members:
        if _times_off(value, typical) >= UNUSUAL_FACTOR:
            yield task, value, typical


def _times_off(value: float, typical: float) -> float:
    """How many times what is typical a value is, or how small a part of it."""
    return max(value / typical, typical / max(value, SMALLEST))
