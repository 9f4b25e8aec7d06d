"""The hook as Claude Code runs it: a process that notes ids and paths, and ends well whatever happens."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture import hook
from modelmerit.capture.spool import Spool
from modelmerit.installing.claude_code import hooks
from modelmerit.installing.installation import Installation, Mode
from modelmerit.installing.json_entries import JsonContent
from modelmerit.installing.request import Request
from modelmerit.settings import Settings

SECRET = "Sort the invoices of Mr Brown"
STOP = {
    "session_id": "5e55",
    "transcript_path": "/home/dev/.claude/projects/-home-dev-x/5e55.jsonl",
    "cwd": "/home/dev/x",
    "permission_mode": "default",
    "hook_event_name": "SubagentStop",
    "stop_hook_active": False,
    "agent_id": "a1b2",
    "agent_type": "Explore",
    "agent_transcript_path": "/home/dev/.claude/projects/-home-dev-x/5e55/subagents/agent-a1b2.jsonl",
    "last_assistant_message": SECRET,
}
CALL = {
    "session_id": "5e55",
    "transcript_path": "/home/dev/.claude/projects/-home-dev-x/5e55.jsonl",
    "cwd": "/home/dev/x",
    "hook_event_name": "PreToolUse",
    "tool_name": "Agent",
    "tool_input": {"description": "Sort", "prompt": SECRET, "subagent_type": "Explore"},
    "tool_use_id": "toolu_01",
}


@pytest.fixture
def run_hook(home):
    """Runs the hook as the client does, by the file's own path; it must end well and say nothing."""

    def run(payload, *arguments, **options):
        told = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        command = [sys.executable, "-S", "-E", hook.__file__, *(arguments or ("claude-code", "--mode", "observe"))]
        usual = {"input": told, "capture_output": True, "timeout": 60, "check": False}
        done = subprocess.run(command, **(usual | options))
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    return run


def faults(home: Path) -> list[str]:
    """What the log of faults says, without the times."""
    return [line.partition(" ")[2] for line in (home / "hook-faults.log").read_text().splitlines()]


def test_an_event_is_spooled_with_its_ids_and_paths_and_none_of_its_text(run_hook, home):
    run_hook(STOP)
    (event,) = Spool(home / "spool").read(10).events
    assert (event.event, event.session_id, event.agent_id, event.agent_type) == (
        "SubagentStop",
        "5e55",
        "a1b2",
        "Explore",
    )
    assert event.agent_transcript_path == STOP["agent_transcript_path"]
    (file,) = (home / "spool").iterdir()
    assert SECRET not in file.read_text()
    assert set(json.loads(file.read_text())) == {
        *("v", "client", "event", "at", "session_id", "agent_id", "agent_type"),
        *("transcript_path", "agent_transcript_path", "cwd"),
    }


def test_the_home_it_makes_is_its_owners_alone(run_hook, home):
    run_hook(STOP)
    (file,) = (home / "spool").iterdir()
    assert [path.stat().st_mode & 0o777 for path in (home, home / "spool", file)] == [0o700, 0o700, 0o600]


def test_a_home_named_on_the_command_line_wins(run_hook, home, tmp_path):
    run_hook(STOP, "claude-code", "--mode", "observe", "--home", str(tmp_path / "other"))
    assert not home.exists()
    assert len(Spool(tmp_path / "other" / "spool").read(10).events) == 1


def test_a_call_of_another_tool_is_of_no_interest(run_hook, home):
    run_hook(CALL | {"tool_name": "Bash", "tool_input": {"command": "ls"}})
    assert not home.exists()


def test_a_call_of_a_sub_agent_is_noted_by_its_id_alone(run_hook, home):
    run_hook(CALL)
    (file,) = (home / "spool").iterdir()
    assert json.loads(file.read_text())["call_id"] == "toolu_01"
    assert SECRET not in file.read_text()


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (b"", "JSONDecodeError"),
        (b"{", "JSONDecodeError"),
        (b"\xff", "UnicodeDecodeError"),
        (b"[" * 100_000, "RecursionError"),
        (b"[]", "the event is no object"),
        (b"{}", "the event has no name"),
        (b'{"hook_event_name": 7}', "the event has no name"),
        (b'{"hook_event_name": "Sort the invoices"}', "the event has no name"),
    ],
)
def test_what_is_no_event_is_told_in_the_log_and_nowhere_else(run_hook, home, told, fault):
    home.mkdir()
    run_hook(told)
    assert faults(home) == [f"claude-code: {fault}"]
    assert not (home / "spool").exists()


def test_fields_that_are_missing_or_wrong_are_left_out(run_hook, home):
    run_hook({"hook_event_name": "SubagentStop", "session_id": 5, "agent_id": None, "cwd": "x" * 10_000})
    (event,) = Spool(home / "spool").read(10).events
    assert (event.session_id, event.agent_id, event.cwd) == (None, None, None)


@pytest.mark.parametrize(
    "arguments",
    [(), ("emacs",), ("claude-code", "--mode"), ("claude-code", "--mode", "rule"), ("claude-code", "--colour", "red")],
)
def test_a_command_line_from_another_release_harms_nobody(home, arguments):
    home.mkdir()
    command = [sys.executable, "-S", "-E", hook.__file__, *arguments]
    done = subprocess.run(command, input=json.dumps(STOP).encode(), capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert "install the client again" in faults(home)[0]


def test_closed_streams_harm_nobody(home):
    home.mkdir()
    shell = f'"{sys.executable}" -S -E "{hook.__file__}" claude-code --mode route'
    assert subprocess.run(["sh", "-c", f"{shell} <&- >&- 2>&-"], timeout=60, check=False).returncode == 0
    assert faults(home) == ["claude-code: standard input is closed"]
    with_input = subprocess.run(["sh", "-c", f"{shell} >&- 2>&-"], input=json.dumps(CALL).encode(), check=False)
    assert with_input.returncode == 0
    assert faults(home)[1:] == ["claude-code: standard output is closed"]


def test_a_file_in_the_place_of_the_home_harms_nobody(run_hook, home):
    home.write_text("mine")
    run_hook(STOP)
    assert home.read_text() == "mine"


def test_a_full_disk_leaves_no_half_event_behind(run_hook, home):
    run_hook(STOP | {"agent_id": "first"})

    def no_more_than_40_bytes_a_file():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))

    run_hook(STOP | {"agent_id": "second"}, preexec_fn=no_more_than_40_bytes_a_file)
    batch = Spool(home / "spool").read(10)
    assert [event.agent_id for event in batch.events] == ["first"]
    assert len(list((home / "spool").iterdir())) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_being_told_to_stop_is_no_failure(home, number):
    with subprocess.Popen(
        [sys.executable, "-S", "-E", hook.__file__, "claude-code"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        # More than a pipe holds: once it is all written, the hook is reading, and has its handlers in place.
        process.stdin.write(b" " * 1_000_000)
        process.stdin.flush()
        process.send_signal(number)
        process.communicate()
    assert process.returncode == 0


def test_the_log_of_faults_does_not_grow_without_end(run_hook, home):
    home.mkdir()
    log = home / "hook-faults.log"
    log.write_text("x" * (hook.LARGEST_LOG + 1))
    run_hook(b"{")
    assert faults(home) == ["claude-code: JSONDecodeError"]
    assert (home / "hook-faults.log.1").stat().st_size == hook.LARGEST_LOG + 1


@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": "/home/dev"},
        {"HOME": "/home/dev", "XDG_DATA_HOME": "/data"},
        {"HOME": "/home/dev", "XDG_DATA_HOME": "relative"},
        {"HOME": "/home/dev", "MODELMERIT_HOME": "~/mm"},
        {"HOME": "/home/dev", "MODELMERIT_HOME": "mm/../nn"},
        {"HOME": "/home/dev", "MODELMERIT_HOME": ""},
    ],
)
def test_the_home_is_the_one_that_the_servers_find(environment, monkeypatch):
    for name in ("XDG_DATA_HOME", "MODELMERIT_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert os.path.realpath(hook.home_of({})) == os.path.realpath(Settings.from_environment().home)


def test_it_imports_nothing_that_is_slow_to_import(home):
    command = [sys.executable, "-S", "-E", "-X", "importtime", hook.__file__, "claude-code"]
    done = subprocess.run(command, input=json.dumps(STOP), capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "json" in imported
    assert not imported & {"pathlib", "argparse", "dataclasses", "typing", "subprocess", "asyncio", "modelmerit"}


@given(st.dictionaries(st.sampled_from([*STOP, *CALL]), st.none() | st.text() | st.integers() | st.lists(st.text())))
def test_every_event_that_is_noted_can_be_read(tmp_path_factory, payload):
    home = tmp_path_factory.mktemp("home")
    with contextlib.suppress(hook.HookFault):
        event = hook.event_of(payload, 1_760_000_000.0)
        if event is not None:
            hook.spool(str(home), event)
            batch = Spool(home / "spool").read(10)
            assert (len(batch.events), batch.broken) == (1, 0)


def test_an_answer_changes_the_model_of_the_call_and_nothing_else():
    told = hook.output_of("route", CALL["tool_input"], {"use_as": "haiku", "reason": "rule 1"})
    assert told == {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "updatedInput": {**CALL["tool_input"], "model": "haiku"},
        }
    }


@pytest.mark.parametrize("answer", [{}, {"use_as": None}, {"use_as": "sonnet"}])
def test_where_there_is_nothing_to_change_nothing_is_answered(answer):
    assert hook.output_of("route", CALL["tool_input"] | {"model": "sonnet"}, answer) is None


def settings_in(project: Path, name: str, mode: Mode) -> None:
    """A project's settings as the installation writes them, with a hook of somebody else's."""
    request = Request(Installation.running(os.environ), "project", project, project, mode=mode)
    text = JsonContent(hooks(request)).put(
        '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}'
    )
    (project / ".claude").mkdir(exist_ok=True)
    (project / ".claude" / name).write_text(text)


def test_where_a_project_only_observes_the_hook_for_all_projects_leaves_its_calls_alone(run_hook, home, tmp_path):
    settings_in(tmp_path, "settings.json", "observe")
    (tmp_path / "deep").mkdir()
    in_project = os.environ | {"CLAUDE_PROJECT_DIR": str(tmp_path)}
    run_hook(CALL | {"cwd": str(tmp_path / "deep")}, "claude-code", "--mode", "route", env=in_project)
    assert [event.event for event in Spool(home / "spool").read(10).events] == ["PreToolUse"]
    assert not (home / "modelmerit.db").exists()


def test_the_mode_of_a_project_is_its_owners_before_the_one_that_is_shared(tmp_path):
    assert hook.mode_of_project(str(tmp_path)) is None
    settings_in(tmp_path, "settings.json", "route")
    assert hook.mode_of_project(str(tmp_path)) == "route"
    settings_in(tmp_path, "settings.local.json", "advise")
    assert hook.mode_of_project(str(tmp_path)) == "advise"


@pytest.mark.parametrize("group", [{"hooks": [{"type": "prompt", "prompt": "Done?"}]}, {"matcher": "*"}])
def test_hooks_of_others_that_run_no_command_hide_no_mode_of_a_project(tmp_path, group):
    settings_in(tmp_path, "settings.json", "observe")
    settings = tmp_path / ".claude" / "settings.json"
    told = json.loads(settings.read_text())
    settings.write_text(json.dumps({**told, "hooks": {"Notification": [group], **told["hooks"]}}))
    assert hook.mode_of_project(str(tmp_path)) == "observe"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"hooks": 7}',
        '{"hooks": {"Stop": [{"hooks": [7]}]}}',
        '{"hooks": {"Stop": [{"hooks": [{"command": "hook.py --mode"}]}]}}',
        '{"hooks": {"Stop": [{"hooks": [{"command": "/theirs/hook.py --mode observe"}]}]}}',
    ],
)
def test_settings_of_another_shape_or_of_others_name_no_mode(tmp_path, text):
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text(text)
    assert hook.mode_of_project(str(tmp_path)) is None
