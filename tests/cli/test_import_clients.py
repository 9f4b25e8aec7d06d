"""`modelmerit import claude-code | opencode` as a person and a script see it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from warm_processes import run_command

sys.path.append(str(Path(__file__).parents[1] / "capture"))

from claude_histories import make_history

from modelmerit.capture import hook

MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")
SESSIONS = 30
"""Enough for every trap."""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A history of Claude Code with every trap, not to be changed, and the truth of it."""
    folder = tmp_path_factory.mktemp("made") / "claude"
    return folder, make_history(folder, SESSIONS)


@pytest.fixture
def run(home, tmp_path):
    """Runs the command in a process of its own; there is no client in this person's home."""

    def run(*arguments, **environment):
        done = run_command(*arguments, env=os.environ | {"HOME": str(tmp_path), "COLUMNS": "120"} | environment)
        assert "Traceback" not in done.stderr
        return done

    return run


def imported(run, *arguments):
    done = run("import", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def exported(run):
    return {record["id"]: record for record in json.loads(run("export", "dispatches").stdout)}


def test_every_run_comes_in_once_with_its_model_and_tokens(run, made):
    folder, truth = made
    first, second = imported(run, "claude-code", folder), imported(run, "claude-code", folder)
    stored = exported(run)

    assert set(stored) == {f"claude-code-{run_id}" for run_id in truth.runs}
    assert (first["added"], second["added"], second["changed"]) == (len(truth.runs), 0, 0)
    assert (second["read"], second["unchanged"]) == (0, first["read"])
    assert first["broken_lines"] == truth.broken_lines
    for run_id, expected in truth.runs.items():
        record = stored[f"claude-code-{run_id}"]
        assert not expected.models or record["executed_model"] in expected.models
        tokens = sum(tokens.total for tokens in expected.models.values())
        assert (record["tokens_used"] or 0) == tokens


def test_with_turns_the_humans_prompts_come_in_too(run, made):
    folder, truth = made
    without = imported(run, "claude-code", folder)
    with_turns = imported(run, "claude-code", folder, "--turns")

    assert without["added"] == len(truth.runs)
    assert with_turns["added"] == len(truth.turns)
    assert imported(run, "claude-code", folder)["read"] == 0


def test_what_began_before_a_day_is_left_out(run, made):
    folder, truth = made
    days = sorted(expected.started_at.date() for expected in truth.runs.values())
    middle = days[len(days) // 2]
    added = imported(run, "claude-code", folder, "--since", middle.isoformat())["added"]

    # Days are this machine's, the truth's are those of UTC: a run within a day of the border may be on either side.
    assert sum(day > middle for day in days) - 20 < added < len(days)
    assert added + imported(run, "claude-code", folder)["added"] == len(days)


def test_one_session_can_be_named(run, made):
    truth = made[1]
    session = next(expected.transcript for expected in truth.runs.values() if expected.trap == "in_foreground")
    found = imported(run, "claude-code", session)

    assert found["read"] == 1
    assert found["added"] == sum(expected.transcript == session for expected in truth.runs.values())


def test_the_client_s_own_folder_is_found_and_the_report_follows(run, made, tmp_path):
    (tmp_path / ".claude").symlink_to(made[0])
    done = run("import", "claude-code")

    assert done.returncode == 0
    assert f"{len(made[1].runs)} runs added, 0 already known" in done.stdout
    assert "Your last 90 days" in done.stdout
    assert "have an outcome" in done.stdout
    assert "modelmerit report, " in done.stdout
    # What a provider or a person broke off is no failure of the model's, in this table as little as in the report.
    records = [one for one in exported(run).values() if one["executed_model"] == "claude-haiku-4-5-20251001"]
    judged = [one for one in records if one.get("outcome") and one.get("error_type") in (None, "model")]
    assert len(judged) < sum(bool(one.get("outcome")) for one in records)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("claude-haiku-4-5-20251001 ")]
    assert line.endswith(f" of {len(judged)}")


def test_runs_whose_hooks_have_spoken_up_but_wait_to_be_recorded_do_not_come_in_as_history(run, made, home):
    folder, truth = made
    live = next(expected for expected in truth.of_trap("in_foreground") if expected.agent_transcript)
    stopped = {
        "hook_event_name": "SubagentStop",
        "session_id": live.session_id,
        "agent_id": live.run_id,
        "agent_type": live.role,
        "transcript_path": str(live.transcript),
        "agent_transcript_path": str(live.agent_transcript),
    }
    event = hook.event_of(stopped, time.time())
    assert event is not None
    hook.spool(str(home), event)
    imported(run, "claude-code", folder)
    stored = exported(run)
    assert len(stored) == len(truth.runs)
    seen = stored.pop(f"claude-code-{live.run_id}")
    assert (seen["selection"], seen["recommended_model"] is None) == ("override", False)
    assert {record["selection"] for record in stored.values()} == {"imported"}


def test_a_dry_run_stores_nothing_and_counts_the_tokens_of_every_day(run, made, home):
    folder, truth = made
    found = json.loads(run("import", "claude-code", folder, "--dry-run", "--json", TZ="UTC").stdout)

    assert not home.exists()
    assert sum(found["new"].values()) == len(truth.runs)
    counted = {(one["day"], one["model"]): one["total"] for one in found["tokens"]}
    assert counted == {key: tokens.total for key, tokens in truth.daily.items()}
    imported(run, "claude-code", folder)
    again = run("import", "claude-code", folder, "--dry-run")
    assert f"0 runs would be added, {len(truth.runs)} are known already. Nothing was stored." in again.stdout


def test_a_session_that_grew_adds_what_is_new(run, tmp_path):
    folder = tmp_path / "claude"
    truth = make_history(folder, 5, seed=3)
    whole = {path: path.read_bytes() for path in folder.rglob("*.jsonl") if "subagents" not in path.parts}
    for path, content in whole.items():
        lines = content.splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: len(lines) // 2]))
    first = imported(run, "claude-code", folder)
    for path, content in whole.items():
        path.write_bytes(content)
    second = imported(run, "claude-code", folder)

    assert second["read"] > 0
    assert second["added"] + second["changed"] > 0
    assert set(exported(run)) == {f"claude-code-{run_id}" for run_id in truth.runs}
    assert first["added"] + second["added"] == len(truth.runs)
    assert imported(run, "claude-code", folder)["read"] == 0


def test_an_import_that_is_interrupted_keeps_what_is_in_and_is_resumed(run, home, tmp_path):
    folder = tmp_path / "claude"
    truth = make_history(folder, 8, seed=5)
    # The session that begins last has an agent whose transcript cannot be read to its end until somebody writes one.
    last = folder / "projects" / "-last" / "f0000000-0000-4000-8000-000000000000.jsonl"
    pipe = last.with_suffix("") / "subagents" / "agent-0123456789abcdef.jsonl"
    pipe.parent.mkdir(parents=True)
    last.write_text('{"type": "user", "timestamp": "2026-11-20T08:00:00.000Z", "message": {"content": "Hi"}}\n')
    os.mkfifo(pipe)
    importing = subprocess.Popen(
        (*MODELMERIT, "import", "claude-code", str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pipe.open("w"):  # waits for the import to come to it
        importing.send_signal(signal.SIGINT)
    said, complaint = importing.communicate(timeout=60)

    assert importing.returncode == 130
    assert (said, complaint) == ("", f"Stopped. {len(truth.runs)} runs are kept; import the history again to go on.\n")
    assert set(exported(run)) == {f"claude-code-{run_id}" for run_id in truth.runs}
    pipe.unlink()
    again = imported(run, "claude-code", folder)
    assert again["added"] == 0
    assert again["unchanged"] > 0
    assert imported(run, "claude-code", folder)["read"] == 0


def test_where_there_is_nothing_it_is_said_where_it_was_looked_for(run, tmp_path):
    for client, place in (("claude-code", "~/.claude or ~/.config/claude"), ("opencode", "~/.local/share/opencode")):
        done = run("import", client, XDG_DATA_HOME="")
        assert (done.returncode, done.stdout) == (1, "")
        assert f"in {place}." in done.stderr
        assert f"in {tmp_path}." in run("import", client, tmp_path).stderr


def test_a_file_that_is_no_store_of_opencode_is_said(run, tmp_path):
    store = tmp_path / "opencode.db"
    store.write_text("no database" * 100)
    done = run("import", "opencode", store)

    assert done.returncode == 1
    assert f"{store}: OpenCode's store cannot be read" in done.stderr


def test_opencode_s_store_is_imported_once(run, tmp_path):
    store = tmp_path / "opencode.db"
    write_opencode_store(store)
    dry = json.loads(run("import", "opencode", store, "--dry-run", "--json", TZ="UTC").stdout)
    first, second = imported(run, "opencode", tmp_path), imported(run, "opencode", store)
    (record,) = exported(run).values()

    assert dry["new"] == {"m-1": 1}
    # 800 + 50 + 200 by the sub-agent's one request; the session that called it has none.
    assert [(one["day"], one["model"], one["total"]) for one in dry["tokens"]] == [("2026-10-01", "m-1", 1050)]
    assert (first["added"], second["added"], second["unchanged"]) == (1, 0, 1)
    assert (record["executed_model"], record["provider"], record["tokens_used"]) == ("m-1", "acme", 1050)
    assert record["client"] == "opencode"


def write_opencode_store(path):
    """One session that calls one sub-agent, in the tables of OpenCode 1.18.33, without the columns nobody reads."""
    at = 1_790_846_400_000  # 2026-10-01 09:20 UTC
    agent = {"providerID": "acme", "modelID": "m-1"}
    tokens = {"input": 800, "output": 50, "reasoning": 0, "cache": {"read": 200, "write": 0}}
    call = {
        "type": "tool",
        "tool": "task",
        "callID": "call_1",
        "state": {
            "status": "completed",
            "input": {"description": "Write doc", "prompt": "Write the docs of dates.py", "subagent_type": "writer"},
            "metadata": {"sessionId": "ses_2", "model": agent},
            "time": {"start": at + 1000, "end": at + 9000},
        },
    }
    answer = {"role": "assistant", "agent": "writer", "tokens": tokens, "cost": 0, "finish": "stop", **agent}
    messages = [
        ("msg_1", "ses_1", at, {"role": "user", "time": {"created": at}, "agent": "build"}),
        ("msg_2", "ses_1", at + 500, {"role": "assistant", "parentID": "msg_1", "time": {"created": at + 500}}),
        ("msg_3", "ses_2", at + 1100, {"role": "user", "time": {"created": at + 1100}, "agent": "writer"}),
        (
            "msg_4",
            "ses_2",
            at + 1200,
            answer | {"parentID": "msg_3", "time": {"created": at + 1200, "completed": at + 8000}},
        ),
    ]
    parts = [
        ("prt_1", "msg_1", "ses_1", {"type": "text", "text": "Docs, please"}),
        ("prt_2", "msg_2", "ses_1", call),
        ("prt_3", "msg_3", "ses_2", {"type": "text", "text": "Write the docs of dates.py"}),
        ("prt_4", "msg_4", "ses_2", {"type": "text", "text": "Done."}),
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE session (id TEXT, parent_id TEXT, directory TEXT, title TEXT, agent TEXT, model TEXT,"
            " time_created INTEGER, time_updated INTEGER)"
        )
        connection.execute(
            "CREATE TABLE message (id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT)"
        )
        connection.execute(
            "CREATE TABLE part (id TEXT, message_id TEXT, session_id TEXT, time_created INTEGER,"
            " time_updated INTEGER, data TEXT)"
        )
        connection.executemany(
            "INSERT INTO session VALUES (?, ?, '/home/dev/project', 'Docs', NULL, NULL, ?, ?)",
            [("ses_1", None, at, at + 9500), ("ses_2", "ses_1", at + 1050, at + 8000)],
        )
        connection.executemany(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?)",
            [(name, session, when, when, json.dumps(data)) for name, session, when, data in messages],
        )
        connection.executemany(
            "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)",
            [(name, message, session, at, at, json.dumps(data)) for name, message, session, data in parts],
        )
