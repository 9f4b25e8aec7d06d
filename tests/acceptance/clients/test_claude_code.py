"""The real Claude Code, installed into with our own command: its sub-agents run on the models that the rules name.

Its licence and its size (360 MB) keep it out of `make clients`: MODELMERIT_CLAUDE_CODE names the program of whoever has
it. A scripted interface stands for the models, so that nothing leaves this machine.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from claude_code_home import HAIKU, OPUS, SONNET, ClaudeCode
from scripted_anthropic import USAGE, Hang, Script, anthropic
from scripted_provider import Refuse, Say, Use

POLICY = {
    "task_complexity": {"simple": {"model": HAIKU}, "medium": {"model": SONNET}, "complex": {"model": OPUS}},
    "rules": [{"if": "task contains 'invoices'", "use": "opus"}, {"if": "task contains 'readme'", "use": "haiku"}],
    "models": {
        model.split("-")[1]: {"id": model, "provider": "anthropic", "use_as": {"claude-code": model.split("-")[1]}}
        for model in (HAIKU, SONNET, OPUS)
    },
    "exploration": {"mode": "off"},
}
README, INVOICES, TABLES, PARSER, NAMES = (
    "Set the readme right, and test it",
    "Explain how the invoices come in",
    "List the tables of the invoices",
    "Write a parser of dates",
    "Give the functions other names",
)

Install = Callable[..., ClaudeCode]


@pytest.fixture
def install(tmp_path: Path, home: Path) -> Iterator[Install]:
    """Makes a client with modelmerit installed, whose models play a script."""
    program = os.environ.get("MODELMERIT_CLAUDE_CODE")
    if not program:
        pytest.skip("set MODELMERIT_CLAUDE_CODE to the program of Claude Code 2.1.329 or later")
    with ExitStack() as stack:

        def install(script: Script, mode: str) -> ClaudeCode:
            client = ClaudeCode(Path(program), tmp_path / "client", home, stack.enter_context(anthropic(script)))
            client.project.mkdir(parents=True)
            home.mkdir(mode=0o700)
            (home / "models.json").write_text(json.dumps(POLICY))
            client.ours("install", "claude-code", "--mode", mode)
            return client

        yield install


def test_in_route_agents_run_on_the_models_of_the_rules_and_are_recorded_whole(install, tmp_path):
    readme = str(tmp_path / "client" / "shop" / "README.md")
    client = install(
        {
            "DO IT ALL": [
                call(README),
                call(INVOICES, run_in_background=True),
                Use("ToolSearch", {"query": "select:mcp__task-dispatcher__dispatch_task", "max_results": 1}),
                Use(
                    "mcp__task-dispatcher__dispatch_task",
                    {"task": PARSER, "workspace": "shop", "complexity": "complex"},
                ),
                call(PARSER, model="opus"),
                call(NAMES, model="opus"),
                Say("Done."),
            ],
            README: [
                Use("Write", {"file_path": readme, "content": "# Shop\n"}),
                Use("Bash", {"command": "./pytest", "description": "Test it"}),
                Say("It is right now."),
            ],
            INVOICES: [call(TABLES, model="haiku"), Say("By post.")],
            TABLES: [Say("There are none.")],
            PARSER: [Say("It is written.")],
            NAMES: [Refuse(400)] * 20,
        },
        "route",
    )
    runner = client.project / "pytest"
    runner.write_text("#!/bin/sh\necho '3 passed in 0.1s'\n")
    runner.chmod(0o755)
    client.ask("DO IT ALL")

    expected = {README: HAIKU, INVOICES: OPUS, TABLES: OPUS, PARSER: OPUS, NAMES: SONNET}
    assert {task: client.interface.models(task) for task in expected} == {
        task: {model} for task, model in expected.items()
    }
    attempts = client.attempts()
    assert {task: attempt["model"] for task, attempt in attempts.items()} == expected
    for task in (README, INVOICES, TABLES, PARSER):
        attempt = attempts[task]
        assert (attempt["executed_model"], attempt["recommended_model"]) == (expected[task], expected[task])
        assert (attempt["outcome"], attempt["error_type"], attempt["role"]) == ("success", None, "general-purpose")
        assert attempt["cost_usd"] > 0
        assert attempt["execution_time_seconds"] > 0
    assert_figures(attempts[README], answers=3)
    assert (attempts[README]["evidence"], attempts[README]["tool_calls"]) == ("tests", 2)
    assert (attempts[PARSER]["complexity"], attempts[PARSER]["selection"]) == ("complex", "policy")
    assert (attempts[NAMES]["outcome"], attempts[NAMES]["error_type"]) == ("failure", "provider")

    assert "0 runs added, 5 already known" in client.ours("import", "claude-code")
    assert client.attempts() == attempts
    assert "All in order." in client.ours("doctor")


def test_in_advise_the_model_reads_the_advice_and_nothing_is_changed(install):
    client = install({"ASK FOR IT": [call(README), Say("Done.")], README: [Say("It is right now.")]}, "advise")
    client.ask("ASK FOR IT")
    assert "modelmerit recommends the model 'haiku' for this task: rule 2" in client.interface.read("ASK FOR IT")
    assert client.interface.models(README) == {SONNET}
    attempt = client.attempts()[README]
    assert (attempt["executed_model"], attempt["recommended_model"], attempt["selection"]) == (
        SONNET,
        HAIKU,
        "override",
    )


def test_what_the_human_says_is_about_the_agent_that_ended_and_not_about_one_that_its_caller_stopped(install):
    client = install(
        {
            "BEGIN": [
                Use("ToolSearch", {"query": "select:TaskStop", "max_results": 1}),
                call(INVOICES, run_in_background=True),
                Use("TaskStop", lambda launched: {"task_id": re.findall(r"agentId: (\w+)", launched)[0]}),
                Say("Stopped."),
            ],
            "GO ON": [call(README), Say("Done.")],
            "still wrong": [Say("Sorry.")],
            INVOICES: [Hang()],
            README: [Say("It is right now.")],
        },
        "observe",
    )
    session_id = client.ask("BEGIN")
    client.ask("No, that is not what I wanted. GO ON", "--resume", session_id)
    client.ask("No, it is still wrong.", "--resume", session_id)
    assert client.interface.models(README) == {SONNET}
    attempts = client.attempts()
    stopped, ended = attempts[INVOICES], attempts[README]
    assert (stopped["status"], stopped["outcome"], stopped["error_type"]) == ("cancelled", "failure", "cancelled")
    assert (ended["status"], ended["outcome"], ended["evidence"]) == ("failed", "failure", "human")


def call(task: str, **given: Any) -> Use:
    """A call of a sub-agent, in the foreground unless it says otherwise."""
    words = {"description": "A task for an agent", "prompt": task, "subagent_type": "general-purpose"}
    return Use("Agent", {**words, "run_in_background": False, **given})


def assert_figures(attempt: dict[str, Any], *, answers: int) -> None:
    """The interface's own counts, of as many answers."""
    counted = {
        "input_tokens": USAGE["input_tokens"],
        "output_tokens": USAGE["output_tokens"],
        "cache_read_tokens": USAGE["cache_read_input_tokens"],
        "cache_write_5m_tokens": 30,
        "cache_write_1h_tokens": 7,
        "tokens_used": 1000 + 50 + 200 + 30 + 7,
    }
    assert {name: attempt[name] for name in counted} == {name: answers * count for name, count in counted.items()}
