"""Runs that were seen in a client's records, and the attempts they are brought to."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelmerit.evidence.captures import Captured
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.store import Store
from modelmerit.records import Attempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(minutes=10)
ENDED = BEGAN + timedelta(minutes=4)
HAIKU, OPUS = "claude-haiku-4-5-20251001", "claude-opus-4-5-20251101"
TASK = "Add tests for the cart page in src/cart.py"


def dispatched(name: str = "d-1", **fields) -> Attempt:
    made = {
        "id": name,
        "task": TASK,
        "model": HAIKU,
        "created_at": BEGAN - timedelta(minutes=1),
        "updated_at": BEGAN - timedelta(minutes=1),
        "workspace": "shop",
        "recommended_model": HAIKU,
        "client": "claude-code",
        "session_id": "s-1",
    }
    return Attempt(**{**made, **fields})


def seen(run_id: str = "r-1", outcome: str | None = "success", evidence: str = "implicit", **fields) -> Captured:
    about = {name: fields.pop(name) for name in ("call_id", "asked_model", "description", "called") if name in fields}
    made = {
        "id": f"claude-code-{run_id}",
        "task": TASK,
        "model": HAIKU,
        "executed_model": HAIKU,
        "created_at": BEGAN,
        "updated_at": ENDED if outcome else BEGAN,
        "status": {None: "running", "failure": "failed"}.get(outcome, "completed"),
        "workspace": "shop",
        "workspace_path": "/home/me/shop",
        "selection": "override",
        "client": "claude-code",
        "session_id": "s-1",
        "tokens_used": 1650 if outcome else 40,
        "input_tokens": 100 if outcome else 40,
        "output_tokens": 50 if outcome else 0,
        "cache_read_tokens": 1500 if outcome else 0,
        "cost_usd": 0.25 if outcome else None,
        "execution_time_seconds": 240.0 if outcome else None,
        "role": "tester",
    }
    attempt = Attempt(**{**made, **fields})
    report = OutcomeReport(outcome=outcome, evidence=evidence, source="seen") if outcome else None
    return Captured(
        client=attempt.client or "",
        run_id=run_id,
        attempt=attempt,
        report=report,
        session_id=attempt.session_id,
        **about,
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "a.db")
    yield store
    await store.close()


def kept(tmp_path: Path, statement: str) -> list[tuple]:
    connection = sqlite3.connect(tmp_path / "a.db")
    rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


REPORTS = "SELECT outcome, evidence, in_force FROM outcome_reports ORDER BY reported_us, evidence"


async def everything(store: Store) -> list[Attempt]:
    attempts: list[Attempt] = []
    await store.export(attempts.append)
    return attempts


class TestARunThatNobodyDispatched:
    """It becomes an attempt of its own."""

    async def test_it_is_recorded_with_all_that_was_seen(self, store: Store):
        captured = seen()
        result = await store.capture(captured, NOW)

        assert result.state == "new"
        assert result.attempt == replace(captured.attempt, outcome="success", evidence="implicit")
        assert await store.attempt("claude-code-r-1") == result.attempt

    async def test_seeing_the_same_again_changes_nothing(self, store: Store, tmp_path: Path):
        first = await store.capture(seen(), NOW)
        revision, reports = await store.counter("revision"), kept(tmp_path, REPORTS)
        again = await store.capture(seen(), NOW + timedelta(hours=1))

        assert (again.state, again.attempt) == ("unchanged", first.attempt)
        assert await store.counter("revision") == revision
        assert kept(tmp_path, REPORTS) == reports

    async def test_a_later_sighting_replaces_an_earlier_one_even_if_its_evidence_is_weaker(self, store: Store):
        await store.capture(seen(evidence="tests", cost_usd=0.25), NOW)
        later = await store.capture(seen(outcome="failure", cost_usd=0.5), NOW + timedelta(minutes=1))

        assert later.state == "changed"
        assert (later.attempt.outcome, later.attempt.evidence, later.attempt.status) == (
            "failure",
            "implicit",
            "failed",
        )
        assert later.attempt.cost_usd == 0.5

    async def test_what_was_read_before_the_last_sighting_is_left_out(self, store: Store):
        await store.capture(seen(), NOW)
        stale = await store.capture(seen(outcome=None), NOW - timedelta(seconds=1))

        assert (stale.state, stale.attempt.outcome) == ("unchanged", "success")

    async def test_an_agent_that_was_woken_again_is_at_work_until_it_ends_again(self, store: Store, tmp_path: Path):
        await store.capture(seen(), NOW)
        woken = await store.capture(seen(outcome=None, tokens_used=1700), NOW + timedelta(minutes=1))
        assert (woken.attempt.status, woken.attempt.outcome, woken.attempt.tokens_used) == ("running", None, 1700)
        assert kept(tmp_path, REPORTS) == [("success", "implicit", 0)]

        ended = await store.capture(seen(outcome="failure", tokens_used=2000), NOW + timedelta(minutes=2))
        assert (ended.attempt.status, ended.attempt.tokens_used) == ("failed", 2000)
        assert kept(tmp_path, REPORTS) == [("success", "implicit", 0), ("failure", "implicit", 1)]

    async def test_the_model_is_known_as_soon_as_one_answers(self, store: Store):
        await store.capture(seen(outcome=None, model="unknown", executed_model=None), NOW)
        later = await store.capture(seen(), NOW + timedelta(minutes=1))

        assert (later.attempt.model, later.attempt.executed_model) == (HAIKU, HAIKU)

    async def test_drains_at_the_same_time_record_it_once(self, store: Store, tmp_path: Path):
        other = await Store.open(tmp_path / "a.db")
        results = await asyncio.gather(*(one.capture(seen(), NOW) for one in (store, other, store, other)))
        await other.close()

        assert sorted(result.state for result in results) == ["new", "unchanged", "unchanged", "unchanged"]
        assert len(await everything(store)) == 1

    async def test_many_runs_are_recorded_at_once_and_answered_in_their_order(self, store: Store):
        runs = [seen(f"r-{n}", task=f"Part {n}", created_at=BEGAN - timedelta(hours=n)) for n in range(3)]
        results = await store.capture_all([*runs, runs[0]], NOW)

        assert [result.attempt.id for result in results] == [f"claude-code-r-{n}" for n in (0, 1, 2, 0)]
        assert [result.state for result in results] == ["new", "new", "new", "unchanged"]

    async def test_one_that_was_exported_and_imported_again_is_the_same(self, store: Store):
        await store.import_attempts([replace(seen().attempt, selection="imported", cost_usd=9.0)])
        result = await store.capture(seen(), NOW)

        assert (result.state, result.attempt.cost_usd, result.attempt.outcome) == ("joined", 9.0, "success")
        assert len(await everything(store)) == 1


class TestARunThatWasDispatched:
    """It is joined with its dispatch."""

    async def test_what_ran_and_what_it_took_is_filled_in_and_what_was_answered_stays(self, store: Store):
        await store.import_attempts([dispatched(propensities={HAIKU: 0.9, OPUS: 0.1})])
        result = await store.capture(seen(executed_model=OPUS, model=OPUS), NOW)
        attempt = result.attempt

        assert (result.state, attempt.id) == ("joined", "d-1")
        assert (attempt.model, attempt.recommended_model, attempt.executed_model) == (HAIKU, HAIKU, OPUS)
        assert (attempt.outcome, attempt.evidence, attempt.status) == ("success", "implicit", "completed")
        assert (attempt.tokens_used, attempt.cache_read_tokens, attempt.cost_usd) == (1650, 1500, 0.25)
        assert (attempt.execution_time_seconds, attempt.role) == (240.0, "tester")
        assert (attempt.created_at, attempt.selection) == (BEGAN - timedelta(minutes=1), "policy")

    async def test_the_call_that_a_hook_announced_is_joined_whatever_its_words_are(self, store: Store):
        await store.import_attempts([dispatched(task="Do the cart", session_id=None, workspace="elsewhere")])
        await store.expect_run("claude-code", "toolu_1", "d-1")
        result = await store.capture(seen(call_id="toolu_1"), NOW)

        assert (result.state, result.attempt.id) == ("joined", "d-1")

    async def test_what_is_expected_of_one_call_is_not_another_calls(self, store: Store):
        await store.import_attempts([dispatched()])
        await store.expect_run("claude-code", "toolu_1", "d-1")

        assert (await store.capture(seen("r-2", call_id="toolu_2"), NOW)).state == "new"
        assert (await store.capture(seen("r-1", call_id="toolu_1"), NOW)).attempt.id == "d-1"

    async def test_a_dispatch_is_one_runs_only(self, store: Store):
        await store.import_attempts([dispatched()])

        assert (await store.capture(seen("r-1"), NOW)).state == "joined"
        assert (await store.capture(seen("r-2"), NOW)).state == "new"

    async def test_one_that_was_already_reported_is_joined_too(self, store: Store):
        await store.import_attempts([dispatched()])
        await store.report("d-1", OutcomeReport(outcome="failure", tokens_used=7, notes="broke"), ENDED)
        result = await store.capture(seen(evidence="human"), NOW)
        attempt = result.attempt

        assert (result.state, attempt.id) == ("joined", "d-1")
        assert (attempt.outcome, attempt.evidence, attempt.status) == ("failure", "reported", "failed")
        assert (attempt.tokens_used, attempt.cache_read_tokens, attempt.executed_model) == (7, 1500, HAIKU)

    @pytest.mark.parametrize(
        "fields",
        [
            {"session_id": "s-2"},
            {"created_at": BEGAN - timedelta(minutes=16)},
            {"created_at": BEGAN + timedelta(minutes=1)},
            {"client": "opencode", "session_id": None},
            {"workspace": "other", "session_id": None},
        ],
        ids=lambda fields: "-".join(fields),
    )
    async def test_a_dispatch_of_another_session_time_client_or_workspace_is_none(self, store: Store, fields: dict):
        await store.import_attempts([dispatched(**fields)])

        assert (await store.capture(seen(), NOW)).state == "new"

    async def test_where_no_session_is_known_client_and_workspace_have_to_agree(self, store: Store):
        await store.import_attempts([dispatched(session_id=None)])
        result = await store.capture(seen(), NOW)

        assert (result.attempt.id, result.attempt.session_id) == ("d-1", "s-1")

    async def test_what_the_human_asked_of_the_main_thread_is_no_dispatch(self, store: Store):
        await store.import_attempts([dispatched()])

        assert (await store.capture(seen(called=False), NOW)).state == "new"

    async def test_parallel_agents_are_not_mixed_up_in_whatever_order_they_are_seen(self, store: Store):
        parts = [f"Review part {n} of the plan" for n in (4, 5, 45, 54)]
        await store.import_attempts([dispatched(f"d-{part}", task=part) for part in parts])
        for part in reversed(parts):
            prompt = f"You are a careful reviewer. {part}. Answer with a list."
            result = await store.capture(seen(part, task=prompt, description=part.replace(" of the plan", "")), NOW)
            assert result.attempt.id == f"d-{part}"


class TestRetries:
    """Runs that try a task again are linked as dispatches are."""

    async def test_a_run_that_tries_a_failed_one_again_is_its_retry(self, store: Store):
        await store.capture(seen("r-1", outcome="failure"), NOW)
        again = await store.capture(seen("r-2", created_at=ENDED + timedelta(minutes=1)), NOW)

        assert (again.attempt.previous_dispatch_id, again.attempt.retry_count) == ("claude-code-r-1", 1)
        assert (await store.attempt("claude-code-r-1")).retried

    async def test_it_is_so_if_the_later_one_is_read_first(self, store: Store):
        await store.capture(seen("r-2", created_at=ENDED + timedelta(minutes=1)), NOW)
        await store.capture(seen("r-1", outcome="failure"), NOW)

        again = await store.attempt("claude-code-r-2")
        assert (again.previous_dispatch_id, again.retry_count) == ("claude-code-r-1", 1)
        assert (await store.attempt("claude-code-r-1")).retried

    async def test_the_same_task_given_to_two_agents_at_once_is_no_retry(self, store: Store):
        await store.capture(seen("r-1", outcome="failure"), NOW)
        sister = await store.capture(seen("r-2", created_at=BEGAN + timedelta(seconds=2)), NOW)

        assert sister.attempt.previous_dispatch_id is None


class TestReports:
    """What was told stands, and what was seen fills the rest."""

    async def test_what_was_told_later_replaces_what_was_seen_whatever_its_evidence(self, store: Store, tmp_path: Path):
        await store.import_attempts([dispatched()])
        await store.capture(seen(evidence="human"), NOW)
        told = OutcomeReport(outcome="partial", evidence="implicit", cost_usd=0.75)
        attempt, changed = await store.report("d-1", told, NOW + timedelta(minutes=1))

        assert changed
        assert (attempt.outcome, attempt.evidence, attempt.cost_usd) == ("partial", "implicit", 0.75)
        assert (attempt.tokens_used, attempt.executed_model) == (1650, HAIKU)
        assert kept(tmp_path, REPORTS) == [("success", "human", 0), ("partial", "implicit", 1)]

        again, changed = await store.report("d-1", told, NOW + timedelta(minutes=2))
        assert (again, changed) == (attempt, False)

    async def test_a_later_sighting_still_brings_its_figures_where_none_was_told(self, store: Store):
        await store.import_attempts([dispatched()])
        await store.capture(seen(), NOW)
        await store.report("d-1", OutcomeReport(outcome="failure", cost_usd=0.75), NOW)
        later = await store.capture(seen(cost_usd=3.0, tokens_used=5000), NOW + timedelta(minutes=1))

        assert (later.attempt.outcome, later.attempt.evidence) == ("failure", "reported")
        assert (later.attempt.cost_usd, later.attempt.tokens_used) == (0.75, 5000)


async def test_an_import_goes_on_where_it_stopped(store: Store):
    await store.mark_read("claude-code", "/a.jsonl", "10:1")
    await store.mark_read("claude-code", "/a.jsonl", "20:2")
    await store.mark_read("opencode", "ses_1", "5")

    assert await store.read_marks("claude-code") == {"/a.jsonl": "20:2"}
    assert await store.read_marks("cursor") == {}


async def test_hooks_that_spoke_up_are_counted(store: Store):
    await store.note_events("claude-code", {"SubagentStop": 2, "Stop": 1}, NOW)
    await store.note_events("claude-code", {"SubagentStop": 3}, NOW - timedelta(hours=1))

    assert await store.seen_events("claude-code") == {"SubagentStop": (5, NOW), "Stop": (1, NOW)}
    assert await store.seen_events("opencode") == {}


async def test_of_many_runs_a_transaction_takes_as_many_as_its_time_allows_and_at_least_one(store):
    runs = [seen(f"r-{number}", task=f"Translate page {number}") for number in range(4)]
    assert len(await store.capture_first(runs, NOW, 0.0)) == 1
    rest = await store.capture_first(runs[1:], NOW, 3600.0)
    assert [result.attempt.id for result in rest] == ["claude-code-r-1", "claude-code-r-2", "claude-code-r-3"]
    assert await store.capture_first([], NOW, 0.0) == []
