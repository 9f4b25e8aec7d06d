"""What a running server does beside answering gives way to its answers."""

import asyncio
from typing import Annotated

import pytest
from mcp import Client
from mcp.types import CallToolResult
from pydantic import BaseModel

from modelmerit.serving import running
from modelmerit.serving.running import make_server
from modelmerit.serving.tools import answer, tool


class Said(BaseModel):
    """An answer."""

    word: str


@pytest.fixture
def held_back():
    """A server whose tool answers when it is let, the event that lets it, and the way to its app."""
    let, asked = asyncio.Event(), asyncio.Event()

    async def wait() -> Annotated[CallToolResult, Said]:
        """Wait."""
        asked.set()
        await let.wait()
        return answer("done", Said(word="done"))

    server, opened = make_server("held-back", "Held back", "", [tool(wait, title="Wait")])
    return server, opened, let, asked


async def test_nobody_gives_way_where_nothing_is_asked(held_back):
    _, opened, _, _ = held_back
    with pytest.raises(StopIteration):  # it ends without having waited for anything
        opened.answered().send(None)


async def test_a_step_of_the_recording_waits_until_a_tool_has_answered(held_back, home, monkeypatch):
    monkeypatch.setattr(running, "LONGEST_GIVING_WAY_S", 60.0)
    server, opened, let, asked = held_back
    async with Client(server) as client:
        call = asyncio.create_task(client.call_tool("wait", {}))
        await asked.wait()
        step = asyncio.create_task(opened.answered())
        await asyncio.sleep(0)
        assert not step.done()
        let.set()
        assert (await call).structured_content == {"word": "done"}
        await step


async def test_a_tool_that_takes_its_time_does_not_keep_the_recording_waiting_for_ever(held_back, home, monkeypatch):
    monkeypatch.setattr(running, "LONGEST_GIVING_WAY_S", 0.0)
    server, opened, let, asked = held_back
    async with Client(server) as client:
        call = asyncio.create_task(client.call_tool("wait", {}))
        await asked.wait()
        await opened.answered()
        assert not call.done()
        let.set()
        await call
