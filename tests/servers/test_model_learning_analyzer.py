"""`model-learning-analyzer` as a client sees it: suggestions, and a human's yes, no, or silence."""

import json

import pytest
from mcp import Client
from mcp.types import ElicitResult

from model_learning_analyzer.server import server
from modelmerit.cli.demo.simulation import OPUS, SONNET

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])


async def call(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content[0].text
    return result.structured_content


def answering(action, **content):
    asked = []

    async def callback(_context, parameters):
        asked.append(parameters)
        return ElicitResult(action=action, content=content or None)

    return callback, asked


async def the_default(client):
    suggestions = (await call(client, "suggest_model_rules"))["suggestions"]
    return next(suggestion for suggestion in suggestions if suggestion["type"] == "change_default")


def medium_model(home):
    return json.loads((home / "models.json").read_text())["task_complexity"]["medium"]["model"]


async def test_what_there_is_to_find_is_suggested_with_its_evidence(history_home):
    async with Client(server) as client:
        result = await client.call_tool("suggest_model_rules", {})
    suggestion = next(s for s in result.structured_content["suggestions"] if s["type"] == "change_default")
    assert suggestion["scope"] == {"complexity": "medium"}
    assert (suggestion["from_model"], suggestion["to_model"]) == (OPUS, SONNET)
    assert suggestion["confidence"] >= 0.9
    assert suggestion["status"] == "proposed"
    assert suggestion["evidence"]["challenger"]["attempts"] > 20
    text = result.content[0].text
    assert suggestion["id"] in text
    assert suggestion["change"] in text


@ERAS
async def test_a_human_who_is_asked_and_agrees_gets_the_change(history_home, era):
    yes, asked = answering("accept", approve=True)
    async with Client(server, mode=era, elicitation_callback=yes) as client:
        suggestion = await the_default(client)
        decision = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
        again = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
        changes = (await call(client, "list_model_changes"))["changes"]
    assert decision["state"] == again["state"] == "applied"
    assert medium_model(history_home) == SONNET
    assert len(asked) == 1
    assert decision["diff"].strip() in asked[0].message
    schema = asked[0].requested_schema
    schema = schema if isinstance(schema, dict) else schema.model_dump(by_alias=True)
    assert list(schema["properties"]) == ["approve"]
    assert changes[0]["suggestion_id"] == suggestion["id"]


@ERAS
@pytest.mark.parametrize(
    ("action", "content", "state"),
    [("accept", {"approve": False}, "declined"), ("decline", {}, "declined"), ("cancel", {}, "cancelled")],
)
async def test_no_decline_and_cancel_change_nothing_and_leave_it_proposed(history_home, era, action, content, state):
    before = (history_home / "models.json").read_bytes()
    no, _ = answering(action, **content)
    async with Client(server, mode=era, elicitation_callback=no) as client:
        suggestion = await the_default(client)
        decision = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
        still = await the_default(client)
    assert decision["state"] == state
    assert still["status"] == "proposed"
    assert (history_home / "models.json").read_bytes() == before


@ERAS
async def test_where_a_human_can_be_asked_repeating_the_change_is_no_approval(history_home, era):
    no, asked = answering("decline")
    async with Client(server, mode=era, elicitation_callback=no) as client:
        suggestion = await the_default(client)
        decision = await call(
            client, "apply_model_suggestion", suggestion_id=suggestion["id"], change=suggestion["change"]
        )
    assert decision["state"] == "declined"
    assert len(asked) == 1
    assert medium_model(history_home) == OPUS


@ERAS
async def test_a_client_without_forms_applies_in_two_steps(history_home, era):
    async with Client(server, mode=era) as client:
        suggestion = await the_default(client)
        first = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
        assert first["state"] == "awaiting_approval"
        assert medium_model(history_home) == OPUS
        wrong = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"], change="something else")
        assert wrong["state"] == "awaiting_approval"
        assert medium_model(history_home) == OPUS
        second = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"], change=first["change"])
    assert second["state"] == "applied"
    assert medium_model(history_home) == SONNET


async def test_a_change_that_was_never_shown_with_its_diff_is_shown_first(history_home, monkeypatch):
    monkeypatch.setattr("model_learning_analyzer.tools._shown", set())
    async with Client(server) as client:
        suggestion = await the_default(client)
        arguments = {"suggestion_id": suggestion["id"], "change": suggestion["change"]}
        first = await call(client, "apply_model_suggestion", **arguments)
        assert (first["state"], medium_model(history_home)) == ("awaiting_approval", OPUS)
        assert first["diff"]
        second = await call(client, "apply_model_suggestion", **arguments)
    assert (second["state"], medium_model(history_home)) == ("applied", SONNET)


@ERAS
async def test_a_rollback_asks_too_and_gives_back_the_very_bytes(history_home, era):
    before = (history_home / "models.json").read_bytes()
    yes, asked = answering("accept", approve=True)
    async with Client(server, mode=era, elicitation_callback=yes) as client:
        suggestion = await the_default(client)
        await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
        rolled = await call(client, "rollback_model_change")
        changes = (await call(client, "list_model_changes"))["changes"]
    assert rolled["state"] == "rolled_back"
    assert len(asked) == 2
    assert (history_home / "models.json").read_bytes() == before
    assert [change["kind"] for change in changes[:2]] == ["rollback", "apply"]


async def test_a_rollback_without_forms_takes_two_steps(history_home):
    async with Client(server) as client:
        suggestion = await the_default(client)
        for _ in range(2):
            await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"], change=suggestion["change"])
        first = await call(client, "rollback_model_change")
        assert first["state"] == "awaiting_approval"
        assert medium_model(history_home) == SONNET
        second = await call(client, "rollback_model_change", change=first["change"])
    assert second["state"] == "rolled_back"
    assert medium_model(history_home) == OPUS


async def test_a_rejected_suggestion_is_not_proposed_again_on_the_same_evidence(history_home):
    async with Client(server) as client:
        suggestion = await the_default(client)
        rejected = await call(client, "reject_model_suggestion", suggestion_id=suggestion["id"], reason="not now")
        after = (await call(client, "suggest_model_rules"))["suggestions"]
        decision = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
    assert rejected["status"] == "rejected"
    assert suggestion["id"] not in [other["id"] for other in after]
    assert decision["state"] == "refused"


async def test_a_humans_edit_in_the_middle_of_an_apply_is_kept(history_home):
    policy = history_home / "models.json"

    async def edit_then_agree(_context, _parameters):
        document = json.loads(policy.read_text())
        document["my_own_note"] = "keep me"
        policy.write_text(json.dumps(document, indent=2) + "\n")
        return ElicitResult(action="accept", content={"approve": True})

    async with Client(server, mode="legacy", elicitation_callback=edit_then_agree) as client:
        suggestion = await the_default(client)
        decision = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
    document = json.loads(policy.read_text())
    assert decision["state"] == "applied"
    assert document["my_own_note"] == "keep me"
    assert document["task_complexity"]["medium"]["model"] == SONNET


async def test_an_edit_that_overtakes_the_suggestion_supersedes_it(history_home):
    policy = history_home / "models.json"
    async with Client(server) as client:
        suggestion = await the_default(client)
        document = json.loads(policy.read_text())
        document["task_complexity"]["medium"]["model"] = SONNET
        policy.write_text(json.dumps(document, indent=2) + "\n")
        decision = await call(
            client, "apply_model_suggestion", suggestion_id=suggestion["id"], change=suggestion["change"]
        )
    assert decision["state"] == "superseded"


async def test_an_unknown_suggestion_is_an_error_that_says_what_to_do(history_home):
    async with Client(server) as client:
        result = await client.call_tool("apply_model_suggestion", {"suggestion_id": "s-nope"})
    assert result.is_error
    assert "suggest_model_rules, or `modelmerit suggest`, lists" in result.content[0].text


async def test_a_confidence_under_the_floor_is_refused_with_what_to_do(history_home):
    policy = history_home / "models.json"
    document = json.loads(policy.read_text())
    document["learning"] = {"min_confidence": 0.9999}
    policy.write_text(json.dumps(document, indent=2) + "\n")
    async with Client(server) as client:
        suggestion = await the_default(client)
        decision = await call(client, "apply_model_suggestion", suggestion_id=suggestion["id"])
    assert decision["state"] == "refused"
    assert "min_confidence" in decision["message"]


async def test_an_empty_home_says_that_there_is_nothing_yet(home):
    async with Client(server) as client:
        result = await client.call_tool("suggest_model_rules", {})
        analysis = await call(client, "analyze_model_performance", since_date="2026-01-01")
    assert result.structured_content["suggestions"] == []
    assert not result.is_error
    assert analysis["attempts"] == 0


async def test_model_learning_json_is_written_for_other_tools(history_home):
    async with Client(server) as client:
        suggestion = await the_default(client)
    learned = json.loads((history_home / "model-learning.json").read_text())
    assert learned.keys() == {"last_updated", "total_dispatches", "patterns", "suggestions", "hints"}
    assert learned["total_dispatches"] > 2000
    assert suggestion["id"] in [entry["id"] for entry in learned["suggestions"]]
    pattern = learned["patterns"][0]
    assert pattern.keys() >= {
        "pattern_id",
        "trigger",
        "complexity",
        "model",
        "success_rate",
        "sample_size",
        "confidence",
    }


async def test_what_is_left_out_of_the_data_is_left_out_of_the_text(history_home):
    async with Client(server) as client:
        suggestion = await the_default(client)
        result = await client.call_tool("suggest_model_rules", {"min_confidence": 0.9999})
    assert result.structured_content["suggestions"] == []
    assert suggestion["id"] not in result.content[0].text


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("analyze_model_performance", {"since_date": "yesterday"}, "since_date is 'yesterday'; expected a date"),
        ("analyze_model_performance", {"since_date": 0}, "since_date is 0; expected a date, YYYY-MM-DD."),
        ("analyze_model_performance", {"min_sample_size": 0}, "expected a whole number from 1 to 1,000,000."),
        ("suggest_model_rules", {"min_confidence": True}, "min_confidence is true; expected a number from 0 to 1."),
        ("suggest_model_rules", {"min_confidence": 1.5}, "min_confidence is 1.5; expected a number from 0 to 1."),
        ("list_model_changes", {"limit": 5}, "'limit': no such argument; expected none."),
        ("apply_model_suggestion", {}, "suggestion_id is missing; expected text of 1 to 100 characters."),
        ("apply_model_suggestion", {"suggestion_id": "s-\u202e"}, r"No suggestion has the id 's-\u202e'."),
    ],
)
async def test_bad_input_is_refused_in_words_an_agent_can_act_on(home, tool, arguments, expected):
    async with Client(server) as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert result.content[0].text.startswith(expected) or expected in result.content[0].text
    assert "Error executing" not in result.content[0].text


@pytest.mark.parametrize("since_date", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_there_is_can_be_asked_for(home, since_date):
    async with Client(server) as client:
        assert (await call(client, "analyze_model_performance", since_date=since_date))["patterns"] == []
