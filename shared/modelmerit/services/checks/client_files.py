"""Where the clients keep their configuration, and what stands there of our servers and hooks.

Read only, and tolerant: comments and trailing commas are passed over, and what has another shape than expected is not
there.
"""

import json
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import Any, Literal

Scope = Literal["user", "project"]
CLIENTS = ("claude-code", "opencode", "cursor", "vscode", "codex")
CAPTURING = ("claude-code", "opencode")
"""The clients whose sub-agents can be seen; the others are only registered."""
PLUGIN_FOLDERS = ("plugin", "plugins")
PLUGIN = "modelmerit.js"
_STRING = r'("(?:\\.|[^"\\])*")'
_COMMENT = re.compile(_STRING + r"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")
"""What a shell command may begin with, before the program."""
_TRAILING_COMMA = re.compile(_STRING + r"|,(?=\s*[}\]])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file in which servers are registered under the names in `key`, one within the other."""

    scope: Scope
    path: Path
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where one client's configuration lies. `home` is the folder whose being there says that the client is in use."""

    home: Path
    servers: tuple[ConfigFile, ...]
    hooks: tuple[Path, ...] = ()
    plugins: tuple[Path, ...] = ()


def places(client: str, environment: Mapping[str, str], project: Path) -> Places:
    """The client's files, for this person and for the project in a folder."""
    person = Path(environment.get("HOME") or Path.home())
    if client == "claude-code":
        return _claude_code(environment, person, project)
    if client == "opencode":
        return _opencode(_config_home(environment, person) / "opencode", project)
    if client == "cursor":
        return _one_file(person / ".cursor", project / ".cursor", "mcp.json", "mcpServers")
    if client == "vscode":
        mac = person / "Library/Application Support"
        home = (mac if sys.platform == "darwin" else _config_home(environment, person)) / "Code/User"
        return _one_file(home, project / ".vscode", "mcp.json", "servers")
    home = Path(environment.get("CODEX_HOME") or person / ".codex")
    return _one_file(home, project / ".codex", "config.toml", "mcp_servers")


def registered(file: ConfigFile, server: str) -> list[str] | None:
    """The command line that the file names for a server; None where it names none.

    Raises:
        OSError: If the file is there and cannot be read.
        ValueError: If it cannot be parsed.
    """
    entry = _under(_read(file.path), *file.key, server)
    command, arguments = _under(entry, "command"), _under(entry, "args")
    words = [command] if isinstance(command, str) else command
    if not isinstance(words, list) or not words:
        return None
    return [str(word) for word in (*words, *(arguments if isinstance(arguments, list) else ()))]


def hook_commands(path: Path) -> Iterator[list[str]]:
    """The command lines of our hooks in a settings file of Claude Code.

    Raises:
        OSError: If the file is there and cannot be read.
        ValueError: If it cannot be parsed.
    """
    events = _under(_read(path), "hooks")
    for groups in events.values() if isinstance(events, dict) else ():
        for group in groups if isinstance(groups, list) else ():
            handlers = _under(group, "hooks")
            for handler in handlers if isinstance(handlers, list) else ():
                words = _words(handler)
                if any(word.endswith(("modelmerit/capture/hook.py", "modelmerit-hook")) for word in words):
                    yield words


def enabled_plugin(where: Places) -> Path | None:
    """The settings file of Claude Code by which our plugin is in use, as far as can be read."""
    for path in where.hooks:
        with suppress(OSError, ValueError):
            enabled = _under(_read(path), "enabledPlugins")
            if isinstance(enabled, dict) and any(on is True for name, on in enabled.items() if _is_ours(name)):
                return path
    return None


def captures(where: Places) -> bool:
    """Whether our hooks or our plugin are there, as far as can be read."""
    if enabled_plugin(where) is not None or any(plugin.exists() for plugin in where.plugins):
        return True
    for path in where.hooks:
        with suppress(OSError, ValueError):
            if any(True for _ in hook_commands(path)):
                return True
    return False


def _claude_code(environment: Mapping[str, str], person: Path, project: Path) -> Places:
    own = environment.get("CLAUDE_CONFIG_DIR")
    home = Path(own) if own else person / ".claude"
    everything = home / ".claude.json" if own else person / ".claude.json"
    return Places(
        home,
        (
            ConfigFile("user", everything, ("mcpServers",)),
            ConfigFile("project", everything, ("projects", str(project), "mcpServers")),
            ConfigFile("project", project / ".mcp.json", ("mcpServers",)),
        ),
        hooks=(
            home / "settings.json",
            project / ".claude/settings.json",
            project / ".claude/settings.local.json",
        ),
    )


def _opencode(home: Path, project: Path) -> Places:
    names = ("opencode.json", "opencode.jsonc")
    folders: tuple[tuple[Scope, Path], ...] = (("user", home), ("project", project))
    return Places(
        home,
        tuple(ConfigFile(scope, folder / name, ("mcp",)) for scope, folder in folders for name in names),
        plugins=tuple(folder / name / PLUGIN for folder in (home, project / ".opencode") for name in PLUGIN_FOLDERS),
    )


def _one_file(home: Path, project: Path, name: str, key: str) -> Places:
    return Places(home, (ConfigFile("user", home / name, (key,)), ConfigFile("project", project / name, (key,))))


def _config_home(environment: Mapping[str, str], person: Path) -> Path:
    return Path(environment.get("XDG_CONFIG_HOME") or person / ".config")


def _read(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    if path.suffix == ".toml":
        return tomllib.loads(text)
    if not text.strip():
        return None
    with suppress(ValueError):
        return json.loads(text)
    for passed_over in (_COMMENT, _TRAILING_COMMA):
        text = passed_over.sub(lambda found: found[1] or "", text)
    return json.loads(text)


def _under(value: Any, *names: str) -> Any:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _is_ours(plugin: str) -> bool:
    return plugin.partition("@")[0] == "modelmerit"


def _words(handler: Any) -> list[str]:
    command, arguments = _under(handler, "command"), _under(handler, "args")
    if not isinstance(command, str):
        return []
    if isinstance(arguments, list):
        return [command, *map(str, arguments)]
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return list(dropwhile(_VARIABLE.match, words))
