"""Cursor, VS Code and Codex: the servers, and the instructions where a client reads them from a file."""

import sys
from pathlib import Path
from typing import Any

from modelmerit.installing.claude_code import registrations, stdio_server
from modelmerit.installing.codex_toml import CodexServers
from modelmerit.installing.installation import ANALYZER, ASKING_TOOLS, SERVERS
from modelmerit.installing.json_entries import JsonContent, Server
from modelmerit.installing.paragraph import Paragraph, instructions
from modelmerit.installing.request import Request
from modelmerit.installing.targets import Target


def cursor(request: Request) -> list[Target]:
    """The files of Cursor that ours go into; it has no file of instructions for all projects."""
    folder = request.user_home if request.is_user else request.project
    servers = Target(folder / ".cursor" / "mcp.json", JsonContent(registrations(request)), "both servers")
    return [servers, *_project_instructions(request)]


def vscode(request: Request) -> list[Target]:
    """The files of VS Code that ours go into; it has no file of instructions for all projects."""
    path = _vscode_profile(request) / "mcp.json" if request.is_user else request.project / ".vscode" / "mcp.json"
    servers = JsonContent([Server(("servers", name), stdio_server(request, name)) for name in SERVERS])
    return [Target(path, servers, "both servers"), *_project_instructions(request)]


def codex(request: Request) -> list[Target]:
    """The files of Codex that ours go into."""
    config = request.folder("CODEX_HOME", ".codex") if request.is_user else request.project / ".codex"
    words = (config if request.is_user else request.project) / "AGENTS.md"
    return [
        Target(
            config / "config.toml", CodexServers(_codex_tables(request)), "both servers, and what Codex asks before"
        ),
        Target(words, Paragraph(instructions()), "what the agent is told"),
    ]


def _codex_tables(request: Request) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for name in SERVERS:
        server = stdio_server(request, name)
        del server["type"]
        tables[name] = server
    tables[ANALYZER]["tools"] = {tool: {"approval_mode": "prompt"} for tool in ASKING_TOOLS}
    return tables


def _project_instructions(request: Request) -> list[Target]:
    if request.is_user:
        return []
    return [Target(request.project / "AGENTS.md", Paragraph(instructions()), "what the agent is told")]


def _vscode_profile(request: Request) -> Path:
    if sys.platform == "darwin":
        return request.user_home / "Library" / "Application Support" / "Code" / "User"
    return request.folder("XDG_CONFIG_HOME", ".config") / "Code" / "User"
