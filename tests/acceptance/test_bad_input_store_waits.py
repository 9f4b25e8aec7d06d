"""A store that others hold, or that the disk has no room for: told in time, nothing lost, nothing recorded twice."""

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

PAGE = 4096
HOLD = """
import asyncio, sys
from pathlib import Path
from modelmerit.evidence.database import Database

async def main():
    database = await Database.open(Path(sys.argv[1]))
    await database.transaction(lambda connection: (print(flush=True), input()))
    await database.close()

asyncio.run(main())
"""


def stored(home, workspace):
    with closing(sqlite3.connect(home / "modelmerit.db")) as connection:
        counted = connection.execute("SELECT count(*) FROM attempts WHERE workspace = ?", (workspace,))
        return counted.fetchone()[0]


@contextmanager
def stopped_in_a_transaction(home):
    """A process of ours that is stopped between BEGIN and COMMIT, and let go on at the end."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, home / "modelmerit.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGSTOP)
    try:
        yield child.pid
    finally:
        child.send_signal(signal.SIGCONT)
        child.communicate(b"\n", timeout=60)


def test_whoever_waits_for_a_stopped_process_or_a_foreign_lock_is_told_in_time_who_it_is(serve, tmp_path):
    home, other_home = tmp_path / "home", tmp_path / "other"
    server, other = serve("task_dispatcher", home), serve("task_dispatcher", other_home)
    known = server.ok("dispatch_task", task="Fix the typo", workspace="web").content["task_id"]
    other.ok("dispatch_task", task="Fix the typo", workspace="web")
    foreign = sqlite3.connect(other_home / "modelmerit.db", isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with stopped_in_a_transaction(home) as pid:
        late = serve("model_learning_analyzer", home)
        began = time.monotonic()
        requests = [server.ask("dispatch_task", task=f"Task {number}", workspace="web") for number in range(3)]
        requested = other.ask("dispatch_task", task="Another", workspace="web")
        deciding = late.ask("suggest_model_rules")
        foreign_answer = other.answer_to(requested)
        foreign_answered_s = time.monotonic() - began
        answers = [*map(server.answer_to, requests), late.answer_to(deciding)]
        answered_s = time.monotonic() - began
        assert server.ok("get_task_status", task_id=known).content["task"]["task"] == "Fix the typo"
    # Ten seconds of patience, five for SQLite's own lock, and twice as much again for a busy machine.
    assert foreign_answered_s < 15
    assert answered_s < 30
    for answer in (*answers, foreign_answer):
        assert answer.is_error
        assert "is not free" in answer.text
        assert "Nothing was recorded" in answer.text
    if sys.platform.startswith("linux"):
        assert all(f"process {pid} (" in answer.text for answer in answers)
        assert all(f"`kill -CONT {pid}`" in answer.text for answer in answers)
        assert f"process {os.getpid()} (" in foreign_answer.text
    foreign.execute("ROLLBACK")
    foreign.close()
    for each in (server, other):
        each.ok("dispatch_task", task="Now it goes", workspace="web")
    late.ok("suggest_model_rules")
    assert stored(home, "web") == stored(other_home, "web") == 2


def test_a_server_whose_client_leaves_does_not_wait_for_a_stopped_process(serve, tmp_path):
    server = serve("task_dispatcher", tmp_path, cold=True)
    server.ok("dispatch_task", task="Fix the typo", workspace="web")
    with stopped_in_a_transaction(tmp_path):
        server.ask("dispatch_task", task="Fix it", workspace="web")
        time.sleep(0.2)  # no sign tells from outside that the call waits at the gate
        began = time.monotonic()
        server.end()
        assert time.monotonic() - began < 5
    assert stored(tmp_path, "web") == 1


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a running process")
def test_a_disk_that_fills_up_loses_nothing_and_doubles_nothing(serve, tmp_path):
    server = serve("task_dispatcher", tmp_path)
    task_id = server.ok("dispatch_task", task="Before", workspace="web").content["task_id"]
    usual = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (PAGE, usual[1]))
    for _ in range(3):
        assert "disk" in server.refused("dispatch_task", task="Meanwhile", workspace="web")
        assert "disk" in server.refused("update_task_outcome", task_id=task_id, outcome="failure")
    assert "outcome" not in server.ok("get_task_status", task_id=task_id).content["task"]
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, usual)
    server.ok("update_task_outcome", task_id=task_id, outcome="success")
    server.ok("dispatch_task", task="After", workspace="web")
    assert stored(tmp_path, "web") == 2


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a running process")
def test_findings_that_there_is_no_room_for_are_told_and_found_again(serve, lived_in, tmp_path):
    home = shutil.copytree(lived_in, tmp_path / "home")
    server = serve("model_learning_analyzer", home)
    server.ok("list_model_changes")
    usual = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    before = (home / "models.json").read_bytes()
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (PAGE, usual[1]))
    assert "disk" in server.refused("suggest_model_rules")
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, usual)
    suggestion = server.ok("suggest_model_rules").content["suggestions"][0]
    named = {"suggestion_id": suggestion["id"]}
    awaiting = server.ok("apply_model_suggestion", **named).content
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (16, usual[1]))
    refusal = server.refused("apply_model_suggestion", **named, change=awaiting["change"])
    assert "models.json" in refusal
    assert (home / "models.json").read_bytes() == before
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, usual)
    assert server.ok("apply_model_suggestion", **named, change=awaiting["change"]).content["state"] == "applied"


@contextmanager
def small_disk(path):
    path.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m,mode=700"]
    if shutil.which("mount") is None or subprocess.run(["mount", *options, "tmpfs", path], check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def test_a_full_file_system_is_told_and_works_once_there_is_room(serve, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        server = serve("task_dispatcher", disk / "home")
        server.ok("dispatch_task", task="Before", workspace="web")
        filling = disk / "filling"
        with filling.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * PAGE)
        calls = [
            server.call("dispatch_task", task=f"Meanwhile {number} " + "and so on " * 100, workspace="full")
            for number in range(100)
        ]
        refusals = [answer.text for answer in calls if answer.is_error]
        assert refusals
        assert all("disk" in refusal for refusal in refusals), refusals
        filling.unlink()
        server.ok("dispatch_task", task="After", workspace="web")
        assert stored(disk / "home", "web") == 2
        assert stored(disk / "home", "full") == len(calls) - len(refusals)
        server.end()
