"""Our tables in Codex's config.toml: at its end, between two comments.

A table may stand anywhere in TOML, so appending one changes no other byte. The registration of an older installation
is taken out where it stands, and what a person added to it goes to the end with ours. Tables are found by their names,
not by the comments, because Codex itself puts new tables before a comment that ends the file. Whatever the edit did is
read again and compared with what it means for the data; a file written in a way that this does not cover is left alone.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelmerit.installing.content import NotEditable
from modelmerit.installing.json_entries import OWN_VARIABLES, is_own_server

_BEGIN = "# modelmerit: begin"
_END = "# modelmerit: end"
_MARKS = re.compile(rf"(?:^[ \t]*\r?\n)?^{_BEGIN}\r?\n|^{_END}(?:\r?\n|\Z)", re.MULTILINE)
_HEADER = re.compile(r"^[ \t]*\[\[?([^\[\]\r\n]+)\]\]?[ \t]*(?:#[^\r\n]*)?\r?$", re.MULTILINE)
_TRAILING_REMARKS = re.compile(r"(?:^[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\Z))+\Z", re.MULTILINE)
_LONG_TEXT = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class CodexServers:
    """The tables `[mcp_servers.NAME]` of our servers."""

    servers: Tables

    def put(self, text: str) -> str:
        """The text with the block at its end."""
        before = _read(text)
        registered = _servers(before)
        wanted: dict[str, Any] = {}
        for name, server in self.servers.items():
            older = registered.get(name, {})
            if older and not is_own_server(name, older):
                raise NotEditable(f"it has another server called {name!r}")
            wanted[name] = _merged(older, server)
        if all(registered.get(name) == table for name, table in wanted.items()):
            return text
        others = self._without_own(text)
        newline = "\r\n" if "\r\n" in text else "\n"
        tables = [table for name, server in wanted.items() for table in _tables(("mcp_servers", name), server)]
        block = "\n".join([_BEGIN, "\n\n".join(tables), _END, ""]).replace("\n", newline)
        gap = "" if not others.strip() else newline if others.endswith("\n") else newline * 2
        edited = others + gap + block
        _expect(edited, {**before, "mcp_servers": {**registered, **wanted}})
        return edited

    def take_out(self, text: str, original: str) -> str:
        """The text without our tables, or with the older ones, which then stand in the block."""
        older = {name: table for name, table in _servers(_read(original)).items() if name in self.servers}
        return CodexServers(older).put(self._without_own(text)) if older else self._without_own(text)

    def is_bare(self, text: str) -> bool:
        """Whether nothing is left."""
        return not text.strip()

    def _without_own(self, text: str) -> str:
        data = _read(text)
        registered = _servers(data)
        own = [name for name in self.servers if is_own_server(name, registered.get(name, {}))]
        others = {name: table for name, table in registered.items() if name not in own}
        edited = text
        for name in own:
            edited = _without_tables(edited, name)
        edited = _MARKS.sub("", edited)
        _expect(edited, {**data, "mcp_servers": others})
        return edited


def _merged(older: Mapping[str, Any], server: Mapping[str, Any]) -> dict[str, Any]:
    """The registration as it is to be, with what a person added to the older one."""
    kept = {key: value for key, value in older.items() if key not in ("command", "args", "env", "tools")}
    variables = {key: value for key, value in older.get("env", {}).items() if key not in OWN_VARIABLES}
    env = {**variables, **server.get("env", {})}
    tools = {**older.get("tools", {}), **server.get("tools", {})}
    return {**{key: value for key, value in server.items() if key not in ("env", "tools")}, **kept} | (
        ({"env": env} if env else {}) | ({"tools": tools} if tools else {})
    )


def _servers(data: Mapping[str, Any]) -> dict[str, Any]:
    servers = data.get("mcp_servers", {})
    if not isinstance(servers, dict):
        raise NotEditable("mcp_servers is no table")
    return servers


def _without_tables(text: str, name: str) -> str:
    """`text` without the tables of one server; remarks after their last line stay."""
    headers = list(_HEADER.finditer(_LONG_TEXT.sub(lambda found: " " * len(found[0]), text)))
    for index in reversed(range(len(headers))):
        if _is_about(headers[index][1], name):
            end = headers[index + 1].start() if index + 1 < len(headers) else len(text)
            remarks = _TRAILING_REMARKS.search(text[headers[index].start() : end])
            kept = remarks[0] if remarks else ""
            text = text[: headers[index].start()] + kept.lstrip("\r\n") + text[end:]
    return text


def _is_about(header: str, name: str) -> bool:
    keys = [key.strip().strip("\"'") for key in header.split(".")]
    return keys[:2] == ["mcp_servers", name]


def _tables(path: tuple[str, ...], table: Mapping[str, Any]) -> list[str]:
    """The text of a table with its own values, and then of those within it."""
    inline = {key: value for key, value in table.items() if not isinstance(value, dict) or key == "env"}
    header = f"[{'.'.join(map(_key, path))}]"
    values = [f"{_key(key)} = {_value(value)}" for key, value in inline.items()]
    inner = [text for key in table if key not in inline for text in _tables((*path, key), table[key])]
    return ["\n".join([header, *values]), *inner] if inline or not table else inner


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)  # the escapes of JSON are among those of TOML
    return str(value)


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix(_BYTE_ORDER_MARK))
    except tomllib.TOMLDecodeError as error:
        raise NotEditable(str(error)) from None


def _expect(text: str, data: Mapping[str, Any]) -> None:
    """Raises `NotEditable` if an edited text does not say `data`, where no servers are an empty table of them."""
    try:
        is_right = {"mcp_servers": {}, **_read(text)} == {"mcp_servers": {}, **data}
    except NotEditable:
        is_right = False
    if not is_right:
        raise NotEditable("its mcp_servers are written in a way that cannot be edited safely")
