"""The doctor's checks in homes where something is wrong: each says so in one line, and none hinders another."""

import fcntl
import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.app import open_app
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.policy.file import PolicyFile
from modelmerit.services.checking import Check, checks, findings_of
from modelmerit.services.checks.findings import Finding, worst
from modelmerit.services.checks.versions import _sqlite
from modelmerit.services.dispatching import TaskRequest
from modelmerit.settings import Settings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def look(home, tmp_path, now=None, **environment):
    """What all checks but that of the servers find, by name; of several of a name the last."""
    environment = {"HOME": str(tmp_path), "PATH": "/nowhere", "MODELMERIT_HOME": str(home)} | environment
    found = []
    for check in checks({}, environment, tmp_path, now or datetime.now(UTC)):
        if check.name != "servers":
            found += findings_of(check)
    assert all(finding.to_do for finding in found if finding.state != "ok")
    return {finding.name: finding for finding in found}


def test_a_home_with_a_history_is_in_order(history_home, tmp_path):
    found = look(history_home, tmp_path)

    assert [name for name, finding in found.items() if finding.state != "ok"] == ["clients"]
    assert "attempts in" in found["store"].line
    assert "whole, schema" in found["store"].line
    assert "all understood" in found["policy"].line
    assert "have an outcome" in found["outcomes"].line
    assert "ran on the recommended model" in found["recommended"].line


async def test_another_model_than_was_answered_is_a_warning_with_the_id_to_write(home, tmp_path, monkeypatch):
    monkeypatch.setenv("MODELMERIT_HOME", str(home))
    async with open_app() as app:
        answered = (await app.dispatching.dispatch(TaskRequest(task="Tidy up"), client="claude-code")).attempt
        ran = OutcomeReport(outcome="success", executed_model="claude-newest-9")
        await app.dispatching.report(answered.id, ran)
    found = look(home, tmp_path)["executed"]

    assert found.state == "warning"
    assert "ran another model than was answered" in found.line
    assert f"most often claude-newest-9 for {answered.model};" in found.line
    assert "the id 'claude-newest-9' in models.json" in found.to_do


def test_an_empty_home_is_in_order_and_stays_empty(home, tmp_path):
    found = look(home, tmp_path)

    assert {found[name].state for name in ("policy", "store", "clock", "spool", "hook faults", "outcomes")} == {"ok"}
    assert not home.exists()


def test_a_broken_policy_fails_and_says_what_stands_in_for_it(history_home, tmp_path):
    policy = history_home / "models.json"
    policy.write_text('{"rules": [')
    found = look(history_home, tmp_path)["policy"]

    assert found.state == "failed"
    assert "line 1" in found.line
    assert str(policy) in found.to_do
    assert "is in force" in found.to_do


def test_a_rule_that_does_not_work_is_a_warning(history_home, tmp_path):
    (history_home / "models.json").write_text(
        '{"task_complexity": {"simple": {"model": "m"}, "medium": {"model": "m"}, "complex": {"model": "m"}},'
        ' "rules": [{"if": "task contanis \'x\'", "use": "m"}]}'
    )
    found = look(history_home, tmp_path)["policy"]

    assert found.state == "warning"
    assert "rule 1" in found.line


def test_a_policy_edited_behind_the_log_is_a_warning(home, tmp_path):
    settings = Settings.from_environment()
    settings.make_home()
    PolicyFile(settings.policy_path, settings.change_log_path).ensure_exists()
    assert look(home, tmp_path)["policy"].state == "ok"
    settings.policy_path.write_text(settings.policy_path.read_text() + "\n")
    found = look(home, tmp_path)["policy"]

    assert found.state == "warning"
    assert "was edited since the last change" in found.line


def test_a_file_that_is_no_store_fails_and_the_rest_is_still_told(history_home, tmp_path):
    for end in ("-wal", "-shm"):
        (history_home / f"modelmerit.db{end}").unlink(missing_ok=True)
    (history_home / "modelmerit.db").write_text("not a database, but long enough to be looked at " * 100)
    found = look(history_home, tmp_path)

    assert found["store"].state == "failed"
    assert "move it away" in found["store"].to_do
    assert found["outcomes"].state == "warning"
    assert "Put the store right first" in found["outcomes"].to_do
    assert found["policy"].state == "ok"
    assert found["clock"].state == "ok"


def test_a_damaged_store_fails(history_home, tmp_path):
    path = history_home / "modelmerit.db"
    content = bytearray(path.read_bytes())
    content[40 * 4096 : 44 * 4096] = b"\xff" * 4 * 4096
    path.write_bytes(content)
    found = look(history_home, tmp_path)["store"]

    assert found.state == "failed"
    assert "damaged" in found.line + found.to_do


def test_a_store_of_a_newer_release_fails(history_home, tmp_path):
    with closing(sqlite3.connect(history_home / "modelmerit.db", isolation_level=None)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'later')")
    found = look(history_home, tmp_path)["store"]

    assert found.state == "failed"
    assert "schema version 9999" in found.line
    assert "upgrade" in found.to_do


def test_a_store_that_somebody_holds_fails_and_names_them(history_home, tmp_path):
    with (history_home / "modelmerit.db.gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        found = look(history_home, tmp_path)["store"]

    assert found.state == "failed"
    assert "is not free" in found.line


def test_a_clock_behind_what_is_recorded_is_a_warning(history_home, tmp_path):
    newest_known = datetime.now(UTC)
    found = look(history_home, tmp_path, now=newest_known - timedelta(days=60))["clock"]

    assert found.state == "warning"
    assert "already recorded" in found.line


def test_a_clock_before_this_program_was_made_fails(home, tmp_path):
    assert look(home, tmp_path, now=datetime(1970, 1, 2, tzinfo=UTC))["clock"].state == "failed"


@pytest.mark.parametrize(
    ("zone", "state"), [("Europe/Zurich", "ok"), ("CET-1CEST", "ok"), (":UTC", "ok"), ("Mars/Olympus", "warning")]
)
def test_a_time_zone_the_system_does_not_know_is_a_warning(home, tmp_path, zone, state):
    assert look(home, tmp_path, TZ=zone)["clock"].state == state


def test_events_that_wait_long_are_a_warning_and_faults_of_hooks_are_shown(home, tmp_path):
    (home / "spool").mkdir(parents=True)
    (home / "spool" / ".1-1.json").write_text("being written")
    fresh = int((NOW - timedelta(minutes=5)).timestamp() * 1e9)
    (home / "spool" / f"{fresh}-7.json").write_text("{}")
    assert look(home, tmp_path, now=NOW)["spool"].line == "1 event waits to be recorded, the oldest for 5 min"

    old = int((NOW - timedelta(days=3)).timestamp() * 1e9)
    (home / "spool" / f"{old}-7.json").write_text("{}")
    (home / "spool" / "strange.json").write_text("{}")
    log = home / "hook-faults.log"
    log.write_text("".join(f"2026-11-21T11:0{n}:00Z fault {n}\n" for n in range(5)))
    os.utime(log, (NOW.timestamp(), NOW.timestamp()))
    found = look(home, tmp_path, now=NOW)

    assert found["spool"].state == "warning"
    assert found["hook faults"].state == "warning"
    assert "fault 4" in found["hook faults"].line
    assert "fault 1" not in found["hook faults"].line
    assert look(home, tmp_path, now=NOW + timedelta(days=30))["hook faults"].state == "ok"


async def test_hooks_are_told_as_far_as_they_were_heard(home, tmp_path):
    plugin = tmp_path / ".config/opencode/plugin/modelmerit.js"
    plugin.parent.mkdir(parents=True)
    plugin.write_text("")
    silent = look(home, tmp_path)["hooks"]
    async with open_app() as app:
        heard = datetime.now(UTC) - timedelta(minutes=7)
        await app.store.note_events("opencode", {"session.idle": 3}, heard)
    found = look(home, tmp_path)["hooks"]

    assert (silent.state, "nothing was heard of them yet" in silent.line) == ("warning", True)
    assert (found.state, found.line) == ("ok", "opencode: session.idle 3 times, last 7 min ago")


def test_a_setting_that_cannot_be_used_is_told_instead_of_what_needs_it(tmp_path):
    found = look(tmp_path / "home", tmp_path, MODELMERIT_EXPLORATION="maybe")

    assert list(found) == ["modelmerit", "mcp", "SQLite", "settings"]
    assert found["settings"].state == "failed"


def test_a_check_that_goes_wrong_or_hangs_is_a_finding():
    def wrong():
        raise ZeroDivisionError("by zero")

    def unreadable():
        raise PermissionError(13, "Permission denied", "/secret")

    released = threading.Event()

    def stuck():
        released.wait()
        return []

    assert findings_of(Check("a", wrong))[0].line == "This check itself went wrong (ZeroDivisionError: by zero)."
    assert findings_of(Check("b", unreadable))[0].line == "/secret: Permission denied."
    assert "not through" in findings_of(Check("c", stuck, limit_s=0.05))[0].line
    released.set()


def test_the_worst_state_counts():
    states = [Finding("a", "ok", ""), Finding("b", "warning", ""), Finding("c", "failed", "")]

    assert [worst(states[:count]) for count in range(4)] == ["ok", "ok", "warning", "failed"]


@pytest.mark.parametrize(
    ("numbers", "told"),
    [((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False)],
)
def test_the_wal_reset_bug_is_told_of_the_releases_that_have_it(numbers, told):
    assert ("our lock" in _sqlite(numbers).line) is told
