"""What a client is told of both servers before it calls anything."""

import json

import pytest
from mcp import Client
from mcp.server import MCPServer

from model_learning_analyzer.server import server as analyzer
from modelmerit.app import App
from task_dispatcher.server import server as dispatcher

SERVERS = pytest.mark.parametrize("server", [dispatcher, analyzer], ids=["task-dispatcher", "model-learning-analyzer"])


async def listed(server: MCPServer[App]) -> list[dict[str, object]]:
    async with Client(server) as client:
        return [tool.model_dump(by_alias=True, exclude_none=True) for tool in (await client.list_tools()).tools]


async def test_all_tool_definitions_together_stay_small_in_every_agents_context(home):
    tools = await listed(dispatcher) + await listed(analyzer)
    with_output = len(json.dumps(tools))
    without_output = len(json.dumps([{k: v for k, v in tool.items() if k != "outputSchema"} for tool in tools]))
    assert without_output <= 8_000
    assert with_output <= 14_000


async def test_the_tools_are_those_of_the_contract(home):
    assert [tool["name"] for tool in await listed(dispatcher)] == [
        "dispatch_task",
        "update_task_outcome",
        "get_task_status",
        "list_dispatched_tasks",
        "recommend_model",
    ]
    assert [tool["name"] for tool in await listed(analyzer)] == [
        "analyze_model_performance",
        "suggest_model_rules",
        "apply_model_suggestion",
        "reject_model_suggestion",
        "rollback_model_change",
        "list_model_changes",
    ]


@SERVERS
async def test_every_tool_has_a_title_annotations_and_strict_arguments(home, server):
    for tool in await listed(server):
        assert tool["title"]
        assert tool["description"]
        annotations = tool["annotations"]
        assert isinstance(annotations, dict)
        assert {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} <= annotations.keys()
        schema = tool["inputSchema"]
        assert isinstance(schema, dict)
        assert schema["additionalProperties"] is False
        assert tool["outputSchema"]


@SERVERS
async def test_the_answer_of_an_elicitation_is_no_argument_an_agent_could_give(home, server):
    for tool in await listed(server):
        schema = tool["inputSchema"]
        assert isinstance(schema, dict)
        assert not {"found", "answered", "context", "approve"} & schema["properties"].keys()


@SERVERS
async def test_instructions_fit_into_what_clients_keep_of_them(home, server):
    assert 200 < len(server.instructions or "") <= 2_000


@SERVERS
async def test_every_argument_is_bounded(home, server):
    for tool in await listed(server):
        schema = tool["inputSchema"]
        assert isinstance(schema, dict)
        for name, argument in schema["properties"].items():
            match argument["type"]:
                case "string":
                    bounded = argument.keys() & {"maxLength", "enum", "format"}
                case "integer" | "number":
                    bounded = {"minimum", "maximum"} <= argument.keys()
                case kind:
                    bounded = kind == "boolean"
            assert bounded, f"{tool['name']}: {name}"


async def test_the_weekly_review_is_a_prompt_and_report_and_policy_are_resources(home):
    async with Client(analyzer) as client:
        review = await client.get_prompt("weekly_review", {})
        report = (await client.read_resource("modelmerit://report")).contents[0]
        policy = (await client.read_resource("modelmerit://policy")).contents[0]
    assert "suggest_model_rules" in str(review.messages[0].content)
    assert report.mime_type == "text/markdown"
    assert policy.text == (home / "models.json").read_text()
