"""models.json on the disk: reading, committing, rolling back."""

import hashlib
import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelmerit.errors import ChangeDoesNotApply, PolicyConflict, PolicyFileError, UnknownChange
from modelmerit.policy.changes import Change, add_rule, modify_rule, set_default
from modelmerit.policy.committing import Committed
from modelmerit.policy.file import PolicyFile
from modelmerit.policy.loading import starter_text

NOW = datetime(2026, 11, 21, 10, 15, 30, 123456, tzinfo=UTC)


@pytest.fixture
def policy_file(tmp_path: Path) -> PolicyFile:
    file = PolicyFile(tmp_path / "home" / "models.json", tmp_path / "home" / "model-config-changes.log")
    assert file.ensure_exists()
    return file


def commit(file: PolicyFile, change: Change, now: datetime = NOW) -> Committed:
    return file.commit(change, who="ada", why="cheaper", suggestion_id="s-1", now=now)


def docs_rule(file: PolicyFile) -> Change:
    return add_rule(file.current().policy, "keyword is 'docs'", "haiku")


def haiku_for_medium(file: PolicyFile) -> Change:
    return set_default(file.current().policy, "medium", "haiku")


def lines(file: PolicyFile) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.log.path.read_text().splitlines()]


def test_an_empty_home_gets_the_starter_once_and_privately(policy_file: PolicyFile) -> None:
    assert policy_file.path.read_text() == starter_text()
    assert stat.S_IMODE(policy_file.path.parent.stat().st_mode) == 0o700
    assert not policy_file.ensure_exists()
    assert [entry.kind for entry in policy_file.changes()] == ["created"]
    policy_file.path.unlink()
    assert not policy_file.ensure_exists(), "a deleted file is not a first start"


def test_a_commit_leaves_a_backup_and_one_line_in_the_log(policy_file: PolicyFile) -> None:
    before = policy_file.path.read_bytes()
    committed = commit(policy_file, docs_rule(policy_file))
    assert committed.backup == "models.json.bak.20261121T101530.123456Z"
    assert (policy_file.path.parent / committed.backup).read_bytes() == before
    assert committed.warnings == ()
    assert policy_file.path.read_text() == committed.after_text
    assert '+    {"if": "keyword is \'docs\'", "use": "haiku"}' in committed.diff
    _, line = lines(policy_file)
    assert {key: line[key] for key in ("who", "when", "why", "kind", "id", "suggestion_id", "backup", "summary")} == {
        "who": "ada",
        "when": "2026-11-21T10:15:30.123456Z",
        "why": "cheaper",
        "kind": "apply",
        "id": committed.change_id,
        "suggestion_id": "s-1",
        "backup": committed.backup,
        "summary": "add rule 4: if keyword is 'docs' use haiku",
    }
    assert line["before"] == hashlib.sha256(before).hexdigest()
    assert line["after"] == hashlib.sha256(policy_file.path.read_bytes()).hexdigest()
    assert sorted(path.name for path in policy_file.path.parent.iterdir()) == [
        "model-config-changes.log",
        "models.json",
        committed.backup,
        "models.json.lock",
    ]


def test_a_commit_is_seen_by_the_next_reader_even_within_a_clock_tick(policy_file: PolicyFile) -> None:
    for wanted in ("sonnet", "haiku", "sonnet", "haiku"):
        commit(policy_file, modify_rule(policy_file.current().policy, 2, wanted))
        assert policy_file.current().policy.rules[1].use == wanted


def test_an_unchanged_file_is_not_parsed_again(policy_file: PolicyFile) -> None:
    assert policy_file.current() is policy_file.current()
    os.utime(policy_file.path, ns=(0, 10**18))
    settled = policy_file.current()
    assert policy_file.current() is settled


def test_two_changes_in_the_same_microsecond_have_two_backups(policy_file: PolicyFile) -> None:
    first = commit(policy_file, docs_rule(policy_file))
    second = commit(policy_file, haiku_for_medium(policy_file))
    assert second.backup > first.backup
    assert (policy_file.path.parent / first.backup).read_text() == starter_text()


def test_mode_links_and_foreign_edits_survive(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "mine.json"
    real.parent.mkdir()
    real.write_text(starter_text())
    real.chmod(0o640)
    link = tmp_path / "models.json"
    link.symlink_to(real)
    file = PolicyFile(link, tmp_path / "log")
    change = docs_rule(file)
    real.write_text(real.read_text().replace("fix typo", "fix typos"))
    committed = commit(file, change)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "fix typos" in real.read_text()
    assert (real.parent / committed.backup).exists()


@pytest.mark.parametrize("broken", ["", "{", "[]", None, "\xff"])
def test_a_broken_or_missing_file_is_replaced_by_the_last_good_version_in_memory(
    policy_file: PolicyFile, broken: str | None
) -> None:
    good = policy_file.current()
    if broken is None:
        policy_file.path.unlink()
    else:
        policy_file.path.write_bytes(broken.encode("latin-1"))
    loaded = policy_file.current()
    assert loaded.policy == good.policy
    assert "the last version that could be read is used" in loaded.warnings[0]
    assert "\n" not in loaded.warnings[0]
    policy_file.path.write_text(starter_text())
    assert policy_file.current().warnings == ()


def test_a_fresh_process_falls_back_to_the_newest_good_backup_and_then_to_the_starter(policy_file: PolicyFile) -> None:
    commit(policy_file, docs_rule(policy_file))
    second = commit(policy_file, haiku_for_medium(policy_file), NOW + timedelta(days=1))
    policy_file.path.write_text("oops")
    fresh = PolicyFile(policy_file.path, policy_file.log.path).current()
    assert len(fresh.policy.rules) == 4
    assert f"the backup {second.backup} is used" in fresh.warnings[-1]
    for backup in policy_file.path.parent.glob("*.bak.*"):
        backup.unlink()
    fresh = PolicyFile(policy_file.path, policy_file.log.path).current()
    assert "the packaged starting policy is used" in fresh.warnings[-1]


def test_a_commit_on_a_broken_file_says_so_and_changes_nothing(policy_file: PolicyFile) -> None:
    change = docs_rule(policy_file)
    policy_file.path.write_text("{")
    with pytest.raises(PolicyFileError, match="not JSON: line 1"):
        commit(policy_file, change)
    assert policy_file.path.read_text() == "{"
    assert len(lines(policy_file)) == 1


def test_a_commit_of_what_was_shown_refuses_another_file(policy_file: PolicyFile) -> None:
    shown = policy_file.current().policy.hash
    change = docs_rule(policy_file)
    policy_file.path.write_text(starter_text() + "\n")
    with pytest.raises(PolicyConflict, match="changed after it was shown"):
        policy_file.commit(change, who="ada", why="w", now=NOW, expected_hash=shown)


def test_a_preview_is_the_diff_of_the_commit(policy_file: PolicyFile) -> None:
    change = docs_rule(policy_file)
    assert policy_file.preview(change) == commit(policy_file, change).diff


def test_a_rollback_restores_the_very_bytes_and_is_idempotent(policy_file: PolicyFile) -> None:
    change = docs_rule(policy_file)
    text = starter_text().replace('"rules": [', '"rules":   [')
    policy_file.path.write_text(text)
    committed = commit(policy_file, change)
    preview = policy_file.preview_rollback()
    assert preview.exact
    undone = policy_file.rollback(who="ada", why="worse", now=NOW)
    assert (undone.state, undone.rolled_back) == ("rolled_back", committed.change_id)
    assert (undone.diff, undone.summary) == (preview.diff, "remove rule 4: if keyword is 'docs' use haiku")
    assert policy_file.path.read_text() == text
    again = policy_file.rollback(committed.change_id, who="ada", why="worse", now=NOW)
    assert again.state == "already_rolled_back"
    assert policy_file.rollback(who="ada", why="worse", now=NOW).state == "nothing_to_roll_back"
    assert policy_file.path.read_text() == text
    assert lines(policy_file)[-1]["kind"] == "rollback"


def test_an_older_change_is_taken_back_and_later_ones_stay(policy_file: PolicyFile) -> None:
    first = commit(policy_file, docs_rule(policy_file))
    commit(policy_file, haiku_for_medium(policy_file))
    undone = policy_file.rollback(first.change_id, who="ada", why="w", now=NOW)
    policy = policy_file.current().policy
    assert len(policy.rules) == 3
    assert policy.defaults["medium"] == policy.defaults["simple"]
    redone = policy_file.rollback(undone.change_id, who="ada", why="w", now=NOW)
    assert redone.state == "rolled_back"
    assert len(policy_file.current().policy.rules) == 4
    assert policy_file.preview_rollback(first.change_id).state == "can_roll_back"


def test_a_rollback_that_does_not_apply_names_the_backup(policy_file: PolicyFile) -> None:
    committed = commit(policy_file, haiku_for_medium(policy_file))
    text = policy_file.path.read_text()
    policy_file.path.write_text(
        text.replace('"medium":  {"model": "claude-haiku-4-5-20251001"', '"medium":  {"model": "x-1"')
    )
    with pytest.raises(ChangeDoesNotApply, match=committed.backup):
        policy_file.rollback(who="ada", why="w", now=NOW)


def test_a_rollback_of_an_unknown_change_is_refused(policy_file: PolicyFile) -> None:
    with pytest.raises(UnknownChange, match="'change-0'"):
        policy_file.rollback("change-0", who="ada", why="w", now=NOW)


def test_edits_outside_are_noticed(policy_file: PolicyFile) -> None:
    assert not policy_file.edited_outside()
    commit(policy_file, docs_rule(policy_file))
    assert not policy_file.edited_outside()
    policy_file.path.write_text(starter_text())
    assert policy_file.edited_outside()
    assert not PolicyFile(policy_file.path, policy_file.path.with_name("no.log")).edited_outside()


def test_a_torn_line_in_the_log_costs_only_itself(policy_file: PolicyFile) -> None:
    with policy_file.log.path.open("ab") as log:
        log.write(b'{"id": "change-1", "kind": "app')
    committed = commit(policy_file, docs_rule(policy_file))
    assert [entry.id for entry in policy_file.changes()][1:] == [committed.change_id]


def test_a_save_that_landed_in_the_backup_is_reported(policy_file: PolicyFile) -> None:
    committed = commit(policy_file, docs_rule(policy_file))
    (policy_file.path.parent / committed.backup).write_text("what somebody typed")
    fresh = PolicyFile(policy_file.path, policy_file.log.path)
    assert "was edited after it was set aside" in fresh.current().warnings[0]
    assert "was edited after it was set aside" in commit(fresh, haiku_for_medium(fresh)).warnings[0]


def test_a_log_that_cannot_be_read_stops_a_commit_before_anything_changes(policy_file: PolicyFile) -> None:
    change = docs_rule(policy_file)
    policy_file.log.path.unlink()
    policy_file.log.path.mkdir()
    with pytest.raises(PolicyFileError, match="cannot be read"):
        commit(policy_file, change)
    assert policy_file.path.read_text() == starter_text()


def test_without_exchange_a_commit_and_a_rollback_work_all_the_same(tmp_path: Path) -> None:
    file = PolicyFile(tmp_path / "models.json", tmp_path / "log", exchange=None)
    file.ensure_exists()
    committed = commit(file, docs_rule(file))
    assert (tmp_path / committed.backup).read_text() == starter_text()
    assert file.rollback(who="ada", why="w", now=NOW).state == "rolled_back"
    assert file.path.read_text() == starter_text()


def test_a_rollback_leaves_a_rule_that_was_added_to_the_list_it_had_made(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text('{\n  "task_complexity": {"simple": {"model": "claude-haiku-4"}}\n}\n')
    file = PolicyFile(path, tmp_path / "log")
    commit(file, add_rule(file.current().policy, "keyword is 'docs'", "claude-haiku-4"))
    document = json.loads(path.read_text())
    document["rules"].append({"if": "keyword is 'ci'", "use": "claude-haiku-4"})
    path.write_text(json.dumps(document, indent=2) + "\n")
    assert file.rollback(who="ada", why="w", now=NOW).state == "rolled_back"
    assert json.loads(path.read_text())["rules"] == [{"if": "keyword is 'ci'", "use": "claude-haiku-4"}]
