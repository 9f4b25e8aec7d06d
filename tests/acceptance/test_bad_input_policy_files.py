"""A models.json that is gone, broken or half right, at the start and while the servers run."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

SERVERS = pytest.mark.parametrize("module", ["task_dispatcher", "model_learning_analyzer"])
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
GOOD = {
    "task_complexity": {"simple": {"model": HAIKU}, "medium": {"model": SONNET}, "complex": {"model": OPUS}},
    "rules": [{"if": "task contains 'design'", "use": "opus"}],
}
BROKEN = pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, "is missing", id="missing"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n", "is empty", id="blank"),
        pytest.param(b"{ not json", "is not JSON: line 1, column 3", id="no JSON"),
        pytest.param(json.dumps(GOOD).encode()[:-20], "is not JSON", id="half"),
        pytest.param(b"\xff\xfe\x00{", "is not UTF-8", id="no UTF-8"),
        pytest.param(b"[1, 2]", "expected an object", id="list"),
        pytest.param(b"null", "expected an object", id="null"),
        pytest.param(b"{}", "names no usable model", id="nothing in it"),
        pytest.param(b'{"task_complexity": []}', "`task_complexity` is a list", id="wrong complexity"),
        pytest.param(b'{"task_complexity": {"medium": {"model": 7}}}', "names no usable model", id="wrong model"),
        pytest.param(json.dumps(GOOD | {"rules": {}}).encode(), "`rules` is an object", id="wrong rules"),
        pytest.param(b"[" * 100_000, "models.json", id="deep"),
        pytest.param(b'{"task_complexity": ' * 50_000, "models.json", id="deeper"),
    ],
)


def put(home, content):
    path = home / "models.json"
    if path.is_dir():
        path.rmdir()
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)


@pytest.fixture(scope="module")
def servers(serve, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    put(home, json.dumps(GOOD).encode())
    modules = ("task_dispatcher", "model_learning_analyzer")
    return home, *(serve(module, home) for module in modules)


@pytest.fixture
def running(servers):
    """Both servers on a models.json that works and that they have used."""
    home, dispatcher, analyzer = servers
    put(home, json.dumps(GOOD).encode())
    assert dispatcher.ok("recommend_model", task="Design it").warnings == ""
    assert analyzer.ok("analyze_model_performance").warnings == ""
    return home, dispatcher, analyzer


@BROKEN
def test_while_it_is_broken_the_last_good_one_is_used_and_every_answer_says_so(running, content, expected):
    home, dispatcher, analyzer = running
    put(home, content)
    calls = [
        (dispatcher, "recommend_model", {"task": "Design it"}),
        (dispatcher, "dispatch_task", {"task": "Design it", "workspace": "web", "explore": False}),
        (analyzer, "analyze_model_performance", {}),
        (analyzer, "suggest_model_rules", {}),
    ]
    for server, tool, arguments in calls:
        answer = server.ok(tool, **arguments)
        assert expected in answer.warnings
        assert "the last version that could be read is used" in answer.warnings
        assert expected in answer.text.replace("\\", "")  # the report is Markdown
        assert answer.content.get("model", OPUS) == OPUS
    assert (home / "models.json").exists() == (content is not None)

    put(home, json.dumps(GOOD | {"rules": []}).encode())
    answer = dispatcher.ok("recommend_model", task="Design it")
    assert (answer.content["model"], answer.warnings) == (SONNET, "")


@pytest.mark.parametrize("module", ["task_dispatcher"])
@pytest.mark.parametrize("content", [b"", b"{ not json", b"[1, 2]"])
def test_a_server_that_starts_on_a_broken_one_answers_with_a_warning_and_leaves_it_alone(
    serve, tmp_path, module, content
):
    put(tmp_path, content)
    server = serve(module, tmp_path)
    answer = server.ok("dispatch_task", task="Design it", workspace="web")
    assert "the packaged starting policy is used" in answer.warnings
    assert (tmp_path / "models.json").read_bytes() == content
    put(tmp_path, json.dumps(GOOD).encode())
    assert server.ok("recommend_model", task="Design it").content["model"] == OPUS


def test_a_folder_in_its_place_is_told_and_works_once_it_is_gone(running):
    home, dispatcher, analyzer = running
    put(home, None)
    (home / "models.json").mkdir()
    assert "is a folder" in dispatcher.ok("recommend_model", task="Design it").warnings
    assert "is a folder" in analyzer.ok("suggest_model_rules").warnings
    put(home, json.dumps(GOOD).encode())
    assert dispatcher.ok("recommend_model", task="Design it").warnings == ""


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"if": "task contains", "use": "opus"}, "rule 2, column 14"),
        ({"if": "", "use": "opus"}, "rule 2"),
        ({"if": "(" * 5000, "use": "opus"}, "rule 2"),
        ({"if": "not " * 5000 + "priority is high", "use": "opus"}, "rule 2"),
        ({"if": "task contains 'never", "use": "opus"}, "rule 2"),
        ({"if": "estimated_files > " + "9" * 5000, "use": "opus"}, "rule 2"),
        ({"if": "weather is 'sunny'", "use": "opus"}, "rule 2"),
        ({"if": "priority is high", "use": "gemini"}, "rule 2"),
        ({"if": "priority is high", "use": "claude"}, "rule 2"),
        ({"if": "priority is high", "use": 7}, "rule 2"),
        ({"if": 7, "use": "opus"}, "rule 2"),
        ({"use": "opus"}, "rule 2"),
        (["priority is high", "opus"], "rule 2"),
        (None, "rule 2"),
    ],
)
def test_a_rule_that_does_not_work_is_named_once_and_the_others_work(running, rule, named):
    home, dispatcher, analyzer = running
    rules = [GOOD["rules"][0], rule, {"if": "task contains 'readme'", "use": "haiku"}]
    put(home, json.dumps(GOOD | {"rules": rules}).encode())
    for task, model in (("Design it", OPUS), ("Write the readme", HAIKU), ("Mend it", SONNET)):
        answer = dispatcher.ok("dispatch_task", task=task, workspace="web", priority="high", explore=False)
        assert answer.content["model"] == model
        assert named in answer.warnings
        assert len(answer.content["warnings"]) == 1
        assert len(answer.warnings) < 1000
    assert named in analyzer.ok("suggest_model_rules").warnings


@pytest.mark.parametrize(
    "block",
    [
        {"exploration": {"rate": 7}},
        {"exploration": {"mode": "wild"}},
        {"exploration": 7},
        {"learning": {"min_confidence": "high"}},
        {"learning": {"window_days": -1}},
        {"learning": {"window_days": "ninety"}},
        {"escalation": ["haiku", "gemini"]},
        {"escalation": 7},
        {"models": {"opus": 7}},
        {"models": [1]},
    ],
)
def test_an_optional_block_that_is_wrong_is_told_and_its_defaults_are_used(running, block):
    home, dispatcher, analyzer = running
    put(home, json.dumps(GOOD | block).encode())
    (name,) = block
    answer = dispatcher.ok("dispatch_task", task="Design it", workspace="web", explore=False)
    assert answer.content["model"] == OPUS
    assert name in answer.warnings
    assert name in analyzer.ok("suggest_model_rules").warnings


def test_a_read_only_models_json_is_used_and_an_apply_says_why_it_cannot_be_changed(
    serve, unprivileged, lived_in, tmp_path
):
    home = shutil.copytree(lived_in, tmp_path / "home")
    policy = home / "models.json"
    server = serve("model_learning_analyzer", home, before=unprivileged)
    named = {"suggestion_id": server.ok("suggest_model_rules").content["suggestions"][0]["id"]}
    change = server.ok("apply_model_suggestion", **named).content["change"]
    before = policy.read_bytes()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    policy.rename(elsewhere / "models.json")
    policy.symlink_to(elsewhere / "models.json")
    elsewhere.chmod(0o500)
    try:
        refusal = server.refused("apply_model_suggestion", **named, change=change)
    finally:
        elsewhere.chmod(0o700)
    assert "models.json" in refusal
    assert "writable" in refusal
    assert policy.read_bytes() == before
    assert server.ok("list_model_changes").content["changes"] == []
    assert server.ok("apply_model_suggestion", **named, change=change).content["state"] == "applied"
    with closing(sqlite3.connect(home / "modelmerit.db")) as connection:
        assert connection.execute("SELECT status FROM suggestions").fetchall() == [("applied",)]
