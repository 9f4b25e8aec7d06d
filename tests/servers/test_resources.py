"""Resources and prompts of both servers, and the completion of what they are asked for by."""

import json
from collections.abc import Awaitable

import pytest
from mcp import Client, MCPError
from mcp.types import PromptReference, ResourceTemplateReference

from model_learning_analyzer.server import server as analyzer
from modelmerit.serving.completing import LOOKED_AT, OFFERED, offered
from task_dispatcher.server import server as dispatcher

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])
SERVERS = pytest.mark.parametrize("server", [dispatcher, analyzer], ids=["task-dispatcher", "model-learning-analyzer"])


async def refused(request: Awaitable[object]) -> str:
    with pytest.raises(MCPError) as caught:
        await request
    assert caught.value.error.code == -32602
    message: str = caught.value.error.message
    return message


async def read(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    return content.text  # type: ignore[union-attr]


async def completed(client: Client, name: str, argument: str, typed: str = "") -> list[str]:
    is_template = "://" in name
    reference = ResourceTemplateReference(uri=name) if is_template else PromptReference(name=name)
    return (await client.complete(reference, {"name": argument, "value": typed})).completion.values


async def dispatch(client: Client, task: str, workspace: str) -> str:
    result = await client.call_tool("dispatch_task", {"task": task, "workspace": workspace, "explore": False})
    return result.structured_content["task_id"]  # type: ignore[index]


async def test_what_can_be_read_and_asked_for_is_listed(home):
    listed: list[tuple[set[str], set[str], set[str]]] = []
    for server in (dispatcher, analyzer):
        async with Client(server) as client:
            listed.append(
                (
                    {str(resource.uri) for resource in (await client.list_resources()).resources},
                    {each.uri_template for each in (await client.list_resource_templates()).resource_templates},
                    {prompt.name for prompt in (await client.list_prompts()).prompts},
                )
            )
    policy = {"modelmerit://policy", "modelmerit://policy/problems"}
    assert listed == [
        (policy, {"modelmerit://task/{task_id}"}, {"missing_outcomes"}),
        (
            policy | {"modelmerit://report"},
            {"modelmerit://suggestion/{suggestion_id}", "modelmerit://change/{change_id}"},
            {"weekly_review", "decide_suggestion"},
        ),
    ]


@ERAS
async def test_a_task_is_read_and_completed_by_its_id_the_newest_first(home, era):
    async with Client(dispatcher, mode=era) as client:
        ids = [await dispatch(client, f"Task {number}", "web") for number in range(3)]
        record = json.loads(await read(client, f"modelmerit://task/{ids[1]}"))
        assert (record["id"], record["task"], record["outcome"]) == (ids[1], "Task 1", None)
        template = "modelmerit://task/{task_id}"
        assert await completed(client, template, "task_id") == ids[::-1]
        assert await completed(client, template, "task_id", ids[0].upper()) == [ids[0]]
        assert await completed(client, template, "task_id", "nope") == []


@ERAS
async def test_suggestions_and_changes_are_read_and_completed_by_their_ids(history_home, era):
    async with Client(analyzer, mode=era) as client:
        found = (await client.call_tool("suggest_model_rules", {})).structured_content["suggestions"]
        suggestion = next(each for each in found if each["type"] == "change_default")
        told = json.loads(await read(client, f"modelmerit://suggestion/{suggestion['id']}"))
        assert (told["change"], told["status"], told["decided_by"]) == (suggestion["change"], "proposed", None)
        assert "edits" not in told
        ids = {each["id"] for each in found}
        assert set(await completed(client, "decide_suggestion", "suggestion_id", "s")) == ids
        assert suggestion["id"] in await completed(
            client, "modelmerit://suggestion/{suggestion_id}", "suggestion_id", suggestion["id"][:4]
        )
        arguments = {"suggestion_id": suggestion["id"]}
        first = (await client.call_tool("apply_model_suggestion", arguments)).structured_content
        applied = (
            await client.call_tool("apply_model_suggestion", arguments | {"change": first["change"]})
        ).structured_content
        assert (await completed(client, "modelmerit://change/{change_id}", "change_id"))[0] == applied["change_id"]
        change = json.loads(await read(client, f"modelmerit://change/{applied['change_id']}"))
        assert change["suggestion_id"] == suggestion["id"]
        assert suggestion["id"] not in await completed(client, "decide_suggestion", "suggestion_id")
        assert (await completed(client, "modelmerit://suggestion/{suggestion_id}", "suggestion_id"))[0] == suggestion[
            "id"
        ]


async def test_a_suggestion_is_put_to_the_human_with_its_change_and_figures(history_home):
    async with Client(analyzer) as client:
        found = (await client.call_tool("suggest_model_rules", {})).structured_content["suggestions"][0]
        prompt = await client.get_prompt("decide_suggestion", {"suggestion_id": found["id"]})
    text = prompt.messages[0].content.text
    assert f"suggestion {found['id']}, which is proposed: {found['change']}" in text
    assert found["reason"] in text
    assert "apply_model_suggestion" in text


async def test_the_missing_outcomes_of_one_workspace_or_of_all_are_asked_for(home):
    async with Client(dispatcher) as client:
        await dispatch(client, "One", "web")
        await dispatch(client, "Two", "the api")
        await dispatch(client, "Three", "web")
        assert await completed(client, "missing_outcomes", "workspace") == ["web", "the api"]
        one = await client.get_prompt("missing_outcomes", {"workspace": "the api"})
        everywhere = await client.get_prompt("missing_outcomes", {})
    assert "in the workspace 'the api' may" in one.messages[0].content.text
    assert "workspace" not in everywhere.messages[0].content.text
    assert "update_task_outcome" in everywhere.messages[0].content.text


@pytest.mark.parametrize(
    ("server", "uri", "expected"),
    [
        (
            dispatcher,
            "modelmerit://task/nope",
            "No task has the id 'nope'. Use the task_id that dispatch_task answered",
        ),
        (
            analyzer,
            "modelmerit://suggestion/nope",
            "No suggestion has the id 'nope'. suggest_model_rules, or `modelmerit suggest`, lists",
        ),
        (analyzer, "modelmerit://change/nope", "No change has the id 'nope'. list_model_changes lists"),
        (dispatcher, "modelmerit://nope", "There is no resource 'modelmerit://nope'. resources/list and"),
        (dispatcher, "modelmerit://task/..%2F..%2Fetc", "There is no resource"),
        (dispatcher, "modelmerit://task/" + "x" * 10_000, "There is no resource"),
    ],
)
@ERAS
async def test_what_is_not_there_is_an_error_that_says_what_to_do(home, era, server, uri, expected):
    async with Client(server, mode=era) as client:
        message = await refused(client.read_resource(uri))
    assert message.startswith(expected)
    assert len(message) < 300


@pytest.mark.parametrize(
    ("server", "name", "arguments", "expected"),
    [
        (dispatcher, "nope", {}, "There is no prompt 'nope'; expected missing_outcomes."),
        (dispatcher, "missing_outcomes", {"x": "1"}, "missing_outcomes takes workspace; there is no 'x'."),
        (dispatcher, "missing_outcomes", {"workspace": "x" * 2_000}, "(2,000 characters)."),
        (analyzer, "weekly_review", {"x": "1"}, "weekly_review takes no arguments; there is no 'x'."),
        (analyzer, "decide_suggestion", {}, "decide_suggestion takes suggestion_id; suggestion_id is missing."),
        (analyzer, "decide_suggestion", {"suggestion_id": "nope"}, "No suggestion has the id 'nope'."),
    ],
)
@ERAS
async def test_a_prompt_asked_for_wrongly_is_an_error_that_says_what_it_takes(
    home, era, server, name, arguments, expected
):
    async with Client(server, mode=era) as client:
        assert expected in await refused(client.get_prompt(name, arguments))


@SERVERS
async def test_nothing_is_completed_for_what_is_not_there(home, server):
    async with Client(server) as client:
        for name in ("nope", "modelmerit://nope/{id}"):
            assert "There is no prompt or resource template" in await refused(completed(client, name, "x"))
        (template, *_) = (await client.list_resource_templates()).resource_templates
        assert await completed(client, template.uri_template, "no_such_argument") == []


@SERVERS
async def test_the_problems_of_models_json_are_told_beside_its_own_text(home, server):
    policy = home / "models.json"
    async with Client(server) as client:
        assert await read(client, "modelmerit://policy") == policy.read_text()
        assert await read(client, "modelmerit://policy/problems") == "None: every rule is in force."
        document = json.loads(policy.read_text())
        document["rules"][0]["if"] = "task contain 'x'"
        policy.write_text(json.dumps(document))
        assert await read(client, "modelmerit://policy") == policy.read_text()
        assert "rule 1" in await read(client, "modelmerit://policy/problems")


async def test_the_report_carries_the_warnings_of_models_json(home):
    async with Client(analyzer) as client:
        assert "warning:" not in await read(client, "modelmerit://report")
        (home / "models.json").write_text("{")
        assert "## Warnings" in await read(client, "modelmerit://report")


@pytest.mark.parametrize(
    ("count", "typed", "values", "total", "has_more"),
    [
        (0, "", 0, 0, False),
        (99, "V", 99, 99, False),
        (101, "v", OFFERED, 101, True),
        (101, "v10", 2, 2, False),
        (LOOKED_AT + 50, "v1", OFFERED, None, True),
        (LOOKED_AT + 50, f"v{LOOKED_AT + 10}", 0, None, True),
    ],
)
def test_a_hundred_are_offered_and_a_total_only_where_all_were_seen(count, typed, values, total, has_more):
    completion = offered((f"v{number}" for number in range(count)), typed)
    assert (len(completion.values), completion.total, completion.has_more) == (values, total, has_more)


def test_each_value_is_offered_once_in_its_order():
    assert offered(["b", "a", "b", "c", "a"], "").values == ["b", "a", "c"]
