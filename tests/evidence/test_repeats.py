"""The store numbers repeats as they come, and decides as a back-test of the same history does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.store import Store
from modelmerit.learning.analysis import analyse
from modelmerit.learning.backtest import decided_at
from modelmerit.learning.reliability import Reliability
from modelmerit.learning.repeats import RepeatedOutcome, numbered, task_key
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.policy.document import parse_policy
from modelmerit.policy.loading import starter_text
from modelmerit.records import Attempt
from modelmerit.services.observing import circumstances, observe

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FOREVER = NOW + timedelta(days=3650)
POLICY = parse_policy(starter_text())
HAIKU, SONNET = POLICY.defaults["simple"], POLICY.defaults["medium"]


def attempt(number: int, **fields: Any) -> Attempt:
    """A medium task that chance gave to haiku, and that succeeded, unless `fields` say otherwise."""
    created_at = fields.pop("created_at", NOW + timedelta(hours=2 * number))
    usual: dict[str, Any] = {
        "id": f"t-{number}",
        "task": "Fix the parser",
        "workspace": "shop",
        "complexity": "medium",
        "model": HAIKU,
        "recommended_model": SONNET,
        "selection": "explored",
        "propensities": {SONNET: 0.8, HAIKU: 0.2},
        "outcome": "success",
        "updated_at": created_at,
    }
    return Attempt(**(usual | fields), created_at=created_at)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "a.db")
    yield store
    await store.close()


async def numbers(store: Store) -> dict[str, int]:
    return {one.id: one.repeat_number for one in await store.attempts(before=FOREVER, limit=999)}


async def test_a_task_given_to_the_same_arm_again_is_numbered(store: Store) -> None:
    await store.import_attempts([attempt(0), attempt(1, task=" fix THE parser"), attempt(2)])
    assert await numbers(store) == {"t-0": 0, "t-1": 1, "t-2": 2}


@pytest.mark.parametrize(
    "fields",
    [
        {"workspace": "web"},
        {"model": SONNET},
        {"task": "Fix the other parser"},
        {"error_type": "harness", "outcome": "failure"},
        {"selection": "override"},
        {"propensities": None},
    ],
)
async def test_what_is_no_attempt_of_this_arm_at_this_task_makes_no_repeat(
    store: Store, fields: dict[str, Any]
) -> None:
    await store.import_attempts([attempt(0, **fields)])
    await store.import_attempts([attempt(1)])
    assert await numbers(store) == {"t-0": 0, "t-1": 0}


async def test_what_turns_out_a_failure_of_the_harness_counts_no_more(store: Store) -> None:
    await store.import_attempts([attempt(0, outcome=None)])
    await store.report("t-0", OutcomeReport(outcome="failure", error_type="harness"), NOW)
    await store.import_attempts([attempt(1)])
    assert (await numbers(store))["t-1"] == 0


async def test_records_of_one_file_are_numbered_by_time_whatever_their_order(store: Store) -> None:
    made = [attempt(number) for number in range(9)]
    await store.import_attempts(Random(1).sample(made, 9))
    assert await numbers(store) == {one.id: number for number, one in enumerate(made)}


async def test_the_same_record_twice_repeats_nothing(store: Store) -> None:
    for _ in range(2):
        await store.import_attempts([attempt(0), attempt(1)])
    assert await numbers(store) == {"t-0": 0, "t-1": 1}


async def test_outcomes_of_repeated_tasks_are_told_and_no_others(store: Store) -> None:
    made = [
        attempt(0),
        attempt(1, outcome="partial"),
        attempt(2, outcome=None),
        attempt(3, model=SONNET, outcome="failure"),
        attempt(4, task="Something else"),
        attempt(5, error_type="timeout", outcome="failure"),
        attempt(6, retried=True),
    ]
    await store.import_attempts(made)
    key = task_key(made[0])
    assert sorted(await store.repeated_outcomes()) == sorted(
        [
            RepeatedOutcome(key, "medium", HAIKU, True),
            RepeatedOutcome(key, "medium", HAIKU, False),
            RepeatedOutcome(key, "medium", HAIKU, False),
            RepeatedOutcome(key, "medium", SONNET, False),
        ]
    )


async def test_nothing_repeated_has_no_outcomes(store: Store) -> None:
    assert await store.repeated_outcomes() == []
    await store.import_attempts([attempt(number, task=f"Task {number}") for number in range(3)])
    assert await store.repeated_outcomes() == []


async def test_what_ran_is_counted_by_client(store: Store) -> None:
    assert await store.executions() == {}
    await store.import_attempts(
        [
            attempt(0, client="cli", executed_model=HAIKU),
            attempt(1, client="cli", executed_model=SONNET),
            attempt(2, client="cli"),
            attempt(3, executed_model=HAIKU),
            attempt(4, client="ide"),
        ]
    )
    assert {client: counts for client, counts in (await store.executions()).items() if counts[0]} == {
        "cli": (2, 1),
        "": (1, 1),
    }


async def test_what_ran_is_counted_anew_once_it_is_known(store: Store) -> None:
    await store.import_attempts([attempt(0, client="cli", outcome=None)])
    await store.report("t-0", OutcomeReport(outcome="success", executed_model=SONNET), NOW)
    assert await store.executions() == {"cli": (1, 0)}


async def test_activity_of_all_clients_adds_up(store: Store) -> None:
    await store.import_attempts([attempt(n, client=client) for n, client in enumerate(["cli", "ide", None, "cli"])])
    activity = await store.activity(NOW - timedelta(days=1), NOW + timedelta(days=9))
    assert (activity.attempts, activity.with_outcome) == (4, 4)


def lived(seed: int) -> list[Attempt]:
    """Some months of every habit that a comparison must see through."""
    rng = Random(seed)
    made = []
    for number in range(1500):
        haiku = rng.random() < 0.4
        strays = rng.random() < 0.3
        client = rng.choice(["cli", "ide", None])
        made.append(
            attempt(
                number,
                created_at=NOW - timedelta(days=150 - number / 10),
                task=f"Task {rng.randrange(700)}",
                workspace=rng.choice(["shop", "web"]),
                model=HAIKU if haiku else SONNET,
                selection="explored" if haiku else "policy",
                propensities={SONNET: 0.6, HAIKU: 0.4},
                outcome=rng.choices(["success", "failure", "partial", None], [80, 12, 4, 4])[0],
                error_type="harness" if rng.random() < 0.02 else None,
                evidence=rng.choice(["tests", "implicit", "reported"]),
                client=client,
                executed_model=(SONNET if strays else HAIKU) if client == "ide" and haiku else None,
                cost_usd=0.05 if haiku else 0.15,
                task_keywords=(rng.choice(["docs", "api", "css"]),),
            )
        )
    return made


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_store_and_a_back_test_decide_alike_on_the_same_history(store: Store, seed: int) -> None:
    history = lived(seed)
    await store.import_attempts(history)
    tallies = await store.tallies(Tallies.from_rows, today=day_number(NOW))
    known = await circumstances(store, await observe(store, POLICY, NOW))
    at_the_same_time = Reliability(numbered(history)).at(NOW.timestamp())
    assert known.sameness == pytest.approx(at_the_same_time.sameness, abs=0.02)
    assert known.unreliable == at_the_same_time.unreliable == {"ide"}

    stored, backtested = analyse(tallies, POLICY, NOW, circumstances=known), decided_at(history, POLICY, NOW)
    assert [one.id for one in stored.suggestions] == [one.id for one in backtested.suggestions] != []
    assert [one.confidence for one in stored.suggestions] == pytest.approx(
        [one.confidence for one in backtested.suggestions], abs=0.01
    )


async def test_repeats_come_back_from_an_import_as_from_numbering(store: Store) -> None:
    history = [replace(one, executed_model=None) for one in lived(3)]
    await store.import_attempts(history)
    found = {one.id: one.repeat_number async for one in _all(store)}
    assert found == {one.id: one.repeat_number for one in numbered(history)}
    assert max(found.values()) > 1


async def _all(store: Store) -> AsyncIterator[Attempt]:
    for one in await store.attempts(before=FOREVER, limit=9999):
        yield one
