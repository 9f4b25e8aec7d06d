"""Choosing the model of a sub-agent that is about to start, as the hook asks for it."""

import asyncio
import json
import random
import subprocess
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime

import pytest

from modelmerit.app import open_app
from modelmerit.capture import hook
from modelmerit.capture.recording import LONGEST_TASK
from modelmerit.capture.runs import AgentRun
from modelmerit.cli.agent_model import call_of, choose
from modelmerit.records import Attempt
from modelmerit.services.dispatching import TaskRequest
from modelmerit.settings import Settings

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
CALL = {
    "hook_event_name": "PreToolUse",
    "tool_name": "Agent",
    "session_id": "s",
    "cwd": "/home/dev/shop",
    "tool_use_id": "toolu_01",
    "tool_input": {"description": "Sort", "prompt": "Sort the invoices by their date", "subagent_type": "Explore"},
}


def with_prompt(prompt: object) -> dict:
    return {**CALL, "tool_input": {**CALL["tool_input"], "prompt": prompt}}


def called(payload: dict) -> AgentRun:
    """The call, of which there must be one."""
    call = call_of(payload, NOW)
    assert call is not None
    return call


@pytest.fixture
async def app(home):
    """The services of a home."""
    settings = Settings(home=home, policy_path=home / "models.json", session_id="s", client="claude-code")
    async with open_app(settings, now=lambda: NOW, rng=random.Random(1)) as app:
        yield app


async def recorded(app) -> list[Attempt]:
    attempts: list[Attempt] = []
    await app.store.export(attempts.append)
    return attempts


def test_a_task_is_cut_to_what_the_servers_take_and_half_a_surrogate_pair_is_replaced():
    call = called(with_prompt("\ud800" + "a" * LONGEST_TASK))
    assert call.task == "?" + "a" * (LONGEST_TASK - 1)


@pytest.mark.parametrize(
    "payload",
    [
        {**CALL, "tool_input": ["prompt"]},
        {**CALL, "tool_use_id": None},
        with_prompt(" \n"),
        with_prompt(7),
        {**CALL, "tool_input": {**CALL["tool_input"], "subagent_type": "fork"}},
    ],
)
def test_what_is_no_call_with_a_task_of_its_own_is_left_alone(payload):
    assert call_of(payload, NOW) is None


async def test_a_routed_call_is_dispatched_once_however_often_it_is_asked_about(app):
    call = called(CALL)
    answers = [await choose(app, call, "route") for _ in range(2)]
    (attempt,) = await recorded(app)
    assert [answer["model"] for answer in answers] == [attempt.model, attempt.model]
    assert attempt.task == "Sort the invoices by their date"


async def test_a_call_that_the_agent_dispatched_itself_gets_what_it_was_answered(app):
    mine = await app.dispatching.dispatch(
        TaskRequest(task="Sort the invoices by their date", workspace="shop"), model="claude-opus-4-5-20251101"
    )
    answer = await choose(app, called(CALL), "route")
    assert answer == {"model": mine.attempt.model, "use_as": "opus", "reason": "dispatch_task answered it"}
    assert len(await recorded(app)) == 1


async def test_advice_records_nothing(app):
    assert (await choose(app, called(CALL), "advise"))["use_as"] == "sonnet"
    assert await recorded(app) == []


def test_a_text_that_no_store_takes_is_routed_and_leaves_no_word_in_the_log_of_faults(home):
    command = [sys.executable, "-S", "-E", hook.__file__, "claude-code", "--mode", "route"]
    payload = json.dumps(with_prompt("Invoices \ud800 of Mr Brown")).encode()
    done = subprocess.run(command, input=payload, capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout)["hookSpecificOutput"]["updatedInput"]["model"] in ("haiku", "sonnet", "opus")
    assert not (home / "hook-faults.log").exists()


async def test_a_call_that_is_asked_about_several_times_at_once_is_dispatched_once(app):
    async def asked() -> str:
        command = (sys.executable, "-P", "-m", "modelmerit.cli.agent_model", "route")
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        said, _ = await process.communicate(json.dumps(CALL).encode())
        return json.loads(said)["model"]

    answers = await asyncio.gather(asked(), asked(), asked())
    (attempt,) = await recorded(app)
    assert set(answers) == {attempt.model}
