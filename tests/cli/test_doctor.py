"""`modelmerit doctor` as a person and a script see it, with real servers started."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from warm_processes import run_command

COMMAND = ("-c", "from modelmerit.cli.main import main; main()", "doctor")
HERE = Path(sys.executable).parent
SERVERS = {name: {"command": str(HERE / name)} for name in ("task-dispatcher", "model-learning-analyzer")}


@pytest.fixture
def doctor(home, tmp_path):
    """Runs the doctor in a process of its own, in a person's home in which nothing else is."""
    person = tmp_path / "person"
    person.mkdir()

    def run(*options, python=None, limit=None, **environment):
        environment = os.environ | {"HOME": str(person)} | environment
        if python is None and limit is None:
            done = run_command("doctor", *options, env=environment, cwd=person)
        else:
            command = (str(python or sys.executable), *COMMAND, *options)
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=120, cwd=person, env=environment, preexec_fn=limit
            )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


def register(tmp_path):
    (tmp_path / "person" / ".cursor").mkdir()
    (tmp_path / "person" / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": SERVERS}))


def found(done):
    answer = json.loads(done.stdout)
    return answer["state"], {check["name"]: check for check in answer["checks"]}


def test_in_a_healthy_home_all_is_in_order(doctor, history_home, tmp_path):
    register(tmp_path)
    done = doctor()

    assert done.returncode == 0
    assert done.stdout.endswith("All in order.\n")
    lines = done.stdout.splitlines()[:-1]
    assert all(line.startswith("ok") for line in lines)
    for name in ("modelmerit", "mcp", "SQLite", "policy", "store", "clock", "cursor", "outcomes", *SERVERS):
        assert sum(f"  {name}: " in line for line in lines) >= 1
    for name, tools in {"task-dispatcher": 5, "model-learning-analyzer": 6}.items():
        assert any(re.fullmatch(rf"ok +{name}: starts in [\d.]+ s, {tools} tools", line) for line in lines)


def test_without_anything_it_says_where_to_begin_and_does_not_fail(doctor):
    done = doctor("--json")
    state, checks = found(done)

    assert (done.returncode, state) == (0, "warning")
    assert "modelmerit install claude-code" in checks["clients"]["to_do"]
    assert [name for name, check in checks.items() if check["state"] != "ok"] == ["clients"]


def test_a_broken_policy_and_a_server_that_is_missing_fail_with_what_to_do(doctor, history_home, tmp_path):
    (history_home / "models.json").write_text("{ nothing")
    (tmp_path / "person" / ".codex").mkdir()
    # A Python of another folder, beside which no command is installed, and which has only half of the packages.
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    packages = [path for path in sys.path if path and not path.endswith("/servers")]
    done = doctor("--json", python=python, PYTHONPATH=os.pathsep.join(packages))
    state, checks = found(done)

    assert (done.returncode, state) == (1, "failed")
    failed = {name for name, check in checks.items() if check["state"] == "failed"}
    assert failed == {"policy", *SERVERS}
    assert "No module named task_dispatcher" in checks["task-dispatcher"]["line"]
    assert str(history_home / "models.json") in checks["policy"]["to_do"]
    assert (checks["codex"]["state"], checks["codex"]["line"]) == ("warning", "not registered")
    assert checks["store"]["state"] == "ok"
    assert all(check["to_do"] for check in checks.values() if check["state"] != "ok")


def test_on_a_full_disk_it_still_tells_what_it_finds(doctor, history_home):
    def nothing_can_be_written():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    _, checks = found(doctor("--json", limit=nothing_can_be_written))

    assert {checks[name]["state"] for name in ("policy", "clock", "modelmerit", *SERVERS)} == {"ok"}
    assert checks["store"]["state"] == "failed"
    assert "see whether it is full" in checks["store"]["to_do"]


def test_a_home_that_cannot_be_made_is_said(doctor, tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = doctor("--json", MODELMERIT_HOME=str(tmp_path / "file" / "home"))
    state, checks = found(done)

    assert (done.returncode, state) == (1, "failed")
    for name in SERVERS:  # in their own words
        assert checks[name]["state"] == "failed"
        assert "The home folder" in checks[name]["line"]
        assert "Traceback" not in checks[name]["line"]
