"""Every tool with generated arguments, as its schema asks and against it: an answer, or a refusal one can read."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.types import CallToolResult

from model_learning_analyzer.tools import TOOLS as ANALYZER_TOOLS
from task_dispatcher.tools import TOOLS as DISPATCHER_TOOLS
from warm_processes import WarmProcess

Call = Any
EXAMPLES_EACH_WAY = 50
EXAMPLES_OVER_PIPES = 8
OUR_VARIABLES = ("MODELMERIT_POLICY", "MODELMERIT_EXPLORATION", "CLAUDE_CODE_SESSION_ID", "CLAUDECODE")
SCHEMAS = {tool.name: tool.parameters for tool in (*DISPATCHER_TOOLS, *ANALYZER_TOOLS)}
MODULES = dict.fromkeys((tool.name for tool in DISPATCHER_TOOLS), "task_dispatcher") | dict.fromkeys(
    (tool.name for tool in ANALYZER_TOOLS), "model_learning_analyzer"
)
CANNOT_BE_DONE = ("No task has the id", "No suggestion has the id", "is no change of the log", "leave error_type out")
"""What may stand in the way of arguments that are all right one by one."""
INTERNALS = ("Traceback", "pydantic", "Arguments", "validation error", "Error executing tool", 'File "', "<class")
LONGEST_REFUSAL = 1500

ZONES = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-1439, 1439))
ODD_TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", " ", "\0", "\u202e", "\ufeff", "null", "NaN", "-1", "1e999", "0x10", "../..", "{}", "[]", "%s"]
    ),
)
ODD_NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([-1, 0, 2**31, 2**63, 2**64, 10**400, -(10**400), 1e308, -0.0, float("nan"), float("inf")]),
)
LONG_TEXT = st.sampled_from([101, 201, 2_001, 4_097, 10_001, 200_001]).map("x".__mul__)
LEAVES = st.one_of(st.none(), st.booleans(), ODD_NUMBERS, ODD_TEXT, LONG_TEXT)
# No client of the SDK can send anything deeper.
DEEP = st.integers(50, 200).map(lambda depth: json.loads("[" * depth + "]" * depth))
ANYTHING = st.one_of(
    LEAVES,
    st.recursive(LEAVES, lambda part: st.lists(part) | st.dictionaries(ODD_TEXT, part), max_leaves=8),
    DEEP,
)

settings.register_profile(
    "tools",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=EXAMPLES_EACH_WAY,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the schema of one argument allows; it knows the constructs that our tools use."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"], schema.get("format"):
        case "boolean", _:
            return st.booleans()
        case "integer", _:
            return st.integers(schema["minimum"], schema["maximum"])
        case "number", _:
            return st.floats(schema["minimum"], schema["maximum"])
        case "string", "date":
            return st.dates().map(str)
        case "string", "date-time":
            return st.builds(datetime.isoformat, st.datetimes(timezones=ZONES))
    longest = min(schema["maxLength"], 40)
    text = st.text(min_size=schema.get("minLength", 0), max_size=longest)
    longer = st.integers(schema.get("minLength", 0), schema["maxLength"]).map("a".__mul__)
    return (text | longer).filter(lambda value: value.strip() or "pattern" not in schema)


def arguments_for(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Whole arguments that the schema of a tool allows."""
    of = {name: values(property_schema) for name, property_schema in schema["properties"].items()}
    required = schema.get("required", ())
    return st.fixed_dictionaries(
        {name: of[name] for name in required}, optional={name: of[name] for name in of if name not in required}
    )


@st.composite
def arguments_against(draw: st.DrawFn, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with something wrong, nearly always: of the wrong kind, too many, too few, too large."""
    arguments = draw(arguments_for(schema))
    names = st.sampled_from([*schema["properties"], "context", "self", "__proto__"])
    for name in draw(st.lists(names, max_size=3)):
        arguments[name] = draw(ANYTHING)
    if draw(st.booleans()):
        arguments[draw(ODD_TEXT)] = draw(ANYTHING)
    for name in draw(st.lists(st.sampled_from(sorted(arguments)), max_size=1)) if arguments else ():
        del arguments[name]
    return arguments


def readable(result: CallToolResult) -> str:
    """The text of an answer in which nothing internal shows."""
    text = "\n".join(part.text for part in result.content if part.type == "text")
    assert text.strip()
    if result.is_error:
        assert not [internal for internal in INTERNALS if internal in text], text
        assert len(text) <= LONGEST_REFUSAL, text
    return text


def refusal(message: str) -> dict[str, Any]:
    """What a tool would answer that refuses in these words."""
    return {"content": [{"type": "text", "text": message}], "isError": True}


def examples(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """A few values of the strategy, the same every time."""
    drawn: list[Any] = []

    @settings(settings.get_profile("tools"), max_examples=EXAMPLES_OVER_PIPES)
    @given(strategy)
    def draw(value: Any) -> None:
        drawn.append(value)

    draw()
    return drawn


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    """Calls a tool of the server that has it, in this process; both servers work on one new home."""
    from model_learning_analyzer.server import server as analyzer
    from task_dispatcher.server import server as dispatcher

    servers = {"task_dispatcher": dispatcher, "model_learning_analyzer": analyzer}
    with pytest.MonkeyPatch.context() as environment, start_blocking_portal() as portal:
        for name in OUR_VARIABLES:
            environment.delenv(name, raising=False)
        environment.setenv("MODELMERIT_HOME", str(tmp_path_factory.mktemp("home")))
        opened = {module: portal.wrap_async_context_manager(Client(server)) for module, server in servers.items()}
        clients = {module: client.__enter__() for module, client in opened.items()}
        yield lambda tool, arguments: portal.call(clients[MODULES[tool]].call_tool, tool, arguments)
        for client in opened.values():
            client.__exit__(None, None, None)


@pytest.mark.parametrize("tool", SCHEMAS)
def test_what_the_schema_allows_is_answered(call: Call, tool: str) -> None:
    @settings(settings.get_profile("tools"))
    @given(arguments_for(SCHEMAS[tool]))
    def holds(arguments: dict[str, Any]) -> None:
        result = call(tool, arguments)
        text = readable(result)
        assert not result.is_error or any(reason in text for reason in CANNOT_BE_DONE), text

    holds()


@pytest.mark.parametrize("tool", SCHEMAS)
def test_what_the_schema_forbids_is_refused_in_words(call: Call, tool: str) -> None:
    @settings(settings.get_profile("tools"))
    @given(arguments_against(SCHEMAS[tool]))
    def holds(arguments: dict[str, Any]) -> None:
        result = call(tool, arguments)
        readable(result)
        strange = arguments.keys() - SCHEMAS[tool]["properties"].keys()
        missing = set(SCHEMAS[tool].get("required", ())) - arguments.keys()
        assert result.is_error or not (strange or missing)

    holds()


@pytest.mark.parametrize("module", ["task_dispatcher", "model_learning_analyzer"])
def test_over_pipes_every_call_is_answered_too_and_the_server_goes_on(tmp_path: Path, module: str) -> None:
    names = [name for name, owner in MODULES.items() if owner == module]
    drawn = [(name, arguments) for name in names for arguments in examples(arguments_against(SCHEMAS[name]))]
    # Half an emoji, where neither the strategies nor a client of the SDK can put one.
    drawn += [(name, {next(iter(SCHEMAS[name]["properties"]), "half"): "\ud83d", "\ud83d": "\ud83d"}) for name in names]
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "hostile", "version": "1"}}
    requests = [("initialize", hello)]
    requests += [("tools/call", {"name": name, "arguments": arguments}) for name, arguments in drawn]
    requests += [("tools/list", {})]

    environment = os.environ | {"MODELMERIT_HOME": str(tmp_path)}
    with tempfile.TemporaryFile() as said:
        child = WarmProcess(module, stdin=PIPE, stdout=PIPE, stderr=said, env=environment)
        assert child.stdin is not None
        assert child.stdout is not None
        for number, (method, params) in enumerate(requests):
            child.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())
            child.stdin.write(b"\n")
            child.stdin.flush()
            answer = json.loads(child.stdout.readline())
            assert answer["id"] == number
            if method == "tools/call":
                told = answer.get("result") or refusal(answer["error"]["message"])
                readable(CallToolResult.model_validate(told))
        assert [tool["name"] for tool in answer["result"]["tools"]] == names
        child.stdin.close()
        assert child.stdout.read() == b""
        child.stdout.close()
        assert child.wait(60) == 0
        assert os.fstat(said.fileno()).st_size == 0
