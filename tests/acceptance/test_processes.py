"""Real server processes: at once on one home, killed in the middle, and ended by their client."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys

import pytest
from mcp import Client, StdioServerParameters

from modelmerit.cli.demo.simulation import OPUS, SONNET

EACH = 250


def server(module, home):
    return StdioServerParameters(
        command=sys.executable, args=["-m", module], env={**os.environ, "MODELMERIT_HOME": str(home)}
    )


async def dispatch_many(home, name):
    async with Client(server("task_dispatcher", home)) as client:
        for number in range(EACH):
            result = await client.call_tool("dispatch_task", {"task": f"{name}: item {number}", "workspace": name})
            assert not result.is_error, result.content[0].text


async def test_two_processes_dispatching_at_once_lose_and_double_nothing(home):
    await asyncio.gather(dispatch_many(home, "one"), dispatch_many(home, "two"))
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
    script = (
        "import asyncio, sys\n"
        "from modelmerit.app import open_app\n"
        "async def main():\n"
        "    async with open_app() as app:\n"
        "        suggestion = (await app.analysing.findings()).proposed[0]\n"
        "        print(flush=True)\n"
        "        await app.approving.apply(suggestion.id, approved=suggestion.change, who='test')\n"
        "asyncio.run(main())\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    # An apply takes some 20 ms after this line, so the kill falls before, within or after the commit.
    delay_s = random.Random(round_number).uniform(0, 0.03)
    try:
        child.wait(delay_s)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
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
    done = subprocess.run([sys.executable, "-m", module], input=b"", capture_output=True, timeout=60)
    assert done.returncode == 1
    assert b"MODELMERIT_HOME" in done.stderr
    assert b"Traceback" not in done.stderr
