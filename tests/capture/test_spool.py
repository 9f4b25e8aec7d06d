"""The spool is read in order of time, and nothing that lies in it stops it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture.spool import LARGEST_NOTE, Spool

NOTE = {"v": 1, "client": "claude-code", "event": "SubagentStop", "at": 1_760_000_000.25, "agent_id": "a1"}
HOLD = """
import sys
from pathlib import Path
from modelmerit.capture.spool import Spool
with Spool(Path(sys.argv[1])).alone() as alone:
    print(alone, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path)


def put(spool: Spool, name: str, **fields: object) -> Path:
    path = spool.folder / name
    path.write_text(json.dumps(NOTE | fields))
    return path


def test_an_event_is_read_with_its_ids_and_paths(spool):
    put(spool, "1-1.json", transcript_path="/t.jsonl", cwd=17, last_assistant_message="Done.")
    (event,) = spool.read(10).events
    assert (event.client, event.event, event.agent_id) == ("claude-code", "SubagentStop", "a1")
    assert event.at == datetime(2025, 10, 9, 8, 53, 20, 250_000, tzinfo=UTC)
    assert event.transcript_path == "/t.jsonl"
    assert event.cwd is None


def test_a_spool_that_is_not_there_is_empty(tmp_path):
    assert Spool(tmp_path / "spool").is_empty()


def test_events_come_in_order_of_time_whatever_their_files_are_called(spool):
    put(spool, "1-1.json", at=3, agent_id="last")
    put(spool, "2-1.json", at=1, agent_id="first")
    assert [event.agent_id for event in spool.read(10).events] == ["first", "last"]


def test_a_batch_holds_the_oldest_and_tells_that_there_are_more(spool):
    for number in range(1, 6):
        put(spool, f"{number}-1.json", at=number)
    batch = spool.read(2)
    assert [event.at.timestamp() for event in batch.events] == [1, 2]
    assert batch.more
    spool.remove(batch.events)
    assert not spool.read(3).more


def test_what_is_removed_is_gone_and_removing_it_again_is_no_fault(spool):
    put(spool, "1-1.json")
    events = spool.read(10).events
    spool.remove(events)
    spool.remove(events)
    assert spool.is_empty()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\xfe",
        b"[" * 60_000,
        json.dumps(NOTE | {"v": 2}).encode(),
        json.dumps(NOTE | {"client": "emacs"}).encode(),
        json.dumps(NOTE | {"at": "today"}).encode(),
        json.dumps(NOTE | {"at": 1e300}).encode(),
        json.dumps(NOTE | {"at": float("nan")}).encode(),
        json.dumps(NOTE | {"agent_id": "a" * LARGEST_NOTE}).encode(),
        json.dumps(NOTE | {"session_id": "\ud83d"}).encode(),
        json.dumps(NOTE | {"event": "Stop\ud83d"}).encode(),
    ],
)
def test_a_file_that_is_no_event_is_counted_and_removed_and_the_others_are_read(spool, content):
    (spool.folder / "1-1.json").write_bytes(content)
    put(spool, "2-1.json")
    batch = spool.read(10)
    assert (len(batch.events), batch.broken) == (1, 1)
    assert [path.name for path in spool.folder.iterdir()] == ["2-1.json"]


def test_a_pipe_or_a_link_in_the_spool_holds_nobody_up(spool, tmp_path):
    os.mkfifo(spool.folder / "1-1.json")
    secret = tmp_path / "elsewhere"
    secret.write_text(json.dumps(NOTE))
    (spool.folder / "2-1.json").symlink_to(secret)
    put(spool, "3-1.json")
    batch = spool.read(10)
    assert (len(batch.events), batch.broken) == (1, 2)
    assert secret.exists()


def test_a_note_in_the_making_is_left_alone_until_its_writer_is_surely_gone(spool):
    new, old = put(spool, ".1-1.json"), put(spool, ".2-1.json")
    os.utime(old, (1, 1))
    assert spool.is_empty()
    assert spool.read(10).events == ()
    assert new.exists()
    assert not old.exists()


def test_only_one_process_at_a_time_records_what_is_in_the_spool(spool):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(spool.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with spool.alone() as alone:
            assert not alone
        other.communicate()
    with spool.alone() as alone:
        assert alone


@given(
    st.dictionaries(
        st.sampled_from([*NOTE, "store", "cwd"]), st.recursive(st.none() | st.integers() | st.text(), st.lists)
    )
)
def test_no_fields_whatever_stop_the_spool(tmp_path_factory, fields):
    spool = Spool(tmp_path_factory.mktemp("spool"))
    put(spool, "1-1.json", **fields)
    batch = spool.read(10)
    assert len(batch.events) + batch.broken == 1
