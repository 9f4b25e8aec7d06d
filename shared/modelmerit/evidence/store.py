"""The store: every question the servers ask, and every change they make, each one transaction.

Nothing here decides: what to record is worked out by the pure functions the callers pass in or have already run.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Self, TypeVar

from modelmerit.evidence import arm_sums, decisions, ledger, queries
from modelmerit.evidence.activity import Activity
from modelmerit.evidence.database import Database
from modelmerit.evidence.decisions import AnalysisMark, StoredSuggestion
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.retries import RecentAttempt
from modelmerit.evidence.rows import from_microseconds, from_row, to_microseconds
from modelmerit.evidence.store_captures import CaptureStore
from modelmerit.learning.logged_chances import ArmKey, Chances
from modelmerit.learning.repeats import RepeatedOutcome
from modelmerit.learning.sufficiency import NOTHING_SHOWN, Verdicts, with_sufficiency
from modelmerit.learning.tallying import DAYS_PER_WEEK, day_number
from modelmerit.records import Attempt, Status
from modelmerit.routing.exploration import left_to_chance
from modelmerit.routing.strategies import Results

Decision = TypeVar("Decision")
Result = TypeVar("Result")
TallyRow = tuple[int | float | str, ...]

DAILY_WEEKS = 6
"""For so many weeks back keywords are told by the day: longer than two planned looks ever are apart."""

NEWEST_REPEATS = 2_000
MOST_REPEATED_OUTCOMES = 20_000
"""How many repeats, and outcomes of their tasks, tell how alike repeats are: enough to know it to a percent or two."""

CLOCK_SLACK = timedelta(minutes=1)
"""How far ahead of a dispatch's own time another's may lie, which was recorded while this one waited for the gate.

What lies further ahead is a wrong date in an imported log, and must not hold up exploration until it has come.
"""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a dispatch must know of the past, read in the same transaction that records it.

    `recent` are the workspace's attempts of the last hour, newest first. `since_explored` counts the dispatches since
    the last explored one at which chance decided. `spent` is the activity of the trailing window. `results` are those
    of the complexity asked for, by the policy's model and the one that got the task.
    """

    recent: list[RecentAttempt]
    last_explored: datetime | None
    since_explored: int
    spent: Activity
    results: Mapping[tuple[str, str], Results]


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """What is needed of a finished attempt to see whether its time or token count is out of the ordinary."""

    id: str
    complexity: str | None
    model: str
    outcome: str
    tokens_used: int | None
    execution_time_seconds: float | None


@dataclass(frozen=True, slots=True)
class RetriedOften:
    """How many attempts of a model at a complexity were retried, of how many, and the newest example's id."""

    complexity: str | None
    model: str
    retried: int
    attempts: int
    example: str


class Store(CaptureStore):
    """All state but the policy, in one SQLite file. Open with `Store.open`, and close it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the store at `path`.

        Raises:
            StoreError: If it cannot be opened, or was written by a newer release.
        """
        return cls(await Database.open(path))

    async def close(self) -> None:
        """Let go of the file; every transaction is already durable."""
        await self._database.close()

    async def dispatch(
        self,
        workspace: str,
        now: datetime,
        *,
        window: timedelta,
        decide: Callable[[Situation], tuple[Attempt, Decision]],
        results_at: str | None = None,
    ) -> tuple[Attempt, Decision]:
        """Record the attempt that `decide` makes of the situation; reading and recording are one transaction.

        `results_at` is the complexity whose results it asks for, "" for that of unlabelled tasks; None: of none.
        """

        def work(connection: sqlite3.Connection) -> tuple[Attempt, Decision]:
            attempt, decision = decide(_situation(connection, workspace, now, window, results_at))
            ledger.add(connection, attempt)
            if left_to_chance(attempt.propensities):
                connection.execute(queries.COUNT_TURN, {"explored": int(attempt.selection == "explored")})
            return attempt, decision

        return await self._database.transaction(work)

    async def report(self, attempt_id: str, said: OutcomeReport, now: datetime) -> tuple[Attempt, bool]:
        """Take an outcome report; answers the attempt as it stands, and whether anything changed.

        Raises:
            UnknownTask: If no attempt has this id.
        """
        return await self._database.transaction(lambda c: ledger.report(c, attempt_id, said, now))

    async def import_attempts(self, attempts: Iterable[Attempt]) -> int:
        """Add the attempts that are new or have ended since; answers how many. One transaction for the whole batch."""
        batch = list(attempts)
        return await self._database.transaction(lambda c: ledger.add(c, *batch))

    async def attempt(self, attempt_id: str) -> Attempt:
        """The attempt with this id.

        Raises:
            UnknownTask: If there is none.
        """
        return await self._database.read(
            lambda c: with_sufficiency(ledger.get(c, attempt_id), decisions.sufficiency(c))
        )

    async def attempts(
        self, *, before: datetime, workspace: str | None = None, status: Status | None = None, limit: int
    ) -> list[Attempt]:
        """The newest attempts before a moment, newest first."""
        statement = queries.list_attempts(by_workspace=workspace is not None, by_status=status is not None)
        parameters = {
            "before_us": to_microseconds(before),
            "workspace": workspace,
            "status": status,
            "limit": limit,
        }
        return await self._database.read(lambda c: [from_row(row) for row in c.execute(statement, parameters)])

    async def export(self, write: Callable[[Attempt], None]) -> int:
        """Hand every attempt to `write`, oldest first, without holding them all; answers how many."""

        def work(connection: sqlite3.Connection) -> int:
            count = 0
            known = decisions.sufficiency(connection)
            for row in connection.execute(queries.ALL_ATTEMPTS):
                write(with_sufficiency(from_row(row), known))
                count += 1
            return count

        return await self._database.read(work)

    async def tallies(self, read: Callable[[Iterable[TallyRow]], Result], *, today: int, told_since: int = 0) -> Result:
        """What `read` makes of the tallies, a stream of rows: the fields of TallyKey, then those of Measures.

        All tasks come day by day, and so do the keywords of the last weeks. What they had before comes a week in a
        row, dated to its middle, and where it is not comparable only from about the day `told_since` on. That keeps
        the rows of many years few. `read` runs on the store's thread, on one consistent snapshot.
        """
        first_daily_week = today // DAYS_PER_WEEK - DAILY_WEEKS
        parameters = {
            "first_daily_week": first_daily_week,
            "first_daily_day": first_daily_week * DAYS_PER_WEEK,
            "first_told_week": told_since // DAYS_PER_WEEK,
        }
        return await self._database.read(
            lambda c: read(chain.from_iterable(c.execute(statement, parameters) for statement in queries.TALLIES))
        )

    async def activity(self, first: datetime, last: datetime) -> Activity:
        """The activity of the days from `first` to `last`, both included."""
        return await self._database.read(lambda c: _activity(c, first, last))

    async def activity_by_client(self, first: datetime, last: datetime) -> dict[str, Activity]:
        """The activity of those days by client, the busiest first; "" is one nobody named."""
        days = {"first_day": day_number(first), "last_day": day_number(last)}
        rows = await self._database.read(lambda c: c.execute(queries.ACTIVITY_BY_CLIENT, days).fetchall())
        return {client: Activity(*sums) for client, *sums in rows}

    async def executions(self) -> dict[str, tuple[int, int]]:
        """Of how many attempts it is known what ran, and how often as answered, by client; "" is one nobody named."""
        rows = await self._database.read(lambda c: c.execute(queries.EXECUTIONS).fetchall())
        return {client: (known, as_answered) for client, known, as_answered in rows}

    async def logged_chances(self) -> list[tuple[ArmKey, Chances]]:
        """How often each arm was chosen, and what its logged chances add up to."""
        return await self._database.read(arm_sums.chances)

    async def repeated_outcomes(self) -> list[RepeatedOutcome]:
        """The outcomes of the tasks that were last given again to an arm that had had them."""
        parameters = {"newest": NEWEST_REPEATS, "limit": MOST_REPEATED_OUTCOMES}
        rows = await self._database.read(lambda c: c.execute(queries.REPEATED_OUTCOMES, parameters).fetchall())
        return [RepeatedOutcome(key, complexity, model, bool(succeeded)) for key, complexity, model, succeeded in rows]

    async def frequent_retries(self, since: datetime, limit: int) -> list[RetriedOften]:
        """The models most often retried since a moment, by complexity."""
        parameters = {"since_us": to_microseconds(since), "since_day": day_number(since), "limit": limit}
        rows = await self._database.read(lambda c: c.execute(queries.FREQUENT_RETRIES, parameters).fetchall())
        return [RetriedOften(complexity or None, *rest) for complexity, *rest in rows]

    async def recently_finished(self, since: datetime, limit: int) -> list[FinishedTask]:
        """The newest finished attempts since a moment, newest first."""
        parameters = {"since_us": to_microseconds(since), "limit": limit}
        rows = await self._database.read(lambda c: c.execute(queries.RECENT_FINISHED, parameters).fetchall())
        return [FinishedTask(*row) for row in rows]

    async def counter(self, name: str) -> int:
        """`attempts`: how many are recorded; `revision`: raised by whatever changes what an analysis sees.

        `since_explored`: the dispatches since the last explored one at which chance decided.
        """
        row = await self._database.read(lambda c: c.execute(queries.COUNTER, {"name": name}).fetchone())
        value: int = row[0]
        return value

    async def suggestion(self, suggestion_id: str) -> StoredSuggestion:
        """The suggestion with this id.

        Raises:
            UnknownSuggestion: If there is none.
        """
        return await self._database.read(lambda c: decisions.get(c, suggestion_id))

    async def suggestions(self) -> list[StoredSuggestion]:
        """Every suggestion ever made, most confident first."""
        return await self._database.read(decisions.all_suggestions)

    async def save_analysis(
        self, found: Iterable[StoredSuggestion], mark: AnalysisMark, shown: Verdicts = NOTHING_SHOWN
    ) -> list[StoredSuggestion]:
        """Record what an analysis found and has `shown`; answers every suggestion with its status after it."""
        suggestions = list(found)
        return await self._database.transaction(lambda c: decisions.save_analysis(c, suggestions, mark, shown))

    async def latest_analysis(self) -> AnalysisMark | None:
        """What the last analysis had seen, or None before the first."""
        return await self._database.read(decisions.latest_analysis)

    async def decide(self, suggestion: StoredSuggestion) -> None:
        """Record what became of a suggestion."""
        await self._database.transaction(lambda c: decisions.save(c, suggestion))


def _situation(
    connection: sqlite3.Connection,
    workspace: str,
    now: datetime,
    window: timedelta,
    results_at: str | None,
) -> Situation:
    until = {"until_us": to_microseconds(now + CLOCK_SLACK)}
    (last_us,) = connection.execute(queries.LAST_EXPLORED, until).fetchone()
    (since_explored,) = connection.execute(queries.COUNTER, {"name": "since_explored"}).fetchone()
    return Situation(
        recent=ledger.recent_in_workspace(connection, workspace, now),
        last_explored=None if last_us is None else from_microseconds(last_us),
        since_explored=since_explored,
        spent=_activity(connection, now - window, now),
        results={} if results_at is None else arm_sums.results(connection, results_at),
    )


def _activity(connection: sqlite3.Connection, first: datetime, last: datetime) -> Activity:
    days = {"first_day": day_number(first), "last_day": day_number(last)}
    return Activity(*connection.execute(queries.ACTIVITY, days).fetchone())
