"""Starting a server process. Nothing here imports the protocol before the collector of garbage is out of the way."""

import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from modelmerit.errors import ModelmeritError

if TYPE_CHECKING:
    from mcp.server import MCPServer


def start(name: str, load: Callable[[], "MCPServer[Any]"]) -> None:
    """Serve what `load` imports on standard input and output until that closes, or say what keeps it from starting.

    A client that stops reading, or a person who interrupts, ends the server quietly.
    """
    if sys.stdin is None:
        print(f"{name}: standard input is closed; an MCP client starts this and keeps it open.", file=sys.stderr)
        sys.exit(1)
    # What is imported lives to the end: looking for garbage among it would only slow the start down.
    gc.disable()
    server = load()
    gc.enable()
    gc.freeze()
    try:
        server.run("stdio")
    except* ModelmeritError as group:
        for error in group.exceptions:
            print(f"{name}: {error}", file=sys.stderr)
        sys.exit(1)
    except* BrokenPipeError:
        sys.exit(0)
    except* KeyboardInterrupt:
        sys.exit(130)
