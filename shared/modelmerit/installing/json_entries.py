"""What is entered into the JSON configurations of clients, each kind of entry with how it is put in and taken out.

An entry knows its own from somebody else's: a registration of an older installation is brought up to date where it
stands, with what a person added to it; a server of somebody else's under the same name stops the whole file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol

from modelmerit.installing.content import NotEditable
from modelmerit.installing.jsonc_text import Path, append, put, remove, value_at

OWN_VARIABLES = ("MODELMERIT_HOME", "MODELMERIT_POLICY")
_OWN_HOOKS = ("modelmerit/capture/hook.py", "modelmerit-hook")


class Entry(Protocol):
    """One entry of ours in a JSON text that holds an object."""

    def put(self, text: str) -> str:
        """`text` with the entry."""
        ...

    def take_out(self, text: str, original: str) -> str:
        """`text` without it, or with what `original` had in its place."""
        ...


@dataclass(frozen=True, slots=True)
class JsonContent:
    """Entries of one JSON file. `fresh` is what a file is made with that is missing or empty."""

    entries: Sequence[Entry]
    fresh: str = "{}\n"

    def put(self, text: str) -> str:
        """The text with every entry."""
        text = text if text.strip("\N{ZERO WIDTH NO-BREAK SPACE} \t\r\n") else text + self.fresh
        for entry in self.entries:
            text = entry.put(text)
        return text

    def take_out(self, text: str, original: str) -> str:
        """The text without any of them."""
        original = original if original.strip("\N{ZERO WIDTH NO-BREAK SPACE} \t\r\n") else "{}"
        for entry in self.entries:
            text = entry.take_out(text, original)
        return text

    def is_bare(self, text: str) -> bool:
        """Whether no more is left than a fresh file has."""
        return value_at(text, ()) in ({}, value_at(self.fresh, ()))


@dataclass(frozen=True, slots=True)
class Server:
    """A server's registration at `path`. `variables_key` is what the client calls a server's environment."""

    path: Path
    value: Mapping[str, Any]
    variables_key: str = "env"

    def put(self, text: str) -> str:
        """The text with the registration; what a person added to ours, such as a timeout, is kept."""
        current = value_at(text, self.path)
        if current is None:
            return put(text, self.path, dict(self.value))
        name = str(self.path[-1])
        if not isinstance(current, dict) or not is_own_server(name, current):
            raise NotEditable(f"it has another server called {name!r}")
        kept = current.get(self.variables_key)
        variables = {
            key: value for key, value in (kept if isinstance(kept, dict) else {}).items() if key not in OWN_VARIABLES
        }
        wanted = {**self.value, self.variables_key: {**variables, **self.value.get(self.variables_key, {})}}
        for key, value in wanted.items():
            if value != current.get(key, {} if key == self.variables_key else None):
                text = put(text, (*self.path, key), value)
        if "args" in current and "args" not in wanted:
            text = remove(text, (*self.path, "args"))
        return text

    def take_out(self, text: str, original: str) -> str:
        """The text without the registration, or with the older one."""
        current = value_at(text, self.path)
        if not isinstance(current, dict) or not is_own_server(str(self.path[-1]), current):
            return text
        return _give_back(text, self.path, original)


@dataclass(frozen=True, slots=True)
class Item:
    """A text in the list at `path`."""

    path: Path
    value: str

    def put(self, text: str) -> str:
        """The text with the item, at the end of its list if it is not there."""
        return text if self.value in _items(text, self.path) else append(text, self.path, self.value)

    def take_out(self, text: str, original: str) -> str:
        """The text without the item, unless it was there before us."""
        items = _items(text, self.path)
        if self.value not in items or self.value in _items(original, self.path):
            return text
        return _without(text, (*self.path, items.index(self.value)), original)


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook of Claude Code. `group` None means that there is to be none of ours for this event."""

    event: str
    group: Mapping[str, Any] | None

    def put(self, text: str) -> str:
        """The text with our group of hooks once, and none of an older installation's."""
        groups = _items(text, ("hooks", self.event))
        own = [group for group in groups if _own_hooks(group)]
        if own == ([] if self.group is None else [dict(self.group)]):
            return text
        text = self._without_own(text, "{}")
        return text if self.group is None else append(text, ("hooks", self.event), dict(self.group))

    def take_out(self, text: str, original: str) -> str:
        """The text without our hooks; those of an older installation come back."""
        path = ("hooks", self.event)
        groups, before = _items(text, path), _items(original, path)
        is_as_entered = self.group is None or any(map(_own_hooks, groups))
        if not is_as_entered or groups == before:
            return text
        text = self._without_own(text, original)
        if not any(map(_own_hooks, before)):
            return text
        if _items(text, path) == _items(self._without_own(original, original), path):
            return put(text, path, before)
        for group in before:
            own = [group["hooks"][index] for index in _own_hooks(group)]
            text = append(text, path, {**group, "hooks": own}) if own else text
        return text

    def _without_own(self, text: str, original: str) -> str:
        path = ("hooks", self.event)
        for index, group in reversed(list(enumerate(_items(text, path)))):
            own = _own_hooks(group)
            if own and len(own) == len(group["hooks"]):
                text = _without(text, (*path, index), original)
            else:
                for place in reversed(own):
                    text = remove(text, (*path, index, "hooks", place))
        return text


@dataclass(frozen=True, slots=True)
class OpenCodeAsk:
    """OpenCode's permission for `tools`: it is to ask. Where it asks for all or denies all, nothing is entered."""

    tools: Sequence[str]

    def put(self, text: str) -> str:
        """The text with the permissions, behind all others, because the last one that fits decides."""
        current = value_at(text, ("permission",))
        if current in ("ask", "deny"):
            return text
        if isinstance(current, str):
            text = put(text, ("permission",), {"*": current})
        for tool in self.tools:
            if value_at(text, ("permission", tool)) not in ("ask", "deny"):
                text = put(text, ("permission", tool), "ask")
        return text

    def take_out(self, text: str, original: str) -> str:
        """The text without them."""
        current = value_at(text, ("permission",))
        if not isinstance(current, dict):
            return text
        before = value_at(original, ("permission",))
        if isinstance(before, str) and set(current) <= {"*", *self.tools} and current.get("*") == before:
            return put(text, ("permission",), before)
        for tool in self.tools:
            if value_at(text, ("permission", tool)) == "ask":
                text = _give_back(text, ("permission", tool), original)
        return text


def is_own_server(name: str, registration: Mapping[str, Any]) -> bool:
    """Whether a registration starts the server `name` of some installation of modelmerit."""
    words = command_of(registration)
    return bool(words) and (PurePath(words[0]).name == name or words[1:3] == ["-m", name.replace("-", "_")])


def command_of(registration: Mapping[str, Any]) -> list[str]:
    """The command line that a registration starts a server with."""
    command, arguments = registration.get("command"), registration.get("args")
    words = command if isinstance(command, list) else [] if command is None else [command]
    return [str(word) for word in (*words, *(arguments if isinstance(arguments, list) else ()))]


def own_hook_commands(text: str) -> list[str]:
    """The commands of our hooks in a JSON text.

    Raises:
        NotEditable: If the text cannot be read.
    """
    events = value_at(text, ("hooks",)) if text.strip() else None
    names = events if isinstance(events, dict) else ()
    groups = [group for event in names for group in _items(text, ("hooks", event))]
    return [str(group["hooks"][index]["command"]) for group in groups for index in _own_hooks(group)]


def _own_hooks(group: object) -> list[int]:
    """Which hooks of a group are ours."""
    hooks = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(hooks, list):
        return []
    return [
        index
        for index, hook in enumerate(hooks)
        if isinstance(hook, dict) and any(own in str(hook.get("command")) for own in _OWN_HOOKS)
    ]


def _items(text: str, path: Path) -> list[Any]:
    found = value_at(text, path)
    return found if isinstance(found, list) else []


def _give_back(text: str, path: Path, original: str) -> str:
    """`text` with what `original` has at `path`, or without it."""
    before = value_at(original, path)
    if before is None:
        return _without(text, path, original)
    return text if json.dumps(before) == json.dumps(value_at(text, path)) else put(text, path, before)


def _without(text: str, path: Path, original: str) -> str:
    """`text` without what is at `path`, and without the objects and lists that this leaves empty and that we made."""
    text = remove(text, path)
    holder = path[:-1]
    while holder and not value_at(text, holder) and value_at(original, holder) is None:
        text = remove(text, holder)
        holder = holder[:-1]
    return text
