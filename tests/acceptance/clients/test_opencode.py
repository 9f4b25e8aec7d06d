"""The real OpenCode, installed into with our own command: what its agents do is recorded, and only humans change rules.

A scripted provider stands for the models, so that nothing leaves this machine.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from opencode_home import BIG, PRICES, PROVIDER, SMALL, OpenCode
from scripted_provider import CACHED, COMPLETION, PROMPT, REASONING, Refuse, Say, Script, Use, provider

POLICY = {
    "task_complexity": {"simple": {"model": SMALL}, "medium": {"model": SMALL}, "complex": {"model": BIG}},
    "rules": [],
    "models": {
        "small": {"id": SMALL, "provider": PROVIDER, "use_as": {"opencode": "small"}},
        "big": {"id": BIG, "provider": PROVIDER, "use_as": {"opencode": "big"}},
    },
    "exploration": {"mode": "off"},
}
TASK = "Design the cache of the parser"
COST_PER_ANSWER_USD = (
    (PROMPT - CACHED) * PRICES["input"] + COMPLETION * PRICES["output"] + CACHED * PRICES["cache_read"]
) / 1e6
APPLY = "model-learning-analyzer_apply_model_suggestion"

Install = Callable[..., OpenCode]


@pytest.fixture
def install(opencode_program: Path, tmp_path: Path, home: Path) -> Iterator[Install]:
    """Makes a client with modelmerit installed, whose models play a script."""
    with ExitStack() as stack:

        def install(script: Script, *options: str) -> OpenCode:
            client = OpenCode(opencode_program, tmp_path / "client", home)
            client.configure(stack.enter_context(provider(script)))
            home.mkdir(mode=0o700, exist_ok=True)
            if not (home / "models.json").exists():
                (home / "models.json").write_text(json.dumps(POLICY, indent=2))
            client.ours("install", "opencode", *options)
            return client

        yield install


def test_both_servers_are_connected_after_installing(install):
    listed = install({}).theirs("mcp", "list")
    for server in ("task-dispatcher", "model-learning-analyzer"):
        assert re.search(rf"✓\W+{server}\W.*connected", listed), listed


def test_a_dispatched_task_is_recorded_whole_without_the_agent_reporting_anything(install):
    dispatch = {"task": TASK, "workspace": "handbook", "complexity": "complex"}
    client = install(
        {
            "WORK ON IT": [
                Use("task-dispatcher_dispatch_task", dispatch),
                Use("task", lambda answered: call(agent_in(answered))),
                Say("Done."),
            ],
            TASK: [
                Use("bash", {"command": "echo '3 passed in 0.1s'", "description": "Run the tests"}),
                Say("The cache is designed."),
            ],
        },
        "--agents",
    )
    client.theirs("run", "WORK ON IT")
    [attempt] = client.attempts()
    assert attempt["id"].startswith("dispatch-")
    assert attempt["task"] == TASK
    assert (attempt["model"], attempt["recommended_model"], attempt["executed_model"]) == (BIG, BIG, BIG)
    assert (attempt["status"], attempt["outcome"]) == ("completed", "success")
    assert attempt["error_type"] is None
    assert_figures(attempt, answers=2)
    assert attempt["tool_calls"] == 1
    assert attempt["execution_time_seconds"] > 0


def test_an_agent_that_nobody_dispatched_is_recorded_and_so_is_one_that_fails(install):
    client = install(
        {
            "WORK ON IT": [
                Use("task", call("small")),
                Use("task", call("big", "Refused by the provider")),
                Say("Done."),
            ],
            TASK: [Say("The cache is designed.")],
            "Refused by the provider": [Refuse(400)],
        },
        "--agents",
    )
    client.theirs("run", "WORK ON IT")
    worked, refused = client.attempts()
    assert (worked["task"], worked["executed_model"], worked["selection"]) == (TASK, SMALL, "override")
    assert (worked["status"], worked["outcome"], worked["evidence"]) == ("completed", "success", "implicit")
    assert_figures(worked, answers=1)
    assert (refused["task"], refused["model"]) == ("Refused by the provider", BIG)
    assert (refused["status"], refused["outcome"], refused["error_type"]) == ("failed", "failure", "provider")
    assert refused["cost_usd"] is None


def test_a_suggestion_is_applied_only_where_the_user_permits_it(install, history_home):
    before = (history_home / "models.json").read_bytes()
    shown: dict[str, Any] = {}
    repeated: dict[str, Any] = {}
    client = install(
        {
            "TRY IT": [Use(APPLY, shown), Use(APPLY, repeated), Say("Done.")],
            "DO IT": [Use(APPLY, repeated), Say("Done.")],
        }
    )
    suggestion = json.loads(client.ours("suggest", "--json"))["suggestions"][0]
    shown.update(suggestion_id=suggestion["id"])
    repeated.update(suggestion_id=suggestion["id"], change=suggestion["change"])
    with client.serving() as server:
        session_id = server.call("POST", "/session", {})["id"]

        server.prompt(session_id, "TRY IT")
        asked = server.permission()
        assert asked["permission"] == APPLY
        server.reply(asked, "once")
        server.until(lambda: len(server.uses(session_id)) == 2)
        assert "awaiting_approval" in server.uses(session_id)[0]["state"]["output"]
        server.reply(server.permission(), "reject")
        server.until(lambda: server.uses(session_id)[-1]["state"]["status"] == "error")
        assert (history_home / "models.json").read_bytes() == before

        server.until(lambda: session_id not in server.call("GET", "/session/status"))
        server.prompt(session_id, "DO IT")
        server.reply(server.permission(), "once")
        server.until(lambda: server.uses(session_id)[-1]["state"]["status"] == "completed")
        assert (history_home / "models.json").read_bytes() != before, server.uses(session_id)[-1]
    changes = json.loads(client.ours("changes", "--json"))
    assert suggestion["id"] in json.dumps(changes)


def call(agent: str, task: str = TASK) -> dict[str, str]:
    """The arguments of OpenCode's call of a sub-agent."""
    return {"description": "A task for an agent", "prompt": task, "subagent_type": agent}


def agent_in(answered: str) -> str:
    """The agent that `dispatch_task` says to use."""
    named = re.search(r"\b(small|big)\b", answered)
    assert named, answered
    return named[1]


def assert_figures(attempt: dict[str, Any], *, answers: int) -> None:
    """The client's own counts, of as many answers: what is cached is no input, and reasoning no output."""
    counted = {
        "input_tokens": PROMPT - CACHED,
        "output_tokens": COMPLETION - REASONING,
        "reasoning_tokens": REASONING,
        "cache_read_tokens": CACHED,
        "tokens_used": PROMPT + COMPLETION,
    }
    assert {name: attempt[name] for name in counted} == {name: answers * count for name, count in counted.items()}
    assert attempt["cost_usd"] == pytest.approx(answers * COST_PER_ANSWER_USD)
    assert attempt["provider"] == PROVIDER
