"""Runs of agents that were seen in a client's records, each brought to its attempt.

Functions here run inside one store transaction. A run is the attempt it was joined with before, or the dispatch that a
hook named before it ran, or the one the agent itself had made for it, and else a new attempt. The same sighting again
changes nothing, and of two sightings the later one stands, in whichever order they come.
"""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from modelmerit.evidence import joining, ledger, queries, sightings
from modelmerit.evidence.joining import Run, dispatch_of
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.retries import RecentAttempt
from modelmerit.evidence.retry_links import link_later, with_retry
from modelmerit.evidence.rows import recent_from_row, to_microseconds
from modelmerit.evidence.sightings import ARM, FILLED, OUTCOME, Seen
from modelmerit.records import Attempt

CaptureState = Literal["new", "joined", "changed", "unchanged"]

MOST_COMPARED = 50
"""Dispatches that a run is compared with, the last ones; agents do not make more of them in a quarter of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A run as it is to be recorded.

    `attempt` is what is stored if nobody dispatched it, and says what was seen of it; its `updated_at` is the last
    moment that was seen. `report` is its outcome, None while it runs. `description` is the call's few words on the
    task. `asked_model` is the id of the model that the call named. A run that was `called` is an agent's work and may
    have been dispatched; the main thread's own was not. `unpriced` are models whose prices nobody knows.
    """

    client: str
    run_id: str
    attempt: Attempt
    report: OutcomeReport | None = None
    session_id: str | None = None
    call_id: str | None = None
    asked_model: str | None = None
    description: str | None = None
    called: bool = True
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """The attempt as it stands, and what the sighting was to it: `joined` is a dispatch seen to run."""

    attempt: Attempt
    state: CaptureState


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a run, field by field of its attempt, and its outcome; None while it runs."""

    client: str
    run_id: str
    seen: Seen
    report: OutcomeReport | None


def capture(connection: sqlite3.Connection, captured: Captured, now: datetime) -> CaptureResult:
    """Record what was seen of a run; `now` is when its records were read."""
    run = {"client": captured.client, "run_id": captured.run_id, "now_us": to_microseconds(now)}
    row = connection.execute(queries.CAPTURE_OF, run).fetchone()
    if row is None and captured.call_id is not None:
        # A run that was called off unseen is known by its call alone.
        connection.execute(queries.NAME_CALLED_OFF, run | {"call_id": captured.call_id})
        row = connection.execute(queries.CAPTURE_OF, run).fetchone()
    if row is None:
        return _first_sighting(connection, captured, now)
    attempt_id, seen_us, standing, beneath = row
    before = ledger.get(connection, attempt_id)
    seen = sightings.to_json(_seen(captured, before))
    if seen == standing:
        connection.execute(queries.SEEN_AGAIN, run)
    if seen == standing or (run["now_us"], seen) < (seen_us, standing):
        return CaptureResult(before, "unchanged")
    told = sightings.uncovered(before, sightings.from_json(beneath))
    after = lay(connection, _sighting(captured, before), before, told, now)
    return CaptureResult(after, "unchanged" if after == before else "changed")


def expect_run(connection: sqlite3.Connection, client: str, call_id: str, attempt_id: str) -> None:
    """Record that the agent about to be called works on this attempt."""
    connection.execute(queries.EXPECT_RUN, {"client": client, "call_id": call_id, "attempt_id": attempt_id})


def expect_dispatched(connection: sqlite3.Connection, call: Captured) -> Attempt | None:
    """Record that the agent about to be called works on the dispatch that was made for it, if one was; answers that."""
    attempt_id = _dispatched(connection, call)
    if attempt_id is None:
        return None
    if call.call_id is not None:
        expect_run(connection, call.client, call.call_id, attempt_id)
    return ledger.get(connection, attempt_id)


def lay(connection: sqlite3.Connection, sighting: Sighting, before: Attempt, told: Attempt, now: datetime) -> Attempt:
    """Lay a sighting over what is known without it; answers the attempt as it stands."""
    after = _save(connection, sighting, told, now)
    if after == before:
        return after
    ledger.change(connection, before, after)
    ledger.settle_retries(connection, after.id)
    return ledger.get(connection, after.id)


def _first_sighting(connection: sqlite3.Connection, captured: Captured, now: datetime) -> CaptureResult:
    own = captured.attempt
    # An exported attempt that was imported again has lost which run it was, but not its id.
    known = own.id if ledger.find(connection, own.id) else _dispatched(connection, captured)
    if known is not None:
        before = ledger.get(connection, known)
        return CaptureResult(lay(connection, _sighting(captured, before), before, before, now), "joined")
    told = with_retry(connection, _unseen(own))
    after = _save(connection, _sighting(captured, own), told, now)
    ledger.add(connection, after)
    link_later(connection, after)
    return CaptureResult(ledger.get(connection, own.id), "new")


def _save(connection: sqlite3.Connection, sighting: Sighting, told: Attempt, now: datetime) -> Attempt:
    """Keep the sighting and its report; answers the attempt as it is to stand."""
    after = sightings.with_sighting(told, sighting.seen)
    row = {
        "client": sighting.client,
        "run_id": sighting.run_id,
        "attempt_id": told.id,
        "seen_us": to_microseconds(now),
        "seen": sightings.to_json(sighting.seen),
        "beneath": sightings.to_json(sightings.covered(told, after)),
    }
    connection.execute(queries.SAVE_CAPTURE, row)
    untold = told.outcome is None
    if sighting.report is not None:
        ledger.keep_report(connection, told.id, sighting.report, now, in_force=untold)
    elif untold:
        ledger.retire_reports(connection, told.id)
    return after


def _sighting(captured: Captured, attempt: Attempt) -> Sighting:
    return Sighting(captured.client, captured.run_id, _seen(captured, attempt), captured.report)


def _seen(captured: Captured, attempt: Attempt) -> Seen:
    """What the sighting says of an attempt: of its model only if it was not dispatched."""
    own, report = captured.attempt, captured.report
    seen = {name: getattr(own, name) for name in (*FILLED, *ARM, "notes", "status", "updated_at")}
    seen |= {name: getattr(report, name, None) for name in OUTCOME if name != "status"}
    if attempt.id == own.id:
        seen["model"] = own.model
    return {name: value for name, value in seen.items() if value is not None or name in OUTCOME}


def _unseen(attempt: Attempt) -> Attempt:
    """The attempt without what a later sighting may see otherwise."""
    blank: dict[str, Any] = dict.fromkeys((*FILLED, *ARM, *OUTCOME, "notes"))
    blank["status"] = "running"
    return replace(attempt, **blank, updated_at=attempt.created_at)


def _dispatched(connection: sqlite3.Connection, captured: Captured) -> str | None:
    """The id of the dispatch that the run is the work of."""
    if captured.call_id is not None:
        call = {"client": captured.client, "call_id": captured.call_id}
        if row := connection.execute(queries.EXPECTED_RUN, call).fetchone():
            return str(row[0])
    if not captured.called:
        return None
    attempt = captured.attempt
    run = Run(
        texts=tuple(text for text in (attempt.task, captured.description) if text),
        models=frozenset(name for name in (captured.asked_model, attempt.executed_model) if name),
    )
    parameters = {
        "client": captured.client,
        "session_id": captured.session_id,
        "workspace": attempt.workspace,
        "workspace_path": attempt.workspace_path,
        "since_us": to_microseconds(attempt.created_at - joining.WINDOW),
        "until_us": to_microseconds(attempt.created_at + joining.SLACK),
        "limit": MOST_COMPARED,
    }
    in_session = _recent(connection, queries.UNCAPTURED_IN_SESSION, parameters)
    found = dispatch_of(run, in_session, may_be_the_only_one=True)
    if found is not None:
        return found
    by_client = _recent(connection, queries.UNCAPTURED_BY_CLIENT, parameters)
    return dispatch_of(run, by_client, may_be_the_only_one=False)


def _recent(connection: sqlite3.Connection, statement: str, parameters: dict[str, Any]) -> list[RecentAttempt]:
    return [recent_from_row(row) for row in connection.execute(statement, parameters)]
