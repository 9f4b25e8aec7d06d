"""Attempts that an agent was to work on, or was seen at work on, and of which nothing was heard for long.

Functions here run inside one store transaction. Calling a run off is a sighting like any other: what was told of the
attempt stands, and if the run is seen again after all, that counts.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from modelmerit.evidence import captures, ledger, queries, sightings
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.rows import to_microseconds

LOOKED_BACK = timedelta(days=60)
"""What began longer ago is let be."""


@dataclass(frozen=True, slots=True)
class OpenRun:
    """An attempt without an outcome, and the run or the call of an agent that it is.

    `seen_us` is when the run was last seen; both it and `run_id` are None of one that never was.
    """

    attempt_id: str
    client: str
    session_id: str | None
    run_id: str | None
    call_id: str | None
    seen_us: int | None


def open_runs(connection: sqlite3.Connection, unseen_since: datetime) -> list[OpenRun]:
    """The runs that began before a moment, and were not seen after it."""
    span = {
        "from_us": to_microseconds(unseen_since - LOOKED_BACK),
        "until_us": to_microseconds(unseen_since),
    }
    return [OpenRun(*row) for row in connection.execute(queries.OPEN_RUNS, span)]


def expected_calls(connection: sqlite3.Connection, client: str, session_id: str) -> list[OpenRun]:
    """The calls of a session whose agents were not seen yet."""
    session = {"client": client, "session_id": session_id}
    return [OpenRun(*row) for row in connection.execute(queries.EXPECTED_IN_SESSION, session)]


def call_off(connection: sqlite3.Connection, runs: Iterable[OpenRun], reason: str, now: datetime) -> int:
    """Record of runs without an outcome, and not seen since, that they were cancelled; answers how many they were."""
    return sum(_called_off(connection, run, reason, now) for run in runs)


def _called_off(connection: sqlite3.Connection, run: OpenRun, reason: str, now: datetime) -> bool:
    before = ledger.get(connection, run.attempt_id)
    run_id = run.run_id or run.call_id
    seen_at = connection.execute(queries.SEEN_AT, {"attempt_id": run.attempt_id}).fetchone()
    # Another process may have seen it at work meanwhile.
    is_seen = (seen_at and seen_at[0]) != run.seen_us
    if before.outcome is not None or run_id is None or is_seen:
        return False
    row = connection.execute(queries.SIGHTING_OF, {"attempt_id": run.attempt_id}).fetchone()
    told, seen = before, dict[str, Any](updated_at=before.updated_at)
    if row is not None:
        standing, beneath = map(sightings.from_json, row)
        told, seen = sightings.uncovered(before, beneath), dict(standing)
    cancelled = OutcomeReport(
        outcome="failure", evidence="implicit", error_type="cancelled", notes=reason, source="seen"
    )
    seen |= {"status": "cancelled", "notes": reason}
    seen |= {name: getattr(cancelled, name) for name in sightings.OUTCOME if name != "status"}
    captures.lay(connection, captures.Sighting(run.client, run_id, seen, cancelled), before, told, now)
    return True
