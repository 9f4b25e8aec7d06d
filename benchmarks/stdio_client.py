"""A client that costs next to nothing: newline-delimited JSON-RPC over a server's pipes, standard library only.

It speaks both eras of the protocol. In the handshake era a session opens with `initialize`; in the modern era there is
no session, and every request says in `_meta` which version it speaks and who asks.
"""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

Era = Literal["2025-11-25", "2026-07-28"]
HANDSHAKE_ERA: Era = "2025-11-25"
MODERN_ERA: Era = "2026-07-28"
CLIENT = {"name": "benchmark", "version": "1"}
NOOP_SERVER = (sys.executable, str(Path(__file__).with_name("noop_server.py")))


class Usage(NamedTuple):
    """What a process had used by its end."""

    cpu_s: float
    peak_mib: float


class StdioClient:
    """One real server process and the pipes to it; a context manager that ends the process."""

    def __init__(self, command: Sequence[str], *, home: Path, era: Era = HANDSHAKE_ERA) -> None:
        self.started_at = time.perf_counter()
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, env=environment(home))
        self._era = era
        self._last_id = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.returncode is not None:
            return
        self._stdin.close()
        self._process.wait(timeout=30)

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    def open(self) -> float:
        """Do what the era asks before the first call; answers the seconds from process start to the server's answer."""
        if self._era == MODERN_ERA:
            self.request("server/discover", {})
            return time.perf_counter() - self.started_at
        hello = {"protocolVersion": self._era, "capabilities": {}, "clientInfo": CLIENT}
        self.request("initialize", hello)
        answered_at = time.perf_counter()
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answered_at - self.started_at

    def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a tool call.

        Raises:
            RuntimeError: If the server or the tool answers with an error.
        """
        result = self.request("tools/call", {"name": tool, "arguments": arguments})
        if result.get("isError"):
            raise RuntimeError(f"{tool}: {result['content']}")
        return result

    def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of one request, waited for.

        Raises:
            RuntimeError: If the server answers with an error or ends.
        """
        if self._era == MODERN_ERA:
            params = params | {"_meta": _MODERN_META}
        self._last_id += 1
        self._send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            message = json.loads(line)
            if message.get("id") == self._last_id:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result
        raise RuntimeError(f"{method}: the server ended without an answer")

    def cpu_s(self) -> float | None:
        """CPU seconds the process has used so far, all threads; None where the system does not say (macOS)."""
        try:
            # Linux numbers the CPU clock of another process so: clock_getcpuclockid(3), which Python does not wrap.
            return time.clock_gettime((~self._process.pid << 3) | 2)
        except OSError:
            return None

    def kill(self) -> Usage:
        """End the process at once; answers what it had used by then."""
        self._process.kill()
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._stdin.close()
        per_mib = 1 << (20 if sys.platform == "darwin" else 10)
        return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss / per_mib)

    def _send(self, message: dict[str, Any]) -> None:
        self._stdin.write(json.dumps(message).encode() + b"\n")
        self._stdin.flush()


def installed(command: str) -> str:
    """The path of a command that was installed beside the running Python."""
    return str(Path(sys.executable).with_name(command))


def environment(home: Path) -> dict[str, str]:
    """The environment of a process that works in `home`, free of whatever session runs the benchmark.

    Byte-code is kept, as it is where a package was installed, but in `home`: nothing is left in the source tree.
    """
    outside = ("MODELMERIT_", "CLAUDECODE", "CLAUDE_CODE_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(outside)} | {
        "MODELMERIT_HOME": str(home),
        "PYTHONPYCACHEPREFIX": str(home / "byte-code"),
    }


_MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN_ERA,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
}
