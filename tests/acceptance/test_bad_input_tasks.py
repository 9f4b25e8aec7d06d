"""Hostile tasks and outcomes over a real server: refused in plain words or kept as they are; the next call works."""

import sqlite3
from contextlib import closing

import pytest

HANDSHAKE, MODERN = "2025-11-25", "2026-07-28"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module", params=[HANDSHAKE, MODERN])
def server(serve, home, request):
    return serve("task_dispatcher", home, request.param)


def stored(home, what="count(*)", task_id=None):
    with closing(sqlite3.connect(home / "modelmerit.db")) as connection:
        statement = f"SELECT {what} FROM attempts" + (" WHERE id = ?" if task_id else "")
        return connection.execute(statement, (task_id,) if task_id else ()).fetchone()[0]


@pytest.fixture
def task_id(server):
    return server.ok("dispatch_task", task="Rename the button", workspace="web").content["task_id"]


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("get_task_status", '{"task_id": "dispatch-0-none"}', ["'dispatch-0-none'", "list_dispatched_tasks"]),
        (
            "update_task_outcome",
            '{"task_id": "dispatch-0-none", "outcome": "success"}',
            ["'dispatch-0-none'", "list_dispatched_tasks"],
        ),
        (
            "update_task_outcome",
            '{"task_id": "x", "outcome": "great"}',
            ["outcome", "'great'", "success", "failure", "partial"],
        ),
        ("update_task_outcome", '{"task_id": "x", "outcome": null}', ["outcome"]),
        ("update_task_outcome", '{"task_id": "x", "outcome": "success", "tokens_used": -1}', ["tokens_used", "-1"]),
        ("update_task_outcome", '{"task_id": "x", "outcome": "success", "cost_usd": NaN}', ["cost_usd"]),
        ("update_task_outcome", '{"task_id": "x", "outcome": "success", "cost_usd": 1e999}', ["cost_usd"]),
        ("update_task_outcome", '{"task_id": "x", "outcome": "success", "tokens_used": 1e999}', ["tokens_used"]),
        (
            "update_task_outcome",
            '{"task_id": "x", "outcome": "success", "execution_time_seconds": -Infinity}',
            ["execution_time_seconds"],
        ),
        (
            "update_task_outcome",
            '{"task_id": "x", "outcome": "success", "tokens_used": 1' + "0" * 400 + "}",
            ["tokens_used"],
        ),
        ("dispatch_task", '{"task": "", "workspace": "web"}', ["task"]),
        ("dispatch_task", '{"task": " \\t\\r\\n \\u00a0\\u2003", "workspace": "web"}', ["task"]),
        ("dispatch_task", '{"workspace": "web"}', ["task", "missing"]),
        ("dispatch_task", '{"task": "Tidy up", "workspace": "web", "modle": "opus"}', ["'modle'", "model"]),
        ("list_dispatched_tasks", '{"before": "the day before yesterday"}', ["before"]),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_was_expected(server, home, tool, arguments, expected):
    before = stored(home) if (home / "modelmerit.db").exists() else 0
    refusal = server.refused(tool, arguments)
    assert not [word for word in expected if word not in refusal], refusal
    assert len(refusal) < 1000
    server.ok("dispatch_task", task="The next call works", workspace="web")
    assert stored(home) == before + 1


def test_a_task_of_ten_megabytes_is_refused_and_not_echoed(server):
    refusal = server.refused("dispatch_task", task="Fix it. " * 1_250_000, workspace="web")
    assert "task" in refusal
    assert "200,000" in refusal
    assert len(refusal) < 1000
    assert server.ok("dispatch_task", task="y" * 200_000, workspace="web").content["model"]


@pytest.mark.parametrize(
    "task",
    [
        "nul \0 in the middle",
        "\0",
        "right to left \u202eoverride\u202c, isolate \u2066and\u2069",
        "zero width\u200b space, joiner\u200d, byte order mark \ufeff",
        "line separator \u2028 and paragraph separator \u2029",
        "tag characters \U000e0041\U000e0042",
        "emoji \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "'; DROP TABLE attempts; --",
        "../../../etc/passwd",
        "{{7*7}} ${7*7} %s %n",
    ],
)
def test_odd_characters_are_kept_as_they_are_and_shown_harmless(server, home, task):
    task_id = server.ok("dispatch_task", task=task, workspace="odd").content["task_id"]
    assert stored(home, "task", task_id) == task
    found = server.ok("get_task_status", task_id=task_id)
    listed = server.ok("list_dispatched_tasks", workspace="odd", limit=1)
    assert found.content["task"]["id"] == listed.content["tasks"][0]["task_id"] == task_id
    for shown in (found.text, listed.text, str(found.content), str(listed.content)):
        assert not [character for character in "\0\u202e\u2066\u200b\ufeff\u2028\U000e0041" if character in shown]


def test_a_task_with_half_an_emoji_is_dispatched_without_it(server, home):
    dispatched = server.ok("dispatch_task", '{"task": "half an emoji \\ud83d here", "workspace": "odd"}')
    assert stored(home, "task", dispatched.content["task_id"]) == "half an emoji \ufffd here"


def test_odd_characters_in_names_are_answered_too(server, home):
    for name in ("\0", "\u202e", "'", "\U000e0041", "a" * 200):
        dispatched = server.ok("dispatch_task", task="Rename it", workspace=name, role=name, workspace_path=name)
        assert stored(home, "workspace", dispatched.content["task_id"]) == name
        assert len(server.ok("list_dispatched_tasks", workspace=name).content["tasks"]) >= 1
        assert "No task" in server.refused("get_task_status", task_id=name)


def test_a_refused_report_leaves_the_task_as_it_was(server, task_id):
    before = server.ok("get_task_status", task_id=task_id).content
    server.refused("update_task_outcome", task_id=task_id, outcome="success", tokens_used=-5)
    server.refused("update_task_outcome", f'{{"task_id": "{task_id}", "outcome": "success", "cost_usd": 1e999}}')
    assert server.ok("get_task_status", task_id=task_id).content == before
    server.ok("update_task_outcome", task_id=task_id, outcome="success", tokens_used=5)
