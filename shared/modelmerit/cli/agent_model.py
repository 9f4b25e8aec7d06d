"""Which model a sub-agent of Claude Code is to run on; `capture/hook.py` asks before the agent starts.

    python -m modelmerit.cli.agent_model advise|route

The call comes as the hook's JSON on standard input, the answer goes to standard output: {model, use_as, reason} as
JSON, or {} to leave the call alone. On a failure standard error has one line without any text of the task, and the exit
status is 1.

In `route` the task is dispatched as `dispatch_task` would, unless the agent has just done that itself; the run that
follows is the attempt's. In `advise` nothing is recorded: the agent reads the advice when the sub-agent has ended, so
that what it ran on was its own choice.
"""

import asyncio
import fcntl
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from modelmerit.app import App, open_app, utc_now
from modelmerit.capture.claude_code.lines import text_of
from modelmerit.capture.faults import told
from modelmerit.capture.recording import LONGEST_TASK, captured
from modelmerit.capture.runs import AgentRun
from modelmerit.services.dispatching import TaskRequest
from modelmerit.settings import Settings

CLIENT = "claude-code"
MODELS = frozenset({"sonnet", "opus", "haiku", "fable"})
"""What the tool that calls a sub-agent takes as its model."""

FORK = "fork"
"""An agent of this kind goes on from its caller's own conversation, on its caller's model."""

Answer = dict[str, str]


def call_of(payload: dict[str, Any], now: datetime) -> AgentRun | None:
    """The run that a call of a sub-agent is about to begin; None if it is not one to choose a model for."""
    given = payload.get("tool_input")
    if not isinstance(given, dict):
        return None
    task, call_id, role = (
        text_of(given.get("prompt")),
        text_of(payload.get("tool_use_id")),
        text_of(given.get("subagent_type")),
    )
    if task is None or not task.strip() or call_id is None or role == FORK:
        return None
    return AgentRun(
        client=CLIENT,
        run_id=call_id,
        session_id=text_of(payload.get("session_id")) or "",
        kind="sub-agent",
        task=task[:LONGEST_TASK],
        started_at=now,
        state="running",
        description=text_of(given.get("description")),
        role=role,
        asked_model=text_of(given.get("model")),
        call_id=call_id,
        workspace_path=text_of(payload.get("cwd")),
    )


async def choose(app: App, call: AgentRun, mode: str) -> Answer:
    """The model for a call; empty where the call is left as it is."""
    policy = app.policy_file.current().policy
    as_it_is = captured(call, None, policy=policy, now=app.now(), live=True)
    dispatched_by_agent = await app.store.expect_dispatched(as_it_is)
    if dispatched_by_agent is not None:
        model = dispatched_by_agent.model
        return _answer(model, policy.use_as(model, CLIENT), "dispatch_task answered it") if mode == "route" else {}
    request = TaskRequest(
        task=call.task,
        workspace=as_it_is.attempt.workspace,
        workspace_path=call.workspace_path,
        role=call.role,
    )
    routed = app.dispatching.recommend(request)
    if mode == "route" and routed.use_as in MODELS:
        routed = dispatched = await app.dispatching.dispatch(request)
        await app.store.expect_run(CLIENT, as_it_is.run_id, dispatched.attempt.id)
    return _answer(routed.choice.model, routed.use_as, routed.choice.reason)


def main() -> None:
    """Answer one call."""
    try:
        call = call_of(json.load(sys.stdin), utc_now())
        answer = asyncio.run(_answered(call, sys.argv[1])) if call else {}
    except Exception as error:
        print(told(error), file=sys.stderr)
        sys.exit(1)
    json.dump(answer, sys.stdout)


async def _answered(call: AgentRun, mode: str) -> Answer:
    settings = replace(Settings.from_environment(), client=CLIENT, session_id=call.session_id or None)
    async with open_app(settings) as app:
        with _one_at_a_time(settings.home):
            return await choose(app, call, mode)


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Where the hook is registered twice, the same call is asked about twice at once, and is to be dispatched once."""
    with (home / "agent-calls.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _answer(model: str, use_as: str, reason: str) -> Answer:
    return {"model": model, "use_as": use_as, "reason": reason} if use_as in MODELS else {}


if __name__ == "__main__":
    main()
