"""When an attempt that looks like a retry becomes one, and what that makes of the attempt before it."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.errors import UnknownTask
from modelmerit.evidence import ledger
from modelmerit.evidence.migrations import migrate
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.learning.tallying import is_comparable, is_retry
from modelmerit.records import Attempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIRST = Attempt(
    id="first", task="Fix it", model="haiku", created_at=NOW, updated_at=NOW, propensities={"haiku": 0.9, "opus": 0.1}
)
SECOND = replace(FIRST, id="second", created_at=NOW + timedelta(minutes=10), previous_dispatch_id="first")


@pytest.fixture
def pair(tmp_path):
    """A task, and ten minutes later the same again while nobody knows what came of the first: a possible retry."""
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    migrate(connection)
    ledger.add(connection, FIRST)
    ledger.add(connection, SECOND)
    yield connection
    connection.close()


def report(pair, outcome, evidence="reported"):
    ledger.report(pair, "first", OutcomeReport(outcome=outcome, evidence=evidence), NOW)
    return ledger.get(pair, "first"), ledger.get(pair, "second")


def test_a_possible_retry_counts_for_nothing_yet(pair):
    first, second = ledger.get(pair, "first"), ledger.get(pair, "second")

    assert (second.previous_dispatch_id, second.retry_count) == ("first", 0)
    assert first.judged_outcome is None
    assert is_comparable(second)


@pytest.mark.parametrize("outcome", ["failure", "partial"])
def test_a_failure_that_arrives_later_confirms_the_retry_and_takes_it_out_of_comparisons(pair, outcome):
    first, second = report(pair, outcome)

    assert (first.outcome, first.judged_outcome) == (outcome, "failure")
    assert is_retry(second)
    assert not is_comparable(second)


def test_a_success_that_arrives_later_drops_the_link(pair):
    first, second = report(pair, "success")

    assert first.judged_outcome == "success"
    assert second.previous_dispatch_id is None
    assert is_comparable(second)


def test_a_retried_attempt_stays_a_failure_even_if_it_is_reported_a_success(pair):
    report(pair, "failure")
    first, _ = report(pair, "success", evidence="human")

    assert (first.outcome, first.judged_outcome) == ("success", "failure")


def test_a_possible_retry_that_is_recorded_after_the_failure_is_confirmed_at_once(pair):
    report(pair, "failure")
    ledger.add(pair, replace(SECOND, id="late"))

    assert is_retry(ledger.get(pair, "late"))


def test_one_that_is_recorded_after_the_success_is_no_retry(pair):
    report(pair, "success")
    ledger.add(pair, replace(SECOND, id="late"))

    assert ledger.get(pair, "late").previous_dispatch_id is None


def test_one_confirmed_retry_confirms_the_possible_ones_beside_it(pair):
    ledger.add(pair, replace(SECOND, id="third", retry_count=1))

    assert ledger.get(pair, "first").judged_outcome == "failure"
    assert is_retry(ledger.get(pair, "second"))


def test_a_retry_fails_its_predecessor_whichever_is_recorded_first(pair):
    ledger.add(pair, replace(SECOND, id="retry", previous_dispatch_id="later", retry_count=1))
    ledger.add(pair, replace(FIRST, id="later", outcome="success", evidence="human"))

    assert ledger.get(pair, "later").judged_outcome == "failure"


def test_an_attempt_that_names_itself_as_its_predecessor_is_no_retry_of_itself(pair):
    ledger.add(pair, replace(FIRST, id="self", previous_dispatch_id="self", retry_count=1, outcome="success"))

    assert ledger.get(pair, "self").judged_outcome == "success"


def test_a_link_to_nothing_is_kept_and_hurts_nobody(pair):
    ledger.add(pair, replace(SECOND, id="orphan", previous_dispatch_id="gone", retry_count=1))

    assert is_retry(ledger.get(pair, "orphan"))


def test_an_unknown_id_is_an_error_that_says_where_ids_come_from(pair):
    with pytest.raises(UnknownTask, match=r"No task has the id 'x'.*list_dispatched_tasks"):
        ledger.report(pair, "x", OutcomeReport(outcome="success"), NOW)
