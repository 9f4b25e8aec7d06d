"""Links between runs that were only seen: nobody looked for an earlier try when they began, as a dispatch does.

Functions here run inside one store transaction. Histories are not read in order of time, so a run is linked both to
what it tries again and to what tries it again.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from modelmerit.evidence import ledger, queries
from modelmerit.evidence.retries import RecentAttempt, find_retry, is_same_task
from modelmerit.evidence.rows import from_row, to_microseconds
from modelmerit.records import Attempt


def with_retry(connection: sqlite3.Connection, attempt: Attempt) -> Attempt:
    """The attempt with its link to the one that it tries again, as a dispatch would have been linked."""
    if attempt.workspace is None:
        return attempt
    began = attempt.created_at
    recent = [one for one in ledger.recent_in_workspace(connection, attempt.workspace, began) if one.id != attempt.id]
    match = find_retry(attempt.task, attempt.workspace, began, list(_not_at_work(recent, began)))
    if match is None:
        return attempt
    retry_count = match.previous.retry_count + 1 if match.confirmed else 0
    return replace(attempt, previous_dispatch_id=match.previous.id, retry_count=retry_count)


def link_later(connection: sqlite3.Connection, attempt: Attempt) -> None:
    """Link the runs within the hour after a new attempt that try it again, as far as they are not linked yet."""
    parameters = {
        "workspace": attempt.workspace,
        "after_us": to_microseconds(attempt.created_at),
        "until_us": to_microseconds(attempt.created_at + ledger.RETRY_WINDOW),
        "limit": ledger.RECENT_LIMIT,
    }
    for later in [from_row(row) for row in connection.execute(queries.SEEN_IN_WORKSPACE, parameters)]:
        if is_same_task(attempt.task, later.task):
            linked = with_retry(connection, later)
            ledger.change(connection, later, linked)
            if linked.previous_dispatch_id is not None:
                ledger.settle_retries(connection, linked.previous_dispatch_id)


def _not_at_work(recent: Iterable[RecentAttempt], began: datetime) -> Iterable[RecentAttempt]:
    """The attempts that may have ended by then: one known to have gone on is a sister at work, not an earlier try."""
    for one in recent:
        seconds = one.execution_time_seconds
        if seconds is None or one.created_at + timedelta(seconds=seconds) <= began:
            yield one
