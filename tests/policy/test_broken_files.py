"""A models.json that cannot be used: what is said, what is used meanwhile, and that nothing is written over it."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelmerit.errors import PolicyFileError
from modelmerit.policy.changes import set_default
from modelmerit.policy.file import PolicyFile
from modelmerit.policy.loading import starter_text

NOW = datetime(2026, 11, 21, 10, 15, 30, tzinfo=UTC)
GOOD = starter_text()
ADVICE = "Correct it there, or restore a backup."


@pytest.fixture
def file(tmp_path: Path) -> PolicyFile:
    file = PolicyFile(tmp_path / "models.json", tmp_path / "model-config-changes.log")
    file.ensure_exists()
    file.current()
    return file


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "models.json is empty, expected a JSON object. Restore a backup."),
    "white space": (b" \r\n\t\n", "models.json is empty, expected a JSON object. Restore a backup."),
    "only a byte order mark": (b"\xef\xbb\xbf", "models.json is empty, expected a JSON object. Restore a backup."),
    "no JSON": (
        b"models:\n  - haiku\n",
        (
            "models.json is not JSON: line 1, column 1: found m, expected a value; texts are written in double "
            f"quotes. {ADVICE}"
        ),
    ),
    "cut off": (
        GOOD[:200].encode(),
        f"models.json is not JSON: line 4, column 69: the closing quote of this text is missing. {ADVICE}",
    ),
    "comment": (
        GOOD.replace('"rules": [', '"rules": [ // mine').encode(),
        (
            "models.json is not JSON: line 7, column 14: found /, but JSON has no comments; put the words into a key "
            f'of your own, such as "note". {ADVICE}'
        ),
    ),
    "comma after the last rule": (
        GOOD.replace('> 5", "use": "opus"}', '> 5", "use": "opus"},').encode(),
        f"models.json is not JSON: line 10, column 49: found a comma, expected none here. {ADVICE}",
    ),
    "single quotes": (
        b"{'rules': []}",
        f"models.json is not JSON: line 1, column 2: found ', expected a straight double quote. {ADVICE}",
    ),
    "Python's words": (
        b'{"a": None}',
        (
            "models.json is not JSON: line 1, column 7: found N, expected a value; true, false and null are written in "
            f"small letters. {ADVICE}"
        ),
    ),
    "two files in one": (
        (GOOD + GOOD).encode(),
        (
            "models.json is not JSON: line 18, column 1: found { after the end of the object; a bracket is closed too "
            f"early, or there is text too much. {ADVICE}"
        ),
    ),
    "zeros after a crash": (
        bytes(100),
        (
            "models.json is not JSON: line 1, column 1: found \\x00, expected a value; texts are written in double "
            f"quotes. {ADVICE}"
        ),
    ),
    "a list": (
        b"[]",
        "models.json holds a list, expected an object with `task_complexity` and `rules`. Restore a backup.",
    ),
    "a number": (
        b"7",
        "models.json holds a number, expected an object with `task_complexity` and `rules`. Restore a backup.",
    ),
    "null": (
        b"null",
        "models.json holds null, expected an object with `task_complexity` and `rules`. Restore a backup.",
    ),
    "no defaults": (
        b'{"rules": []}',
        (
            "models.json: `task_complexity` names no usable model, expected one such as "
            '"medium": {"model": "claude-sonnet-4-5-20250929"}. Add it, or restore a backup.'
        ),
    ),
    "no model anywhere": (
        b'{"task_complexity": {"simple": {"model": null}, "medium": null}}',
        (
            "models.json: `task_complexity` names no usable model, expected one such as "
            '"medium": {"model": "claude-sonnet-4-5-20250929"}. Add it, or restore a backup.'
        ),
    ),
    "rules as an object": (
        GOOD.replace('"rules": [', '"rules": {}, "x": [').encode(),
        "models.json: `rules` is an object, expected a list of rules. Correct it, or restore a backup.",
    ),
    "a key twice": (
        GOOD.replace('  "models": {', '  "rules": [],\n  "models": {').encode(),
        f"models.json: line 12, column 3: the key 'rules' stands twice in one object, expected it once. {ADVICE}",
    ),
    "NaN": (
        b'{\n  "learning": {"margin": NaN}\n}',
        f"models.json: line 2, column 26: found NaN, expected a number that JSON knows. {ADVICE}",
    ),
    "infinity": (
        b'{"note": "-Infinity", "learning": {"margin": -Infinity}}',
        f"models.json: line 1, column 46: found -Infinity, expected a number that JSON knows. {ADVICE}",
    ),
    "a number no program can hold": (
        b'{"learning": {"margin": 1e999}}',
        f"models.json: line 1, column 25: found 1e999, expected a number that JSON knows. {ADVICE}",
    ),
    "nested without end": (
        b'{"a":' * 100_000,
        "models.json is nested too deeply, expected at most 100 levels. Correct it, or restore a backup.",
    ),
    "nested deeply": (
        b'{"a":' * 101 + b"1" + b"}" * 101,
        "models.json is nested too deeply, expected at most 100 levels. Correct it, or restore a backup.",
    ),
    "nested deeply, with a key twice": (
        b'{"a":' * 700 + b'{"b": 1, "b": 2}' + b"}" * 700,
        "models.json is nested too deeply, expected at most 100 levels. Correct it, or restore a backup.",
    ),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_told_with_its_place_while_the_last_good_version_is_used(
    file: PolicyFile, content: bytes, message: str
) -> None:
    good = file.current()
    change = set_default(good.policy, "medium", "haiku")
    file.path.write_bytes(content)
    loaded = file.current()
    assert loaded.policy == good.policy
    assert loaded.warnings == (f"{message} Until then the last version that could be read is used.",)
    fresh = PolicyFile(file.path, file.log.path).current()
    assert fresh.warnings == (f"{message} Until then the packaged starting policy is used.",)
    with pytest.raises(PolicyFileError) as caught:
        file.commit(change, who="ada", why="w", now=NOW)
    assert str(caught.value) == message
    assert file.path.read_bytes() == content
    file.path.write_text(GOOD)
    assert file.current().warnings == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": "caf\xe9"}', "is not UTF-8 at byte 11, in line 1. Save it as UTF-8, or restore a backup."),
        (GOOD.encode("utf-16"), "is not UTF-8 at byte 1, in line 1. Save it as UTF-8, or restore a backup."),
    ],
    ids=["Latin-1", "UTF-16"],
)
def test_a_file_in_another_encoding_is_told(file: PolicyFile, content: bytes, message: str) -> None:
    file.path.write_bytes(content)
    assert file.current().warnings[0].startswith(f"{file.path} {message} Until then the last version")


def test_a_byte_order_mark_and_carriage_returns_are_no_mistake(file: PolicyFile) -> None:
    file.path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert file.current().warnings == ()


def test_missing_levels_are_lent_a_model_and_told(file: PolicyFile) -> None:
    file.path.write_text('{"task_complexity": {"medium": {"model": "a-1"}, "complex": {"model": null}}}')
    loaded = file.current()
    assert set(loaded.policy.defaults.values()) == {"a-1"}
    assert loaded.warnings == (
        "task_complexity.simple names no model; the model of medium is used",
        "task_complexity.complex names no model; the model of medium is used",
    )


def test_a_huge_file_is_told_without_reading_it_all(file: PolicyFile) -> None:
    with file.path.open("r+b") as handle:
        handle.truncate(50_000_000)
    started = time.process_time()
    [warning] = file.current().warnings
    assert time.process_time() - started < 2
    assert warning.startswith(f"{file.path} is larger than 10 MB, expected a few kB. Restore a backup.")


def folder(path: Path) -> str:
    path.mkdir()
    return "is a folder, expected a file. Move it away, or name another models.json."


def named_pipe(path: Path) -> str:
    os.mkfifo(path)
    return "is no ordinary file, expected a file. Move it away, or name another models.json."


def missing(path: Path) -> str:
    return "is missing. Restore it from a backup beside it."


def dangling_link(path: Path) -> str:
    path.symlink_to(path.with_name("elsewhere.json"))
    return f"is a link to {path.with_name('elsewhere.json')}, which is missing. Put that file back, or remove the link."


def link_to_itself(path: Path) -> str:
    path.symlink_to(path)
    return "cannot be read: Too many levels of symbolic links. Check the path and its permissions."


def forbidden(path: Path) -> str:
    path.write_text(GOOD)
    path.chmod(0)
    return "cannot be read: Permission denied. Check the path and its permissions."


AS_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


@pytest.mark.parametrize(
    "obstacle",
    [folder, named_pipe, missing, dangling_link, link_to_itself, pytest.param(forbidden, marks=AS_ROOT)],
)
def test_what_is_no_readable_file_is_told_and_left_alone(file: PolicyFile, obstacle: Callable[[Path], str]) -> None:
    good = file.current()
    file.path.unlink()
    message = obstacle(file.path)
    loaded = file.current()
    assert loaded.policy == good.policy
    assert loaded.warnings[0].startswith(f"{file.path} {message} Until then the last version")
    assert not file.ensure_exists()
    file.edited_outside()
    fresh = PolicyFile(file.path, file.log.path).current()
    assert "the packaged starting policy is used" in fresh.warnings[-1]


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    file = PolicyFile(tmp_path / "home" / "models.json", tmp_path / "log")
    assert "cannot be read: Not a directory." in file.current().warnings[-1]
    with pytest.raises(PolicyFileError, match="cannot be created"):
        file.ensure_exists()


def test_a_first_start_writes_nothing_through_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "models.json").symlink_to(tmp_path / "unmounted" / "models.json")
    file = PolicyFile(tmp_path / "models.json", tmp_path / "log")
    assert not file.ensure_exists()
    assert not (tmp_path / "unmounted").exists()


def test_of_very_many_problems_the_first_are_told_and_the_others_counted(file: PolicyFile) -> None:
    document = json.loads(GOOD)
    document["rules"] = [{"if": "keyword is", "use": "opus"}] * 1000
    file.path.write_text(json.dumps(document))
    loaded = file.current()
    assert len(loaded.policy.problems) == 1000
    assert len(loaded.warnings) == 21
    assert loaded.warnings[-1] == "models.json has 980 more problems"
