"""Start `model-learning-analyzer` on standard input and output."""

from typing import TYPE_CHECKING

from modelmerit.serving.starting import start

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from modelmerit.app import App


def main() -> None:
    """Serve until standard input closes."""
    start("model-learning-analyzer", load)


def load() -> "MCPServer[App]":
    """The server; importing it is most of the start."""
    from model_learning_analyzer.server import server

    return server


if __name__ == "__main__":
    main()
