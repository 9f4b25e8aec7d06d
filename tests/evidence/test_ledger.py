"""The sums kept beside the attempts, and the links between attempts, after whatever has happened to them."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmerit.evidence import ledger, queries
from modelmerit.evidence.activity import Activity, activity_of
from modelmerit.evidence.captures import Captured, capture
from modelmerit.evidence.dispatch_log import attempt_from_record, iso, record_from_attempt
from modelmerit.evidence.migrations import migrate
from modelmerit.evidence.outcomes import OutcomeReport, status_after
from modelmerit.evidence.retries import find_retry
from modelmerit.evidence.rows import from_row
from modelmerit.learning.tallying import Measures, TallyKey, day_number, keys_of, measures_of
from modelmerit.records import ERROR_TYPES, EVIDENCE_KINDS, OUTCOMES, Attempt

NOW = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
TASKS = ("Add tests for the billing page", "Fix the parser of dates", "Update the readme")
IDS = ("a", "b", "c", "d", "e")

figures = st.none() | st.integers(0, 10**12 // 2)
amounts = st.none() | st.floats(0, 10**9)
models = st.sampled_from(["haiku", "sonnet"])

dispatches = st.fixed_dictionaries(
    {
        "task": st.sampled_from(TASKS),
        "minutes": st.integers(0, 90),
        "selection": st.sampled_from(["policy", "explored", "override"]),
        "propensities": st.sampled_from([None, {"haiku": 0.9, "sonnet": 0.1}]),
    }
)
reports = st.builds(
    OutcomeReport,
    outcome=st.sampled_from(["failure", "partial"]),
    evidence=st.sampled_from(EVIDENCE_KINDS),
    error_type=st.none() | st.sampled_from(ERROR_TYPES),
    execution_time_seconds=amounts,
    tokens_used=figures,
    cost_usd=amounts,
    executed_model=st.none() | models,
) | st.builds(
    OutcomeReport,
    outcome=st.just("success"),
    evidence=st.sampled_from(EVIDENCE_KINDS),
    tokens_used=figures,
    input_tokens=figures,
    output_tokens=figures,
    executed_model=st.none() | models,
)
records = st.fixed_dictionaries(
    {
        "id": st.sampled_from(IDS),
        "task": st.sampled_from(TASKS),
        "model": models,
        "created_at": st.integers(0, 5000).map(lambda minutes: iso(NOW - timedelta(minutes=minutes))),
        "status": st.sampled_from([None, "pending", "complete", "failed"]),
        "outcome": st.none() | st.sampled_from(OUTCOMES),
        "previous_dispatch_id": st.none() | st.sampled_from([*IDS, "unknown"]),
        "retry_count": st.integers(0, 2),
        "error_type": st.none() | st.sampled_from(ERROR_TYPES),
        "cost_usd": amounts,
        "selection": st.sampled_from(["policy", "imported"]),
        "propensities": st.sampled_from([None, {"haiku": 0.9, "sonnet": 0.1}]),
    }
).filter(lambda record: record["id"] != record["previous_dispatch_id"])
logs = st.lists(records, max_size=6, unique_by=lambda record: record["id"])
sightings = st.builds(
    dict,
    run_id=st.sampled_from(IDS),
    task=st.sampled_from(TASKS),
    seconds=st.none() | st.integers(1, 5000),
    outcome=st.sampled_from([None, *OUTCOMES]),
    evidence=st.sampled_from(EVIDENCE_KINDS),
    error_type=st.none() | st.sampled_from(ERROR_TYPES),
    executed_model=st.none() | models,
    role=st.none() | st.just("tester"),
    tokens_used=figures,
    cost_usd=amounts,
).map(lambda fields: Sighting(fields))
happenings = st.lists(dispatches | st.tuples(st.integers(0, 20), reports) | logs | sightings, max_size=20)


@dataclass(frozen=True)
class Sighting:
    """What a client's records say of a run; one in progress has no outcome."""

    fields: dict


def new_ledger() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def everything(connection: sqlite3.Connection) -> list[Attempt]:
    return [from_row(row) for row in connection.execute(queries.ALL_ATTEMPTS)]


def dispatch(connection: sqlite3.Connection, number: int, now: datetime, happening: dict) -> None:
    recent = ledger.recent_in_workspace(connection, "shop", now)
    match = find_retry(happening["task"], "shop", now, recent)
    made = Attempt(
        id=f"dispatch-{number}",
        task=happening["task"],
        model="haiku",
        created_at=now,
        updated_at=now,
        workspace="shop",
        task_keywords=("test", "docs"),
        recommended_model="haiku",
        selection=happening["selection"],
        propensities=happening["propensities"],
        previous_dispatch_id=match.previous.id if match else None,
        retry_count=match.previous.retry_count + 1 if match and match.confirmed else 0,
    )
    assert ledger.add(connection, made) == 1


def see(connection: sqlite3.Connection, now: datetime, sighting: Sighting) -> None:
    fields = dict(sighting.fields)
    run_id, seconds = fields.pop("run_id"), fields.pop("seconds")
    outcome, evidence, error_type = (fields.pop(name) for name in ("outcome", "evidence", "error_type"))
    error_type = None if outcome == "success" else error_type
    attempt = Attempt(
        id=f"seen-{run_id}",
        model=fields["executed_model"] or "unknown",
        # A run begins once, whenever it is seen.
        created_at=NOW + timedelta(minutes=7 * IDS.index(run_id)),
        updated_at=now,
        execution_time_seconds=seconds,
        status="running" if outcome is None else status_after(outcome, error_type),
        workspace="shop",
        selection="override",
        task_keywords=("test",),
        **fields,
    )
    said = outcome and OutcomeReport(outcome=outcome, evidence=evidence, error_type=error_type, source="seen")
    capture(connection, Captured(client="claude-code", run_id=run_id, attempt=attempt, report=said), now)


def live_through(connection: sqlite3.Connection, history: list) -> None:
    now = NOW
    for number, happening in enumerate(history):
        if isinstance(happening, dict):
            now += timedelta(minutes=happening["minutes"])
            dispatch(connection, number, now, happening)
        elif isinstance(happening, list):
            ledger.add(connection, *map(attempt_from_record, happening))
        elif isinstance(happening, Sighting):
            see(connection, now, happening)
        elif known := everything(connection):
            index, said = happening
            ledger.report(connection, known[index % len(known)].id, said, now)


def add_to(tallies: dict[tuple, list[float]], key: tuple, attempt: Attempt) -> None:
    sums = tallies.setdefault(tuple(key), [0] * len(Measures._fields))
    tallies[tuple(key)] = [a + b for a, b in zip(sums, measures_of(attempt), strict=True)]


def assert_kept(connection: sqlite3.Connection, table: str, key: tuple[str, ...], tallies: dict) -> None:
    rows = connection.execute(f"SELECT {', '.join(key + Measures._fields)} FROM {table}")
    kept = {row[: len(key)]: list(row[len(key) :]) for row in rows}
    assert kept.keys() == tallies.keys()
    for place, sums in tallies.items():
        # Sums of amounts up to 1e9 are kept by adding and taking away, exact to far less than a cent.
        assert kept[place] == pytest.approx(sums, rel=1e-9, abs=1e-5), place


def assert_sums_agree(connection: sqlite3.Connection) -> None:
    attempts = everything(connection)
    tallies: dict[tuple, list[float]] = {}
    weekly: dict[tuple, list[float]] = {}
    activity: dict[tuple[int, str], list[int]] = {}
    for attempt in attempts:
        for key in keys_of(attempt):
            add_to(tallies, key, attempt)
            if key.keyword:
                add_to(weekly, (key.day // 7, *key[1:]), attempt)
        place = day_number(attempt.created_at), attempt.client or ""
        sums = activity.setdefault(place, [0] * len(Activity._fields))
        activity[place] = [a + b for a, b in zip(sums, activity_of(attempt), strict=True)]
    assert_kept(connection, "tallies", TallyKey._fields, tallies)
    assert_kept(connection, "weekly_tallies", queries.WEEKLY_KEY, weekly)
    rows = connection.execute(f"SELECT day, client, {', '.join(Activity._fields)} FROM activity")
    assert {row[:2]: list(row[2:]) for row in rows} == activity
    (counted,) = connection.execute(queries.COUNTER, {"name": "attempts"}).fetchone()
    assert counted == len(attempts)


@given(happenings)
@settings(max_examples=40, deadline=None)
def test_the_kept_sums_are_those_of_all_attempts_whatever_has_happened(history):
    connection = new_ledger()
    live_through(connection, history)
    assert_sums_agree(connection)
    connection.close()


@given(happenings)
@settings(max_examples=25, deadline=None)
def test_a_store_that_is_exported_and_imported_says_the_same(history):
    one, other = new_ledger(), new_ledger()
    live_through(one, history)
    exported = [record_from_attempt(attempt) for attempt in everything(one)]
    ledger.add(other, *map(attempt_from_record, exported))

    assert unnumbered(other) == unnumbered(one)
    assert ledger.add(other, *map(attempt_from_record, exported)) == 0
    assert unnumbered(other) == unnumbered(one)
    one.close()
    other.close()


def unnumbered(connection: sqlite3.Connection) -> list[Attempt]:
    """All attempts but for the numbers of repeats: those are given by what was known when an attempt came in."""
    return [replace(attempt, repeat_number=0) for attempt in everything(connection)]


@given(logs, st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_records_in_a_file_does_not_matter(log, rng):
    one, other = new_ledger(), new_ledger()
    ledger.add(one, *map(attempt_from_record, log))
    ledger.add(other, *map(attempt_from_record, rng.sample(log, len(log))))

    assert everything(other) == everything(one)
    one.close()
    other.close()


@given(logs, st.randoms())
@settings(max_examples=25, deadline=None)
def test_confirmed_retries_fail_their_predecessor_however_the_records_are_spread_over_files(log, rng):
    log = [record | {"retry_count": 1} if record["previous_dispatch_id"] else record for record in log]
    connection = new_ledger()
    for record in rng.sample(log, len(log)):
        ledger.add(connection, attempt_from_record(record))

    failed = {attempt.id for attempt in everything(connection) if attempt.retried}
    retried = {record["previous_dispatch_id"] for record in log} & {record["id"] for record in log}
    unlinked = {record["id"] for record in log if record["retry_count"] and not record["previous_dispatch_id"]}
    assert failed == retried | unlinked
    assert_sums_agree(connection)
    connection.close()
