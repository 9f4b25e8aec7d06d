"""Files that cannot be edited, are not there, are links, or change while we look: nobody's words are lost."""

import json
import os
from datetime import UTC, datetime

import pytest

from modelmerit.installing.claude_code import mode_of
from modelmerit.installing.clients import CLIENTS
from modelmerit.installing.installation import Installation
from modelmerit.installing.manifest import NAME, BrokenManifest, Manifest
from modelmerit.installing.performing import perform
from modelmerit.installing.planning import plan_installation

AGENT = "---\ndescription: x. Use it where dispatch_task names it.\n---\nWork.\n"
ALL = [(client, scope) for client in CLIENTS for scope in ("user", "project")]


@pytest.mark.parametrize(("client", "scope"), ALL)
def test_where_nothing_is_there_files_and_folders_are_made_and_removed_again(machine, client, scope):
    before = machine.files()
    machine.install(client, scope)
    assert len(machine.files()) > len(before)
    assert machine.install(client, scope).changes == ()
    machine.uninstall(client, scope)
    assert machine.files() == before
    assert machine.uninstall(client, scope).changes == ()


@pytest.mark.parametrize(
    ("client", "name", "text", "lines"),
    [
        ("claude-code", ".claude.json", b'{\n  "projects": {\n', '"mcpServers"'),
        ("claude-code", ".claude/settings.json", b"[]\n", '"SubagentStop"'),
        ("claude-code", ".claude/settings.json", b'{"hooks": {"SubagentStop": "say done"}}', '"SubagentStop"'),
        ("claude-code", ".claude/settings.json", b'{"permissions": {"ask": true}}', '"ask"'),
        ("opencode", ".config/opencode/opencode.json", b"<<<<<<< HEAD\n{}\n", '"permission"'),
        ("opencode", ".config/opencode/opencode.json", b'{"mcp": []}', '"mcp"'),
        ("cursor", ".cursor/mcp.json", '{"mcpServers": {}}'.encode("utf-16"), '"mcpServers"'),
        ("vscode", ".config/Code/User/mcp.json", b"\xff\xfe", '"servers"'),
        ("codex", ".codex/config.toml", b"model = gpt-5\n", "[mcp_servers.task-dispatcher]"),
        ("codex", ".codex/config.toml", b"mcp_servers = { a = { command = 'b' } }\n", "[mcp_servers.task-dispatcher]"),
        ("codex", ".codex/config.toml", b"mcp_servers = 1\n", "[mcp_servers.task-dispatcher]"),
        ("cursor", ".cursor/mcp.json", b'{"mcpServers": {"task-dispatcher": {"command": "npx"}}}', '"mcpServers"'),
        ("codex", ".codex/config.toml", b"[mcp_servers.task-dispatcher]\nurl = 'x'\n", "[mcp_servers"),
        ("opencode", ".config/opencode/plugin/modelmerit.js", b"export const Mine = 1\n", None),
    ],
)
def test_what_cannot_be_edited_is_left_alone_with_the_lines_to_paste(machine, client, name, text, lines):
    path = machine.user_home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)

    [left] = machine.install(client).left_alone

    assert left.path == path
    assert path.read_bytes() == text
    assert left.lines is None if lines is None else lines in left.lines
    assert list(path.parent.glob("*.bak.*")) == []
    machine.uninstall(client)
    assert path.read_bytes() == text


def test_the_rest_is_installed_where_one_file_is_left_alone(machine):
    (machine.user_home / ".claude.json").write_text("{")
    performed = machine.install("claude-code")
    assert [change.path.name for change in performed.changes] == ["settings.json", "CLAUDE.md"]


def test_a_read_only_file_is_not_forced(machine):
    path = machine.user_home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text("{}")
    path.chmod(0o444)

    [left] = machine.install("cursor").left_alone

    assert left.reason == "it is read-only"
    assert '"task-dispatcher"' in left.lines
    assert path.read_text() == "{}"
    path.chmod(0o644)
    machine.install("cursor")
    path.chmod(0o444)
    assert [left.path for left in machine.uninstall("cursor").left_alone] == [path]
    assert "task-dispatcher" in path.read_text()


def test_what_is_no_file_is_neither_waited_for_nor_replaced(machine):
    path = machine.user_home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    os.mkfifo(path)
    [left] = machine.install("cursor").left_alone
    assert left.reason == "it is no file"
    assert path.is_fifo()


@pytest.mark.parametrize(
    "text", ["```\n<!-- modelmerit: begin -->\n```\nMy words.\n", "<!-- modelmerit: begin -->\nMy words."]
)
def test_words_after_a_quoted_comment_of_ours_stay(machine, text):
    path = machine.user_home / ".claude" / "CLAUDE.md"
    path.parent.mkdir()
    path.write_text(text)
    machine.install("claude-code")
    installed = path.read_text()
    assert installed.startswith(text)
    assert machine.install("claude-code").changes == ()
    path.write_text(installed + "More.\n")
    machine.uninstall("claude-code")
    assert path.read_text() == text + ("" if text.endswith("\n") else "\n") + "More.\n"


def test_a_folder_that_cannot_be_made_is_told_with_the_lines_to_paste(machine):
    (machine.user_home / ".cursor").write_text("a file")
    [left] = machine.install("cursor").left_alone
    assert left.reason == "it cannot be read: Not a directory"
    assert '"task-dispatcher"' in left.lines
    assert (machine.user_home / ".cursor").read_text() == "a file"


def test_a_symbolic_link_stays_one_and_the_file_behind_it_is_edited(machine):
    dotfiles = machine.root / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "settings.json").write_text('{"model": "opus"}\n')
    (machine.user_home / ".claude").mkdir()
    link = machine.user_home / ".claude" / "settings.json"
    link.symlink_to(os.path.relpath(dotfiles / "settings.json", link.parent))

    machine.install("claude-code")

    assert link.is_symlink()
    assert "hooks" in json.loads((dotfiles / "settings.json").read_text())
    assert len(list(dotfiles.glob("settings.json.bak.*"))) == 1
    machine.uninstall("claude-code")
    assert link.is_symlink()
    assert [path.name for path in dotfiles.iterdir()] == ["settings.json"]
    assert link.read_text() == '{"model": "opus"}\n'


def test_a_linked_agents_md_holds_the_paragraph_once_until_no_client_wants_it(machine):
    (machine.project / "AGENTS.md").write_text("# Web\n")
    (machine.project / "CLAUDE.md").symlink_to("AGENTS.md")
    for client in ("claude-code", "codex", "opencode"):
        machine.install(client, "project")
    assert (machine.project / "AGENTS.md").read_text().count("dispatch_task") == 1
    for client in ("codex", "claude-code"):
        machine.uninstall(client, "project")
        assert "dispatch_task" in (machine.project / "AGENTS.md").read_text()
    machine.uninstall("opencode", "project")
    assert (machine.project / "AGENTS.md").read_text() == "# Web\n"
    assert sorted(path.name for path in machine.project.iterdir()) == ["AGENTS.md", "CLAUDE.md"]


def test_another_mode_changes_the_hooks_and_uninstalling_still_gives_back_the_first_bytes(machine):
    path = machine.user_home / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text('{ "model" : "opus" }')
    machine.install("claude-code", mode="route")
    machine.install("claude-code", mode="observe")
    hooks = json.loads(path.read_text())["hooks"]
    assert "PreToolUse" not in hooks
    assert hooks["SubagentStop"][0]["hooks"][0]["command"].endswith("--mode observe")
    machine.install("claude-code", mode="advise")
    assert len(json.loads(path.read_text())["hooks"]["PreToolUse"]) == 1
    machine.uninstall("claude-code")
    assert [(entry.name, entry.read_text()) for entry in path.parent.iterdir()] == [
        ("settings.json", '{ "model" : "opus" }')
    ]


def test_where_no_mode_is_asked_for_the_hooks_keep_theirs(machine):
    path = machine.user_home / ".claude" / "settings.json"
    machine.install("claude-code", mode="observe")
    before = path.read_bytes()
    machine.install("claude-code")
    assert path.read_bytes() == before
    machine.install("claude-code", "project")
    own = (machine.project / ".claude" / "settings.json").read_text()
    assert "--mode observe" in own
    assert "PreToolUse" not in own
    machine.install("claude-code", mode="advise")
    machine.install("claude-code", "project")
    assert (machine.project / ".claude" / "settings.json").read_text() == own


@pytest.mark.parametrize("settings", ["", "{", "[]", '{"hooks": []}', '{"hooks": {"PreToolUse": {"a": 1}}}'])
def test_settings_that_name_no_mode_of_ours_mean_route(machine, settings):
    path = machine.user_home / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text(settings)
    assert mode_of(machine.request()) == "route"


def test_what_was_edited_before_another_mode_was_installed_stays_when_all_is_taken_out(machine):
    path = machine.user_home / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text("{}")
    machine.install("claude-code")
    path.write_text(path.read_text().replace("{", '{\n  "model": "opus",', 1))
    machine.install("claude-code", mode="observe")
    machine.uninstall("claude-code")
    assert json.loads(path.read_text()) == {"model": "opus"}


def test_a_file_of_ours_that_a_person_added_to_is_kept_without_our_entries(machine):
    machine.install("cursor")
    path = machine.user_home / ".cursor" / "mcp.json"
    written = json.loads(path.read_text())
    written["mcpServers"]["github"] = {"command": "github-mcp"}
    path.write_text(json.dumps(written, indent=4))
    machine.uninstall("cursor")
    assert json.loads(path.read_text()) == {"mcpServers": {"github": {"command": "github-mcp"}}}


def test_without_the_manifest_our_entries_are_found_by_themselves(machine):
    path = machine.user_home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text('{\n  "mcpServers": {\n    "a": {"command": "b"}\n  }\n}\n')
    machine.install("cursor")
    (machine.root / "modelmerit" / NAME).unlink()
    machine.uninstall("cursor")
    assert path.read_text() == '{\n  "mcpServers": {\n    "a": {"command": "b"}\n  }\n}\n'


def test_a_backup_that_is_gone_or_changed_is_not_given_back(machine):
    path = machine.user_home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text('{"a": 1}')
    machine.install("cursor")
    [backup] = path.parent.glob("*.bak.*")
    backup.write_text("something else")
    machine.uninstall("cursor")
    assert json.loads(path.read_text()) == {"a": 1}


def test_a_manifest_that_cannot_be_read_is_told(tmp_path):
    for text in ("{", "[]", '{"files": {"/a": {"owners": []}}}'):
        (tmp_path / NAME).write_text(text)
        with pytest.raises(BrokenManifest, match=r"installs\.json cannot be read"):
            Manifest.read(tmp_path / NAME)


def test_a_save_between_looking_and_writing_stands(machine):
    path = machine.user_home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text("{}")
    plan = plan_installation("cursor", machine.targets("cursor"), Manifest())
    path.write_text('{"saved": "meanwhile"}')
    [left] = perform(plan, machine.root / NAME, datetime.now(UTC)).left_alone
    assert left.reason == "somebody saved it at the same moment; run the command again"
    assert path.read_text() == '{"saved": "meanwhile"}'
    assert [entry.name for entry in path.parent.iterdir()] == ["mcp.json"]


def test_agents_are_written_and_removed_but_for_those_of_a_person(machine):
    folder = machine.user_home / ".config" / "opencode" / "agent"
    folder.mkdir(parents=True)
    (folder / "opus.md").write_text("My own agent.\n")

    performed = machine.install("opencode", agents={"haiku.md": AGENT, "opus.md": AGENT, "sonnet.md": AGENT})

    assert [left.path.name for left in performed.left_alone] == ["opus.md"]
    assert (folder / "haiku.md").read_text() == AGENT
    (folder / "sonnet.md").write_text(AGENT + "Be brief.\n")
    machine.uninstall("opencode")
    assert (folder / "opus.md").read_text() == "My own agent.\n"
    [kept] = folder.glob("sonnet.md*")
    assert (kept.name.startswith("sonnet.md.bak."), kept.read_text()) == (True, AGENT + "Be brief.\n")
    assert not (folder / "haiku.md").exists()


def test_home_and_policy_of_the_environment_reach_servers_hooks_and_plugin(machine, tmp_path):
    environment = {"MODELMERIT_HOME": str(tmp_path / "my home"), "MODELMERIT_POLICY": str(tmp_path / "models.json")}
    running = Installation.running(environment)
    machine.installation = Installation(
        machine.installation.python, machine.installation.scripts, running.package, running.home, running.policy
    )
    for client in CLIENTS:
        machine.install(client)
    user = machine.user_home
    assert json.loads((user / ".claude.json").read_text())["mcpServers"]["task-dispatcher"]["env"] == environment
    assert (
        json.loads((user / ".config/opencode/opencode.json").read_text())["mcp"]["task-dispatcher"]["environment"]
        == environment
    )
    settings = json.loads((user / ".claude/settings.json").read_text())
    command = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"]
    assert command.startswith(f"MODELMERIT_POLICY={tmp_path / 'models.json'} {machine.installation.python} -S -E ")
    assert command.endswith(f"claude-code --mode route --home '{tmp_path / 'my home'}'")
    plugin = (user / ".config/opencode/plugin/modelmerit.js").read_text()
    assert f'const HOME = "{tmp_path / "my home"}";' in plugin


def test_clients_that_keep_their_files_elsewhere_are_followed(machine):
    elsewhere = machine.user_home / "elsewhere"
    machine.environment = {
        "CLAUDE_CONFIG_DIR": str(elsewhere / "claude"),
        "XDG_CONFIG_HOME": str(elsewhere / "config"),
        "CODEX_HOME": str(elsewhere / "codex"),
    }
    for client in ("claude-code", "opencode", "codex"):
        machine.install(client)
    for name in ("claude/.claude.json", "claude/settings.json", "config/opencode/opencode.json", "codex/config.toml"):
        assert (elsewhere / name).is_file()
    assert [path.name for path in machine.user_home.iterdir()] == ["elsewhere"]


def test_a_server_without_its_script_is_started_as_a_module(machine):
    (machine.installation.scripts / "task-dispatcher").unlink()
    machine.install("cursor")
    server = json.loads((machine.user_home / ".cursor" / "mcp.json").read_text())["mcpServers"]["task-dispatcher"]
    assert server["command"] == str(machine.installation.python)
    assert server["args"] == ["-m", "task_dispatcher"]
    assert machine.install("cursor").changes == ()


def test_what_a_person_added_to_our_registration_stays(machine):
    path = machine.user_home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    old = {
        "command": "/old/bin/task-dispatcher",
        "args": [],
        "env": {"A": "b", "MODELMERIT_HOME": "/old"},
        "timeout": 9,
    }
    path.write_text(json.dumps({"mcpServers": {"task-dispatcher": old}}))
    machine.install("cursor")
    server = json.loads(path.read_text())["mcpServers"]["task-dispatcher"]
    assert server == {
        "command": str(machine.installation.scripts / "task-dispatcher"),
        "env": {"A": "b"},
        "timeout": 9,
        "type": "stdio",
    }


def test_codex_own_edits_between_our_comments_stay(machine):
    """Codex puts a new table before the comment that ends the file, and drops the one before a table it rewrites."""
    path = machine.user_home / ".codex" / "config.toml"
    path.parent.mkdir()
    path.write_text('model = "gpt-5.2-codex"\n')
    machine.install("codex")
    text = path.read_text().replace("# modelmerit: begin\n", "")
    path.write_text(
        text.replace("# modelmerit: end\n", '\n[projects."/web"]\ntrust_level = "trusted"\n# modelmerit: end\n')
    )
    assert machine.install("codex").changes == ()
    machine.uninstall("codex")
    assert path.read_text() == 'model = "gpt-5.2-codex"\n\n[projects."/web"]\ntrust_level = "trusted"\n'
