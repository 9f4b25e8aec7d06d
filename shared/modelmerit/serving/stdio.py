"""Standard input and output as a transport: the SDK's, with our own reading of lines in front of it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import ErrorData, JSONRPCError

from modelmerit.serving.lines import LineSplitter, Refusal, TooLong, judge

CHUNK = 1 << 16


async def serve_stdio(server: Server[Any]) -> None:
    """Serve until standard input closes. Errors go the way of all answers, so that no two lines mix."""

    async def refuse(refusal: Refusal) -> None:
        error = ErrorData(code=refusal.code, message=refusal.message)
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            await outgoing.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=refusal.id, error=error)))

    # Only iterated over, and not before there is an `outgoing`.
    accepted = cast("anyio.AsyncFile[str]", accepted_lines(claimed_input(), refuse))
    async with stdio_server(stdin=accepted) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


async def accepted_lines(descriptor: int, refuse: Callable[[Refusal], Awaitable[None]]) -> AsyncIterator[str]:
    """The lines that the SDK shall have; what must be refused is handed to `refuse` in its turn."""
    async for line in lines(descriptor):
        verdict = judge(line)
        if isinstance(verdict, str):
            yield verdict
        else:
            for refusal in verdict:
                await refuse(refusal)


async def lines(descriptor: int) -> AsyncIterator[bytes | TooLong]:
    """What arrives on a descriptor, cut at newlines; a line that its end cuts short is one too."""
    splitter = LineSplitter()
    can_be_waited_for = True
    while True:
        if can_be_waited_for:
            try:
                await anyio.wait_readable(descriptor)
            except OSError:
                # A regular file is always ready, and the system refuses to say so.
                can_be_waited_for = False
        if can_be_waited_for:
            chunk = os.read(descriptor, CHUNK)
        else:
            chunk = await anyio.to_thread.run_sync(os.read, descriptor, CHUNK, abandon_on_cancel=True)
        for line in splitter.feed(chunk) if chunk else splitter.end():
            yield line
        if not chunk:
            return


def claimed_input() -> int:
    """Standard input on a descriptor of its own: whatever else in the process reads from it finds nothing there."""
    wire = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return wire
