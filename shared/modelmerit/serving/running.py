"""Starting a server: the app opened once per process, stdio, and logs on standard error."""

import asyncio
import functools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any

from anyio import CancelScope, move_on_after
from mcp.server import CacheHint, MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool

from modelmerit import __version__
from modelmerit.app import App, open_app
from modelmerit.serving.escaping import visible
from modelmerit.serving.server import Server

AppContext = Context[App]
LONGEST_CLIENT_NAME = 100

DRAINED_EVERY_S = 2.0
"""How often a server looks into the spool; first so long after its start, which nothing is to slow down."""

LONGEST_LAST_DRAIN_S = 3.0
"""How long a server goes on recording when its client is gone; what is left over waits for the next one."""

LONGEST_GIVING_WAY_S = 0.25
"""How long a step of the recording waits for tools to be answered: a dispatch takes hundredths of a second."""

THREADS_TAKE_TURNS_S = 0.0005
"""How long one thread may keep another from running while there is recording; Python's own 5 ms add up in an answer,
which goes from thread to thread."""


class OpenedApp:
    """The app of a running server, for handlers that are given no context, such as resources.

    One that is `draining` records what the clients' hooks have seen, all the while it runs.
    """

    def __init__(self, *, draining: bool = False) -> None:
        self._app: App | None = None
        self._draining = draining
        self._answers = 0
        self._idle = asyncio.Event()
        self._idle.set()

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
            if self._draining:
                await closing.enter_async_context(kept_drained(self._app, self.answered))
            try:
                yield self._app
            finally:
                self._app = None
                with CancelScope(shield=True):
                    await closing.aclose()

    def attended(self, tool: Tool) -> Tool:
        """The tool, with its answers known to be under way."""
        function = tool.fn

        @functools.wraps(function)
        async def answering(*arguments: Any, **named: Any) -> Any:
            with self._answer():
                return await function(*arguments, **named)

        return tool.model_copy(update={"fn": answering})

    async def answered(self) -> None:
        """Wait until no tool is at work on an answer, though not for long: an analysis takes its time."""
        with move_on_after(LONGEST_GIVING_WAY_S):
            await self._idle.wait()

    @contextmanager
    def _answer(self) -> Iterator[None]:
        self._answers += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._answers -= 1
            if not self._answers:
                self._idle.set()


@asynccontextmanager
async def kept_drained(app: App, give_way: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Empty the spool every few seconds, and once more at the end; `give_way` is awaited before each step."""
    draining = asyncio.create_task(_drain_now_and_then(app, give_way))
    turns_s = sys.getswitchinterval()
    sys.setswitchinterval(THREADS_TAKE_TURNS_S)
    try:
        yield
    finally:
        sys.setswitchinterval(turns_s)
        draining.cancel()
        with suppress(asyncio.CancelledError):
            await draining
        with move_on_after(LONGEST_LAST_DRAIN_S):
            await app.capturing.drain()


async def _drain_now_and_then(app: App, give_way: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(DRAINED_EVERY_S)
        app.capturing.give_way = give_way
        await app.capturing.drain()
        await app.capturing.close_abandoned()


def make_server(
    name: str, title: str, instructions: str, tools: Sequence[Tool], *, draining: bool = False
) -> tuple[Server, OpenedApp]:
    """A server over one opened `App`, and the way to that app; see `OpenedApp` for `draining`."""
    opened = OpenedApp(draining=draining)
    server = Server(
        name,
        title=title,
        version=__version__,
        instructions=instructions,
        tools=[opened.attended(tool) for tool in tools],
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
