"""The versions of what we stand on, and what is known to be wrong with them."""

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

from modelmerit import __version__
from modelmerit.services.checks.findings import Finding

OLDEST_MCP = (2, 3)
UNTRIED_MCP = (3, 0)
WAL_RESET_BUG_FROM, WAL_RESET_BUG_FIXED = (3, 7, 0), (3, 51, 3)
"""Two connections that write and checkpoint at the same moment can damage a database in WAL mode."""


def check_versions() -> list[Finding]:
    """Whether modelmerit, Python, the protocol's package and SQLite fit together."""
    ours = Finding("modelmerit", "ok", f"{__version__}, on Python {platform.python_version()}")
    return [ours, _mcp(), _sqlite(sqlite3.sqlite_version_info)]


def _mcp() -> Finding:
    to_do = "Install modelmerit again; it brings the right one."
    try:
        found = version("mcp")
    except PackageNotFoundError:
        return Finding("mcp", "failed", "The package mcp is missing: no server can start.", to_do)
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if OLDEST_MCP <= numbers < UNTRIED_MCP:
        return Finding("mcp", "ok", found)
    expected = f"{'.'.join(map(str, OLDEST_MCP))} or later, before {UNTRIED_MCP[0]}"
    return Finding("mcp", "warning", f"{found}; expected {expected}.", to_do)


def _sqlite(numbers: tuple[int, ...]) -> Finding:
    line = ".".join(map(str, numbers))
    if WAL_RESET_BUG_FROM <= numbers < WAL_RESET_BUG_FIXED:
        line += (
            "; it can damage a WAL database when two processes write and checkpoint at once (fixed in "
            f"{'.'.join(map(str, WAL_RESET_BUG_FIXED))}), which our lock never lets them"
        )
    return Finding("SQLite", "ok", line)
