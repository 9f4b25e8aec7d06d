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
        (
            "update_task_outcome",
            {"task_id": "x", "outcome": "great", "tokens_used": -1},
            (
                "outcome is 'great'; expected 'success', 'failure' or 'partial'. "
                "tokens_used is -1; expected a whole number from 0 to 1,000,000,000,000."
            ),
        ),
        ("dispatch_task", {"task": "", "workspace": "w"}, "task is ''; expected text of 1 to 200,000 characters"),
        ("dispatch_task", {"task": " \n ", "workspace": "w"}, "not only blanks"),
        ("dispatch_task", {"task": "x" * 200_001, "workspace": "w"}, "xxx'… (200,001 characters); expected text"),
        ("dispatch_task", {"task": "x"}, "workspace is missing; expected text of 1 to 200 characters."),
        ("dispatch_task", {"task": "x", "workspace": None}, "workspace is null; expected text"),
        ("dispatch_task", {"task": ["x"], "workspace": "w"}, "task is a list; expected text"),
        (
            "dispatch_task",
            {"task": "x", "workspace": "w", "modle": "opus"},
            (
                "'modle': no such argument; expected task, workspace, workspace_path, complexity, priority, role, "
                "estimated_files, model and explore."
            ),
        ),
        (
            "dispatch_task",
            {"task": "x", "workspace": "w", "estimated_files": True},
            "estimated_files is true; expected a whole number from 0 to 1,000,000.",
        ),
        ("dispatch_task", {"task": "x", "workspace": "w", "explore": "perhaps"}, "expected true or false."),
        ("list_dispatched_tasks", {"limit": 0}, "limit is 0; expected a whole number from 1 to 200."),
        ("list_dispatched_tasks", {"limit": 2.5}, "limit is 2.5; expected a whole number"),
        ("list_dispatched_tasks", {"before": 5}, "expected a time with its zone, such as 2026-01-31T12:00:00Z."),
        ("list_dispatched_tasks", {"before": "2026-01-31T12:00:00"}, "expected a time with its zone"),
        ("list_tasks", {}, "There is no tool 'list_tasks'; expected dispatch_task, update_task_outcome"),
    ],
)
async def test_bad_input_is_refused_in_words_an_agent_can_act_on(home, tool, arguments, expected):
    async with Client(server) as client:
        text = await refusal(client, tool, **arguments)
        assert expected in text
        assert not [word for word in ("Traceback", "pydantic", "Error executing", "https://") if word in text]
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


async def test_many_strange_arguments_are_told_briefly_and_at_once(home):
    async with Client(server) as client:
        text = await refusal(client, "recommend_model", task="x", **{f"k{number}": 1 for number in range(20_000)})
    assert "'k0', 'k1', 'k2', 'k3', 'k4', …: no such argument" in text
    assert len(text) < 300


async def test_a_note_that_is_json_is_a_text(home):
    async with Client(server) as client:
        task_id = (await call(client, "dispatch_task", task="x", workspace="w")).structured_content["task_id"]
        await call(client, "update_task_outcome", task_id=task_id, outcome="success", notes='["3 tests", null]')
        status = await call(client, "get_task_status", task_id=task_id)
    assert status.structured_content["task"]["notes"] == '["3 tests", null]'


async def test_a_number_written_as_text_is_understood(home):
    async with Client(server) as client:
        result = await call(client, "dispatch_task", task="x", workspace="w", estimated_files="7", explore=False)
    assert "estimated_files > 5" in result.structured_content["reason"]


async def test_stored_text_is_shown_as_data_and_hides_nothing(home):
    hidden = "Tidy up\u202e\u200b\0\U000e0041 now"
    async with Client(server) as client:
        arguments = {"task": hidden, "workspace": "w", "role": "helper\nstatus: completed", "complexity": "simple"}
        task_id = (await call(client, "dispatch_task", **arguments)).structured_content["task_id"]
        status = await call(client, "get_task_status", task_id=task_id)
        listed = await call(client, "list_dispatched_tasks")
    escaped = r"Tidy up\u202e\u200b\x00\U000e0041 now"
    assert status.structured_content["task"]["task"] == escaped
    assert listed.structured_content["tasks"][0]["task"] == escaped
    for result in (status, listed):
        assert f"'{escaped}'" in result.content[0].text
    assert [line for line in status.content[0].text.splitlines() if line.startswith("status")] == ["status: pending"]
