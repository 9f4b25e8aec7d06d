"""The doctor's look at the clients' configurations, as people have them."""

import json
import sys
from pathlib import Path

import pytest

from modelmerit.installing.installation import SERVERS
from modelmerit.services.checks.registrations import check_registrations

HERE = Path(sys.executable).parent
COMMANDS = {name: str(HERE / name) for name in SERVERS}
HOOK = Path(__file__).parents[3] / "shared/modelmerit/capture/hook.py"


@pytest.fixture
def person(tmp_path):
    """A person's home folder, and a project beside it, in which no client was ever used."""
    for name in ("person", "project"):
        (tmp_path / name).mkdir()
    return tmp_path / "person"


def look(person):
    found = check_registrations(SERVERS, {"HOME": str(person), "PATH": "/nowhere"}, person.parent / "project")
    return {finding.name: finding for finding in found}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def servers(**other):
    return {name: {"command": command, "args": []} for name, command in (COMMANDS | other).items()}


def hooks(script=HOOK, mode="route"):
    command = f"{sys.executable} -S -E '{script}' claude-code --mode {mode}"
    group = {"hooks": [{"type": "command", "command": command, "timeout": 5}]}
    somebody_elses = {"matcher": "Bash", "hooks": [{"type": "command", "command": "lint 'unclosed"}]}
    return {"hooks": {"SubagentStop": [group], "PreToolUse": [somebody_elses, group | {"matcher": "Agent|Task"}]}}


def test_where_no_client_is_set_up_the_first_step_is_said(person):
    (finding,) = look(person).values()

    assert finding.state == "warning"
    assert "modelmerit install claude-code" in finding.to_do


def test_a_client_in_use_that_is_not_registered_is_a_warning(person):
    (person / ".codex").mkdir()
    found = look(person)

    assert list(found) == ["codex"]
    assert (found["codex"].state, found["codex"].line) == ("warning", "not registered")
    assert "modelmerit install codex" in found["codex"].to_do


def test_beside_a_registered_client_another_one_need_not_be(person):
    write(person / ".cursor/mcp.json", {"mcpServers": servers()})
    (person / ".codex").mkdir()
    found = look(person)

    assert {name: finding.state for name, finding in found.items()} == {"cursor": "ok", "codex": "ok"}
    assert found["cursor"].line == "both servers registered (user)"


def test_claude_code_with_servers_and_hooks_is_in_order(person):
    write(person / ".claude.json", {"numStartups": 4, "mcpServers": servers()})
    write(person / ".claude/settings.json", hooks())
    found = look(person)["claude-code"]

    assert (found.state, found.to_do) == ("ok", None)
    assert found.line == "both servers registered (user), with 2 hooks in route mode"


def test_the_hooks_of_a_project_go_before_those_for_all_projects(person):
    write(person / ".claude.json", {"mcpServers": servers()})
    write(person / ".claude/settings.json", hooks())
    write(person / "work/.claude/settings.json", hooks(mode="observe"))
    [found] = check_registrations(SERVERS, {"HOME": str(person)}, person / "work")

    assert found.line == (
        "both servers registered (user), with 2 hooks in observe mode; "
        "they go before the 2 hooks in route mode for all projects"
    )


def test_servers_without_hooks_are_a_warning(person):
    write(person.parent / "project/.mcp.json", {"mcpServers": servers()})
    found = look(person)["claude-code"]

    assert found.state == "warning"
    assert "(project), but no hooks" in found.line


def test_a_hook_script_that_is_gone_fails(person):
    write(person / ".claude.json", {"mcpServers": servers()})
    write(person / ".claude/settings.json", hooks("/gone/modelmerit/capture/hook.py"))
    found = look(person)["claude-code"]

    assert found.state == "failed"
    assert "/gone/modelmerit/capture/hook.py, which is not there" in found.line


def test_variables_before_the_program_of_a_hook_are_no_program(person):
    settings = hooks()
    for group in (settings["hooks"]["SubagentStop"][0], settings["hooks"]["PreToolUse"][1]):
        group["hooks"] = [
            {**one, "command": f"MODELMERIT_POLICY='/my policy.json' {one['command']}"} for one in group["hooks"]
        ]
    write(person / ".claude.json", {"mcpServers": servers()})
    write(person / ".claude/settings.json", settings)
    assert look(person)["claude-code"].line == "both servers registered (user), with 2 hooks in route mode"


def test_the_plugin_is_enough_and_beside_a_registration_too_much(person):
    write(person / ".claude/settings.json", {"enabledPlugins": {"modelmerit@modelmerit": True, "other@x": True}})
    found = look(person)["claude-code"]
    assert found.state == "ok"
    assert "the plugin is enabled" in found.line

    write(person / ".claude.json", {"mcpServers": servers()})
    found = look(person)["claude-code"]
    assert found.state == "warning"
    assert "each sub-agent is answered twice" in found.line

    write(person / ".claude/settings.json", {"enabledPlugins": {"modelmerit@modelmerit": False}} | hooks())
    assert look(person)["claude-code"].state == "ok"


def test_a_server_that_is_gone_fails_and_says_what_to_run(person):
    write(person / ".cursor/mcp.json", {"mcpServers": servers(**{SERVERS[1]: "/gone/bin/analyzer"})})
    found = look(person)["cursor"]

    assert found.state == "failed"
    assert "/gone/bin/analyzer, which is not there" in found.line
    assert found.to_do == "Run `modelmerit install cursor`."


def test_another_installation_is_a_warning(person):
    write(person / ".cursor/mcp.json", {"mcpServers": servers(**{SERVERS[0]: "/bin/sh"})})
    found = look(person)["cursor"]

    assert found.state == "warning"
    assert "/bin/sh, which is another installation than this one" in found.line


def test_only_one_of_the_two_servers_is_a_warning(person):
    write(person / ".cursor/mcp.json", {"mcpServers": {SERVERS[0]: {"command": COMMANDS[SERVERS[0]]}}})

    assert look(person)["cursor"].line == f"{SERVERS[1]} is not registered, {SERVERS[0]} is."


def test_comments_trailing_commas_and_a_byte_order_mark_are_read(person):
    entries = ", ".join(
        f'"{name}": {{"type": "local", "command": ["{command}"], "environment": {{"A": "// no, comment"}},}}'
        for name, command in COMMANDS.items()
    )
    text = f'\ufeff// mine\n{{"mcp": {{ /* "both": */ {entries}, }},\n}}\n'
    write(person / ".config/opencode/opencode.jsonc", text)
    write(person / ".config/opencode/plugin/modelmerit.js", "")

    assert look(person)["opencode"].line == "both servers registered (user), with the plugin"


def test_codex_and_vs_code_keep_theirs_in_their_own_ways(person):
    tables = "\n".join(f'[mcp_servers.{name}]\ncommand = "{command}"' for name, command in COMMANDS.items())
    write(person / ".codex/config.toml", f'model = "x" # mine\n{tables}\n')
    write(person.parent / "project/.vscode/mcp.json", {"servers": servers()})
    found = look(person)

    assert found["codex"].line == "both servers registered (user)"
    assert found["vscode"].line == "both servers registered (project)"


@pytest.mark.parametrize("content", ["{ broken", "[mcp_servers"])
def test_a_configuration_that_cannot_be_read_is_a_warning(person, content):
    name = ".codex/config.toml" if content.startswith("[") else ".cursor/mcp.json"
    write(person / name, content)
    (finding,) = look(person).values()

    assert finding.state == "warning"
    assert f"{person / name} cannot be read" in finding.line


@pytest.mark.parametrize("content", ["", "[]", "null", '{"mcpServers": []}', '{"mcpServers": {"task-dispatcher": 5}}'])
def test_what_has_another_shape_is_not_registered(person, content):
    write(person / ".cursor/mcp.json", content)

    assert look(person)["cursor"].line == "not registered"
