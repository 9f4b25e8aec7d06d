"""Several writers and a person who saves: nobody's text is lost."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelmerit.errors import PolicyError
from modelmerit.policy.atomic import exchange_files, swap_in, write_temporary
from modelmerit.policy.file import PolicyFile
from modelmerit.policy.locking import locked

RACING = [sys.executable, "-B", str(Path(__file__).with_name("racing.py"))]
SECONDS = 2.0


@pytest.mark.parametrize("how", ["rename", "in-place"])
def test_no_save_is_lost_while_several_processes_write(tmp_path: Path, how: str) -> None:
    file = PolicyFile(tmp_path / "models.json", tmp_path / "log")
    file.ensure_exists()
    roles = [(how, "person"), ("write", "1"), ("write", "2"), ("write", "3")]
    racers = [
        subprocess.Popen([*RACING, role, str(tmp_path), name], stdout=subprocess.PIPE, text=True)
        for role, name in roles
    ]
    time.sleep(SECONDS)
    (tmp_path / "stop").touch()
    notes, *committed = [json.loads(racer.communicate(timeout=120)[0]) for racer in racers]
    rules = [condition for conditions in committed for condition in conditions]
    final = json.loads(file.path.read_text())
    kept = "".join(path.read_text() for path in tmp_path.glob("models.json*"))
    assert len(notes) > 5
    assert len(rules) > 5
    assert [note for note in notes if f'"{note}"' not in kept] == []
    if how == "rename":
        assert [note for note in notes if note not in final["notes"]] == []
    # A rule may be gone again: a person's editor that read the file before it was added saves without it.
    logged = [entry.summary for entry in file.changes() if entry.kind == "apply"]
    assert len(logged) == len(set(logged)) == len(rules)
    assert [path.name for path in tmp_path.glob(".*") if path.name != ".draft"] == []


def test_a_save_between_reading_and_exchanging_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text("base")
    temporary, _ = write_temporary(path, b"ours")

    def exchange_after_a_save(one: Path, other: Path) -> None:
        if path.read_text() == "base":
            draft = tmp_path / "draft"
            draft.write_text("theirs")
            draft.rename(path)
        exchange_files(one, other)

    with pytest.raises(PolicyError, match="their version stands"):
        swap_in(path, temporary, b"base", tmp_path / "backup", datetime.now(UTC), exchange_after_a_save)
    assert path.read_text() == "theirs"
    assert [copy.read_text() for copy in tmp_path.glob("*-rejected")] == ["ours"]
    assert not (tmp_path / "backup").exists()


def test_a_second_save_while_the_first_is_given_back_stands_and_the_first_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text("base")
    temporary, _ = write_temporary(path, b"ours")
    saves = ["first", "second"]

    def exchange_after_a_save(one: Path, other: Path) -> None:
        if saves:
            draft = tmp_path / "draft"
            draft.write_text(saves.pop(0))
            draft.rename(path)
        exchange_files(one, other)

    with pytest.raises(PolicyError, match="their version stands"):
        swap_in(path, temporary, b"base", tmp_path / "backup", datetime.now(UTC), exchange_after_a_save)
    assert path.read_text() == "second"
    assert [copy.read_text() for copy in tmp_path.glob("*-displaced")] == ["first"]


def test_another_process_holding_the_lock_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    with locked(path), pytest.raises(PolicyError, match="Another process has held"), locked(path, 0.05):
        pass
    with locked(path):
        assert [entry.name for entry in tmp_path.iterdir()] == ["models.json.lock"]
