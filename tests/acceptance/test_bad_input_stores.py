"""A store that is damaged, foreign, read-only or gone: every call says so, and works once it is put right."""

import os
import random
import shutil
import sqlite3
from contextlib import closing

import pytest

PAGE = 4096
CALLS = {
    "task_dispatcher": ("dispatch_task", {"task": "Fix the typo", "workspace": "web"}),
    "model_learning_analyzer": ("suggest_model_rules", {}),
}
SERVERS = pytest.mark.parametrize("module", CALLS)
REPLACED = "was deleted or replaced while it was in use"


def store(home):
    return home / "modelmerit.db"


def stored(home):
    with closing(sqlite3.connect(store(home))) as connection:
        return connection.execute("SELECT count(*) FROM attempts").fetchone()[0]


def execute(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).rowcount


def remove(home):
    for path in home.glob("modelmerit.db*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def random_header(path):
    content = bytearray(path.read_bytes())
    content[:100] = random.Random(1).randbytes(100)
    path.write_bytes(content)


def random_pages(path):
    first = path.read_bytes()[:PAGE]
    path.write_bytes(first + random.Random(1).randbytes(path.stat().st_size - PAGE))


def half(path):
    os.truncate(path, path.stat().st_size // 2)


def shopping_list(path):
    path.write_text("eggs, milk, honey\n" * 1000)


def newer(path):
    execute(path, "INSERT INTO schema_migrations VALUES (999, '0999_of_the_future.sql')")


def folder(path):
    path.unlink()
    path.mkdir()


SPOILED = pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (random_header, "is no SQLite database; move it away"),
        (shopping_list, "is no SQLite database; move it away"),
        (random_pages, "is damaged; move it"),
        (half, "is damaged; move it"),
        (newer, "written by a newer release: upgrade modelmerit"),
        (folder, "a folder lies in its place; move it away"),
    ],
)


@pytest.fixture(scope="module")
def good_store(serve, tmp_path_factory):
    """A store with five attempts, to be copied."""
    home = tmp_path_factory.mktemp("good")
    server = serve("task_dispatcher", home)
    for number in range(5):
        server.ok("dispatch_task", task=f"Write part {number}. " + "And so on. " * 500, workspace="web")
    server.end()
    return store(home)


@pytest.fixture(scope="module")
def servers(serve, tmp_path_factory):
    """A server of each kind, and the home that it runs on."""
    homes = {module: tmp_path_factory.mktemp(module) for module in CALLS}
    return {module: (serve(module, home), home) for module, home in homes.items()}


@pytest.fixture
def running(servers, good_store, module):
    """The server named by the parameter, on a good store that it has used."""
    server, home = servers[module]
    remove(home)
    shutil.copyfile(good_store, store(home))
    server.call(CALLS[module][0], **CALLS[module][1])  # may say that it has found another store
    server.ok(CALLS[module][0], **CALLS[module][1])
    return server, home


@SPOILED
def test_what_is_wrong_with_the_store_is_told_until_it_is_put_right(serve, good_store, tmp_path, spoil, expected):
    shutil.copyfile(good_store, store(tmp_path))
    spoil(store(tmp_path))
    before = store(tmp_path).read_bytes() if store(tmp_path).is_file() else None
    server = serve("task_dispatcher", tmp_path)
    for _ in range(2):
        assert expected in server.refused("dispatch_task", task="Fix the typo", workspace="web")
    assert (store(tmp_path).read_bytes() if store(tmp_path).is_file() else None) == before
    assert server.ok("recommend_model", task="Fix the typo").content["model"]

    remove(tmp_path)
    shutil.copyfile(good_store, store(tmp_path))
    server.ok("dispatch_task", task="Fix the typo", workspace="web")
    assert stored(tmp_path) == 6


@SERVERS
@SPOILED
def test_a_store_exchanged_under_a_running_server_is_noticed(running, good_store, module, spoil, expected):
    server, home = running
    tool, arguments = CALLS[module]
    remove(home)
    shutil.copyfile(good_store, store(home))
    spoil(store(home))

    assert REPLACED in server.refused(tool, **arguments)
    assert expected in server.refused(tool, **arguments)
    remove(home)
    shutil.copyfile(good_store, store(home))
    server.ok(tool, **arguments)


@SERVERS
def test_a_store_deleted_under_a_running_server_is_told_once_and_then_begun_anew(running, module):
    server, home = running
    tool, arguments = CALLS[module]
    remove(home)

    assert REPLACED in server.refused(tool, **arguments)
    server.ok(tool, **arguments)
    assert stored(home) == (module == "task_dispatcher")


@pytest.mark.parametrize("module", ["task_dispatcher"])
def test_a_home_that_vanishes_is_told_until_it_is_back(running, tmp_path, module):
    server, home = running
    before = stored(home)
    home.rename(tmp_path / "elsewhere")
    for _ in range(3):
        assert "store" in server.refused("dispatch_task", task="Fix the other typo", workspace="web")
    assert server.ok("recommend_model", task="Fix the typo").content["model"]
    (tmp_path / "elsewhere").rename(home)
    server.ok("dispatch_task", task="Fix the last typo", workspace="web")
    assert stored(home) == before + 1


@SERVERS
def test_a_server_that_outlives_an_upgrade_of_the_store_uses_it_no_more(running, module):
    server, home = running
    tool, arguments = CALLS[module]
    newer(store(home))
    before = stored(home)
    assert "upgraded by a newer modelmerit" in server.refused(tool, **arguments)
    assert "written by a newer release" in server.refused(tool, **arguments)
    assert stored(home) == before


@pytest.mark.parametrize("module", ["task_dispatcher"])
def test_one_damaged_task_is_named_and_the_others_stay_readable(running, module):
    server, home = running
    known = [task["task_id"] for task in server.ok("list_dispatched_tasks").content["tasks"]]
    execute(store(home), f"UPDATE attempts SET propensities = '{{' WHERE id = '{known[0]}'")
    for tool, arguments in (("get_task_status", {}), ("update_task_outcome", {"outcome": "success"})):
        refusal = server.refused(tool, task_id=known[0], **arguments)
        assert f"The task '{known[0]}' is damaged in the store" in refusal
        server.ok(tool, task_id=known[-1], **arguments)


def test_a_damaged_suggestion_is_named(serve, lived_in, tmp_path):
    home = shutil.copytree(lived_in, tmp_path / "home")
    server = serve("model_learning_analyzer", home)
    server.ok("suggest_model_rules")
    assert execute(store(home), "UPDATE suggestions SET payload = '{'") == 1
    assert "is damaged in the store" in server.refused("suggest_model_rules")


@pytest.mark.parametrize("what", ["file", "folder"])
@SERVERS
def test_a_read_only_store_is_told_and_works_once_it_is_writable(
    serve, unprivileged, good_store, tmp_path, module, what
):
    home = tmp_path / "home"
    home.mkdir()
    shutil.copyfile(good_store, store(home))
    shutil.copyfile(good_store.with_name("models.json"), home / "models.json")
    tool, arguments = CALLS[module]
    protected, bits = (store(home), 0o400) if what == "file" else (home, 0o500)
    usual = protected.stat().st_mode
    protected.chmod(bits)
    try:
        server = serve(module, home, before=unprivileged)
        refusal = server.refused(tool, **arguments)
    finally:
        protected.chmod(usual)
    assert "yours to" in refusal
    server.ok(tool, **arguments)
