"""Calls that nobody waits for any more: cancelled, or left behind by a client that is gone. Nothing is half done."""

import json
import shutil
import sqlite3
import time

import pytest

from modelmerit.cli.demo.simulation import SONNET

HANDSHAKE, MODERN = "2025-11-25", "2026-07-28"
ERAS = pytest.mark.parametrize("era", [HANDSHAKE, MODERN])


def counted(home):
    """How many attempts the store holds, as a whole store counts them: in three places, alike."""
    store = sqlite3.connect(home / "modelmerit.db")
    try:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (attempts,) = store.execute("SELECT count(*) FROM attempts").fetchone()
        (active,) = store.execute("SELECT coalesce(sum(attempts), 0) FROM activity").fetchone()
        (counter,) = store.execute("SELECT value FROM counters WHERE name = 'attempts'").fetchone()
    finally:
        store.close()
    assert attempts == active == counter
    return attempts


def about(request_id, messages):
    """Which of the messages are about a request: its answer, or its progress."""
    return [
        message
        for message in messages
        if message.get("id") == request_id or message.get("params", {}).get("progressToken") == request_id
    ]


def medium_model(home):
    return json.loads((home / "models.json").read_text())["task_complexity"]["medium"]["model"]


@pytest.fixture
def lived_in_home(lived_in, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(lived_in, home)
    return home


@ERAS
@pytest.mark.parametrize("tool", ["analyze_model_performance", "suggest_model_rules"])
def test_a_cancelled_analysis_is_not_heard_of_again_and_the_next_one_works(wires, lived_in_home, era, tool):
    wire = wires.open("model_learning_analyzer", era, lived_in_home)
    before = (lived_in_home / "models.json").read_bytes()
    for _ in range(3):
        cancelled = wire.call(tool, progressToken="watched")
        # The first step is told when the call is on its way, and long before it is done.
        assert wire.message()["params"]["progressToken"] == "watched"
        wire.cancel(cancelled)
        listed, others = wire.call("list_model_changes"), []
        wire.answer(listed, others)
        assert not about(cancelled, others)
        assert not about("watched", others)
    others = []
    again = wire.answer(wire.call("suggest_model_rules"), others)
    assert not others
    assert again["result"]["structuredContent"]["suggestions"]
    assert (lived_in_home / "models.json").read_bytes() == before
    assert counted(lived_in_home) > 2000
    assert wire.end() == 0


@ERAS
def test_a_hundred_cancelled_dispatches_are_each_recorded_whole_or_not_at_all(wires, era):
    wire = wires.open("task_dispatcher", era)
    heard = []
    requests = []
    for number in range(100):
        requests.append(wire.call("dispatch_task", {"task": f"Repair part {number} of the parser", "workspace": "w"}))
        # Some are cancelled before they begin, some within their transaction, some when they are done.
        time.sleep(number % 10 * 0.0005)
        wire.cancel(requests[-1])
    last = wire.answer(wire.call("dispatch_task", {"task": "The last one", "workspace": "w"}), heard)
    assert last["result"]["structuredContent"]["task_id"]
    answered = [message for message in heard if message.get("id") in requests]
    assert all("result" in message for message in answered)
    assert wire.end() == 0
    recorded = counted(wire.home)
    assert len(answered) + 1 <= recorded <= 101


@ERAS
def test_what_was_answered_before_a_client_left_is_recorded_and_the_server_ends(wires, era):
    wire = wires.open("task_dispatcher", era)
    requests = [wire.call("dispatch_task", {"task": f"Task {number}", "workspace": "w"}) for number in range(100)]
    wire.answer(requests[9])
    assert wire.end(patience_s=30.0) == 0  # what it has to do takes under a second of an idle machine
    assert 10 <= counted(wire.home) <= 100
    reopened = wires.open("task_dispatcher", era, wire.home)
    assert reopened.result(reopened.call("dispatch_task", {"task": "Afterwards", "workspace": "w"}))["task_id"]


@ERAS
def test_a_client_that_stops_reading_ends_the_server_quietly(wires, era):
    wire = wires.open("task_dispatcher", era, cold=era == MODERN)
    wire.result(wire.call("dispatch_task", {"task": "The last answer that anyone reads", "workspace": "w"}))
    wire.hang_up()
    wire.call("dispatch_task", {"task": "An answer that nobody reads", "workspace": "w"})
    assert wire.end() == 0
    assert 1 <= counted(wire.home) <= 2
    assert not wire.said()


@ERAS
@pytest.mark.parametrize("delay_ms", [0, 10, 30])
def test_a_cancelled_apply_has_happened_or_has_not(wires, lived_in_home, era, delay_ms):
    wire = wires.open("model_learning_analyzer", era, lived_in_home)
    found = wire.result(wire.call("suggest_model_rules"))["suggestions"]
    suggestion = next(each for each in found if each["type"] == "change_default")
    arguments = {"suggestion_id": suggestion["id"]}
    arguments["change"] = wire.result(wire.call("apply_model_suggestion", arguments))["change"]
    cancelled = wire.call("apply_model_suggestion", arguments)
    time.sleep(delay_ms / 1000)
    wire.cancel(cancelled)
    again = wire.result(wire.call("apply_model_suggestion", arguments))
    assert again["state"] == "applied"
    assert medium_model(lived_in_home) == SONNET
    changes = wire.result(wire.call("list_model_changes"))
    assert [change["kind"] for change in changes["changes"]].count("apply") == 1
    assert not changes["edited_outside"]
