"""What is installed, the snippets to paste and the plugin say the same, in the shapes that the clients publish."""

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

import modelmerit
from modelmerit.installing.paragraph import instructions

PROJECT = Path(__file__).parents[2]
CONFIG = PROJECT / "config"
PLUGIN = CONFIG / "claude-code-plugin"

# What https://json.schemastore.org/claude-code-settings.json says of the parts that are ours.
HANDLER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "command"],
    "properties": {
        "type": {"const": "command"},
        "command": {"type": "string", "minLength": 1},
        "timeout": {"type": "number", "exclusiveMinimum": 0},
    },
}
GROUP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["hooks"],
    "properties": {"matcher": {"type": "string"}, "hooks": {"type": "array", "items": HANDLER}},
}
EVENTS = ["PreToolUse", "SessionEnd", "SubagentStart", "SubagentStop", "UserPromptSubmit"]
HOOKS = {
    "type": "object",
    "additionalProperties": False,
    "required": EVENTS,
    "properties": {event: {"type": "array", "items": GROUP, "minItems": 1} for event in EVENTS},
}
RULES = {"type": "array", "items": {"type": "string", "pattern": "^mcp__"}, "uniqueItems": True}
SETTINGS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["hooks", "permissions"],
    "properties": {
        "hooks": HOOKS,
        "permissions": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"allow": RULES, "ask": RULES},
        },
    },
}


@pytest.fixture
def installed(machine):
    """The JSON of a file below the user's home, after an installation into every client where nothing was."""
    for client in ("claude-code", "opencode", "codex"):
        machine.install(client)

    def read(name: str):
        text = (machine.user_home / name).read_text()
        return tomllib.loads(text) if name.endswith(".toml") else json.loads(text)

    return read


def snippet(name: str):
    return json.loads((CONFIG / name).read_text())


def without_paths(servers):
    """Registrations with the commands' folders left out."""

    def name(command):
        return [Path(word).name for word in command] if isinstance(command, list) else Path(command).name

    return {key: {**server, "command": name(server["command"])} for key, server in servers.items()}


def test_settings_have_the_shape_that_the_public_schema_asks_for(installed):
    Draft7Validator(SETTINGS).validate(installed(".claude/settings.json"))


def test_the_snippets_of_claude_code_are_what_is_installed(installed):
    assert installed(".claude/settings.json")["permissions"] == snippet("claude-code.settings.json")["permissions"]
    servers = snippet("claude-code.mcp.json")["mcpServers"]
    assert without_paths(installed(".claude.json")["mcpServers"]) == without_paths(servers)


def test_the_snippet_of_opencode_is_what_is_installed(installed):
    written, pasted = installed(".config/opencode/opencode.json"), snippet("opencode.json")
    assert without_paths(written.pop("mcp")) == without_paths(pasted.pop("mcp"))
    assert written == pasted


def test_codex_asks_before_models_json_is_changed_or_changed_back(installed):
    tools = installed(".codex/config.toml")["mcp_servers"]["model-learning-analyzer"]["tools"]
    asks = {"approval_mode": "prompt"}
    assert tools == {"apply_model_suggestion": asks, "rollback_model_change": asks}


def test_the_paragraph_is_the_one_to_paste():
    assert instructions() == (CONFIG / "AGENTS.md").read_text()


def test_the_plugin_has_the_servers_and_hooks_that_are_installed(installed):
    hooks = json.loads((PLUGIN / "hooks" / "hooks.json").read_text())["hooks"]
    Draft7Validator(HOOKS).validate(hooks)
    ours = installed(".claude/settings.json")["hooks"]
    assert set(hooks) == set(ours)
    for event, groups in hooks.items():
        for group, own in zip(groups, ours[event], strict=True):
            assert group.get("matcher") == own.get("matcher")
            [handler], [own_handler] = group["hooks"], own["hooks"]
            assert handler["timeout"] == own_handler["timeout"]
            assert handler["command"].split()[1:] == own_handler["command"].split()[4:]
    servers = json.loads((PLUGIN / ".mcp.json").read_text())["mcpServers"]
    assert servers == without_paths(installed(".claude.json")["mcpServers"])


def test_the_plugin_names_commands_that_the_package_has():
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["scripts"]
    servers = json.loads((PLUGIN / ".mcp.json").read_text())["mcpServers"]
    assert {server["command"] for server in servers.values()} | {"modelmerit-hook"} <= set(scripts)


def test_the_marketplace_leads_to_the_plugin_of_this_version():
    marketplace = json.loads((PROJECT / ".claude-plugin" / "marketplace.json").read_text())
    [listed] = marketplace["plugins"]
    manifest = json.loads((PROJECT / listed["source"] / ".claude-plugin" / "plugin.json").read_text())
    assert manifest["name"] == listed["name"]
    assert manifest["version"] == modelmerit.__version__


def test_the_review_command_may_call_tools_of_the_plugin_that_only_read():
    head = (PLUGIN / "commands" / "review.md").read_text().split("---")[1]
    tools = head.partition("allowed-tools:")[2].strip().split(", ")
    prefix = "mcp__plugin_modelmerit_model-learning-analyzer__"
    assert {tool.removeprefix(prefix) for tool in tools} == {
        "suggest_model_rules",
        "analyze_model_performance",
        "list_model_changes",
    }
