"""Carrying out what `modelmerit install` was asked for, and telling what was done."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from modelmerit.cli.terminal import errors, print_diff, say
from modelmerit.errors import SettingsError
from modelmerit.installing.claude_code import mode_of
from modelmerit.installing.clients import CLIENTS, Client
from modelmerit.installing.installation import Installation, Mode
from modelmerit.installing.manifest import NAME, Manifest
from modelmerit.installing.performing import Performed, perform
from modelmerit.installing.planning import Change, LeftAlone, Plan, plan_installation, plan_uninstallation
from modelmerit.installing.request import Request, Scope
from modelmerit.settings import Settings

_CLAUDE_CODE = "claude-code"
_MODES = {
    "observe": "observe: sub-agents are recorded, and nothing else; --mode route also sets their model",
    "advise": "advise: the agent is told the model that models.json names; --mode observe only records",
    "route": "route: the model that models.json names is set on each sub-agent; --mode observe only records",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    client: str
    scope: Scope
    mode: Mode | None
    agents: bool
    dry_run: bool
    uninstall: bool


def carry_out(wish: Wish) -> None:
    """Install, uninstall, or show what that would change; exit status 1 if a file was left alone."""
    settings = Settings.from_environment()
    request = Request(
        installation=Installation.running(os.environ),
        scope=wish.scope,
        user_home=Path.home(),
        project=Path.cwd(),
        environment=os.environ,
        mode=wish.mode,
        agents=_agents(settings) if wish.agents and not wish.uninstall else {},
    )
    for path in (settings.home, settings.policy_path, request.user_home, request.project, request.installation.python):
        _expect_utf8(path)
    client, manifest = CLIENTS[wish.client], Manifest.read(settings.home / NAME)
    owner = wish.client if request.is_user else f"{wish.client} in {request.project}"
    planning = plan_uninstallation if wish.uninstall else plan_installation
    plan = planning(owner, client.targets(request), manifest)
    if wish.dry_run:
        _show(plan)
        return
    settings.make_home()
    performed = perform(plan, settings.home / NAME, datetime.now(UTC))
    if wish.uninstall:
        _tell_uninstalled(client, performed)
    else:
        _tell_installed(client, wish.client, request, performed)
    _tell_left_alone(performed.left_alone)


def _expect_utf8(path: Path) -> None:
    """Clients' configurations are UTF-8, and so must be what is entered into them."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise SettingsError(f"The path {str(path)!r} is not UTF-8, so no client's file can name it.") from None


def _agents(settings: Settings) -> dict[str, str]:
    from modelmerit.capture.opencode.agents import agent_files
    from modelmerit.policy.file import PolicyFile

    policy = PolicyFile(settings.policy_path, settings.change_log_path).current().policy
    return agent_files(policy)


def _show(plan: Plan) -> None:
    if not plan.changes and not plan.left_alone:
        say("Nothing would change.")
    for change in plan.changes:
        print_diff(change.diff)
    if plan.changes:
        say("\nNothing was changed.")
    _tell_left_alone(plan.left_alone)


def _tell_installed(client: Client, name: str, request: Request, performed: Performed) -> None:
    where = "all your projects" if request.is_user else f"the project in {request.project}"
    if not performed.changes:
        if not performed.left_alone:
            say(f"{client.title} has modelmerit already, for {where}. Nothing was changed.")
        return
    say(f"Entered into {client.title}, for {where}:")
    _list(performed.changes)
    if name == _CLAUDE_CODE:
        say(f"Mode {_MODES[mode_of(request)]}.")
    say(f"Before models.json is changed, {client.approving}.")
    if name == _CLAUDE_CODE and not request.is_user:
        say("Claude Code asks once whether it may use the servers of .mcp.json.")
    scope = "" if request.is_user else " --scope project"
    say(f"Now restart {client.title}. To take it back: modelmerit install {name}{scope} --uninstall")


def _tell_uninstalled(client: Client, performed: Performed) -> None:
    if not performed.changes:
        if not performed.left_alone:
            say(f"{client.title} has nothing of modelmerit. Nothing was changed.")
        return
    say(f"Taken out of {client.title}:")
    _list(performed.changes)
    edited = [change for change in performed.changes if not change.gives_back]
    if edited:
        names = ", ".join(str(backup) for backup in performed.backups)
        say(f"What was changed since the installation was kept. As it was before this: {names}")
    say(f"Now restart {client.title}. What was learned is kept.")


def _list(changes: tuple[Change, ...]) -> None:
    for change in changes:
        say(f"  {change.path}  ({change.what})")


def _tell_left_alone(files: tuple[LeftAlone, ...]) -> None:
    if not files:
        return
    for file in files:
        errors.print(f"\n{file.path} is left alone: {file.reason}.", markup=False, highlight=False, soft_wrap=True)
        if file.lines is not None:
            errors.print("Paste this into it:\n", markup=False, highlight=False)
            errors.print(file.lines, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
