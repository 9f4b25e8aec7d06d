"""The yardstick: a bare SDK server with one async tool that does nothing, or as many as its argument says."""

import sys

from mcp.server import MCPServer
from mcp.server.mcpserver.tools import Tool


async def noop() -> str:
    """Do nothing."""
    return "ok"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    names = ["noop", *(f"noop_{number}" for number in range(2, count + 1))]
    server = MCPServer("noop", tools=[Tool.from_function(noop, name=name) for name in names], log_level="WARNING")
    server.run("stdio")


if __name__ == "__main__":
    main()
