"""Where transcripts are looked for, and how they make up sessions."""

import os
from pathlib import Path

import pytest

from modelmerit.capture.claude_code.histories import find_sessions, projects_folders


def transcript(path: Path, text: str = "{}\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration folder with a session that has agents everywhere they can be, and another session."""
    project = tmp_path / "claude" / "projects" / "-home-dev"
    transcript(project / "one.jsonl")
    transcript(project / "one" / "subagents" / "agent-a1.jsonl")
    transcript(project / "one" / "subagents" / "workflows" / "wf_1" / "agent-a2.jsonl")
    transcript(project / "one" / "subagents" / "workflows" / "wf_1" / "journal.jsonl")
    transcript(project / "agent-a3.jsonl", '{"type":"user"}\n{"sessionId":"one"}\n')
    transcript(project / "one" / "tool-results" / "b.txt")
    transcript(project / "two.jsonl")
    return tmp_path / "claude"


def sessions_of(path: Path | None, **environment: str) -> dict[str, list[str]]:
    return {files.session_id: sorted(p.stem for p in files.agents) for files in find_sessions(path, environment)}


@pytest.mark.parametrize("below", [".", "projects", "projects/-home-dev"])
def test_sessions_are_found_from_any_folder_above_them(folder, below):
    assert sessions_of(folder / below) == {"one": ["agent-a1", "agent-a2", "agent-a3"], "two": []}


def test_one_session_is_found_by_its_transcript(folder):
    project = folder / "projects" / "-home-dev"
    assert sessions_of(project / "one.jsonl") == {"one": ["agent-a1", "agent-a2", "agent-a3"]}
    assert sessions_of(project / "two.jsonl") == {"two": []}
    (missing,) = find_sessions(project / "three.jsonl", {})
    assert (missing.total_bytes, missing.newest_mtime_ns) == (0, 0)


def test_files_of_a_session_that_are_no_transcripts_of_agents_count_for_tokens_only(folder):
    one = next(files for files in find_sessions(folder, {}) if files.session_id == "one")
    assert [path.name for path in one.others] == ["journal.jsonl"]
    assert len(one.paths) == len(set(one.paths)) == 5
    assert one.total_bytes == sum(path.stat().st_size for path in one.paths)


def test_the_session_untouched_for_longest_comes_first(folder):
    os.utime(folder / "projects" / "-home-dev" / "two.jsonl", (1, 1))
    assert list(sessions_of(folder)) == ["two", "one"]


def test_a_session_changes_with_any_of_its_files(folder):
    before = next(files for files in find_sessions(folder, {}) if files.session_id == "one")
    with (folder / "projects/-home-dev/one/subagents/agent-a1.jsonl").open("a") as file:
        file.write("{}\n")
    after = next(files for files in find_sessions(folder, {}) if files.session_id == "one")
    assert after.total_bytes > before.total_bytes


def test_the_client_s_own_folders_are_the_default(folder, tmp_path):
    assert sessions_of(None, CLAUDE_CONFIG_DIR=f" {folder} , {tmp_path / 'none'}") != {}
    assert sessions_of(None, CLAUDE_CONFIG_DIR=str(folder / "projects")) != {}
    folder.rename(tmp_path / ".claude")
    assert projects_folders(None, {"HOME": str(tmp_path)}) == [tmp_path / ".claude" / "projects"]
    (tmp_path / ".config").mkdir()
    (tmp_path / ".claude").rename(tmp_path / ".config" / "claude")
    assert projects_folders(None, {"HOME": str(tmp_path)}) == [tmp_path / ".config" / "claude" / "projects"]


def test_where_there_is_nothing_there_are_no_sessions(tmp_path):
    assert sessions_of(tmp_path / "none") == {}
    assert sessions_of(None, HOME=str(tmp_path)) == {}
    assert sessions_of(None, CLAUDE_CONFIG_DIR=str(tmp_path)) == {}


def test_links_are_not_followed(folder):
    project = folder / "projects" / "-home-dev"
    (project / "three.jsonl").symlink_to(project / "two.jsonl")
    (project / "loop").symlink_to(project, target_is_directory=True)
    assert set(sessions_of(folder)) == {"one", "two"}
