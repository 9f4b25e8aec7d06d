"""The store's questions: answered rightly, and from an index."""

import asyncio
import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.errors import UnknownTask
from modelmerit.evidence import queries
from modelmerit.evidence.migrations import migrate
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.store import FinishedTask, RetriedOften, Store
from modelmerit.records import Attempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STATEMENTS = {
    name: value
    for name, value in vars(queries).items()
    if name.isupper() and isinstance(value, str) and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)", value)
} | {
    f"list_attempts {workspace} {status}": queries.list_attempts(by_workspace=workspace, by_status=status)
    for workspace in (False, True)
    for status in (False, True)
}


def attempt(number: int = 0, **fields) -> Attempt:
    created_at = fields.pop("created_at", NOW + timedelta(minutes=number))
    usual = {"id": f"t-{number}", "task": f"Task {number}", "model": "haiku", "workspace": "shop"}
    return Attempt(**(usual | {"updated_at": created_at} | fields), created_at=created_at)


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(tmp_path / "a.db")
    yield store
    await store.close()


async def situation(store: Store, now: datetime):
    seen = []

    def decide(found):
        seen.append(found)
        return attempt(id=f"s-{now.timestamp()}", created_at=now), None

    await store.dispatch("shop", now, window=timedelta(days=90), decide=decide)
    return seen[0]


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_no_statement_walks_through_all_attempts(name):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    statement = STATEMENTS[name]
    parameters = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    connection.close()

    if name == "ALL_ATTEMPTS":  # an export is all attempts; at least it does not sort them in memory
        assert plan[0].startswith("SCAN attempts USING INDEX attempts_by_time")
    else:
        # The newest repeats are read one after the other from an index of repeats alone, up to a limit.
        walked = [step for step in plan if re.search(r"SCAN (attempts|outcome_reports)", step)]
        assert not [step for step in walked if not step.endswith("USING INDEX attempts_repeated")], plan
    # Nor through all runs that a client ever had.
    assert not [step for step in plan if re.search(r"SEARCH (captures|expected_runs) .*\(client=\?\)$", step)], plan
    if name.startswith("list_attempts"):
        assert not [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step], plan


async def test_attempts_are_listed_newest_first_by_workspace_and_status(store):
    made = [
        attempt(n, workspace="shop" if n % 2 else "mobile", status="failed" if n % 3 else "completed")
        for n in range(12)
    ]
    await store.import_attempts(made)
    end = NOW + timedelta(days=1)

    assert [a.id for a in await store.attempts(before=end, limit=3)] == ["t-11", "t-10", "t-9"]
    shop = await store.attempts(before=end, workspace="shop", limit=99)
    assert [a.id for a in shop] == ["t-11", "t-9", "t-7", "t-5", "t-3", "t-1"]
    both = await store.attempts(before=end, workspace="shop", status="completed", limit=99)
    assert [a.id for a in both] == ["t-9", "t-3"]
    assert [a.id for a in await store.attempts(before=made[2].created_at, limit=99)] == ["t-1", "t-0"]
    assert await store.attempts(before=end, workspace="'; DROP TABLE attempts; --", limit=9) == []


async def test_an_attempt_comes_back_exactly_as_it_went_in(store):
    whole = attempt(
        task="Fix “it”\x00 now\n🙂",
        task_keywords=("docs", "api"),
        propensities={"haiku": 0.9, "sonnet": 0.1},
        model_was_sufficient=False,
        created_at=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        cost_usd=0.1 + 0.2,
        extra={"mine": {"deep": [1, None, True, "ü"]}},
    )
    await store.import_attempts([whole])

    assert await store.attempt(whole.id) == whole


async def test_a_dispatch_knows_the_last_hour_of_its_workspace_alone(store):
    await store.import_attempts(
        [
            attempt(0),
            attempt(59),
            attempt(60, workspace="mobile"),
            attempt(61),
            attempt(200),
        ]
    )
    seen = await situation(store, NOW + timedelta(minutes=100))

    assert [a.id for a in seen.recent] == ["t-61", "t-59"]


async def test_a_dispatch_knows_how_long_ago_somebody_explored(store):
    await store.import_attempts([attempt(n, selection="explored" if n in (3, 5) else "policy") for n in range(10)])

    seen = await situation(store, NOW + timedelta(minutes=20))
    assert seen.last_explored == NOW + timedelta(minutes=5)
    assert (seen.spent.attempts, seen.spent.explored) == (10, 2)


async def test_the_dispatches_since_the_last_explored_one_are_those_at_which_chance_decided(store):
    """What a person chose, what was not to be explored and what was imported is none of them."""
    open_to_chance = {"propensities": {"haiku": 0.9, "opus": 0.1}}
    await store.import_attempts([attempt(n, **open_to_chance) for n in range(50)])
    dispatched = [
        open_to_chance,
        {"selection": "override", "propensities": None},
        open_to_chance,
        {"selection": "policy", "propensities": {"haiku": 1.0}},
        {"selection": "escalated", "propensities": {"opus": 1.0}},
        open_to_chance | {"selection": "explored", "model": "opus"},
        open_to_chance,
    ]
    seen = []
    for number, fields in enumerate(dispatched):

        def decide(found, number=number, fields=fields):
            seen.append(found.since_explored)
            return attempt(100 + number, **({"selection": "policy"} | fields)), None

        await store.dispatch("shop", NOW, window=timedelta(days=90), decide=decide)

    assert seen == [0, 1, 1, 2, 2, 2, 0]
    assert await store.counter("since_explored") == 1


async def test_an_explored_attempt_that_was_imported_with_a_wrong_date_does_not_hold_up_exploration(store):
    far = datetime(2099, 1, 1, tzinfo=UTC)
    await store.import_attempts([attempt(0, selection="explored", created_at=far), *(attempt(n) for n in range(1, 5))])

    assert (await situation(store, NOW + timedelta(minutes=20))).last_explored is None


async def test_of_dispatches_at_once_each_sees_those_before_it(store):
    seen: list[int] = []

    async def dispatch(number: int) -> None:
        def decide(found):
            seen.append(len(found.recent))
            return attempt(id=f"s-{number}", created_at=NOW), None

        await store.dispatch("shop", NOW, window=timedelta(days=1), decide=decide)

    await asyncio.gather(*(dispatch(number) for number in range(30)))
    assert seen == list(range(30))
    assert await store.counter("attempts") == 30


async def test_a_dispatch_that_cannot_decide_records_nothing(store):
    def fail(_found):
        raise LookupError("no model")

    with pytest.raises(LookupError):
        await store.dispatch("shop", NOW, window=timedelta(days=1), decide=fail)
    assert await store.counter("attempts") == 0


async def test_frequent_retries_name_the_model_that_ran_and_count_errors_as_attempts(store):
    failed = {"complexity": "simple", "executed_model": "sonnet", "retry_count": 1, "retried": True}
    await store.import_attempts(
        [
            attempt(1, **failed),
            attempt(2, **failed, outcome="failure", error_type="harness"),
            attempt(3, complexity="simple"),
        ]
    )

    assert await store.frequent_retries(NOW, 5) == [RetriedOften("simple", "sonnet", 2, 2, "t-2")]


async def test_finished_attempts_are_told_with_the_model_that_ran(store):
    await store.import_attempts([attempt(1, executed_model="opus", outcome="success"), attempt(2)])

    assert await store.recently_finished(NOW, 9) == [FinishedTask("t-1", None, "opus", "success", None, None)]


async def test_keywords_are_told_by_the_day_for_six_weeks_and_by_the_week_before(store):
    today = 20_517  # 2026-03-05, the first day of its week: weeks count from a Thursday
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    compared = {"selection": "policy", "recommended_model": "haiku", "propensities": {"haiku": 0.9, "opus": 0.1}}
    await store.import_attempts(
        attempt(number, created_at=at - timedelta(days=number), task_keywords=("docs",), **told)
        for number, told in enumerate([compared, {}] * 42)
    )

    rows = await store.tallies(list, today=today, told_since=today - 60)
    docs = [row for row in rows if row[2] == "docs"]
    # Field 7 is the arm's chance, 0 where chance did not decide, and field 9 the number of attempts.
    days = {compared: [row[0] for row in docs if bool(row[7]) == compared] for compared in (False, True)}
    # Six weeks and this one are told by the day, then come six weeks, dated to their middle.
    assert sorted(days[1], reverse=True)[:22] == list(range(today, today - 43, -2))
    assert sorted(days[1], reverse=True)[22:] == [today - 46 - 7 * week for week in range(6)]
    # What is never compared is told from the week on that holds the day asked for, 60 days ago.
    assert min(days[0]) == today - 60
    assert sum(row[9] for row in rows if row[7] and row[2] in ("", "docs")) == 2 * 42
    assert [row[0] for row in rows if not row[2]] == sorted(range(today - 83, today + 1))


async def test_the_revision_rises_with_whatever_an_analysis_would_see(store):
    await store.import_attempts([attempt(1)])
    first = await store.counter("revision")
    await store.import_attempts([attempt(1)])
    assert await store.counter("revision") == first
    await store.report("t-1", OutcomeReport(outcome="success"), NOW)
    assert await store.counter("revision") == first + 1


async def test_an_unknown_id_is_an_error(store):
    with pytest.raises(UnknownTask, match="No task has the id 'nope'"):
        await store.attempt("nope")
