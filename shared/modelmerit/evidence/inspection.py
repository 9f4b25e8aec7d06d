"""A store looked at as it lies there: nothing is written, made, migrated or waited for.

`Store` brings a file up to date as it opens it; whoever wants to know what is wrong must not.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from modelmerit.evidence.migrations import version
from modelmerit.evidence.rows import from_microseconds, to_microseconds
from modelmerit.evidence.store_errors import store_error
from modelmerit.learning.tallying import day_number

BUSY_WAIT_S = 2.0
STEPS_BETWEEN_LOOKS = 100_000
"""How many of SQLite's steps an integrity check goes on before it looks at the clock."""
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
ATTEMPTS = "SELECT count(*), max(created_us) FROM attempts"
ACTIVITY_BY_CLIENT = """
SELECT client, sum(attempts), sum(with_outcome), sum(checked), sum(recommended_known), sum(ran_as_recommended)
FROM activity WHERE day BETWEEN :first_day AND :last_day GROUP BY client ORDER BY 2 DESC, client
"""
CAPTURED_RUNS = "SELECT run_id FROM captures WHERE client = :client"
USE_BY_MODEL = """
SELECT coalesce(executed_model, model), count(*), coalesce(sum(tokens_used), 0), coalesce(sum(cost_usd), 0),
    sum(CASE WHEN cost_usd IS NULL AND tokens_used IS NOT NULL THEN 1 ELSE 0 END),
    sum(CASE WHEN outcome IS NOT NULL THEN 1 ELSE 0 END),
    sum(CASE WHEN outcome = 'success' AND retried = 0 THEN 1 ELSE 0 END),
    sum(CASE WHEN outcome IS NOT NULL AND coalesce(error_type, 'model') <> 'model' THEN 1 ELSE 0 END),
    sum(CASE WHEN outcome IS NOT NULL AND evidence = 'human' THEN 1 ELSE 0 END),
    sum(CASE WHEN outcome IS NOT NULL AND evidence = 'tests' THEN 1 ELSE 0 END),
    sum(CASE WHEN outcome IS NOT NULL AND evidence = 'reported' THEN 1 ELSE 0 END)
FROM attempts WHERE client = :client AND created_us >= :since_us GROUP BY 1 ORDER BY 2 DESC, 1
"""
RAN_ANOTHER = """
SELECT client, model, executed_model, count(*) FROM attempts
WHERE created_us >= :since_us AND selection IN ('policy', 'explored') AND executed_model <> model
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
"""
SEEN_EVENTS = "SELECT client, event, times, last_us FROM seen_events ORDER BY client, event"


@dataclass(frozen=True, slots=True)
class ClientActivity:
    """Sums over the attempts of one client; `client` is "" where nobody named one.

    `checked` counts the outcomes that a human or tests decided.
    """

    client: str
    attempts: int
    with_outcome: int
    checked: int
    recommended_known: int
    ran_as_recommended: int


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """How often a client's hook was heard of at an event, and when last."""

    client: str
    event: str
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Sums over the attempts that one model ran.

    `unpriced` are those with tokens and without a cost, `broken_off` those that failed by no fault of the model's. Of
    the outcomes, `by_human`, `by_tests` and `reported` say how they are known; the rest are implicit.
    """

    model: str
    attempts: int
    tokens: int
    cost_usd: float
    unpriced: int
    with_outcome: int
    succeeded: int
    broken_off: int
    by_human: int
    by_tests: int
    reported: int

    @property
    def implicit(self) -> int:
        """Outcomes that nothing speaks for but that the work ended, or was tried again."""
        return self.with_outcome - self.by_human - self.by_tests - self.reported


class RanAnother(NamedTuple):
    """How often a client ran another model than it was answered."""

    client: str | None
    answered: str
    executed: str
    times: int


class Inspection:
    """Questions to a store that is open for reading."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables = {name for (name,) in connection.execute(TABLES)}

    def schema_version(self) -> int:
        """The newest migration applied to it; 0 where there is none."""
        return version(self._connection) if "schema_migrations" in self._tables else 0

    def attempts(self) -> tuple[int, datetime | None]:
        """How many attempts it holds, and when the newest was made."""
        if "attempts" not in self._tables:
            return 0, None
        count, newest_us = self._connection.execute(ATTEMPTS).fetchone()
        return count, None if newest_us is None else from_microseconds(newest_us)

    def activity(self, now: datetime, days: int) -> list[ClientActivity]:
        """What was recorded in the last days, today included, the busiest client first."""
        if "activity" not in self._tables:
            return []
        first = max(now - timedelta(days=days - 1), FIRST_MOMENT)
        span = {"first_day": day_number(first), "last_day": day_number(now)}
        return [ClientActivity(*row) for row in self._connection.execute(ACTIVITY_BY_CLIENT, span)]

    def seen_events(self) -> list[SeenEvent]:
        """What was heard of the clients' hooks."""
        if "seen_events" not in self._tables:
            return []
        rows = self._connection.execute(SEEN_EVENTS)
        return [SeenEvent(client, event, times, from_microseconds(last_us)) for client, event, times, last_us in rows]

    def captured_runs(self, client: str) -> set[str]:
        """The ids of the client's runs that were captured."""
        if "captures" not in self._tables:
            return set()
        return {run_id for (run_id,) in self._connection.execute(CAPTURED_RUNS, {"client": client})}

    def ran_another(self, since: datetime) -> list[RanAnother]:
        """What ran since a moment in the place of what was answered, the most frequent first."""
        if "attempts" not in self._tables:
            return []
        rows = self._connection.execute(RAN_ANOTHER, {"since_us": to_microseconds(since)})
        return [RanAnother(*row) for row in rows]

    def use_by_model(self, client: str, since: datetime) -> list[ModelUse]:
        """What a client's attempts since a moment came to, the busiest model first."""
        parameters = {"client": client, "since_us": to_microseconds(since)}
        return [ModelUse(*row) for row in self._connection.execute(USE_BY_MODEL, parameters)]

    def damage(self, patience_s: float) -> str | None:
        """What SQLite's quick check finds wrong first; None where it finds nothing.

        Raises:
            TimeoutError: If it is not through after `patience_s`.
        """
        deadline = time.monotonic() + patience_s
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_BETWEEN_LOOKS)
        try:
            (said,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TimeoutError from error
            raise
        finally:
            self._connection.set_progress_handler(None, 0)
        return None if said == "ok" else str(said)


@contextmanager
def inspected(path: Path) -> Iterator[Inspection]:
    """A store opened for reading only.

    Raises:
        StoreError: If it cannot be opened or read, here or in a question.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_WAIT_S)) as connection:
            yield Inspection(connection)
    except sqlite3.Error as error:
        raise store_error(path, error) from error
