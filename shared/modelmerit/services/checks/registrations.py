"""The clients: whether our servers and hooks are registered with them, and still lie where they are said to."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Collection, Mapping
from pathlib import Path

from modelmerit.services.checks.client_files import (
    CAPTURING,
    CLIENTS,
    Places,
    enabled_plugin,
    hook_commands,
    places,
    registered,
)
from modelmerit.services.checks.findings import Finding, State

Fault = tuple[State, str]

STARTERS = ("uvx", "uv", "pipx")
"""Programs that fetch or find the server themselves."""


def check_registrations(servers: Collection[str], environment: Mapping[str, str], project: Path) -> list[Finding]:
    """What each client that is in use here is told of us; `servers` are the names that ours are registered under."""
    seen = {client: places(client, environment, project) for client in CLIENTS}
    told = {client: _registration(client, servers, where, environment) for client, where in seen.items()}
    found = [finding for finding in told.values() if finding is not None]
    idle = [client for client, where in seen.items() if told[client] is None and where.home.exists()]
    if found:
        return [*found, *(Finding(client, "ok", "not registered") for client in idle)]
    to_do = f"Register the servers: `modelmerit install {idle[0] if idle else 'claude-code'}`."
    if not idle:
        return [Finding("clients", "warning", "No client that this program knows is set up here.", to_do)]
    return [Finding(client, "warning", "not registered", to_do) for client in idle]


def _registration(
    client: str, servers: Collection[str], where: Places, environment: Mapping[str, str]
) -> Finding | None:
    """What is wrong with a client's registration, or that nothing is; None where there is none."""
    install = f"Run `modelmerit install {client}`."
    scopes: dict[str, str] = {}
    for file in where.servers:
        try:
            commands = {server: registered(file, server) for server in servers}
        except (OSError, ValueError) as error:
            to_do = "Put the file right; the client cannot read it either."
            return Finding(client, "warning", f"{file.path} cannot be read: {error}.", to_do)
        for server, command in commands.items():
            if command is None:
                continue
            scopes.setdefault(server, file.scope)
            fault = _fault(command, environment)
            if fault is not None:
                return Finding(client, fault[0], f"{file.path} starts {server} with {fault[1]}", install)
    plugin = enabled_plugin(where)
    if not scopes:
        return Finding(client, "ok", f"the plugin is enabled: {plugin}") if plugin else None
    if plugin is not None:
        line = f"{plugin} enables the plugin, and the servers are registered too: each sub-agent is answered twice."
        return Finding(client, "warning", line, f"Keep one: `modelmerit install {client} --uninstall`, say.")
    missing = [server for server in servers if server not in scopes]
    if missing:
        return Finding(client, "warning", f"{missing[0]} is not registered, {next(iter(scopes))} is.", install)
    return _capture(client, where, environment, f"both servers registered ({' and '.join(sorted({*scopes.values()}))})")


def _capture(client: str, where: Places, environment: Mapping[str, str], line: str) -> Finding:
    if client not in CAPTURING:
        return Finding(client, "ok", line)
    install = f"Run `modelmerit install {client}`."
    if any(plugin.exists() for plugin in where.plugins):
        return Finding(client, "ok", f"{line}, with the plugin")
    told: list[str] = []
    for path in dict.fromkeys(where.hooks):
        try:
            commands = list(hook_commands(path))
        except (OSError, ValueError) as error:
            to_do = "Put the file right; the client cannot read it either."
            return Finding(client, "warning", f"{path} cannot be read: {error}.", to_do)
        for command in commands:
            fault = _fault(command, environment) or _missing_script(command)
            if fault is not None:
                return Finding(client, fault[0], f"{path} starts a hook with {fault[1]}", install)
        if commands:
            told.append(f"{len(commands)} hooks in {_mode(commands)} mode")
    if told:
        # The files come from the widest scope to the narrowest, and the narrowest has the say.
        outdone = "".join(f"; they go before the {one} for all projects" for one in told[:-1])
        return Finding(client, "ok", f"{line}, with {told[-1]}{outdone}")
    what = "no plugin" if where.plugins else "no hooks"
    return Finding(client, "warning", f"{line}, but {what}: only what agents report themselves is recorded.", install)


def _fault(command: list[str], environment: Mapping[str, str]) -> Fault | None:
    """Why a command line would not start this installation, and how bad that is."""
    program = Path(command[0]).expanduser()
    if not program.is_absolute():
        found = shutil.which(command[0], path=environment.get("PATH"))
        if found is None:
            return "failed", f"{command[0]}, which is not on the PATH."
        program = Path(found)
    if not os.access(program, os.X_OK):
        return "failed", f"{program}, which is not there or cannot be run."
    # The program itself may be a link to the system's Python, as in any virtual environment; its folder is not.
    ours = {os.path.realpath(folder) for folder in (Path(sys.executable).parent, sysconfig.get_path("scripts"))}
    if program.name in STARTERS or os.path.realpath(program.parent) in ours:
        return None
    return "warning", f"{program}, which is another installation than this one."


def _missing_script(command: list[str]) -> Fault | None:
    for word in command:
        if word.endswith("hook.py") and not Path(word).exists():
            return "failed", f"{word}, which is not there."
    return None


def _mode(commands: list[list[str]]) -> str:
    words = commands[0]
    return words[words.index("--mode") + 1] if "--mode" in words[:-1] else "its own"
