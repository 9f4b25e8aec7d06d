"""Claude Code's hooks replayed as it runs them, as processes, and real servers that record what they noted."""

import fcntl
import json
import os
import random
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "capture"))

from claude_histories import make_session
from claude_traps import TRAPS, in_foreground
from claude_writing import HAIKU, ExpectedRun, Session, Truth

from modelmerit.app import open_app
from modelmerit.capture import hook
from modelmerit.services.dispatching import TaskRequest
from modelmerit.settings import Settings

TASK = "Explain how the import of the invoices is tested."
POLICY = {
    "task_complexity": {
        "simple": {"model": "claude-haiku-4-5-20251001"},
        "medium": {"model": "claude-sonnet-4-5-20250929"},
        "complex": {"model": "claude-opus-4-5-20251101"},
    },
    "rules": [
        {"if": "task contains 'invoices'", "use": "opus"},
        {"if": "task contains 'elsewhere'", "use": "gpt"},
    ],
    "models": {
        "haiku": {"id": "claude-haiku-4-5-20251001", "use_as": {"claude-code": "haiku"}},
        "sonnet": {"id": "claude-sonnet-4-5-20250929", "use_as": {"claude-code": "sonnet"}},
        "opus": {"id": "claude-opus-4-5-20251101", "use_as": {"claude-code": "opus"}},
        "gpt": {"id": "gpt-5", "provider": "openai"},
    },
    "exploration": {"mode": "off"},
}


@pytest.fixture
def policy_home(home):
    """A home with rules of its own."""
    home.mkdir(mode=0o700)
    (home / "models.json").write_text(json.dumps(POLICY))
    return home


@pytest.fixture
def session(tmp_path):
    """A session that is being made, and whose last line is a minute old."""
    return Session(Truth(tmp_path / "claude"), random.Random(11), datetime.now(UTC) - timedelta(hours=30), "shop")


def run_hook(payload: dict, mode: str = "observe", **options) -> str:
    """What the hook answers; it must end well and say nothing else."""
    command = [sys.executable, "-S", "-E", hook.__file__, "claude-code", "--mode", mode]
    done = subprocess.run(
        command, input=json.dumps(payload), capture_output=True, text=True, timeout=60, check=False, **options
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def call_of(task: str = TASK, **given: str) -> dict:
    """A call of a sub-agent as the client tells it before it runs it."""
    return {
        "session_id": "5e55",
        "transcript_path": "/home/dev/.claude/projects/-home-dev-shop/5e55.jsonl",
        "cwd": "/home/dev/shop",
        "hook_event_name": "PreToolUse",
        "tool_name": "Agent",
        "tool_input": {"description": "Explain", "prompt": task, "subagent_type": "Explore", **given},
        "tool_use_id": "toolu_01",
    }


def stop_of(run: ExpectedRun) -> dict:
    """What the client tells its hook at the end of a run."""
    return {
        "session_id": run.session_id,
        "transcript_path": str(run.transcript),
        "cwd": "/home/dev/shop",
        "hook_event_name": "SubagentStop",
        "stop_hook_active": False,
        "agent_id": run.run_id,
        "agent_type": run.role or "",
        "agent_transcript_path": str(run.agent_transcript),
    }


def aged(home: Path) -> None:
    """Make what the hooks have just noted a minute old."""
    for note in (home / "spool").glob("[!.]*.json"):
        event = json.loads(note.read_text())
        note.write_text(json.dumps(event | {"at": event["at"] - 60}))


def drained_by_a_server(serve, home: Path) -> None:
    """Let a real server start and end: it empties the spool at the latest then."""
    server = serve("task_dispatcher", home)
    server.end()


def recorded(start) -> dict[str, dict]:
    """Every attempt by id, as the command exports it."""
    done = start("export", "dispatches")
    assert done.status == 0, done.stderr
    return {record["id"]: record for record in json.loads(done.stdout)}


def written(session: Session, *traps: object) -> list[ExpectedRun]:
    """The runs of a session that is on disk."""
    make_session(session, list(traps))
    session.tail = b""
    session.write()
    return list(session.truth.runs.values())


@pytest.mark.parametrize("order", ["as they came", "the other way round", "twice"])
def test_hooks_in_any_order_record_each_run_once(policy_home, session, serve, start, order):
    runs = written(session, *TRAPS)
    earlier = datetime.now(UTC) - timedelta(days=3)
    hook.spool(str(policy_home), {"v": 1, "client": "claude-code", "event": "SessionStart", "at": earlier.timestamp()})
    stops = [stop_of(run) for run in runs if run.agent_transcript is not None]
    stops.append(
        {"hook_event_name": "SubagentStop", "agent_type": "", "agent_transcript_path": "/none.jsonl"}
        | {"session_id": session.id, "transcript_path": str(session.main.path)}
    )
    replayed = {"as they came": stops, "the other way round": stops[::-1], "twice": stops + stops}[order]
    for payload in replayed:
        run_hook(payload)
        if order == "the other way round" and payload is replayed[len(replayed) // 2]:
            drained_by_a_server(serve, policy_home)
    aged(policy_home)
    drained_by_a_server(serve, policy_home)
    assert list((policy_home / "spool").glob("[!.]*")) == []
    attempts = recorded(start)
    assert set(attempts) == {f"claude-code-{run.run_id}" for run in runs}
    for run in runs:
        attempt = attempts[f"claude-code-{run.run_id}"]
        if run.models:
            assert attempt["executed_model"] == next(iter(run.models)), run.trap
            assert attempt["tokens_used"] == sum(tokens.total for tokens in run.models.values()), run.trap
        if run.trap == "interrupted":
            # The human stopped it and said what was wrong: that is a failure, not a mere cancellation.
            assert (attempt["outcome"], attempt["evidence"]) == ("failure", "human")
        else:
            assert attempt["error_type"] == run.error_type, run.trap
            assert attempt["status"] == {"finished": "completed"}.get(run.state, run.state), run.trap


def test_a_session_cut_short_is_recorded_as_far_as_it_goes_and_completed_later(policy_home, session, serve, start):
    session.wait(29 * 3600)  # of a session that nothing was written of for a day nothing more is expected
    (run,) = written(session, in_foreground)
    whole = run.agent_transcript.read_bytes(), session.main.path.read_bytes()
    run.agent_transcript.write_bytes(whole[0][: len(whole[0]) // 2])
    session.main.path.write_bytes(whole[1][: whole[1].index(b'"tool_use_id"') - 300])
    run_hook(stop_of(run))
    drained_by_a_server(serve, policy_home)
    attempt_id = f"claude-code-{run.run_id}"
    assert recorded(start)[attempt_id]["status"] == "running"
    run.agent_transcript.write_bytes(whole[0])
    session.main.path.write_bytes(whole[1])
    aged(policy_home)
    drained_by_a_server(serve, policy_home)
    attempt = recorded(start)[attempt_id]
    assert (attempt["status"], attempt["outcome"], attempt["executed_model"]) == ("completed", "success", HAIKU)
    assert attempt["tokens_used"] == sum(tokens.total for tokens in run.models.values())


def test_a_running_server_records_while_it_serves(policy_home, session, serve):
    server = serve("task_dispatcher", policy_home)
    (run,) = written(session, in_foreground)
    run_hook(stop_of(run))
    # Each round is a call and its answer; a server that never looks would keep this going until its deadline.
    deadline = datetime.now(UTC) + timedelta(seconds=40)
    while "No tasks" in (listed := server.ok("list_dispatched_tasks").text):
        assert datetime.now(UTC) < deadline
    assert run.run_id in listed


def test_a_report_on_the_command_line_has_what_the_hooks_noted(policy_home, session, start):
    (run,) = written(session, in_foreground)
    run_hook(stop_of(run))
    assert start("report").status == 0
    assert f"claude-code-{run.run_id}" in recorded(start)


def test_the_analyzer_knows_what_the_hooks_noted(policy_home, session, serve):
    (run,) = written(session, in_foreground)
    run_hook(stop_of(run))
    server = serve("model_learning_analyzer", policy_home)
    assert server.ok("analyze_model_performance", min_sample_size=1).content["attempts"] == 1


def test_a_home_that_may_not_be_written_harms_no_session(home, unprivileged):
    home.mkdir(mode=0o500)
    assert run_hook(call_of(), "route", preexec_fn=unprivileged) == ""
    assert list(home.iterdir()) == []


def test_a_full_disk_harms_no_session(policy_home):
    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))

    assert run_hook(call_of(), "observe", preexec_fn=no_room) == ""
    assert list((policy_home / "spool").iterdir()) == []


def test_in_observe_nothing_is_answered_and_nothing_dispatched(policy_home, start):
    assert run_hook(call_of(), "observe") == ""
    assert recorded(start) == {}


def test_in_advise_the_agent_is_told_the_model_and_nothing_is_changed(policy_home, start):
    output = json.loads(run_hook(call_of(), "advise"))["hookSpecificOutput"]
    assert set(output) == {"hookEventName", "additionalContext"}
    assert "'opus'" in output["additionalContext"]
    assert "rule 1" in output["additionalContext"]
    assert recorded(start) == {}


def test_in_route_the_call_gets_the_model_of_the_rules(policy_home, start):
    call = call_of(model="haiku")
    output = json.loads(run_hook(call, "route"))["hookSpecificOutput"]
    assert output == {"hookEventName": "PreToolUse", "updatedInput": call["tool_input"] | {"model": "opus"}}
    (attempt,) = recorded(start).values()
    assert (attempt["model"], attempt["selection"]) == ("claude-opus-4-5-20251101", "policy")
    assert (attempt["client"], attempt["session_id"], attempt["role"]) == ("claude-code", "5e55", "Explore")
    assert (attempt["workspace"], attempt["workspace_path"]) == ("shop", "/home/dev/shop")
    assert attempt["task"] == TASK


def test_in_route_the_run_that_follows_is_the_attempt_that_was_dispatched(policy_home, session, serve, start):
    (run,) = written(session, in_foreground)
    call = call_of(run.task) | {"session_id": session.id, "tool_use_id": run.call_id}
    answered = json.loads(run_hook(call, "route"))["hookSpecificOutput"]["updatedInput"]["model"]
    run_hook(stop_of(run))
    drained_by_a_server(serve, policy_home)
    (attempt,) = recorded(start).values()
    assert answered == "sonnet"
    assert (attempt["recommended_model"], attempt["model"]) == ("claude-sonnet-4-5-20250929",) * 2
    assert (attempt["executed_model"], attempt["outcome"], attempt["evidence"]) == (HAIKU, "success", "tests")


async def test_in_route_what_the_agent_itself_dispatched_stands_and_is_not_recorded_anew(policy_home, start):
    environment = {"MODELMERIT_HOME": str(policy_home), "CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "5e55"}
    async with open_app(Settings.from_environment(environment)) as app:
        dispatched = await app.dispatching.dispatch(TaskRequest(task=TASK, workspace="shop"), model="haiku")
    for _ in range(2):
        output = json.loads(run_hook(call_of(model="sonnet"), "route"))["hookSpecificOutput"]
        assert output["updatedInput"]["model"] == dispatched.use_as == "haiku"
    assert run_hook(call_of(), "advise") == ""
    assert list(recorded(start)) == [dispatched.attempt.id]


@pytest.mark.parametrize(
    "call",
    [
        call_of("Do it elsewhere."),
        call_of(subagent_type="fork"),
        call_of(" "),
        call_of() | {"tool_input": "no object"},
        call_of() | {"tool_name": "Bash"},
    ],
    ids=["a model the tool does not take", "a fork", "no task", "no input", "another tool"],
)
def test_in_route_a_call_that_no_model_can_be_set_for_is_left_alone(policy_home, start, call):
    assert run_hook(call, "route") == ""
    assert recorded(start) == {}


@pytest.mark.parametrize("mode", ["advise", "route"])
def test_where_no_model_can_be_chosen_the_call_is_left_alone_and_the_fault_is_told(policy_home, mode):
    (policy_home / "modelmerit.db").mkdir()
    assert run_hook(call_of(), mode) == ""
    fault = (policy_home / "hook-faults.log").read_text()
    assert "no model was chosen: " in fault
    assert TASK not in fault


def test_an_answer_that_would_come_too_late_is_not_waited_for(policy_home):
    """The store is held by another process for as long as it takes, which a dispatch would wait ten seconds for."""
    with (policy_home / "modelmerit.db.gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        assert run_hook(call_of(), "route") == ""
    assert "took too long" in (policy_home / "hook-faults.log").read_text()


def test_a_folder_with_modules_of_its_own_changes_nothing(policy_home, tmp_path):
    for name in ("json.py", "modelmerit.py", "asyncio.py"):
        (tmp_path / name).write_text("raise SystemExit(3)")
    assert "opus" in run_hook(call_of(), "route", cwd=tmp_path)


def test_the_text_of_a_task_is_nowhere_but_in_the_store(policy_home):
    run_hook(call_of(), "route")
    for folder, _, files in os.walk(policy_home):
        for name in files:
            held = Path(folder, name).read_bytes()
            assert TASK.encode() not in held or name.startswith("modelmerit.db"), name
