"""OpenCode: servers and permissions in opencode.json or opencode.jsonc, the plugin that records, words in AGENTS.md."""

import json
from importlib.resources import files
from pathlib import Path

from modelmerit.installing.content import WholeFile
from modelmerit.installing.installation import ANALYZER, ASKING_TOOLS, SERVERS
from modelmerit.installing.json_entries import JsonContent, OpenCodeAsk, Server
from modelmerit.installing.paragraph import Paragraph, instructions
from modelmerit.installing.request import Request
from modelmerit.installing.targets import Target

_FRESH = '{\n  "$schema": "https://opencode.ai/config.json"\n}\n'
_PLUGIN_MARK = "// modelmerit:"
_AGENT_MARK = "Use it where dispatch_task names it."
_NO_HOME = "const HOME = null;"


def targets(request: Request) -> list[Target]:
    """The files of OpenCode that ours go into."""
    if request.is_user:
        config = request.folder("XDG_CONFIG_HOME", ".config") / "opencode"
        extensions = config
    else:
        config, extensions = request.project, request.project / ".opencode"
    asks = OpenCodeAsk([f"{ANALYZER}_{tool}" for tool in ASKING_TOOLS])
    settings = JsonContent([*(_server(request, name) for name in SERVERS), asks], _FRESH)
    plugin = WholeFile(plugin_text(request), _PLUGIN_MARK)
    return [
        Target(_settings_file(config), settings, "both servers, and what OpenCode asks before"),
        Target(extensions / "plugin" / "modelmerit.js", plugin, "the plugin that records"),
        Target(config / "AGENTS.md", Paragraph(instructions()), "what the agent is told"),
        *(
            Target(extensions / "agent" / name, WholeFile(text, _AGENT_MARK), "an agent for a model of models.json")
            for name, text in request.agents.items()
        ),
    ]


def plugin_text(request: Request) -> str:
    """The plugin, told the home if the environment names one."""
    text = files("modelmerit.capture.opencode").joinpath("plugin.js").read_text(encoding="utf-8")
    assert text.count(_NO_HOME) == 1, "the plugin has one place for the home"
    home = request.installation.home
    return text if home is None else text.replace(_NO_HOME, f"const HOME = {json.dumps(str(home))};")


def _server(request: Request, name: str) -> Server:
    value: dict[str, object] = {"type": "local", "command": request.installation.server_command(name)}
    if request.installation.variables:
        value["environment"] = request.installation.variables
    return Server(("mcp", name), value, "environment")


def _settings_file(folder: Path) -> Path:
    """The file of the two names that is there; of both the .jsonc, which OpenCode reads last."""
    with_comments = folder / "opencode.jsonc"
    return with_comments if with_comments.exists() else folder / "opencode.json"
