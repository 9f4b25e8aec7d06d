"""Decisions on what is unknown, decided already or overtaken, over real servers: told as it is, and nothing changed."""

import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest

from modelmerit.cli.demo.simulation import HAIKU, OPUS, SONNET, Simulation
from warm_processes import run_command

HANDSHAKE, MODERN = "2025-11-25", "2026-07-28"
MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")
APPLY, REJECT, ROLLBACK = "apply_model_suggestion", "reject_model_suggestion", "rollback_model_change"


@pytest.fixture(scope="module", params=[HANDSHAKE, MODERN])
def server_and_home(serve, lived_in, tmp_path_factory, request):
    home = shutil.copytree(lived_in, tmp_path_factory.mktemp("decisions") / "home")
    return serve("model_learning_analyzer", home, request.param), home


@pytest.fixture
def home(server_and_home, lived_in):
    """The home as it was before any decision."""
    _, home = server_and_home
    for path in home.iterdir():
        path.unlink()
    shutil.copytree(lived_in, home, dirs_exist_ok=True)
    return home


@pytest.fixture
def server(server_and_home, home):
    server, _ = server_and_home
    server.call("analyze_model_performance")  # may say that it has found another store
    server.ok("analyze_model_performance")
    return server


@pytest.fixture
def suggestion(server):
    """The suggestion that the history supports: a cheaper default for medium tasks."""
    (found,) = server.ok("suggest_model_rules").content["suggestions"]
    assert (found["from_model"], found["to_model"]) == (OPUS, SONNET)
    return found


def edit(home, change):
    document = json.loads((home / "models.json").read_text())
    change(document)
    (home / "models.json").write_text(json.dumps(document, indent=2) + "\n")


def medium(model):
    return lambda document: document["task_complexity"]["medium"].update(model=model)


def medium_model(home):
    return json.loads((home / "models.json").read_text())["task_complexity"]["medium"]["model"]


def apply(server, suggestion):
    """The two steps of a client that has no form; answers the second."""
    named = {"suggestion_id": suggestion["id"]}
    change = server.ok(APPLY, **named).content["change"]
    return server.ok(APPLY, **named, change=change).content


def a_history_in_which_the_cheapest_does_as_well():
    """The demo's months once more, with medium tasks that HAIKU always does and SONNET never."""
    for record in Simulation(8, datetime(2026, 11, 21, tzinfo=UTC)).records():
        if record["complexity"] == "medium" and record["model"] != OPUS:
            record["outcome"] = "success" if record["model"] == HAIKU else "failure"
        yield record | {"id": f"again-{record['id']}"}


def status(home):
    with closing(sqlite3.connect(home / "modelmerit.db")) as connection:
        return [row[0] for row in connection.execute("SELECT status FROM suggestions")]


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        (APPLY, {"suggestion_id": "s-none"}, ["'s-none'", "suggest_model_rules"]),
        (APPLY, {"suggestion_id": "s-none", "change": "anything"}, ["'s-none'", "suggest_model_rules"]),
        (APPLY, {"suggestion_id": ""}, ["suggestion_id"]),
        (APPLY, {"suggestion_id": "s" * 101}, ["suggestion_id"]),
        (APPLY, {}, ["suggestion_id"]),
        (APPLY, {"suggestion_id": "s-none", "approve": True}, ["'approve'"]),
        (REJECT, {"suggestion_id": "s-\0\u202e"}, ["suggest_model_rules"]),
        (REJECT, {"suggestion_id": "s-none", "reason": "x" * 10**6}, ["reason"]),
        (ROLLBACK, {"change_id": "change-none"}, ["'change-none'", "list"]),
        (ROLLBACK, {"change_id": "change-none", "change": "anything"}, ["'change-none'", "list"]),
        ("analyze_model_performance", {"since_date": "yesterday"}, ["since_date", "'yesterday'", "YYYY-MM-DD"]),
        ("analyze_model_performance", {"since_date": "2026-02-30"}, ["since_date", "'2026-02-30'"]),
        ("analyze_model_performance", {"since_date": 20260101}, ["since_date"]),
        ("analyze_model_performance", {"min_sample_size": 0}, ["min_sample_size"]),
        ("suggest_model_rules", {"min_confidence": 1.01}, ["min_confidence"]),
        ("suggest_model_rules", {"min_confidence": "high"}, ["min_confidence", "'high'"]),
    ],
)
def test_what_does_not_exist_or_cannot_be_meant_is_refused(server_and_home, tool, arguments, expected):
    server, home = server_and_home
    before = (home / "models.json").read_bytes()
    refusal = server.refused(tool, **arguments)
    assert not [word for word in expected if word not in refusal], refusal
    assert len(refusal) < 1000
    assert (home / "models.json").read_bytes() == before
    server.ok("list_model_changes")


def test_a_rejected_suggestion_is_refused_and_stays_rejected(server, home, suggestion):
    named = {"suggestion_id": suggestion["id"]}
    for _ in range(2):
        assert server.ok(REJECT, **named, reason="no").content["status"] == "rejected"
    for change in (None, suggestion["change"]):
        decision = server.ok(APPLY, **named, change=change).content
        assert decision["state"] == "refused"
        assert "rejected" in decision["message"]
    assert medium_model(home) == OPUS
    assert status(home) == ["rejected"]


def test_an_applied_suggestion_is_applied_once(server, home, suggestion):
    first = apply(server, suggestion)
    text = (home / "models.json").read_bytes()
    for change in (None, first["change"], "something else"):
        decision = server.ok(APPLY, suggestion_id=suggestion["id"], change=change).content
        assert (decision["state"], decision["change_id"]) == ("applied", first["change_id"])
        assert "already" in decision["message"]
    assert server.ok(REJECT, suggestion_id=suggestion["id"]).content["status"] == "applied"
    assert (home / "models.json").read_bytes() == text
    assert len(server.ok("list_model_changes").content["changes"]) == 1


def test_a_line_that_was_not_shown_is_no_approval(server, home, suggestion):
    named = {"suggestion_id": suggestion["id"]}
    for change in ("yes", "", suggestion["change"] + " ", suggestion["change"].upper()):
        decision = server.ok(APPLY, **named, change=change).content
        assert (decision["state"], decision["change"]) == ("awaiting_approval", suggestion["change"])
        assert SONNET in decision["diff"]
        assert medium_model(home) == OPUS
    assert apply(server, suggestion)["state"] == "applied"
    for change in ("yes", suggestion["change"]):
        assert server.ok(ROLLBACK, change=change).content["state"] == "awaiting_approval"
    assert medium_model(home) == SONNET


def test_a_suggestion_that_a_hand_has_carried_out_is_superseded(server, home, suggestion):
    edit(home, medium(SONNET))
    before = (home / "models.json").read_bytes()
    decision = server.ok(APPLY, suggestion_id=suggestion["id"], change=suggestion["change"]).content
    assert decision["state"] == "superseded"
    assert "superseded_by" not in decision
    assert (home / "models.json").read_bytes() == before
    assert server.ok("list_model_changes").content["edited_outside"] is False
    assert server.ok(REJECT, suggestion_id=suggestion["id"]).content["status"] == "superseded"


def test_an_approval_counts_for_no_other_line_than_the_one_that_was_shown(server, home, suggestion):
    named = {"suggestion_id": suggestion["id"]}
    change = server.ok(APPLY, **named).content["change"]
    # The same model by another name: what was found stands, but what would be done is no longer what was shown.
    edit(home, lambda document: document.update(models={"dear": {"id": OPUS}}))
    edit(home, medium("dear"))
    decision = server.ok(APPLY, **named, change=change).content
    assert decision["state"] == "awaiting_approval"
    assert decision["change"] != change
    assert medium_model(home) == "dear"
    assert apply(server, suggestion)["state"] == "applied"
    assert medium_model(home) != "dear"


def test_a_suggestion_overtaken_by_evidence_names_the_one_that_took_its_place(server, home, suggestion, tmp_path):
    change = server.ok(APPLY, suggestion_id=suggestion["id"]).content["change"]
    log = tmp_path / "dispatches.json"
    log.write_text(json.dumps(list(a_history_in_which_the_cheapest_does_as_well())))
    assert run_command("import", "dispatches", log, env=os.environ | {"MODELMERIT_HOME": str(home)}).returncode == 0
    decision = server.ok(APPLY, suggestion_id=suggestion["id"], change=change).content
    (newer,) = server.ok("suggest_model_rules").content["suggestions"]
    assert (newer["scope"], newer["to_model"]) == (suggestion["scope"], HAIKU)
    assert (decision["state"], decision["superseded_by"]) == ("superseded", newer["id"])
    assert newer["id"] in decision["message"]
    assert medium_model(home) == OPUS
    assert apply(server, newer)["state"] == "applied"
    assert medium_model(home) == HAIKU


def test_a_suggestion_that_still_applies_cleanly_is_applied_beside_the_edit(server, home, suggestion):
    change = server.ok(APPLY, suggestion_id=suggestion["id"]).content["change"]
    edit(home, lambda document: document.update(my_own_note="keep me"))
    edit(home, lambda document: document.setdefault("rules", []).append({"if": "role is 'poet'", "use": "haiku"}))
    assert server.ok(APPLY, suggestion_id=suggestion["id"], change=change).content["state"] == "applied"
    document = json.loads((home / "models.json").read_text())
    assert document["my_own_note"] == "keep me"
    assert document["rules"][-1] == {"if": "role is 'poet'", "use": "haiku"}
    assert medium_model(home) == SONNET


@pytest.mark.parametrize("content", [None, b"", b"{ not json", b"[]"])
def test_a_models_json_that_is_broken_meanwhile_is_left_alone(server, home, suggestion, content):
    change = server.ok(APPLY, suggestion_id=suggestion["id"]).content["change"]
    good = (home / "models.json").read_bytes()
    (home / "models.json").unlink() if content is None else (home / "models.json").write_bytes(content)
    for repeated in (None, change):
        decision = server.ok(APPLY, suggestion_id=suggestion["id"], change=repeated).content
        assert decision["state"] == "refused"
        assert "models.json" in decision["message"]
    assert ((home / "models.json").read_bytes() if content is not None else None) == content
    (home / "models.json").write_bytes(good)
    assert apply(server, suggestion)["state"] == "applied"


def test_a_change_is_taken_back_once(server, home, suggestion):
    before = (home / "models.json").read_bytes()
    nothing = server.ok(ROLLBACK).content
    assert (nothing["state"], nothing["message"]) == ("refused", "There is no change to take back.")
    applied = apply(server, suggestion)
    line = server.ok(ROLLBACK, change_id=applied["change_id"]).content["change"]
    assert server.ok(ROLLBACK, change_id=applied["change_id"], change=line).content["state"] == "rolled_back"
    for change in (None, line):
        again = server.ok(ROLLBACK, change_id=applied["change_id"], change=change).content
        assert again["state"] == "rolled_back"
        assert "already" in again["message"]
    assert (home / "models.json").read_bytes() == before
    assert len(server.ok("list_model_changes").content["changes"]) == 2
    assert status(home) == ["rolled back"]


def test_a_change_that_an_edit_has_overtaken_is_not_taken_back_and_the_backup_is_named(server, home, suggestion):
    applied = apply(server, suggestion)
    edit(home, medium(HAIKU))
    decision = server.ok(ROLLBACK, change_id=applied["change_id"]).content
    assert decision["state"] == "refused"
    assert "models.json.bak." in decision["message"]
    assert medium_model(home) == HAIKU


def test_a_change_log_full_of_rubbish_hides_nothing_that_is_readable(server, home, suggestion):
    log = home / "model-config-changes.log"
    apply(server, suggestion)
    good = log.read_bytes()
    rubbish = b'\xff\xfe\n[]\n{"kind": "apply"}\nnull\n' + b"[" * 100_000 + b'\n{"kind": "apply", "id": 7}\n{"half'
    log.write_bytes(rubbish + b"\n" + good + rubbish)
    (entry,) = server.ok("list_model_changes").content["changes"]
    assert entry["suggestion_id"] == suggestion["id"]
    line = server.ok(ROLLBACK).content["change"]
    assert server.ok(ROLLBACK, change=line).content["state"] == "rolled_back"
    assert len(server.ok("list_model_changes").content["changes"]) == 2


def test_a_change_log_that_is_a_folder_is_told(server, home, suggestion):
    log = home / "model-config-changes.log"
    log.unlink(missing_ok=True)
    log.mkdir()
    try:
        for tool in ("list_model_changes", "suggest_model_rules"):
            assert "change log" in server.refused(tool)
    finally:
        log.rmdir()
    server.ok("suggest_model_rules")
