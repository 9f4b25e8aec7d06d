"""Analysing only when something has changed, and agreeing with the change log when somebody was killed."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.app import open_app
from modelmerit.cli.demo.simulation import OPUS, SONNET
from modelmerit.errors import StoreError
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.policy.changes import Change
from modelmerit.settings import Settings


async def the_default(app):
    findings = await app.analysing.findings()
    return next(suggestion for suggestion in findings.proposed if suggestion.type == "change_default")


def commit(app, suggestion, suggestion_id=None):
    """Changes models.json as `apply` does, and is killed before the store hears of it."""
    change = Change.from_dict(suggestion.payload["edits"])
    return app.policy_file.commit(
        change, who="ada", why="cheaper", suggestion_id=suggestion_id or suggestion.id, now=datetime.now(UTC)
    )


async def test_nothing_is_analysed_twice_while_nothing_changes(app):
    first = await app.analysing.findings()
    again = await app.analysing.findings()
    assert again.analysis is first.analysis

    attempt = (await app.store.attempts(before=datetime.now(UTC) + timedelta(days=1), limit=1))[0]
    await app.store.report(attempt.id, OutcomeReport(outcome="partial", evidence="human"), datetime.now(UTC))
    third = await app.analysing.findings()
    assert third.analysis is not first.analysis


async def test_a_decision_is_seen_without_a_new_analysis(app):
    suggestion = await the_default(app)
    await app.approving.reject(suggestion.id, who="ada")
    findings = await app.analysing.findings()

    assert suggestion.id not in {proposed.id for proposed in findings.proposed}


async def test_what_was_committed_before_a_kill_counts_as_applied_in_every_process(app, history_home):
    suggestion = await the_default(app)
    committed = commit(app, suggestion)
    assert (await app.store.suggestion(suggestion.id)).status == "proposed"
    async with open_app(Settings.from_environment()) as restarted:
        await restarted.analysing.analyse()
        stored = await restarted.store.suggestion(suggestion.id)
        decision = await restarted.approving.apply(suggestion.id, approved=suggestion.change, who="ada")

    assert (stored.status, stored.change_id, stored.decided_by) == ("applied", committed.change_id, "ada")
    assert (decision.state, decision.change_id) == ("applied", committed.change_id)
    assert len(app.approving.changes()) == 1
    still = await app.approving.apply(suggestion.id, approved=suggestion.change, who="ada")
    assert still.state == "applied"


async def test_what_another_process_had_superseded_by_then_counts_as_applied(app):
    suggestion = await the_default(app)
    committed = commit(app, suggestion)
    known = await app.store.suggestion(suggestion.id)
    await app.store.decide(replace(known, status="superseded", updated_at=datetime.now(UTC)))
    await app.analysing.analyse()

    stored = await app.store.suggestion(suggestion.id)
    assert (stored.status, stored.change_id) == ("applied", committed.change_id)


async def test_what_was_rolled_back_before_a_kill_counts_as_rolled_back(app):
    suggestion = await the_default(app)
    decision = await app.approving.apply(suggestion.id, approved=suggestion.change, who="ada")
    app.policy_file.rollback(decision.change_id, who="bob", why="worse", now=datetime.now(UTC))
    assert (await app.store.suggestion(suggestion.id)).status == "applied"
    findings = await app.analysing.findings()

    stored = await app.store.suggestion(suggestion.id)
    assert (stored.status, stored.decided_by, stored.decision_reason) == ("rolled back", "bob", "worse")
    assert suggestion.id not in {proposed.id for proposed in findings.proposed}


async def test_what_a_human_took_back_by_hand_is_proposed_again_and_not_called_applied(app):
    before = app.policy_file.path.read_bytes()
    suggestion = await the_default(app)
    await app.approving.apply(suggestion.id, approved=suggestion.change, who="ada")
    app.policy_file.path.write_bytes(before)
    for _ in range(2):
        await app.analysing.analyse()
        assert (await app.store.suggestion(suggestion.id)).status == "proposed"
    again = await app.approving.apply(suggestion.id, approved=suggestion.change, who="ada")

    assert again.state == "applied"
    assert len(app.approving.changes()) == 2


async def test_all_of_a_bundle_that_was_committed_before_a_kill_counts_as_applied(app):
    first = await the_default(app)
    bundle = {"bundle": {"id": "b-1", "confidence": 0.9}}
    second = replace(first, id="s-second", payload=dict(first.payload) | bundle)
    await app.store.decide(replace(first, payload=dict(first.payload) | bundle))
    await app.store.decide(second)
    committed = commit(app, first)
    await app.analysing.analyse()

    for name in (first.id, "s-second"):
        stored = await app.store.suggestion(name)
        assert (stored.status, stored.change_id) == ("applied", committed.change_id)


async def test_an_analysis_that_was_at_work_during_an_apply_does_not_undo_it(app, history_home):
    suggestion = await the_default(app)
    async with open_app(Settings.from_environment()) as other:
        analysing = asyncio.create_task(other.analysing.analyse())
        await asyncio.sleep(0)  # it has told the time, and not read the evidence yet
        decision = await app.approving.apply(suggestion.id, approved=suggestion.change, who="ada")
        await analysing
        await other.analysing.analyse()

    stored = await app.store.suggestion(suggestion.id)
    assert (stored.status, stored.change_id) == ("applied", decision.change_id)


async def test_other_tools_get_what_was_learned(app, history_home):
    suggestion = await the_default(app)
    learned = json.loads((history_home / "model-learning.json").read_text())

    assert learned == await app.analysing.export_learning()
    assert learned["total_dispatches"] == await app.store.counter("attempts")
    entry = next(entry for entry in learned["suggestions"] if entry["id"] == suggestion.id)
    assert (entry["from"], entry["to"], entry["condition"]) == (OPUS, SONNET, "complexity is medium")
    assert (entry["status"], entry["change"]) == ("proposed", suggestion.change)
    assert {"trigger", "success_rate", "sample_size", "usd_per_success"} <= learned["patterns"][0].keys()


async def test_a_folder_in_the_place_of_model_learning_json_is_an_error_and_what_was_found_is_kept(app, history_home):
    (history_home / "model-learning.json").mkdir()
    with pytest.raises(StoreError, match=r"model-learning.json' cannot be written .*What was found is kept"):
        await app.analysing.analyse()

    assert [suggestion.type for suggestion in await app.store.suggestions()]


@pytest.mark.parametrize("since", [None, datetime(2026, 11, 1, tzinfo=UTC)])
async def test_what_is_shown_can_be_narrowed_and_what_is_decided_stays(app, since):
    suggestion = await the_default(app)
    everything = await app.analysing.findings()
    narrowed = await app.analysing.analyse(min_sample_size=10**6, since=since)

    assert narrowed.analysis.patterns == ()
    assert everything.analysis.patterns
    assert suggestion.id in {proposed.id for proposed in narrowed.proposed}
