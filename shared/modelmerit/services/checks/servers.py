"""Both servers, started as a client starts them: a process, a handshake, and the list of its tools."""

import json
import os
import selectors
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from modelmerit import __version__
from modelmerit.services.checks.findings import Finding

START_LIMIT_S = 25.0
"""Most clients wait 30 s for a server to connect."""
END_LIMIT_S = 2.0
MOST_SAID = 300
MOST_KEPT_BYTES = 8 << 10
PROTOCOL = "2025-11-25"
HELLO: dict[str, Any] = {
    "protocolVersion": PROTOCOL,
    "capabilities": {},
    "clientInfo": {"name": "modelmerit-doctor", "version": __version__},
}

Commands = Mapping[str, Sequence[str]]
"""The command line of each server, by its name."""


class DoesNotAnswer(Exception):
    """A server ended, kept silent, or answered with an error; the message says which."""


def check_servers(commands: Commands, environment: Mapping[str, str]) -> list[Finding]:
    """Whether the servers start and list their tools."""
    with ThreadPoolExecutor(len(commands)) as threads:
        return list(threads.map(lambda name: check_server(name, commands[name], environment), commands))


def check_server(
    name: str, command: Sequence[str], environment: Mapping[str, str], limit_s: float = START_LIMIT_S
) -> Finding:
    """Whether this command starts an MCP server that lists tools, in time."""
    began = time.monotonic()
    try:
        with _started(command, environment, limit_s) as server:
            server.ask("initialize", HELLO)
            server.tell("notifications/initialized")
            tools = server.ask("tools/list", {}).get("tools")
    except OSError as error:
        line = f"{command[0]} cannot be started ({error.strerror})."
        return Finding(name, "failed", line, "Install modelmerit again, then run `modelmerit install` for your client.")
    except DoesNotAnswer as error:
        return Finding(name, "failed", str(error), f"Run `{' '.join(command)}` by hand and see what it says.")
    seconds = time.monotonic() - began
    if not isinstance(tools, list) or not tools:
        return Finding(name, "failed", "It starts, but lists no tools.", "Install modelmerit again.")
    return Finding(name, "ok", f"starts in {seconds:.1f} s, {len(tools)} tools")


class _Server:
    """A server's pipes, a line of JSON at a time."""

    def __init__(self, process: subprocess.Popen[bytes], limit_s: float) -> None:
        self._process = process
        self._limit_s = limit_s
        self._deadline = time.monotonic() + limit_s
        self._unread = b""
        self._said = b""
        self._last_id = 0

    def tell(self, method: str) -> None:
        """Send a notification."""
        self._send({"method": method})

    def ask(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send a request; answers its result."""
        self._last_id += 1
        self._send({"id": self._last_id, "method": method, "params": parameters})
        for line in self._lines():
            with suppress(ValueError):
                answer = json.loads(line)
                if isinstance(answer, dict) and answer.get("id") == self._last_id:
                    result = answer.get("result")
                    if isinstance(result, dict):
                        return result
                    raise DoesNotAnswer(f"It answers {method} with an error: {str(answer.get('error'))[:MOST_SAID]}.")
        raise self._ended()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def _lines(self) -> Iterator[bytes]:
        """The lines of its output until that closes; what it says on standard error is kept on the way."""
        output, errors = self._process.stdout, self._process.stderr
        assert output is not None
        assert errors is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(output, selectors.EVENT_READ)
            waiting.register(errors, selectors.EVENT_READ)
            while True:
                *lines, self._unread = self._unread.split(b"\n")
                yield from lines
                ready = waiting.select(max(self._deadline - time.monotonic(), 0.0))
                if not ready:
                    raise DoesNotAnswer(f"It does not answer within {self._limit_s:g} s{self._last_words()}.")
                for key, _ in ready:
                    part = os.read(key.fd, 1 << 16)
                    if key.fileobj is errors:
                        self._said = (self._said + part)[-MOST_KEPT_BYTES:]
                        if not part:
                            waiting.unregister(errors)
                    elif part:
                        self._unread += part
                    else:
                        return

    def _ended(self) -> DoesNotAnswer:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_LIMIT_S)
        if self._process.stderr is not None and self._process.poll() is not None:
            self._said += self._process.stderr.read()
        return DoesNotAnswer(f"It ends before it answers{self._last_words()}.")

    def _last_words(self) -> str:
        lines = self._said.decode(errors="replace").strip().splitlines()
        return f": {lines[-1][:MOST_SAID]}" if lines else ""


@contextmanager
def _started(command: Sequence[str], environment: Mapping[str, str], limit_s: float) -> Iterator[_Server]:
    process = subprocess.Popen(  # noqa: S603 - the servers of this installation
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(environment)
    )
    try:
        yield _Server(process, limit_s)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Closing its input is how a client ends a server; one that goes on all the same is killed."""
    try:
        process.communicate(timeout=END_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
