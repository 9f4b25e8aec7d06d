"""Which of two reports stands, and that both are kept."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from modelmerit.errors import InvalidReport
from modelmerit.evidence.outcomes import OutcomeReport, with_report
from modelmerit.evidence.store import Store
from modelmerit.records import ERROR_TYPES, EVIDENCE_KINDS, Attempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


def attempt(**fields) -> Attempt:
    return Attempt(id="a", task="Fix it", model="haiku", created_at=NOW, updated_at=NOW, **fields)


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(tmp_path / "a.db")
    await store.import_attempts([attempt()])
    yield store
    await store.close()


def kept_reports(tmp_path) -> list[tuple[str, str, int]]:
    connection = sqlite3.connect(tmp_path / "a.db")
    rows = connection.execute("SELECT outcome, evidence, in_force FROM outcome_reports ORDER BY reported_us").fetchall()
    connection.close()
    return rows


@pytest.mark.parametrize(("first", "second"), list(product(EVIDENCE_KINDS, EVIDENCE_KINDS)))
async def test_a_report_replaces_another_if_its_evidence_is_at_least_as_strong_and_both_are_kept(
    store, tmp_path, first, second
):
    await store.report("a", OutcomeReport(outcome="success", evidence=first), NOW)
    after, changed = await store.report("a", OutcomeReport(outcome="failure", evidence=second), LATER)

    strong_enough = EVIDENCE_KINDS.index(second) <= EVIDENCE_KINDS.index(first)
    assert changed is strong_enough
    assert after.outcome == ("failure" if strong_enough else "success")
    assert after.evidence == (second if strong_enough else first)
    assert after.status == ("failed" if strong_enough else "completed")
    assert kept_reports(tmp_path) == [
        ("success", first, int(not strong_enough)),
        ("failure", second, int(strong_enough)),
    ]


async def test_the_same_report_twice_changes_nothing(store, tmp_path):
    said = OutcomeReport(outcome="partial", tokens_used=1200, execution_time_seconds=2, notes="half of it")
    first, changed = await store.report("a", said, NOW)
    revision = await store.counter("revision")
    before = kept_reports(tmp_path)
    again = OutcomeReport(outcome="partial", tokens_used=1200, execution_time_seconds=2.0, notes="half of it")
    second, changed_again = await store.report("a", again, LATER)

    assert (changed, changed_again) == (True, False)
    assert second == first
    assert await store.counter("revision") == revision
    assert kept_reports(tmp_path) == before


async def test_success_failure_success_by_the_same_evidence_ends_at_success(store, tmp_path):
    for hours, outcome in enumerate(["success", "failure", "success"]):
        after, changed = await store.report("a", OutcomeReport(outcome=outcome), NOW + timedelta(hours=hours))
        assert changed
    assert (after.outcome, after.status) == ("success", "completed")
    assert kept_reports(tmp_path) == [("failure", "reported", 0), ("success", "reported", 1)]


async def test_a_weaker_report_repeated_still_does_not_stand(store):
    human = OutcomeReport(outcome="success", evidence="human")
    weaker = OutcomeReport(outcome="failure", evidence="reported")
    for said in (weaker, human, weaker, weaker):
        after, _ = await store.report("a", said, NOW)

    assert (after.outcome, after.evidence) == ("success", "human")


def test_a_weaker_report_only_fills_what_is_unknown():
    known = attempt(outcome="success", evidence="human", status="completed", tokens_used=None, cost_usd=0.5)
    said = OutcomeReport(outcome="failure", evidence="reported", input_tokens=10, output_tokens=5, cost_usd=9.0)
    after = with_report(known, said, LATER)

    assert (after.outcome, after.evidence, after.cost_usd) == ("success", "human", 0.5)
    assert (after.input_tokens, after.output_tokens, after.tokens_used) == (10, 5, 15)


def test_figures_that_were_not_said_keep_their_value():
    after = with_report(attempt(tokens_used=7, notes="slow"), OutcomeReport(outcome="success"), LATER)

    assert (after.tokens_used, after.notes, after.cost_usd) == (7, "slow", None)


def test_input_and_output_tokens_make_the_total_unless_one_was_said():
    counted = OutcomeReport(outcome="success", input_tokens=10, output_tokens=5)
    said = OutcomeReport(outcome="success", input_tokens=10, output_tokens=5, tokens_used=99)

    assert with_report(attempt(), counted, LATER).tokens_used == 15
    assert with_report(attempt(), said, LATER).tokens_used == 99


def test_the_provider_is_that_of_the_model_that_ran():
    said = OutcomeReport(outcome="success", executed_model="gpt", provider="openai")

    assert with_report(attempt(provider="anthropic"), said, LATER).arm == ("openai", "gpt")
    outranked = attempt(provider="anthropic", outcome="failure", evidence="human")
    assert with_report(outranked, said, LATER).arm == ("openai", "gpt")
    known = attempt(provider="anthropic", outcome="failure", evidence="human", executed_model="haiku")
    assert with_report(known, said, LATER).arm == ("anthropic", "haiku")


def test_a_later_success_clears_what_had_gone_wrong():
    failed = with_report(attempt(), OutcomeReport(outcome="failure", error_type="harness"), NOW)
    after = with_report(failed, OutcomeReport(outcome="success"), LATER)

    assert (failed.error_type, after.error_type, after.status) == ("harness", None, "completed")


@pytest.mark.parametrize("error_type", ERROR_TYPES)
def test_a_failure_is_failed_unless_it_was_cancelled(error_type):
    after = with_report(attempt(), OutcomeReport(outcome="failure", error_type=error_type), NOW)

    assert after.status == ("cancelled" if error_type == "cancelled" else "failed")


def test_a_success_with_an_error_is_refused():
    with pytest.raises(InvalidReport, match="outcome 'success' came with error_type 'model'"):
        OutcomeReport(outcome="success", error_type="model")


@pytest.mark.parametrize(
    "figures",
    [
        {"tokens_used": -1},
        {"input_tokens": 10**30},
        {"cost_usd": float("inf")},
        {"cost_usd": float("nan")},
        {"execution_time_seconds": -0.1},
    ],
)
def test_a_figure_that_cannot_be_is_refused_by_name(figures):
    with pytest.raises(InvalidReport, match=f"{next(iter(figures))} is .*; expected a number from 0 to"):
        OutcomeReport(outcome="success", **figures)


def test_a_total_that_an_import_would_refuse_is_refused_as_well():
    with pytest.raises(InvalidReport, match=r"input_tokens \+ output_tokens is 2000000000000"):
        OutcomeReport(outcome="success", input_tokens=10**12, output_tokens=10**12)


def test_a_report_is_kept_as_json_with_all_it_said():
    said = OutcomeReport(outcome="failure", error_type="model", notes="broke “quotes”")

    assert json.loads(said.to_json())["notes"] == "broke “quotes”"
    assert json.loads(said.to_json())["cost_usd"] is None


def test_the_total_is_that_of_all_kinds_that_were_said():
    said = OutcomeReport(outcome="success", input_tokens=10, output_tokens=5, cache_read_tokens=100, reasoning_tokens=2)
    after = with_report(attempt(), said, LATER)

    assert (after.tokens_used, after.cache_read_tokens, after.reasoning_tokens) == (117, 100, 2)
    assert with_report(attempt(), replace(said, output_tokens=None), LATER).tokens_used is None


@pytest.mark.parametrize(
    "more", [{"tool_calls": 0}, {"cache_read_tokens": 0}, {"source": "seen"}], ids=lambda more: next(iter(more))
)
def test_a_report_of_an_earlier_release_is_known_again(more):
    said = OutcomeReport(outcome="success", tokens_used=3)
    # As the first release wrote it: before there were kinds of tokens, tool calls and sources.
    written = (
        '{"cost_usd": null, "error_type": null, "evidence": "reported", "executed_model": null, '
        '"execution_time_seconds": null, "input_tokens": null, "notes": null, "outcome": "success", '
        '"output_tokens": null, "provider": null, "tokens_used": 3}'
    )

    assert said.to_json() == written
    assert OutcomeReport(**json.loads(written)) == said
    assert replace(said, **more).fingerprint != said.fingerprint
