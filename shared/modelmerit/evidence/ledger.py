"""Writing attempts so that the sums kept beside them always agree with them.

Functions here run inside one store transaction. Whatever inserts or changes an attempt goes through `add` and
`change`: they take from the tallies and the day's activity what the attempt said before, and add what it says now.
Links between attempts are settled by `settle_retries`, whichever of the two comes first.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from modelmerit.errors import UnknownTask
from modelmerit.evidence import arm_sums, queries, sightings
from modelmerit.evidence.activity import Activity, activity_of
from modelmerit.evidence.outcomes import OutcomeReport, with_report
from modelmerit.evidence.retries import RecentAttempt, confirms
from modelmerit.evidence.rows import FIELDS, from_row, recent_from_row, to_microseconds, to_row
from modelmerit.learning.repeats import MOST_REPEATS, may_repeat, task_key
from modelmerit.learning.tallying import DAYS_PER_WEEK, Measures, TallyKey, day_number, keys_of, measures_of
from modelmerit.records import Attempt

RETRY_WINDOW = timedelta(hours=1)
RECENT_LIMIT = 50
COUNTED_AT_ONCE = 1000


def find(connection: sqlite3.Connection, attempt_id: str) -> Attempt | None:
    """The attempt with this id, if there is one."""
    row = connection.execute(queries.ATTEMPT_BY_ID, {"id": attempt_id}).fetchone()
    return None if row is None else from_row(row)


def get(connection: sqlite3.Connection, attempt_id: str) -> Attempt:
    """The attempt with this id.

    Raises:
        UnknownTask: If there is none.
    """
    attempt = find(connection, attempt_id)
    if attempt is None:
        raise UnknownTask(
            f"No task has the id {attempt_id!r}. Use the task_id that dispatch_task answered, "
            "or list_dispatched_tasks to find it."
        )
    return attempt


def recent_in_workspace(connection: sqlite3.Connection, workspace: str, now: datetime) -> list[RecentAttempt]:
    """The attempts a new one may be a retry of, newest first."""
    parameters = {
        "workspace": workspace,
        "since_us": to_microseconds(now - RETRY_WINDOW),
        "until_us": to_microseconds(now),
        "limit": RECENT_LIMIT,
    }
    return [recent_from_row(row) for row in connection.execute(queries.RECENT_IN_WORKSPACE, parameters)]


def add(connection: sqlite3.Connection, *attempts: Attempt) -> int:
    """Record the attempts whose id is new or that have ended since, and settle their links; answers how many."""
    # What was retried comes before its retry: so the retries' counts add up.
    in_order = sorted(attempts, key=lambda attempt: (attempt.created_at, attempt.id))
    inserted: list[Attempt] = []
    known: list[Attempt] = []
    for attempt in map(partial(_numbered, connection), in_order):
        (inserted if _insert(connection, attempt) else known).append(attempt)
    if inserted:
        _count(connection, *((attempt, 1) for attempt in inserted))
        for counter in ("attempts", "revision"):
            connection.execute(queries.RAISE_COUNTER, {"name": counter, "by": len(inserted)})
    new = inserted + [attempt for attempt in known if _end(connection, attempt)]
    for attempt_id in dict.fromkeys(name for a in new for name in (a.previous_dispatch_id, a.id) if name is not None):
        settle_retries(connection, attempt_id)
    return len(new)


def change(connection: sqlite3.Connection, before: Attempt, after: Attempt) -> None:
    """Replace an attempt by what is known of it now."""
    if before == after:
        return
    connection.execute(queries.UPDATE_ATTEMPT, to_row(after))
    _count(connection, (before, -1), (after, 1))
    connection.execute(queries.RAISE_COUNTER, {"name": "revision", "by": 1})


def report(connection: sqlite3.Connection, attempt_id: str, said: OutcomeReport, now: datetime) -> tuple[Attempt, bool]:
    """Take an outcome report that was told; answers the attempt as it stands, and whether anything changed.

    Raises:
        UnknownTask: If no attempt has this id.
    """
    before = get(connection, attempt_id)
    key = {"attempt_id": attempt_id, "fingerprint": said.fingerprint}
    standing = connection.execute(queries.REPORT_BY_FINGERPRINT, key).fetchone()
    if standing is not None and standing[0]:
        return before, False
    after = revise(connection, before, lambda told: with_report(told, said, now))
    in_force = after.outcome == said.outcome and after.evidence == said.evidence
    keep_report(connection, attempt_id, said, now, in_force=in_force)
    settle_retries(connection, attempt_id)
    return get(connection, attempt_id), after != before


def keep_report(
    connection: sqlite3.Connection, attempt_id: str, said: OutcomeReport, now: datetime, *, in_force: bool
) -> None:
    """Keep the report beside the earlier ones, of which none stays in force if this one is."""
    if in_force:
        retire_reports(connection, attempt_id)
    row = {
        "attempt_id": attempt_id,
        "fingerprint": said.fingerprint,
        "reported_us": to_microseconds(now),
        "evidence": said.evidence,
        "outcome": said.outcome,
        "in_force": int(in_force),
        "report": said.to_json(),
    }
    connection.execute(queries.SAVE_REPORT, row)


def retire_reports(connection: sqlite3.Connection, attempt_id: str) -> None:
    """Let no report of the attempt be in force."""
    connection.execute(queries.RETIRE_REPORTS, {"attempt_id": attempt_id})


def revise(connection: sqlite3.Connection, standing: Attempt, told: Callable[[Attempt], Attempt]) -> Attempt:
    """Change what is known of the attempt without what was seen of it, which stays above; answers how it stands."""
    row = connection.execute(queries.SIGHTING_OF, {"attempt_id": standing.id}).fetchone()
    if row is None:
        after = told(standing)
    else:
        seen, beneath = map(sightings.from_json, row)
        ground = told(sightings.uncovered(standing, beneath))
        after = sightings.with_sighting(ground, seen)
        covered = sightings.to_json(sightings.covered(ground, after))
        connection.execute(queries.KEEP_BENEATH, {"attempt_id": standing.id, "beneath": covered})
    change(connection, standing, after)
    return after


def settle_retries(connection: sqlite3.Connection, attempt_id: str) -> None:
    """Settle the links of what looks like retries of this attempt, as far as is known by now; unknown ids have none.

    One confirmed retry makes the attempt a failure, and so confirms the possible ones; its success drops them.
    """
    rows = connection.execute(queries.ATTEMPTS_AFTER, {"id": attempt_id}).fetchall()
    previous = find(connection, attempt_id) if rows else None
    if previous is None:
        return
    later = [from_row(row) for row in rows]
    possible = [attempt for attempt in later if attempt.retry_count == 0]
    verdicts = {confirms(previous, attempt.created_at) for attempt in possible}
    if True in verdicts or len(possible) < len(later):
        change(connection, previous, replace(previous, retried=True))
        for attempt in possible:
            change(connection, attempt, replace(attempt, retry_count=previous.retry_count + 1))
    elif False in verdicts:
        for attempt in possible:
            change(connection, attempt, replace(attempt, previous_dispatch_id=None))


def count_anew(connection: sqlite3.Connection) -> None:
    """Work out every sum again from the attempts, oldest first, and number the repeats among them."""
    for drop in queries.DROP_SUMS:
        connection.execute(drop)
    # Else an attempt's repeats were taken for what came before it.
    connection.execute(queries.FORGET_REPEATS)
    attempts = connection.execute(queries.ALL_ATTEMPTS)
    while rows := attempts.fetchmany(COUNTED_AT_ONCE):
        batch = []
        for row in rows:
            attempt = _numbered(connection, replace(from_row(row), repeat_number=0))
            connection.execute(queries.NUMBER_REPEAT, to_row(attempt))
            batch.append((attempt, 1))
        _count(connection, *batch)
    connection.execute(queries.DROP_COUNTER, {"name": "uncounted"})


def _numbered(connection: sqlite3.Connection, attempt: Attempt) -> Attempt:
    """The attempt with the number of those before it that gave the same task to the same arm."""
    if not may_repeat(attempt):
        return attempt
    parameters = {
        "task_key": task_key(attempt),
        "model": attempt.arm.model,
        "id": attempt.id,
        "limit": MOST_REPEATS,
    }
    (earlier,) = connection.execute(queries.REPEATS, parameters).fetchone()
    return replace(attempt, repeat_number=earlier) if earlier else attempt


def _insert(connection: sqlite3.Connection, attempt: Attempt) -> bool:
    return connection.execute(queries.INSERT_ATTEMPT, to_row(attempt)).rowcount == 1


def _end(connection: sqlite3.Connection, attempt: Attempt) -> bool:
    """Bring an attempt that is known without an outcome up to date with a record that has one."""
    known = get(connection, attempt.id)
    if known.outcome is not None or attempt.outcome is None:
        return False
    ended = {name: getattr(attempt, name) for name in ("outcome", "evidence", "error_type", "status", "updated_at")}

    def brought_up_to_date(told: Attempt) -> Attempt:
        # A link made or dropped since is the store's own finding and stays as it is.
        gaps = [name for name in FIELDS if getattr(told, name) is None and name != "previous_dispatch_id"]
        return replace(told, **({name: getattr(attempt, name) for name in gaps} | ended))

    revise(connection, known, brought_up_to_date)
    return True


def _count(connection: sqlite3.Connection, *signed: tuple[Attempt, int]) -> None:
    arm_sums.count(connection, *signed)
    tallied: dict[TallyKey, list[float]] = {}
    weekly: dict[TallyKey, list[float]] = {}
    active: dict[tuple[int, str], list[float]] = {}
    for attempt, sign in signed:
        measures = measures_of(attempt)
        for key in keys_of(attempt):
            _add_signed(tallied.setdefault(key, [0] * len(measures)), measures, sign)
            if key.keyword:
                week = key._replace(day=key.day // DAYS_PER_WEEK)
                _add_signed(weekly.setdefault(week, [0] * len(measures)), measures, sign)
        activity = activity_of(attempt)
        place = day_number(attempt.created_at), attempt.client or ""
        _add_signed(active.setdefault(place, [0] * len(activity)), activity, sign)
    for key, sums in tallied.items():
        _add_to_tally(connection, key._asdict(), sums, queries.ADD_TO_TALLY, queries.DROP_EMPTY_TALLY)
    for key, sums in weekly.items():
        week_place = dict(zip(queries.WEEKLY_KEY, key, strict=True))
        _add_to_tally(connection, week_place, sums, queries.ADD_TO_WEEKLY_TALLY, queries.DROP_EMPTY_WEEKLY_TALLY)
    for (day, client), sums in active.items():
        if any(sums):
            added = dict(zip(Activity._fields, sums, strict=True))
            connection.execute(queries.ADD_TO_ACTIVITY, {"day": day, "client": client} | added)


def _add_to_tally(
    connection: sqlite3.Connection, place: dict[str, Any], sums: list[float], add: str, drop_empty: str
) -> None:
    if not any(sums):
        return
    added = dict(zip(Measures._fields, sums, strict=True))
    connection.execute(add, place | added)
    if added["attempts"] + added["errors"] < 0:
        connection.execute(drop_empty, place)


def _add_signed(sums: list[float], values: Iterable[float], sign: int) -> None:
    for index, value in enumerate(values):
        sums[index] += sign * value
