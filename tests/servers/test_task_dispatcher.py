"""`task-dispatcher` as a client sees it, over both protocol eras."""

import json

import pytest
from mcp import Client

from task_dispatcher.server import server

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])


async def call(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content[0].text
    return result


async def refusal(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return result.content[0].text


@ERAS
async def test_a_task_is_dispatched_reported_and_looked_up(home, era):
    async with Client(server, mode=era) as client:
        dispatched = await call(client, "dispatch_task", task="Fix the typo", workspace="web", complexity="simple")
        answer = dispatched.structured_content
        reported = await call(
            client, "update_task_outcome", task_id=answer["task_id"], outcome="success", tokens_used=1200
        )
        looked_up = await call(client, "get_task_status", task_id=answer["task_id"])
        listed = await call(client, "list_dispatched_tasks", workspace="web")
    assert answer["model"] in answer["candidates"]
    assert answer["model"] not in answer["fallbacks"]
    assert answer["task_id"] in dispatched.content[0].text
    assert answer["model"] in dispatched.content[0].text
    assert reported.structured_content["status"] == "completed"
    record = looked_up.structured_content["task"]
    assert (record["outcome"], record["evidence"], record["tokens_used"]) == ("success", "reported", 1200)
    assert [task["task_id"] for task in listed.structured_content["tasks"]] == [answer["task_id"]]


async def test_a_rule_gives_the_model_and_the_reason_names_it(home):
    async with Client(server) as client:
        result = await call(client, "recommend_model", task="Design the new architecture", workspace="web")
    assert result.structured_content["reason"] == "rule 1: task contains 'architecture'"
    assert result.structured_content["model"] == "claude-opus-4-5-20251101"


async def test_recommending_records_nothing(home):
    async with Client(server) as client:
        await call(client, "recommend_model", task="Fix the typo", workspace="web")
        listed = await call(client, "list_dispatched_tasks")
    assert listed.structured_content["tasks"] == []


async def test_the_next_dispatch_follows_an_edit_of_models_json(home):
    async with Client(server) as client:
        await call(client, "recommend_model", task="Tidy up", complexity="simple")
        policy = home / "models.json"
        document = json.loads(policy.read_text())
        document["task_complexity"]["simple"]["model"] = "claude-opus-4-5-20251101"
        policy.write_text(json.dumps(document))
        after = await call(client, "recommend_model", task="Tidy up", complexity="simple")
    assert after.structured_content["model"] == "claude-opus-4-5-20251101"


async def test_a_broken_models_json_serves_the_last_good_version_with_a_warning(home):
    async with Client(server) as client:
        before = await call(client, "recommend_model", task="Tidy up", complexity="simple")
        (home / "models.json").write_text("{ not json")
        after = await call(client, "recommend_model", task="Tidy up", complexity="simple")
    assert after.structured_content["model"] == before.structured_content["model"]
    assert after.structured_content["warnings"]
    assert "warning" in after.content[0].text


async def test_a_secret_in_a_task_is_not_stored(home):
    secret = "sk-ant-api03-" + "aB3" * 30
    async with Client(server) as client:
        result = await call(client, "dispatch_task", task=f"Call the API with {secret}", workspace="web")
    stored = b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())
    assert secret.encode() not in stored
    assert result.structured_content["warnings"]


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("get_task_status", {"task_id": "nope"}, "No task has the id 'nope'"),
        ("update_task_outcome", {"task_id": "nope", "outcome": "success"}, "No task has the id 'nope'"),
        ("update_task_outcome", {"task_id": "x", "outcome": "great"}, "'success', 'failure' or 'partial'"),
        (
            "update_task_outcome",
            {"task_id": "x", "outcome": "success", "tokens_used": -1},
            "greater than or equal to 0",
        ),
        ("dispatch_task", {"task": "", "workspace": "w"}, "at least 1 character"),
        ("dispatch_task", {"task": " \n ", "workspace": "w"}, "pattern"),
        ("dispatch_task", {"task": "x" * 200_001, "workspace": "w"}, "at most 200000"),
        ("dispatch_task", {"task": "x", "workspace": "w", "modle": "opus"}, "Extra inputs are not permitted"),
        ("list_dispatched_tasks", {"limit": 0}, "greater than or equal to 1"),
    ],
)
async def test_bad_input_is_refused_in_words_an_agent_can_act_on(home, tool, arguments, expected):
    async with Client(server) as client:
        text = await refusal(client, tool, **arguments)
        assert expected in text
        assert "Traceback" not in text
        await call(client, "dispatch_task", task="Still works", workspace="w")


async def test_the_same_task_again_after_a_failure_is_a_retry(home):
    async with Client(server) as client:
        first = await call(client, "dispatch_task", task="Repair the login redirect", workspace="web", explore=False)
        task_id = first.structured_content["task_id"]
        await call(client, "update_task_outcome", task_id=task_id, outcome="failure")
        again = await call(client, "dispatch_task", task="Repair the login redirect", workspace="web")
    assert again.structured_content["retry_of"] == task_id


async def test_a_retry_climbs_the_ladder_of_models_json(home):
    async with Client(server) as client:
        policy = home / "models.json"
        document = json.loads(policy.read_text())
        document["escalation"] = ["haiku", "sonnet", "opus"]
        policy.write_text(json.dumps(document))
        arguments = {"task": "Repair the login redirect", "workspace": "web", "complexity": "simple", "explore": False}
        first = await call(client, "dispatch_task", **arguments)
        await call(client, "update_task_outcome", task_id=first.structured_content["task_id"], outcome="failure")
        again = await call(client, "dispatch_task", **arguments)
    assert again.structured_content["model"] == "claude-sonnet-4-5-20250929"
    assert again.structured_content["reason"] == "escalated: haiku failed less than a minute ago"


async def test_a_retry_after_a_providers_outage_is_no_reason_for_a_stronger_model(home):
    async with Client(server) as client:
        policy = home / "models.json"
        document = json.loads(policy.read_text()) | {"escalation": ["haiku", "sonnet", "opus"]}
        policy.write_text(json.dumps(document))
        arguments = {"task": "Repair the login redirect", "workspace": "web", "complexity": "simple", "explore": False}
        first = (await call(client, "dispatch_task", **arguments)).structured_content
        await call(client, "update_task_outcome", task_id=first["task_id"], outcome="failure", error_type="rate_limit")
        again = (await call(client, "dispatch_task", **arguments)).structured_content
    assert again["retry_of"] == first["task_id"]
    assert again["model"] == first["model"]


async def test_a_named_model_wins_and_is_recorded_as_an_override(home):
    async with Client(server) as client:
        result = await call(client, "dispatch_task", task="Tidy up", workspace="web", complexity="simple", model="opus")
        status = await call(client, "get_task_status", task_id=result.structured_content["task_id"])
    record = status.structured_content["task"]
    assert record["model"] == "claude-opus-4-5-20251101"
    assert record["selection"] == "override"
    assert "propensities" not in record


async def test_a_secret_in_any_text_of_a_dispatch_is_not_stored(home):
    key, password = "sk-ant-api03-" + "aB3" * 30, "hunter2" + "secret"
    async with Client(server) as client:
        dispatched = await call(
            client,
            "dispatch_task",
            task="Tidy up",
            workspace=f"https://joe:{password}@git.example.com/x.git",
            workspace_path=f"/x/{key}",
            role=f"role {key}",
            model=f"m {key}",
        )
        task_id = dispatched.structured_content["task_id"]
        await call(client, "update_task_outcome", task_id=task_id, outcome="success", executed_model=f"x {key}")
    stored = b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())
    assert key.encode() not in stored
    assert password.encode() not in stored


async def test_a_policy_gone_from_a_home_with_a_history_is_not_replaced_by_another(home):
    async with Client(server) as client:
        await call(client, "dispatch_task", task="Tidy up", workspace="web")
    (home / "models.json").unlink()
    async with Client(server) as client:
        result = await call(client, "recommend_model", task="Tidy up", complexity="simple")
    assert any("missing" in warning for warning in result.structured_content["warnings"])
    assert not (home / "models.json").exists()
