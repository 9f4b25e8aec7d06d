"""`modelmerit install`: entering modelmerit into a client's configuration, and taking it out again."""

from enum import StrEnum
from typing import Annotated

import typer

from modelmerit.errors import ModelmeritError


class ClientName(StrEnum):
    """The clients by the words of the command."""

    CLAUDE_CODE = "claude-code"
    OPENCODE = "opencode"
    CURSOR = "cursor"
    VSCODE = "vscode"
    CODEX = "codex"


class ScopeName(StrEnum):
    """For all projects of the user, or for the one in this folder."""

    USER = "user"
    PROJECT = "project"


class ModeName(StrEnum):
    """What Claude Code's hooks do."""

    OBSERVE = "observe"
    ADVISE = "advise"
    ROUTE = "route"


class NotForThisClient(ModelmeritError):
    """An option was given that means something for another client only."""


def register(app: typer.Typer) -> None:
    """Add this command to the `modelmerit` command."""
    app.command()(install)


def install(
    client: Annotated[ClientName, typer.Argument(help="The client.", metavar="CLIENT")],
    scope: Annotated[ScopeName, typer.Option(help="All your projects, or the one in this folder.")] = ScopeName.USER,
    mode: Annotated[ModeName | None, typer.Option(help="What Claude Code's hooks do: as they are, else route.")] = None,
    agents: Annotated[bool, typer.Option("--agents", help="Write an OpenCode agent for each model, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Take it back.")] = False,
) -> None:
    """Enter modelmerit into a client: claude-code, opencode, cursor, vscode or codex. --uninstall takes it back."""
    if mode is not None and client is not ClientName.CLAUDE_CODE:
        raise NotForThisClient("--mode is about Claude Code's hooks; leave it out.")
    if agents and client is not ClientName.OPENCODE:
        raise NotForThisClient("--agents is about OpenCode, which gives each model an agent; leave it out.")
    # What reads and writes configurations is imported here alone, because every other command would wait for it.
    from modelmerit.cli.installation import Wish, carry_out

    carry_out(Wish(client.value, scope.value, mode.value if mode else None, agents, dry_run, uninstall))
