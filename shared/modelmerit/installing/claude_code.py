"""Claude Code: servers in .mcp.json or ~/.claude.json, hooks and permissions in settings.json, words in CLAUDE.md.

A hook's command is in shell form, which every version knows; `args` came with 2.1.139, and an older version would start
Python without any. None is `async`: Claude Code cancels such hooks at the end of a headless run, when the last
sub-agent has just stopped, and ours takes some hundredths of a second.
"""

from pathlib import Path

from modelmerit.installing.content import NotEditable
from modelmerit.installing.installation import ANALYZER, ASKING_TOOLS, MODES, READING_TOOLS, SERVERS, Mode
from modelmerit.installing.json_entries import Entry, Hook, Item, JsonContent, Server, own_hook_commands
from modelmerit.installing.paragraph import Paragraph, instructions
from modelmerit.installing.request import Request
from modelmerit.installing.targets import Target

RECORDED_EVENTS = ("SubagentStart", "SubagentStop", "UserPromptSubmit", "SessionEnd")
AGENT_TOOL = "Agent|Task"
"""The tool that starts a sub-agent, by its name of today and by its older one."""
DEFAULT_MODE: Mode = "route"
_RECORDING_TIMEOUT_S = 5
_ANSWERING_TIMEOUT_S = 10


def targets(request: Request) -> list[Target]:
    """The files of Claude Code that ours go into."""
    named = request.environment.get("CLAUDE_CONFIG_DIR")
    config, settings = _config(request), _settings(request)
    if request.is_user:
        servers, memory = (config if named else request.user_home) / ".claude.json", config / "CLAUDE.md"
    else:
        servers, memory = request.project / ".mcp.json", _project_memory(request.project)
    return [
        Target(servers, JsonContent(registrations(request)), "both servers"),
        Target(settings, JsonContent([*permissions(), *hooks(request)]), "hooks and permissions"),
        Target(memory, Paragraph(instructions()), "what the agent is told"),
    ]


def mode_of(request: Request) -> Mode:
    """The mode that was asked for, else that of the hooks as they are installed here or for the user, else `route`."""
    if request.mode is not None:
        return request.mode
    for settings in (_settings(request), _config(request) / "settings.json"):
        for command in _commands(settings):
            for mode in MODES:
                if f"--mode {mode}" in command:
                    return mode
    return DEFAULT_MODE


def registrations(request: Request) -> list[Entry]:
    """Both servers in the form that Claude Code and Cursor share."""
    return [Server(("mcpServers", name), stdio_server(request, name)) for name in SERVERS]


def stdio_server(request: Request, name: str) -> dict[str, object]:
    """A server's registration in the form that most clients share."""
    command, *arguments = request.installation.server_command(name)
    server: dict[str, object] = {"type": "stdio", "command": command}
    if arguments:
        server["args"] = arguments
    if request.installation.variables:
        server["env"] = request.installation.variables
    return server


def permissions() -> list[Entry]:
    """What Claude Code asks before, and what it need not ask before."""
    allowed = [f"mcp__{SERVERS[0]}", *(f"mcp__{ANALYZER}__{tool}" for tool in READING_TOOLS)]
    return [
        *(Item(("permissions", "allow"), rule) for rule in allowed),
        *(Item(("permissions", "ask"), f"mcp__{ANALYZER}__{tool}") for tool in ASKING_TOOLS),
    ]


def hooks(request: Request) -> list[Entry]:
    """The hooks that record, and the one that answers which model a sub-agent is to have, if the mode is to answer."""
    mode = mode_of(request)
    command = request.installation.hook_command(mode)

    def handler(timeout_s: int) -> dict[str, object]:
        return {"type": "command", "command": command, "timeout": timeout_s}

    answering = {"matcher": AGENT_TOOL, "hooks": [handler(_ANSWERING_TIMEOUT_S)]}
    return [
        *(Hook(event, {"hooks": [handler(_RECORDING_TIMEOUT_S)]}) for event in RECORDED_EVENTS),
        Hook("PreToolUse", None if mode == "observe" else answering),
    ]


def _config(request: Request) -> Path:
    return request.folder("CLAUDE_CONFIG_DIR", ".claude")


def _settings(request: Request) -> Path:
    return (_config(request) if request.is_user else request.project / ".claude") / "settings.json"


def _commands(settings: Path) -> list[str]:
    """The commands of our hooks in a file of settings. That it cannot be read is told when it is edited."""
    try:
        return own_hook_commands(settings.read_text())
    except (OSError, ValueError, NotEditable):
        return []


def _project_memory(project: Path) -> Path:
    """The project's CLAUDE.md, which may also lie in its .claude."""
    inner = project / ".claude" / "CLAUDE.md"
    return inner if inner.exists() and not (project / "CLAUDE.md").exists() else project / "CLAUDE.md"
