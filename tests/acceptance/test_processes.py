"""Real server processes: at once on one home, killed in the middle, and ended by their client."""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelmerit.cli.demo.simulation import OPUS, SONNET
from warm_processes import WarmProcess

EACH = 250


def dispatch_many(server, name):
    for number in range(EACH):
        server.ok("dispatch_task", task=f"{name}: item {number}", workspace=name)


def test_two_processes_dispatching_at_once_lose_and_double_nothing(serve, home):
    servers = {name: serve("task_dispatcher", home) for name in ("one", "two")}
    with ThreadPoolExecutor(2) as agents:
        for dispatching in [agents.submit(dispatch_many, server, name) for name, server in servers.items()]:
            dispatching.result()
    with sqlite3.connect(home / "modelmerit.db") as store:
        counted = store.execute("SELECT workspace, count(*), count(DISTINCT task) FROM attempts GROUP BY 1").fetchall()
        tallied = store.execute("SELECT sum(attempts) FROM tallies WHERE keyword = ''").fetchone()
        active = store.execute("SELECT sum(attempts) FROM activity").fetchone()
    store.close()
    assert sorted(counted) == [("one", EACH, EACH), ("two", EACH, EACH)]
    assert tallied == active == (2 * EACH,)


@pytest.mark.parametrize("round_number", range(6))
def test_killed_in_the_middle_of_an_apply_models_json_is_the_old_one_or_the_new_one(history_home, round_number):
    policy = history_home / "models.json"
    before = policy.read_text()
    process = WarmProcess("acceptance.applying", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    # An apply takes some 20 ms after this line, so the kill falls before, within or after the commit.
    delay_s = random.Random(round_number).uniform(0, 0.03)
    try:
        process.wait(delay_s)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait(60)
    process.stdout.close()
    after = policy.read_text()
    document = json.loads(after)
    assert document["task_complexity"]["medium"]["model"] in (OPUS, SONNET)
    if document["task_complexity"]["medium"]["model"] == OPUS:
        assert after == before
    else:
        assert after == before.replace(
            f'"medium": {{\n      "model": "{OPUS}"', f'"medium": {{\n      "model": "{SONNET}"'
        )


@pytest.mark.parametrize("module", ["task_dispatcher", "model_learning_analyzer"])
def test_a_server_ends_when_its_client_closes_standard_input(home, module):
    child = subprocess.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 0
    assert errors == b""


@pytest.mark.parametrize("module", ["task_dispatcher", "model_learning_analyzer"])
def test_a_server_that_cannot_start_says_why_in_one_line(tmp_path, monkeypatch, module):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("MODELMERIT_HOME", str(blocked / "home"))
    with tempfile.TemporaryFile() as said:
        assert WarmProcess(module, stderr=said).wait(60) == 1
        said.seek(0)
        (line,) = said.read().splitlines()
    assert b"MODELMERIT_HOME" in line
