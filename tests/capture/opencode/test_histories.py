from opencode_store import at

from modelmerit.capture.opencode.histories import find_sessions, find_store


def test_the_store_is_where_the_client_keeps_it(tmp_path):
    usual = tmp_path / ".local" / "share" / "opencode" / "opencode.db"
    usual.parent.mkdir(parents=True)
    usual.touch()
    moved = tmp_path / "data" / "opencode" / "other.db"
    moved.parent.mkdir(parents=True)
    moved.touch()
    home = {"HOME": str(tmp_path)}
    assert find_store(None, home) == usual
    assert find_store(None, home | {"XDG_DATA_HOME": str(tmp_path / "data"), "OPENCODE_DB": "other.db"}) == moved
    assert find_store(None, {"HOME": "/nowhere", "OPENCODE_DATA_DIR": str(usual.parent)}) == usual
    assert find_store(None, {"HOME": "/nowhere"}) is None


def test_a_named_place_is_the_store_or_its_folder(tmp_path):
    channel = tmp_path / "opencode-dev.db"
    channel.touch()
    assert find_store(channel, {}) == channel
    assert find_store(tmp_path, {}) == channel
    assert find_store(tmp_path / "missing", {}) is None


def test_sessions_to_read_are_those_of_humans_and_those_that_called_agents(store):
    store.session("ses_main", 0)
    store.session("ses_child", 5, parent="ses_main")
    store.session("ses_grandchild", 9, parent="ses_child")
    found = list(find_sessions(store.path))
    assert [(one.session_id, one.began, one.size) for one in found] == [("ses_main", at(0), 2), ("ses_child", at(5), 2)]
    # A session is as new as the newest that it called: that of `ses_child`, five seconds in.
    assert found[0].changed == round(at(5).timestamp() * 1000)
