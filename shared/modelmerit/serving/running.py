"""Starting a server: the app opened once per process, stdio, and logs on standard error."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from mcp.server import CacheHint, MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool

from modelmerit import __version__
from modelmerit.app import App, open_app

AppContext = Context[App]


class OpenedApp:
    """The app of a running server, for handlers that are given no context, such as resources."""

    def __init__(self) -> None:
        self._app: App | None = None

    def __call__(self) -> App:
        """The app; there is one from the server's start to its end."""
        if self._app is None:
            raise RuntimeError("the server is not running")
        return self._app

    @asynccontextmanager
    async def lifespan(self, _: MCPServer[App]) -> AsyncIterator[App]:
        """Open the app once per process, and close it at the end: an open store keeps a process alive."""
        async with open_app() as app:
            self._app = app
            try:
                yield app
            finally:
                self._app = None


def make_server(name: str, title: str, instructions: str, tools: Sequence[Tool]) -> tuple[MCPServer[App], OpenedApp]:
    """A server over one opened `App`, and the way to that app."""
    opened = OpenedApp()
    server = MCPServer(
        name,
        title=title,
        version=__version__,
        instructions=instructions,
        tools=list(tools),
        lifespan=opened.lifespan,
        cache_hints={"tools/list": CacheHint(ttl_ms=3_600_000, scope="private")},
        log_level="WARNING",
    )
    return server, opened


def app_of(context: AppContext) -> App:
    """The app the server runs on."""
    return context.request_context.lifespan_context


def client_name(context: AppContext) -> str | None:
    """What the connected client calls itself, where it says so."""
    parameters = context.session.client_params
    return parameters.client_info.name if parameters else None
