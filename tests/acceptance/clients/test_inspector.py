"""The MCP inspector lists, reads and calls all that both servers offer, in both eras of the protocol."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

DISPATCHER, ANALYZER = "task_dispatcher", "model_learning_analyzer"
SERVERS = pytest.mark.parametrize("module", [DISPATCHER, ANALYZER])
ERAS = pytest.mark.parametrize("era", ["legacy", "modern"])
PROTOCOL_ERROR, TOOL_ERROR = 1, 5
"""How the inspector exits after them."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One server under the inspector, which starts it anew for each request."""

    clients: Any
    module: str
    era: str
    home: Path
    called: set[str] = field(default_factory=set)

    def run(self, method: str, *options: str) -> subprocess.CompletedProcess[str]:
        """The inspector's whole run for one request."""
        how = ("--cli", "--protocol-era", self.era, "--connect-timeout", "60000", "--format", "json")
        server = ("-e", f"MODELMERIT_HOME={self.home}", sys.executable, "-m", self.module)
        inspector = ("@modelcontextprotocol/inspector", "mcp-inspector")
        done: subprocess.CompletedProcess[str] = self.clients.run(
            *inspector, *how, *server, "--method", method, *options
        )
        return done

    def ask(self, method: str, *options: str) -> dict[str, Any]:
        """The result of a request on which neither the inspector nor the server has anything to remark."""
        done = self.run(method, *options)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr + done.stdout
        result: dict[str, Any] = json.loads(done.stdout)["result"]
        return result

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content a tool answers."""
        self.called.add(tool)
        options = ("--tool-name", tool, "--tool-args-json", json.dumps(arguments))
        content: dict[str, Any] = self.ask("tools/call", *options)["structuredContent"]
        return content

    def tools(self) -> set[str]:
        """The names of the tools listed."""
        return {tool["name"] for tool in self.ask("tools/list")["tools"]}


@pytest.fixture
def inspect(clients, home) -> Callable[[str, str], Inspected]:
    return lambda module, era: Inspected(clients, module, era, home)


@ERAS
@SERVERS
def test_the_strict_lint_finds_nothing_in_the_schemas_of_the_tools(inspect, module, era):
    assert inspect(module, era).ask("tools/list", "--strict")["tools"]


@ERAS
def test_every_tool_of_the_dispatcher_answers(inspect, era):
    server = inspect(DISPATCHER, era)
    task = {"task": "Fix the typo in the docs", "workspace": "handbook"}
    recommended = server.call("recommend_model", **task)
    dispatched = server.call("dispatch_task", **task, explore=False)
    assert dispatched["model"] == recommended["model"]
    task_id = dispatched["task_id"]
    server.call("update_task_outcome", task_id=task_id, outcome="success", evidence="tests")
    assert server.call("get_task_status", task_id=task_id)["task"]["outcome"] == "success"
    assert [listed["task_id"] for listed in server.call("list_dispatched_tasks")["tasks"]] == [task_id]
    assert server.called == server.tools()


@ERAS
def test_every_tool_of_the_analyzer_answers(inspect, history_home, era):
    before = (history_home / "models.json").read_bytes()
    server = inspect(ANALYZER, era)
    assert server.call("analyze_model_performance")["suggestions"] >= 1
    suggestion_id = server.call("suggest_model_rules")["suggestions"][0]["id"]
    assert server.call("rollback_model_change")["state"] == "refused"
    # The inspector declares no elicitation.
    assert server.call("apply_model_suggestion", suggestion_id=suggestion_id)["state"] == "awaiting_approval"
    assert server.call("reject_model_suggestion", suggestion_id=suggestion_id)["status"] == "rejected"
    assert "apply" not in [change["kind"] for change in server.call("list_model_changes")["changes"]]
    assert server.called == server.tools()
    assert (history_home / "models.json").read_bytes() == before


@ERAS
def test_a_rollback_waits_for_approval_where_nobody_can_be_asked(inspect, changed_home, era):
    before = (changed_home / "models.json").read_bytes()
    answered = inspect(ANALYZER, era).call("rollback_model_change")
    assert answered["state"] == "awaiting_approval"
    assert answered["diff"]
    assert (changed_home / "models.json").read_bytes() == before


@ERAS
def test_a_tools_refusal_reaches_the_client_as_an_error_it_can_read(inspect, era):
    options = ("--tool-name", "get_task_status", "--tool-arg", "task_id=t-nope")
    refused = inspect(DISPATCHER, era).run("tools/call", *options)
    assert refused.returncode == TOOL_ERROR, refused.stderr
    assert "'t-nope'" in json.loads(refused.stdout)["result"]["content"][0]["text"]


@ERAS
@SERVERS
def test_every_resource_and_every_template_can_be_read(inspect, changed_home, module, era):
    server = inspect(module, era)
    templates = server.ask("resources/templates/list")["resourceTemplates"]
    variables = values(server)
    uris = [resource["uri"] for resource in server.ask("resources/list")["resources"]]
    assert uris
    for uri in [*uris, *(template["uriTemplate"].format(**variables) for template in templates)]:
        [content] = server.ask("resources/read", "--uri", uri)["contents"]
        assert content["uri"] == uri
        assert content["text"].strip()


@ERAS
@SERVERS
def test_every_prompt_can_be_got_with_all_its_arguments(inspect, changed_home, module, era):
    server = inspect(module, era)
    variables = values(server)
    for prompt in server.ask("prompts/list")["prompts"]:
        given = [f"{argument['name']}={variables[argument['name']]}" for argument in prompt.get("arguments", [])]
        options = ("--prompt-args", *given) if given else ()
        [message] = server.ask("prompts/get", "--prompt-name", prompt["name"], *options)["messages"]
        assert message["role"] == "user"
        assert all(value.partition("=")[2] in message["content"]["text"] for value in given)


@ERAS
@pytest.mark.parametrize(
    ("method", "options"),
    [("prompts/get", ("--prompt-name", "no-such-prompt")), ("resources/read", ("--uri", "modelmerit://no-such-thing"))],
    ids=["prompt", "resource"],
)
def test_what_there_is_not_is_refused_by_its_name(inspect, era, method, options):
    refused = inspect(ANALYZER, era).run(method, *options)
    assert refused.returncode == PROTOCOL_ERROR, refused.stderr
    assert options[-1] in json.loads(refused.stderr)["error"]["message"]


def values(server: Inspected) -> dict[str, str]:
    """What stands for the variables of templates and the arguments of prompts, in the home where a change was made."""
    if server.module == DISPATCHER:
        [task] = server.call("list_dispatched_tasks", limit=1)["tasks"]
        return {"task_id": task["task_id"], "workspace": "handbook"}
    change = server.call("list_model_changes")["changes"][0]
    return {"change_id": change["id"], "suggestion_id": change["suggestion_id"]}
