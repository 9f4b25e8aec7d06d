"""Starting a server: the app opened once per process, stdio, and logs on standard error."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from anyio import CancelScope
from mcp.server import CacheHint, MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool

from modelmerit import __version__
from modelmerit.app import App, open_app
from modelmerit.serving.escaping import visible
from modelmerit.serving.server import Server

AppContext = Context[App]
LONGEST_CLIENT_NAME = 100


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
        """Open the app once per process, and close it at the end: an open store keeps a process alive.

        It is closed even where everything else is called off, because the client is gone say.
        """
        async with AsyncExitStack() as closing:
            self._app = await closing.enter_async_context(open_app())
            try:
                yield self._app
            finally:
                self._app = None
                with CancelScope(shield=True):
                    await closing.aclose()


def make_server(name: str, title: str, instructions: str, tools: Sequence[Tool]) -> tuple[Server, OpenedApp]:
    """A server over one opened `App`, and the way to that app."""
    opened = OpenedApp()
    server = Server(
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
    """What the connected client calls itself, where it says so, as far as it can be shown and kept."""
    parameters = context.session.client_params
    return visible(parameters.client_info.name[:LONGEST_CLIENT_NAME]) if parameters else None
