"""The `modelmerit` command as a person or a script runs it: real processes, a real terminal where one is asked for."""

import json
import os
import re
from pathlib import Path

import pytest

from modelmerit.cli.demo.simulation import OPUS, SONNET
from modelmerit.cli.terminal import human
from warm_processes import on_a_terminal, run_command


def run(*arguments, expect=0):
    done = run_command(*arguments)
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def run_on_a_terminal(*arguments, typed):
    """Runs the command on a pseudo-terminal, types `typed`, and answers the exit status and what was shown."""
    process, terminal = on_a_terminal(*arguments)
    os.write(terminal, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    return process.wait(60), shown.decode()


def plain(shown):
    """What a terminal showed, without its colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)


def the_default():
    suggestions = json.loads(run("suggest", "--json").stdout)["suggestions"]
    return next(suggestion for suggestion in suggestions if suggestion["type"] == "change_default")


def medium_model(home):
    return json.loads((home / "models.json").read_text())["task_complexity"]["medium"]["model"]


def test_a_person_applies_and_takes_back_a_suggestion_on_the_terminal(history_home):
    before = (history_home / "models.json").read_bytes()
    suggestion = the_default()
    assert suggestion["change"] in run("show", suggestion["id"]).stdout.replace("\n", " ")
    status, shown = run_on_a_terminal("apply", suggestion["id"], typed="y\n")
    assert status == 0, shown
    assert medium_model(history_home) == SONNET
    assert suggestion["id"] not in [s["id"] for s in json.loads(run("suggest", "--json").stdout)["suggestions"]]
    changes = json.loads(run("changes", "--json").stdout)
    assert changes["changes"][0]["suggestion_id"] == suggestion["id"]
    assert changes["edited_outside"] is False
    status, shown = run_on_a_terminal("rollback", typed="y\n")
    assert status == 0, shown
    assert (history_home / "models.json").read_bytes() == before


def test_a_no_on_the_terminal_changes_nothing(history_home):
    status, shown = run_on_a_terminal("apply", the_default()["id"], typed="n\n")
    assert status == 1
    assert "declined" in shown
    assert medium_model(history_home) == OPUS


@pytest.mark.parametrize("command", ["apply", "rollback"])
def test_without_a_terminal_nothing_can_be_approved(history_home, command):
    identifier = [the_default()["id"]]
    if command == "rollback":
        run_on_a_terminal("apply", *identifier, typed="y\n")
        identifier = []
    before = (history_home / "models.json").read_bytes()
    done = run_command(command, *identifier, given="y\n")
    assert done.returncode == 1
    assert "there is no terminal" in done.stderr
    assert (history_home / "models.json").read_bytes() == before


def test_what_is_shown_before_a_yes_and_listed_afterwards_is_never_cut_short(history_home):
    suggestion = the_default()
    path = history_home / "models.json"
    long = ", ".join(f'"example number {number}"' for number in range(12))
    path.write_text(path.read_text().replace('"medium":  {', f'"medium":  {{"examples": [{long}], '))
    status, shown = run_on_a_terminal("apply", suggestion["id"], typed="y\n")
    assert status == 0, shown
    # The model is named behind a line full of examples, in what goes and in what comes.
    assert {OPUS, SONNET} <= {word.strip('"') for word in re.findall(r'"claude[^"]*"', re.sub(r"\s", "", plain(shown)))}
    (change,) = json.loads(run("changes", "--json").stdout)["changes"]
    assert change["id"] in run("changes").stdout


def test_what_is_no_longer_proposed_cannot_be_rejected(history_home):
    suggestion = the_default()
    assert run_on_a_terminal("apply", suggestion["id"], typed="y\n")[0] == 0
    assert "applied, so there is nothing to reject" in run("reject", suggestion["id"], expect=1).stdout


def test_a_rejected_suggestion_is_listed_no_more(history_home):
    suggestion = the_default()
    assert "rejected" in run("reject", suggestion["id"], "--reason", "we like opus").stdout
    assert json.loads(run("suggest", "--json").stdout)["suggestions"] == []


def test_a_humans_rating_outweighs_what_tests_said(history_home):
    assert "failure" in run("rate", "demo-00001", "failure").stdout
    assert "as before" in run("rate", "demo-00001", "failure").stdout
    exported = json.loads(run("export", "dispatches").stdout)
    record = next(record for record in exported if record["id"] == "demo-00001")
    assert (record["outcome"], record["evidence"]) == ("failure", "human")


def test_a_history_is_imported_once_however_often_it_is_given(home, tmp_path: Path):
    log = tmp_path / "dispatches.json"
    log.write_text(
        json.dumps(
            [
                {"task": "Fix it", "model": "haiku", "status": "complete", "created_at": "2026-01-05T08:00:00Z"},
                {"task": "Fix it", "model": "haiku", "outcome": "great", "created_at": "2026-01-05T09:00:00Z"},
            ]
        )
    )
    first = json.loads(run("import", "dispatches", log, "--json").stdout)
    again = json.loads(run("import", "dispatches", log, "--json").stdout)
    assert (first["added"], first["known"]) == (1, 0)
    assert (again["added"], again["known"]) == (0, 1)
    assert first["broken"][0]["number"] == 2
    assert "outcome is 'great'" in first["broken"][0]["reason"]


def test_what_is_exported_can_be_imported_elsewhere_and_exports_the_same(history_home, tmp_path: Path, monkeypatch):
    exported = run("export", "dispatches").stdout
    copy = tmp_path / "copy.json"
    copy.write_text(exported)
    monkeypatch.setenv("MODELMERIT_HOME", str(tmp_path / "other"))
    run("import", "dispatches", copy)
    assert run("export", "dispatches").stdout == exported


def test_the_report_prints_markdown_for_cron_and_json_for_programs(history_home):
    assert run("report", "--markdown").stdout.startswith("# ")
    assert json.loads(run("report", "--json").stdout)["attempts"] > 2000
    assert run("analyze").stdout
    assert json.loads(run("export", "learning").stdout)["patterns"]


def test_a_backtest_needs_no_store_and_answers_every_look(history_home, tmp_path: Path, monkeypatch):
    log = tmp_path / "dispatches.json"
    run("export", "dispatches", "--output", log)
    monkeypatch.setenv("MODELMERIT_HOME", str(tmp_path / "never"))
    policy = history_home / "models.json"
    looks = json.loads(run("backtest", log, "--policy", policy, "--every", "30", "--json").stdout)["looks"]
    assert [look.keys() >= {"as_of", "suggestions", "hints"} for look in looks] == [True] * len(looks)
    assert len(looks) >= 4
    assert any(s["scope"] == {"complexity": "medium"} for s in looks[-1]["suggestions"])
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("show", "s-nope"), "No suggestion has the id 's-nope'"),
        (("rate", "nope", "success"), "No task has the id 'nope'"),
        (("import", "dispatches", "missing.json"), "cannot be read"),
        (("backtest", "missing.json", "--policy", "missing.json"), "cannot be read"),
    ],
)
def test_a_mistake_is_one_plain_line(home, tmp_path, arguments, expected):
    done = run_command(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["dispatches", "learning"])
def test_an_export_that_cannot_be_written_is_one_plain_line(home, what):
    done = run("export", what, "--output", "/nowhere/at/all.json", expect=1)
    assert "cannot be written" in done.stderr


def test_a_change_log_that_cannot_be_read_is_one_plain_line(history_home):
    log = history_home / "model-config-changes.log"
    log.unlink(missing_ok=True)
    log.mkdir()
    assert "change log" in run("changes", expect=1).stderr


def test_a_user_without_a_name_still_signs_a_decision(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    assert human() == "user 987654321, on the terminal"
