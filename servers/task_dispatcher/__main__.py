"""Start `task-dispatcher` on standard input and output."""

from typing import TYPE_CHECKING

from modelmerit.serving.starting import start

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from modelmerit.app import App


def main() -> None:
    """Serve until standard input closes."""
    start("task-dispatcher", load)


def load() -> "MCPServer[App]":
    """The server; importing it is most of the start."""
    from task_dispatcher.server import server

    return server


if __name__ == "__main__":
    main()
