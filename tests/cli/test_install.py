"""`modelmerit install` as a person runs it: real processes, a home of the test's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from warm_processes import run_command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project's folder, with a user's home and modelmerit's beside it."""
    for name in ("CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME", "CODEX_HOME", "MODELMERIT_HOME", "MODELMERIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("user", "project"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "project"


def run(folder, *arguments, expect=0):
    done = run_command("install", *arguments, cwd=folder)
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def files(folder):
    return sorted(str(path.relative_to(folder.parent)) for path in folder.parent.rglob("*") if path.is_file())


def test_installing_into_claude_code_says_what_was_written_where_and_how_to_take_it_back(folder):
    told = run(folder, "claude-code").stdout
    user = folder.parent / "user"
    for name in (".claude.json", ".claude/settings.json", ".claude/CLAUDE.md"):
        assert f"{user / name}  (" in told
    assert "Mode route: the model that models.json names is set on each sub-agent; --mode observe only records." in told
    assert "Now restart Claude Code. To take it back: modelmerit install claude-code --uninstall" in told

    assert run(folder, "claude-code").stdout == (
        "Claude Code has modelmerit already, for all your projects. Nothing was changed.\n"
    )
    assert "Taken out of Claude Code:" in run(folder, "claude-code", "--uninstall").stdout
    assert files(folder) == []
    assert "Nothing was changed." in run(folder, "claude-code", "--uninstall").stdout


def test_installing_again_without_a_mode_keeps_the_one_that_was_asked_for(folder):
    run(folder, "claude-code", "--mode", "observe")
    installed = {name: (folder.parent / name).read_bytes() for name in files(folder)}
    assert "Nothing was changed." in run(folder, "claude-code").stdout
    assert {name: (folder.parent / name).read_bytes() for name in files(folder)} == installed
    (folder.parent / "user" / ".claude" / "CLAUDE.md").unlink()
    assert "Mode observe: sub-agents are recorded, and nothing else" in run(folder, "claude-code").stdout


def test_the_commands_that_are_registered_start(folder):
    run(folder, "claude-code", "--scope", "project", "--mode", "observe")
    servers = json.loads((folder / ".mcp.json").read_text())["mcpServers"]
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
    }
    for name, server in servers.items():
        command = [server["command"], *server.get("args", [])]
        assert all(Path(word).is_absolute() for word in command[:1])
        answered = subprocess.run(command, input=json.dumps(request) + "\n", capture_output=True, text=True, timeout=60)
        assert json.loads(answered.stdout)["result"]["serverInfo"]["name"] == name

    settings = json.loads((folder / ".claude" / "settings.json").read_text())
    assert "PreToolUse" not in settings["hooks"]
    [group] = settings["hooks"]["SubagentStop"]
    event = {"hook_event_name": "SubagentStop", "session_id": "s", "agent_id": "a", "agent_type": "worker"}
    command = group["hooks"][0]["command"]
    hook = subprocess.run(command, shell=True, input=json.dumps(event), capture_output=True, text=True, timeout=60)
    assert (hook.returncode, hook.stdout, hook.stderr) == (0, "", "")
    [spooled] = (folder.parent / "data" / "modelmerit" / "spool").iterdir()
    assert json.loads(spooled.read_text())["agent_id"] == "a"


def test_a_dry_run_shows_diffs_and_changes_nothing(folder):
    (folder / "opencode.json").write_text('{\n  "theme": "system"\n}\n')
    before = files(folder)
    told = run(folder, "opencode", "--scope", "project", "--dry-run").stdout
    assert '\n-  "theme": "system"\n+  "theme": "system",\n+  "mcp": {\n' in told
    assert f"+++ {folder / '.opencode/plugin/modelmerit.js'}\n" in told
    assert told.endswith("\nNothing was changed.\n")
    assert files(folder) == before


def test_a_configuration_that_cannot_be_read_is_left_alone_with_the_lines_to_paste(folder):
    (folder / ".mcp.json").write_text('{"mcpServers": {\n')
    done = run(folder, "claude-code", "--scope", "project", expect=1)
    assert f"{folder / '.mcp.json'} is left alone: line 2, column 1: expected a text in double quotes." in done.stderr
    pasted = done.stderr[done.stderr.index("{") :]
    assert set(json.loads(pasted)["mcpServers"]) == {"task-dispatcher", "model-learning-analyzer"}
    assert (folder / ".mcp.json").read_text() == '{"mcpServers": {\n'
    assert (folder / ".claude" / "settings.json").exists()


def test_agents_are_written_for_opencode_from_models_json(folder):
    run(folder, "opencode", "--agents")
    config = folder.parent / "user" / ".config" / "opencode"
    assert list((config / "agent").glob("*.md"))
    run(folder, "opencode", "--uninstall")
    assert not config.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cursor", "--mode", "observe"), "--mode is about Claude Code's hooks"),
        (("claude-code", "--agents"), "--agents is about OpenCode"),
    ],
)
def test_an_option_of_another_client_is_refused(folder, arguments, said):
    assert said in run(folder, *arguments, expect=1).stderr
    assert files(folder) == []


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are UTF-8 there")
def test_a_home_that_no_configuration_can_name_is_told(folder, monkeypatch):
    monkeypatch.setenv("MODELMERIT_HOME", str(folder / "\udcff"))
    for client in ("claude-code", "opencode", "codex"):
        assert "is not UTF-8, so no client's file can name it" in run(folder, client, expect=1).stderr
    assert files(folder) == []


def test_an_unknown_client_is_told_the_names_that_are_known(folder):
    said = run(folder, "emacs", expect=2).stderr
    for client in ("claude-code", "opencode", "cursor", "vscode", "codex"):
        assert client in said
