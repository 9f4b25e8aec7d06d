"""The clients that modelmerit can be installed into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from modelmerit.installing import claude_code, opencode, other_clients
from modelmerit.installing.request import Request
from modelmerit.installing.targets import Target


@dataclass(frozen=True, slots=True)
class Client:
    """`approving` is how a person is asked there before models.json changes."""

    title: str
    targets: Callable[[Request], list[Target]]
    approving: str


_UNLESS = "unless you told it to run every tool"

CLIENTS: Mapping[str, Client] = {
    "claude-code": Client(
        "Claude Code", claude_code.targets, "Claude Code asks you; what only reads or records needs no yes"
    ),
    "opencode": Client("OpenCode", opencode.targets, "OpenCode asks you"),
    "cursor": Client("Cursor", other_clients.cursor, f"Cursor asks you, {_UNLESS}"),
    "vscode": Client("VS Code", other_clients.vscode, f"VS Code asks you, {_UNLESS}"),
    "codex": Client("Codex", other_clients.codex, "Codex asks you"),
}
