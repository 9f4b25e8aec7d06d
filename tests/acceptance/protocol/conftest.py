"""Real server processes spoken to byte by byte, in both eras of the protocol."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from warm_processes import WarmProcess

HANDSHAKE, MODERN = "2025-11-25", "2026-07-28"
CLIENT = {"name": "protocol tests", "version": "1"}
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
}
PATIENCE_S = 60.0


class Wire:
    """One server over its pipes. Everything it writes must be a line of JSON; a thread keeps its pipe empty."""

    def __init__(self, module: str, home: Path, era: str, *, cold: bool = False) -> None:
        self.module, self.home, self.era = module, home, era
        home.mkdir(parents=True, exist_ok=True)
        self._said = home.with_suffix(".stderr")
        environment = os.environ | {"MODELMERIT_HOME": str(home), "MODELMERIT_EXPLORATION": "0"}
        self.process: subprocess.Popen[bytes] | WarmProcess
        with self._said.open("wb") as said:
            streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": said}
            if cold:
                self.process = subprocess.Popen([sys.executable, "-m", module], env=environment, **streams)
            else:
                self.process = WarmProcess(module, env=environment, **streams)
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._hung_up = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._last_id = 1_000_000
        if era == HANDSHAKE:
            hello = {"protocolVersion": era, "capabilities": {}, "clientInfo": CLIENT}
            self.answer(self.request("initialize", hello))
            self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        else:
            self.answer(self.request("server/discover"))

    @property
    def meta(self) -> dict[str, Any]:
        """What every request of the era carries."""
        return ENVELOPE if self.era == MODERN else {}

    def write(self, raw: bytes) -> None:
        """Write bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(raw)
        self.process.stdin.flush()

    def send(self, message: Any) -> None:
        """Write a message as one line."""
        self.write(json.dumps(message).encode() + b"\n")

    def request(self, method: str, params: dict[str, Any] | None = None, **meta: Any) -> int:
        """Send a request; answers its id, which no other request of this process has."""
        self._last_id += 1
        params = (params or {}) | {"_meta": self.meta | meta}
        self.send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    def call(self, tool: str, arguments: dict[str, Any] | None = None, **meta: Any) -> int:
        """Send a tool call; answers its id."""
        return self.request("tools/call", {"name": tool, "arguments": arguments or {}}, **meta)

    def cancel(self, request_id: int) -> None:
        """Say that a request's answer is no longer wanted."""
        self.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": request_id}})

    def message(self) -> dict[str, Any]:
        """The next message, whatever it is."""
        message = self._messages.get(timeout=PATIENCE_S)
        assert message is not None, f"the server ended: {self.said()}"
        return message

    def answer(self, request_id: int, others: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """The answer to a request; what comes before it goes to `others`."""
        while True:
            message = self.message()
            if message.get("id") == request_id and "method" not in message:
                return message
            if others is not None:
                others.append(message)

    def result(self, request_id: int) -> dict[str, Any]:
        """The result of a request that must succeed; that of a tool, without its wrapping."""
        answer = self.answer(request_id)
        assert "result" in answer, answer
        result: dict[str, Any] = answer["result"]
        assert not result.get("isError"), result
        return result.get("structuredContent", result)

    def said(self) -> str:
        """What the server has written on standard error so far."""
        return self._said.read_text(errors="replace")

    def hang_up(self) -> None:
        """Read no more: what the server writes from here on finds nobody."""
        self._hung_up.set()
        self.call("a call to answer, so that the thread that reads wakes up")
        self._reader.join()

    def end(self, patience_s: float = PATIENCE_S) -> int:
        """Close its input; answers the code it exits with."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(patience_s)
        self._reader.join()
        return code

    def kill(self) -> None:
        """End it at once, if it has not ended yet."""
        self.process.kill()
        self.end()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._messages.put(json.loads(line))
                if self._hung_up.is_set():
                    break
        self._messages.put(None)


class Wires:
    """Servers that are started as they are needed and shared by the tests of a module."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Wire] = []

    def open(self, module: str, era: str, home: Path | None = None, *, cold: bool = False) -> Wire:
        """A server of its own; a cold one is an interpreter of its own too, which shows how it ends."""
        home = home or self._folder / f"home-{len(self._started)}"
        self._started.append(Wire(module, home, era, cold=cold))
        return self._started[-1]

    def shared(self, module: str, era: str) -> Wire:
        """The server of this kind that runs already, or a new one."""
        for wire in self._started:
            if (wire.module, wire.era) == (module, era) and wire.process.poll() is None:
                return wire
        return self.open(module, era)

    def end(self) -> None:
        """End them all; each must end by itself, and none may ever have shown a traceback."""
        try:
            for wire in self._started:
                if wire.process.poll() is None:
                    assert wire.end() == 0
                assert "Traceback" not in wire.said(), wire.said()
        finally:
            for wire in self._started:
                wire.kill()


@pytest.fixture(scope="module")
def wires(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wires]:
    """Real servers; at the end of the module each must still have run and end when its input does."""
    started = Wires(tmp_path_factory.mktemp("wires"))
    yield started
    started.end()
