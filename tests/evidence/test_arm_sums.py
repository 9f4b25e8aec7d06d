"""What chance gave each arm and what came of it, kept as attempts come and change."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.evidence import arm_sums, ledger
from modelmerit.evidence.migrations import migrate
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.learning.logged_chances import ArmKey, Chances, chances_of
from modelmerit.learning.mismatches import assignments
from modelmerit.records import Attempt
from modelmerit.routing.strategies import Results

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
TRIED = Attempt(
    id="t-1",
    task="Add tests",
    model=HAIKU,
    created_at=NOW,
    updated_at=NOW,
    complexity="simple",
    recommended_model=SONNET,
    selection="explored",
    propensities={SONNET: 0.9, HAIKU: 0.1},
)


def opened(path=":memory:") -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection)
    return connection


@pytest.fixture
def connection():
    connection = opened()
    yield connection
    connection.close()


def rounded(sums: Chances) -> Chances:
    return Chances(*(round(value, 9) for value in sums))


def chances(connection: sqlite3.Connection) -> dict[ArmKey, Chances]:
    """The sums that are not nothing, but for rounding."""
    found = {key: rounded(sums) for key, sums in arm_sums.chances(connection)}
    return {key: sums for key, sums in found.items() if any(sums)}


def summed(*attempts: Attempt) -> dict[ArmKey, Chances]:
    sums: dict[ArmKey, Chances] = {}
    for attempt in attempts:
        for key, added in chances_of(attempt):
            sums[key] = Chances(*map(sum, zip(sums.get(key, Chances()), added, strict=True)))
    return {key: rounded(of_key) for key, of_key in sums.items()}


def said(outcome: str | None, **more) -> Attempt:
    return replace(TRIED, outcome=outcome, **more)


@pytest.mark.parametrize(
    ("attempt", "results"),
    [
        (said("success"), Results(1, 0)),
        (said("failure"), Results(0, 1)),
        (said("partial"), Results(0, 1)),
        (said("success", retried=True), Results(0, 1)),
        (said(None), None),
        (said("failure", error_type="provider"), None),
        (said("success", executed_model=SONNET), None),
        (said("success", selection="override", propensities=None), None),
        (said("success", previous_dispatch_id="t-0", retry_count=1), None),
        (said("success", propensities={HAIKU: 1.0}), None),
    ],
)
def test_what_chance_gave_an_arm_counts_for_it_once_it_is_known(connection, attempt, results):
    arm_sums.count(connection, (attempt, 1))

    assert arm_sums.results(connection, "simple") == ({} if results is None else {(SONNET, HAIKU): results})


def test_results_are_kept_apart_by_complexity_and_by_the_policys_model(connection):
    attempts = (
        said("success"),
        said("success", complexity=None),
        said("failure", recommended_model=HAIKU, provider="anthropic"),
        said("success", recommended_model=HAIKU, provider="bedrock"),
        said("failure", model=SONNET),
    )
    arm_sums.count(connection, *((attempt, 1) for attempt in attempts))

    assert arm_sums.results(connection, "simple") == {
        (SONNET, HAIKU): Results(1, 0),
        (HAIKU, HAIKU): Results(1, 1),
        (SONNET, SONNET): Results(0, 1),
    }
    assert arm_sums.results(connection, "") == {(SONNET, HAIKU): Results(1, 0)}
    assert arm_sums.results(connection, "medium") == {}


OUTCOMES = st.sampled_from([None, "success", "partial", "failure"])
ATTEMPTS = st.builds(
    said,
    OUTCOMES,
    model=st.sampled_from([HAIKU, SONNET]),
    complexity=st.sampled_from([None, "simple"]),
    retry_count=st.integers(0, 1),
    previous_dispatch_id=st.sampled_from([None, "t-0"]),
    retried=st.booleans(),
)


@given(st.lists(st.tuples(ATTEMPTS, ATTEMPTS)))
def test_whatever_outcomes_become_the_sums_are_those_of_what_they_are_now(changes):
    kept, counted = opened(), opened()
    for before, _ in changes:
        arm_sums.count(kept, (before, 1))
    for before, after in changes:
        arm_sums.count(kept, (before, -1), (after, 1))
    arm_sums.count(counted, *((after, 1) for _, after in changes))

    for complexity in ("", "simple"):
        assert arm_sums.results(kept, complexity) == arm_sums.results(counted, complexity)
    kept.close()
    counted.close()


def test_a_store_without_sums_gets_those_of_all_it_has_seen(connection):
    rng = Random(1)
    made = [
        said(
            rng.choice([None, "success", "partial", "failure"]),
            id=f"t-{number}",
            model=rng.choice([HAIKU, SONNET]),
            complexity=rng.choice([None, "simple", "medium"]),
            selection=rng.choice(["policy", "explored", "override"]),
            error_type=rng.choice([None, None, "timeout"]),
            created_at=NOW.replace(day=1 + number % 28),
            task_keywords=("test", "docs")[: number % 3],
        )
        for number in range(300)
    ]
    ledger.add(connection, *made)
    connection.execute("DROP TABLE arm_sums")
    connection.execute("DELETE FROM schema_migrations WHERE name IN ('0005_arm_sums.sql', '0008_logged_chances.sql')")
    migrate(connection)
    expected = opened()
    arm_sums.count(expected, *((attempt, 1) for attempt in made))

    for complexity in ("", "simple", "medium"):
        found = arm_sums.results(connection, complexity)
        assert len(found) == 2
        assert found == arm_sums.results(expected, complexity)
    assert chances(connection) == chances(expected)
    expected.close()


def test_reports_retries_and_a_new_count_leave_the_sums_of_what_is_now_known(connection):
    attempts = [said(None, id=f"t-{n}", model=(HAIKU, SONNET)[n % 2]) for n in range(4)]
    ledger.add(connection, *attempts)
    for attempt, outcome in zip(attempts, ("success", "failure", "partial", "success"), strict=True):
        ledger.report(connection, attempt.id, OutcomeReport(outcome=outcome), NOW)
    ledger.report(connection, "t-1", OutcomeReport(outcome="success", evidence="tests"), NOW)
    # A confirmed retry: the success of t-0 is a failure now, and the retry itself is not compared.
    ledger.add(connection, said("success", id="t-5", previous_dispatch_id="t-0", retry_count=1))

    expected = {(SONNET, HAIKU): Results(0, 2), (SONNET, SONNET): Results(2, 0)}
    assert arm_sums.results(connection, "simple") == expected
    ledger.count_anew(connection)
    assert arm_sums.results(connection, "simple") == expected


def test_an_outcome_changes_no_chance_and_another_model_that_ran_takes_the_attempt_out(connection):
    attempts = [said(None, id=f"t-{n}", model=(HAIKU, SONNET)[n % 2]) for n in range(4)]
    ledger.add(connection, *attempts)
    everything = summed(*attempts)
    assert chances(connection) == everything
    ledger.report(connection, "t-0", OutcomeReport(outcome="failure", error_type="timeout"), NOW)
    assert chances(connection) == everything
    ledger.report(connection, "t-1", OutcomeReport(outcome="success", executed_model=OPUS), NOW)
    assert chances(connection) == summed(attempts[0], *attempts[2:])


def test_a_confirmed_retry_is_no_choice_of_chance(connection):
    ledger.add(connection, TRIED, said(None, id="t-2", previous_dispatch_id="t-1", retry_count=1))
    assert chances(connection) == summed(TRIED)


def test_a_new_count_of_chances_and_one_after_another_agree(connection):
    rng = Random(3)
    made = [
        said(
            None,
            id=f"t-{n}",
            model=rng.choice([HAIKU, SONNET]),
            complexity=rng.choice([None, "simple", "medium"]),
            recommended_model=rng.choice([HAIKU, SONNET]),
            selection=rng.choice(["policy", "explored", "override"]),
            propensities={SONNET: 1 - share, HAIKU: share},
        )
        for n in range(200)
        for share in [rng.uniform(0.02, 0.98)]
    ]
    for attempt in made:
        ledger.add(connection, attempt)
    one_by_one = chances(connection)
    # 3 complexities, 2 models of the policy, and 2 arms.
    assert len(one_by_one) == 12
    assert one_by_one == summed(*made)
    ledger.count_anew(connection)
    assert chances(connection) == one_by_one


def test_an_older_store_gets_the_chances_of_what_it_holds(connection):
    ledger.add(connection, *(said(None, id=f"t-{n}", model=SONNET if n % 10 else HAIKU) for n in range(100)))
    for column in Chances._fields:
        connection.execute(f"ALTER TABLE arm_sums DROP COLUMN {column}")
    connection.execute("DELETE FROM schema_migrations WHERE name = '0008_logged_chances.sql'")
    migrate(connection)
    (found,) = assignments(arm_sums.chances(connection))
    assert [(arm.chosen, round(arm.expected)) for arm in found.arms] == [(10, 10), (90, 90)]
