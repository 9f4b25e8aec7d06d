"""Dispatching through the whole core: policy file, store, chance, and what is kept of a task."""

import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelmerit.app import App, open_app
from modelmerit.evidence import arm_sums
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.records import Attempt
from modelmerit.services.dispatching import TaskRequest
from modelmerit.settings import Settings

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
POLICY = {
    "task_complexity": {"simple": {"model": HAIKU}, "medium": {"model": SONNET}, "complex": {"model": OPUS}},
    "rules": [{"if": "task contains 'design'", "use": "opus"}],
    "models": {
        "haiku": {"id": HAIKU, "provider": "anthropic", "use_as": {"opencode": "quick-agent"}},
        "sonnet": {"id": SONNET, "provider": "anthropic"},
        "opus": {"id": OPUS, "provider": "bedrock", "use_as": "deep"},
    },
    "escalation": ["haiku", "sonnet", "opus"],
}
TASK = TaskRequest(task="Add tests for the billing page", workspace="shop", complexity="simple")
KEY = "sk-ant-api03-" + "aB3x9QzT" * 12


class Clock:
    """Tells a time that the test moves on."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


@asynccontextmanager
async def opened(home: Path, clock: Clock, switch: bool | None = None, **blocks) -> AsyncIterator[App]:
    home.mkdir(exist_ok=True)
    (home / "models.json").write_text(json.dumps(POLICY | blocks))
    settings = Settings(home=home, policy_path=home / "models.json", exploration=switch)
    async with open_app(settings, now=clock, rng=random.Random(1)) as app:
        yield app


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def app(tmp_path, clock):
    async with opened(tmp_path / "home", clock, exploration={"mode": "off"}) as app:
        yield app


async def test_what_is_answered_is_what_is_recorded(tmp_path, clock):
    async with opened(tmp_path / "home", clock) as app:
        dispatched = await app.dispatching.dispatch(TASK, client="opencode")
        stored = await app.dispatching.status(dispatched.attempt.id)

    assert stored == dispatched.attempt
    assert stored.propensities == {HAIKU: 0.9, SONNET: 0.05, OPUS: 0.05}
    assert (stored.model, stored.recommended_model, stored.provider) == (HAIKU, HAIKU, "anthropic")
    assert (stored.status, stored.outcome, stored.client) == ("pending", None, "opencode")
    assert stored.policy_hash == app.policy_file.current().policy.hash
    assert dispatched.use_as == "quick-agent"


@pytest.mark.parametrize(
    ("exploration", "switch", "explore", "explored"),
    [
        ({"rate": 1}, None, True, True),
        ({"rate": 1}, False, True, False),
        ({"rate": 1}, True, False, False),
        ({"mode": "off", "rate": 1}, True, True, True),
        ({"mode": "off", "rate": 1}, None, True, False),
    ],
)
async def test_the_environment_and_the_caller_switch_exploration(
    tmp_path, clock, exploration, switch, explore, explored
):
    async with opened(tmp_path / "home", clock, switch, exploration=exploration) as app:
        dispatched = await app.dispatching.dispatch(TASK, explore=explore)

    assert (dispatched.attempt.selection == "explored") is explored
    assert (dispatched.attempt.model != HAIKU) is explored


async def test_with_an_interval_every_third_task_is_explored_over_restarts(tmp_path, clock):
    selections = []
    for _ in range(3):
        async with opened(tmp_path / "home", clock, exploration={"interval": 3}) as app:
            for _ in range(2):
                clock.time += timedelta(hours=2)
                selections.append((await app.dispatching.dispatch(TASK)).attempt.selection)

    assert selections == ["policy", "policy", "explored"] * 2


@pytest.mark.parametrize("cooldown_seconds", [0, 3600])
async def test_with_an_interval_tasks_are_explored_as_often_as_is_logged_whatever_else_is_dispatched(
    tmp_path, clock, cooldown_seconds
):
    """People choose the model of three tasks in ten, one in ten is critical, and sometimes nobody wants to explore."""
    exploration = {"interval": 5, "cooldown_seconds": cooldown_seconds, "token_budget_ratio": None}
    chosen, expected, attempts = 0, 0.0, []
    rng = random.Random(2)
    async with opened(tmp_path / "home", clock, exploration=exploration) as app:
        for _ in range(300):
            clock.time += timedelta(minutes=5)
            request = replace(TASK, workspace=None, priority="critical" if rng.random() < 0.1 else None)
            named = OPUS if rng.random() < 0.3 else None
            told = await app.dispatching.dispatch(request, model=named, explore=rng.random() < 0.9)
            attempts.append(told.attempt)

    left_to_chance = [one for one in attempts if len(one.propensities or ()) > 1]
    for one in left_to_chance:
        chosen += one.model != HAIKU
        expected += 1 - one.propensities[HAIKU]
    assert 60 < len(left_to_chance) < 250
    # The last turn may not have come to its end.
    assert 0 <= expected - chosen < 1
    assert chosen == sum(one.selection == "explored" for one in attempts)


async def test_the_token_budget_stops_exploration_when_a_tenth_is_spent(tmp_path, clock):
    async with opened(tmp_path / "home", clock, exploration={"rate": 1}) as app:
        for number in range(25):
            clock.time += timedelta(hours=2)
            dispatched = await app.dispatching.dispatch(TASK)
            await app.dispatching.report(dispatched.attempt.id, OutcomeReport(outcome="success", tokens_used=100))
            assert dispatched.attempt.selection == ("explored" if number < 20 else "policy")


ADAPTIVE = {"mode": "adaptive", "candidates": ["haiku", "sonnet"]}


def finished(complexity: str, model: str, outcome: str) -> Attempt:
    """An attempt at what the policy sends to haiku, given by chance to a model."""
    return Attempt(
        id=f"{complexity}-{model}-{outcome}",
        task="Add tests",
        model=model,
        created_at=NOW,
        updated_at=NOW,
        complexity=complexity,
        outcome=outcome,
        recommended_model=HAIKU,
        propensities={HAIKU: 0.5, SONNET: 0.5},
    )


async def test_the_adaptive_mode_follows_what_the_store_holds_of_the_same_complexity(tmp_path, clock):
    async with opened(tmp_path / "home", clock, exploration=ADAPTIVE) as app:
        first = await app.dispatching.dispatch(TASK)
        assert first.attempt.propensities == pytest.approx({HAIKU: 0.5, SONNET: 0.5})
        with closing(sqlite3.connect(tmp_path / "home" / "modelmerit.db")) as connection, connection:
            worse = (finished("simple", HAIKU, "failure"), finished("complex", SONNET, "failure"))
            arm_sums.count(connection, *((attempt, 100) for attempt in worse))
        clock.time += timedelta(hours=2)
        second = await app.dispatching.dispatch(TASK)
        stored = await app.dispatching.status(second.attempt.id)
        unlabelled = await app.dispatching.dispatch(replace(TASK, complexity=None))

    assert stored.propensities == pytest.approx({HAIKU: 0.02, SONNET: 0.98})
    assert stored.recommended_model == HAIKU
    assert stored.selection == ("policy" if stored.model == HAIKU else "explored")
    # Tasks of unknown complexity go where medium ones go, but nothing has been seen of them yet.
    assert unlabelled.attempt.propensities == pytest.approx({SONNET: 0.5, HAIKU: 0.5})


@pytest.mark.parametrize(("switch", "models"), [(None, 2), (True, 2), (False, 1)])
async def test_the_environment_switches_the_adaptive_mode_as_well(tmp_path, clock, switch, models):
    async with opened(tmp_path / "home", clock, switch, exploration=ADAPTIVE) as app:
        dispatched = await app.dispatching.dispatch(TASK)

    assert len(dispatched.attempt.propensities) == models


async def test_an_adaptive_mode_without_candidates_keeps_to_the_policy_and_says_so_in_every_answer(tmp_path, clock):
    async with opened(tmp_path / "home", clock, exploration={"mode": "adaptive"}) as app:
        dispatched = await app.dispatching.dispatch(TASK)

    assert dispatched.attempt.propensities == {HAIKU: 1.0}
    assert any("at least two models in exploration.candidates" in warning for warning in dispatched.warnings)


async def test_a_failed_task_again_is_a_retry_that_climbs_and_fails_the_first(app, clock):
    first = await app.dispatching.dispatch(TASK)
    await app.dispatching.report(first.attempt.id, OutcomeReport(outcome="failure"))
    clock.time += timedelta(minutes=12)
    again = await app.dispatching.dispatch(TASK)
    await app.dispatching.report(again.attempt.id, OutcomeReport(outcome="failure"))
    clock.time += timedelta(minutes=1)
    third = await app.dispatching.dispatch(TASK)

    assert again.retry_of == first.attempt.id
    assert (again.choice.reason, again.attempt.model) == ("escalated: haiku failed 12 minutes ago", SONNET)
    assert (third.choice.reason, third.attempt.model) == ("escalated: sonnet failed 1 minute ago", OPUS)
    assert [again.attempt.retry_count, third.attempt.retry_count] == [1, 2]
    assert (await app.dispatching.status(first.attempt.id)).retried


async def test_the_same_task_while_the_first_is_open_is_no_retry_until_that_has_failed(app, clock):
    first = await app.dispatching.dispatch(TASK)
    clock.time += timedelta(minutes=5)
    second = await app.dispatching.dispatch(TASK)
    assert (second.retry_of, second.attempt.model) == (None, HAIKU)
    await app.dispatching.report(first.attempt.id, OutcomeReport(outcome="failure"))

    assert (await app.dispatching.status(second.attempt.id)).retry_count == 1


async def test_no_secret_of_a_task_or_a_note_is_anywhere_on_the_disk(tmp_path, clock):
    async with opened(tmp_path / "home", clock) as app:
        request = TaskRequest(task=f"Call the service with {KEY} and password=hunter2x9", workspace="shop")
        dispatched = await app.dispatching.dispatch(request)
        await app.dispatching.report(dispatched.attempt.id, OutcomeReport(outcome="success", notes=f"used {KEY}"))
        during = {path.name: path.read_bytes() for path in (tmp_path / "home").iterdir()}
    after = {path.name: path.read_bytes() for path in (tmp_path / "home").iterdir()}

    assert "modelmerit.db-wal" in during
    for files in (during, after):
        for name, content in files.items():
            assert b"aB3x9QzT" not in content, name
            assert b"hunter2x9" not in content, name
    assert any("anthropic-key" in warning for warning in dispatched.warnings)


async def test_what_stands_for_a_secret_is_no_keyword(app):
    request = TaskRequest(task="Fix the bug, see https://bob:s3cretpw9@host/x")
    dispatched = await app.dispatching.dispatch(request)

    assert "[redacted:url-password]" in dispatched.attempt.task
    assert dispatched.attempt.task_keywords == ("bug",)


async def test_a_rule_that_cannot_be_parsed_is_named_in_every_answer_and_the_others_work(tmp_path, clock):
    broken = [{"if": "task contains", "use": "opus"}, *POLICY["rules"]]
    async with opened(tmp_path / "home", clock, rules=broken) as app:
        request = TaskRequest(task="Sketch the design", workspace="shop")
        dispatched = await app.dispatching.dispatch(request, explore=False)
        recommended = app.dispatching.recommend(request)

    for answered in (dispatched, recommended):
        assert answered.choice.model == OPUS
        assert any(warning.startswith("rule 1, column ") for warning in answered.warnings)


@pytest.mark.parametrize(
    ("named", "model", "provider"),
    [
        ("sonnet", SONNET, "anthropic"),
        (SONNET, SONNET, "anthropic"),
        ("deep", OPUS, "bedrock"),
        ("quick-agent", HAIKU, "anthropic"),
        ("gpt-9", "gpt-9", "anthropic"),
    ],
)
async def test_the_model_that_ran_may_be_called_what_the_client_calls_it(app, named, model, provider):
    dispatched = await app.dispatching.dispatch(TASK)
    said = OutcomeReport(outcome="success", executed_model=named)
    attempt, _ = await app.dispatching.report(dispatched.attempt.id, said)

    assert attempt.arm == (provider, model)


async def test_a_time_without_a_zone_is_in_utc(app, clock):
    await app.dispatching.dispatch(TASK)

    def listed(before: datetime):
        return app.dispatching.recent(workspace=None, status=None, limit=9, before=before)

    assert await listed(NOW.replace(tzinfo=None)) == []
    assert len(await listed((NOW + timedelta(seconds=1)).replace(tzinfo=None))) == 1


async def test_a_window_of_a_million_days_stops_nobody(tmp_path, clock):
    learning = {"window_days": 1e6}
    async with opened(tmp_path / "home", clock, learning=learning, exploration={"cooldown_seconds": 1e300}) as app:
        assert (await app.dispatching.dispatch(TASK)).attempt.id
        await app.analysing.analyse()
