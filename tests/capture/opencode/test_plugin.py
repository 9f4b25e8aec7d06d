"""The plugin, run by Node as OpenCode runs it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from modelmerit.capture import opencode
from modelmerit.capture.spool import Spool
from modelmerit.settings import Settings

PLUGIN = Path(opencode.__file__).with_name("plugin.js")
RUN = """
const { Modelmerit } = await import(process.argv[1])
const hooks = await Modelmerit({ directory: "/home/ann/handbook" })
for (const [name, ...said] of JSON.parse(process.argv[2])) await hooks[name](...said)
"""


@pytest.fixture
def play(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here to run the plugin")
    plugin = tmp_path / "modelmerit.mjs"
    shutil.copy(PLUGIN, plugin)

    def play(*hooks, **environment):
        done = subprocess.run(
            [node, "--input-type=module", "-e", RUN, "--", plugin.as_uri(), json.dumps(hooks)],
            env={"HOME": str(tmp_path)} | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    return play


def happened(event, **properties):
    return ["event", {"event": {"type": event, "properties": properties}}]


CREATED = happened("session.created", sessionID="ses_child", info={"id": "ses_child", "parentID": "ses_main"})


def events(home):
    batch = Spool(home / "spool").read(100)
    assert batch.broken == 0
    return batch.events


def test_what_ends_and_who_speaks_is_spooled_with_ids_and_paths_alone(play, tmp_path, home):
    store = tmp_path / ".local" / "share" / "opencode" / "opencode.db"
    store.parent.mkdir(parents=True)
    store.touch()
    play(
        ["chat.message", {"sessionID": "ses_main"}, {"parts": [{"type": "text", "text": "my secret"}]}],
        happened("session.idle", sessionID="ses_main"),
        CREATED,
        ["chat.message", {"sessionID": "ses_child"}, {}],
        happened("session.error", sessionID="ses_child", error={"name": "APIError"}),
        happened("session.idle", sessionID="ses_child"),
        happened("message.updated", sessionID="ses_child", info={"id": "msg_1"}),
        happened("session.idle", sessionID="ses_main"),
        MODELMERIT_HOME=str(home),
    )
    noted = events(home)
    assert [(one.event, one.session_id, one.parent_id) for one in noted] == [
        ("chat.message", "ses_main", None),
        ("session.error", "ses_child", "ses_main"),
        ("session.idle", "ses_child", "ses_main"),
        ("session.idle", "ses_main", None),
    ]
    assert {(one.client, one.store, one.cwd) for one in noted} == {("opencode", str(store), "/home/ann/handbook")}
    assert (home / "spool").stat().st_mode & 0o777 == 0o700
    assert not any("secret" in path.read_text() for path in (home / "spool").iterdir())


@pytest.mark.parametrize("data", [None, "data"])
def test_without_a_home_it_is_the_servers_default(play, tmp_path, data, monkeypatch):
    monkeypatch.delenv("MODELMERIT_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    named = {} if data is None else {"XDG_DATA_HOME": str(tmp_path / data)}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    (tmp_path / (data or ".local/share") / "opencode").mkdir(parents=True)
    play(["chat.message", {"sessionID": "ses_main"}, {}], **named)
    assert [one.event for one in events(Settings.from_environment().home)] == ["chat.message"]


def test_a_fault_is_a_line_in_the_log_and_nothing_else(play, home):
    home.mkdir()
    (home / "spool").write_text("in the way")
    play(["chat.message", {"sessionID": "ses_main"}, {}], MODELMERIT_HOME=str(home))
    [line] = (home / "hook-faults.log").read_text().splitlines()
    assert "opencode: EEXIST" in line


def test_an_event_of_another_shape_is_no_fault_of_the_clients(play, home):
    odd = [happened("session.idle"), happened("session.created"), ["event", {"event": {"type": "session.idle"}}]]
    play(*odd, MODELMERIT_HOME=str(home))
    assert not (home / "spool").exists()


def test_the_installer_finds_the_one_place_for_the_home():
    assert PLUGIN.read_text().count("const HOME = null;") == 1
