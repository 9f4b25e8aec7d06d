"""A human's decisions: carried out once, remembered, and never anything else than what was shown."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modelmerit.cli.demo.simulation import SONNET, Simulation
from modelmerit.errors import UnknownChange, UnknownSuggestion
from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.evidence.dispatch_log import attempt_from_record
from modelmerit.learning.findings import bundle_id
from modelmerit.policy.changes import Change
from modelmerit.services.proposals import Decision, Proposal


async def the_default(app) -> StoredSuggestion:
    findings = await app.analysing.findings()
    return next(suggestion for suggestion in findings.proposed if suggestion.type == "change_default")


async def apply(app, suggestion, approved=None) -> Decision:
    return await app.approving.apply(suggestion.id, approved=approved or suggestion.change, who="ada")


def edit(app, **blocks) -> None:
    document = json.loads(app.policy_file.path.read_text())
    app.policy_file.path.write_text(json.dumps(document | blocks, indent=2) + "\n")


def medium_model(app) -> str:
    return json.loads(app.policy_file.path.read_text())["task_complexity"]["medium"]["model"]


async def import_again(app, copies: int) -> None:
    """Adds the demo's history again under other ids: evidence that says the same, but more of it."""
    for copy in range(copies):
        records = Simulation(7, datetime(2026, 11, 21, tzinfo=UTC)).records()
        await app.store.import_attempts(attempt_from_record(r | {"id": f"{copy}-{r['id']}"}) for r in records)


async def test_what_is_proposed_shows_the_change_its_diff_and_its_evidence(app):
    suggestion = await the_default(app)
    proposal = await app.approving.propose(suggestion.id)

    assert isinstance(proposal, Proposal)
    assert proposal.change == suggestion.change
    assert SONNET in proposal.diff
    assert "Confidence" in proposal.evidence


async def test_applying_twice_says_applied_and_changes_nothing_more(app):
    suggestion = await the_default(app)
    first = await apply(app, suggestion)
    text, changes = app.policy_file.path.read_bytes(), app.approving.changes()
    again = await apply(app, suggestion)

    assert (first.state, again.state) == ("applied", "applied")
    assert again.change_id == first.change_id
    assert app.policy_file.path.read_bytes() == text
    assert app.approving.changes() == changes
    assert medium_model(app) == SONNET
    stored = await app.store.suggestion(suggestion.id)
    assert (stored.status, stored.decided_by, stored.change_id) == ("applied", "ada", first.change_id)


async def test_a_line_that_is_not_the_one_shown_is_not_applied(app):
    suggestion = await the_default(app)
    before = app.policy_file.path.read_bytes()
    decision = await apply(app, suggestion, approved="task_complexity.medium.model: something else")

    assert (decision.state, decision.change) == ("awaiting_approval", suggestion.change)
    assert app.policy_file.path.read_bytes() == before
    assert (await app.store.suggestion(suggestion.id)).status == "proposed"


async def test_a_humans_edit_elsewhere_between_propose_and_apply_survives(app):
    suggestion = await the_default(app)
    await app.approving.propose(suggestion.id)
    edit(app, my_own_note="keep me")
    decision = await apply(app, suggestion)

    assert decision.state == "applied"
    assert json.loads(app.policy_file.path.read_text())["my_own_note"] == "keep me"
    assert medium_model(app) == SONNET


async def test_a_humans_edit_of_the_same_place_supersedes_it(app):
    suggestion = await the_default(app)
    document = json.loads(app.policy_file.path.read_text())
    document["task_complexity"]["medium"]["model"] = SONNET
    edit(app, task_complexity=document["task_complexity"])
    before = app.policy_file.path.read_bytes()

    assert (await apply(app, suggestion)).state == "superseded"
    assert app.policy_file.path.read_bytes() == before


async def test_confidence_under_the_floor_is_refused_with_what_to_do(app):
    suggestion = await the_default(app)
    edit(app, learning={"min_confidence": 0.99999})
    decision = await apply(app, suggestion)

    assert decision.state == "refused"
    assert "lower that floor" in decision.message


async def test_what_was_rejected_stays_so_until_its_evidence_has_doubled(app):
    suggestion = await the_default(app)
    await app.approving.reject(suggestion.id, who="ada", reason="not now")
    again = await app.approving.reject(suggestion.id, who="bob", reason="changed my mind")
    assert (again.status, again.decided_by, again.decision_reason) == ("rejected", "ada", "not now")
    await app.analysing.analyse()
    decision = await apply(app, suggestion)
    assert decision.state == "refused"
    assert "once its evidence has doubled" in decision.message
    assert (await app.store.suggestion(suggestion.id)).status == "rejected"

    await import_again(app, copies=2)
    await app.analysing.analyse()
    back = await app.store.suggestion(suggestion.id)
    assert back.weight >= 2 * suggestion.weight
    assert back.status == "proposed"


async def test_rejecting_what_is_applied_changes_nothing(app):
    suggestion = await the_default(app)
    await apply(app, suggestion)

    assert (await app.approving.reject(suggestion.id, who="ada")).status == "applied"
    assert medium_model(app) == SONNET


async def test_a_rollback_gives_back_the_bytes_and_marks_the_suggestion(app):
    before = app.policy_file.path.read_bytes()
    suggestion = await the_default(app)
    applied = await apply(app, suggestion)
    proposal = await app.approving.propose_rollback(None)
    assert isinstance(proposal, Proposal)
    refused = await app.approving.roll_back(None, approved="something else", who="ada")
    rolled = await app.approving.roll_back(None, approved=proposal.change, who="ada", why="worse")
    again = await app.approving.roll_back(applied.change_id, approved=proposal.change, who="ada")

    assert [refused.state, rolled.state, again.state] == ["awaiting_approval", "rolled_back", "rolled_back"]
    assert app.policy_file.path.read_bytes() == before
    assert len(app.approving.changes()) == 2
    stored = await app.store.suggestion(suggestion.id)
    assert (stored.status, stored.decided_by, stored.decision_reason) == ("rolled back", "ada", "worse")


async def test_what_was_rolled_back_is_refused_and_not_proposed_again_on_the_same_evidence(app):
    suggestion = await the_default(app)
    await apply(app, suggestion)
    proposal = await app.approving.propose_rollback(None)
    await app.approving.roll_back(None, approved=proposal.change, who="ada")
    findings = await app.analysing.analyse()

    assert suggestion.id not in {proposed.id for proposed in findings.proposed}
    decision = await apply(app, suggestion)
    assert (decision.state, decision.message.split(".")[0]) == ("refused", "It was rolled back")


async def test_a_rollback_that_is_rolled_back_leaves_the_suggestion_applied(app):
    suggestion = await the_default(app)
    await apply(app, suggestion)
    undo = await app.approving.propose_rollback(None)
    undone = await app.approving.roll_back(None, approved=undo.change, who="ada")
    redo = await app.approving.propose_rollback(undone.change_id)
    await app.approving.roll_back(undone.change_id, approved=redo.change, who="bob")

    assert medium_model(app) == SONNET
    stored = await app.store.suggestion(suggestion.id)
    assert (stored.status, stored.decided_by) == ("applied", "bob")


async def test_with_nothing_to_take_back_a_rollback_is_refused(app):
    decision = await app.approving.propose_rollback(None)

    assert isinstance(decision, Decision)
    assert (decision.state, decision.message) == ("refused", "There is no change to take back.")


async def test_unknown_ids_are_errors(app):
    with pytest.raises(UnknownSuggestion, match="s-nope"):
        await app.approving.propose("s-nope")
    with pytest.raises(UnknownSuggestion, match="s-nope"):
        await app.approving.reject("s-nope", who="ada")
    with pytest.raises(UnknownChange, match="change-nope"):
        await app.approving.propose_rollback("change-nope")


async def test_suggestions_of_a_bundle_are_applied_as_one(app):
    first = await the_default(app)
    bundle = {"id": bundle_id([first.id, "s-second"]), "confidence": 0.9}
    rule = {"if": "keyword is 'docs'", "use": "haiku"}
    edits = Change.from_dict({"edits": [{"kind": "insert_rule", "rule": rule, "index": 1, "before": None}]})
    second = replace(first, id="s-second", change=edits.summary, payload=first.payload | {"edits": edits.to_dict()})
    for member in (first, second):
        await app.store.decide(replace(member, payload=dict(member.payload) | {"bundle": bundle}))
    proposal = await app.approving.propose(first.id)
    assert isinstance(proposal, Proposal)
    assert proposal.change in (f"{first.change}; {second.change}", f"{second.change}; {first.change}")
    decision = await apply(app, first, approved=proposal.change)

    assert decision.state == "applied"
    for name in (first.id, "s-second"):
        stored = await app.store.suggestion(name)
        assert (stored.status, stored.change_id) == ("applied", decision.change_id)


async def test_a_rule_that_would_shadow_the_change_is_part_of_what_must_be_approved(app):
    suggestion = await the_default(app)
    edit(app, rules=[{"if": "complexity is medium", "use": "haiku"}])
    decision = await apply(app, suggestion)
    assert decision.state == "awaiting_approval"
    assert "although" in decision.change
    assert (await apply(app, suggestion, decision.change)).state == "applied"


async def test_a_missing_models_json_refuses_the_change_and_says_why(app):
    suggestion = await the_default(app)
    app.policy_file.path.unlink()
    decision = await apply(app, suggestion)
    assert decision.state in ("refused", "superseded")
    assert not app.policy_file.path.exists()
