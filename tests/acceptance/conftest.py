"""Real server processes, spoken to line by line, and the command; what must hold of all that they say."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelmerit.cli.main import main
from unprivileged import give_up_privilege
from warm_processes import WarmProcess, run_command

MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")
HANDSHAKE, MODERN = "2025-11-25", "2026-07-28"
CLIENT = {"name": "hostile", "version": "1"}
SESSIONLESS = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
}
INTERNALS = ("Traceback", 'File "', "pydantic", "Arguments", "sqlite3.", "<class", "Error executing tool")
"""What no reader of an answer can do anything with."""
OURS = ("MODELMERIT_", "CLAUDECODE", "CLAUDE_CODE_")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool call came to; `text` is the result's text, or the message of a protocol error."""

    text: str
    is_error: bool
    content: dict[str, Any]

    @property
    def warnings(self) -> str:
        """All warnings of the answer."""
        return "\n".join(self.content.get("warnings", ()))


class ServerProcess:
    """One server over its pipes, in either era of the protocol; a cold one shows how an interpreter ends."""

    def __init__(
        self,
        module: str,
        home: Path,
        era: str = HANDSHAKE,
        *,
        cold: bool = False,
        before: Callable[[], object] | None = None,
    ) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.said = ""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._said}
        environment |= {"MODELMERIT_HOME": str(home), "MODELMERIT_EXPLORATION": "0"}
        self.process: subprocess.Popen[bytes] | WarmProcess
        if cold:
            self.process = subprocess.Popen([sys.executable, "-m", module], env=environment, **streams)
        else:
            self.process = WarmProcess(module, env=environment, before=before, **streams)
        self._era = era
        self._last_id = 0
        self._unread = b""
        self._responses: dict[object, dict[str, Any]] = {}
        if era == HANDSHAKE:
            hello = {"protocolVersion": era, "capabilities": {}, "clientInfo": CLIENT}
            self._response(self._send_request("initialize", hello))
            self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def ask(self, tool: str, arguments: str | None = None, **named: Any) -> int:
        """Send a tool call without waiting; `arguments` are JSON as it is written, for what no Python value can say."""
        marked = {"name": tool, "arguments": "the arguments"}
        written = json.dumps(named) if arguments is None else arguments
        return self._send_request("tools/call", marked, lambda line: line.replace('"the arguments"', written))

    def answer_to(self, request_id: int) -> Answer:
        """The answer to a tool call that was sent."""
        response = self._response(request_id)
        if "error" in response:
            return Answer(response["error"]["message"], True, {})
        result = response["result"]
        text = "\n".join(part["text"] for part in result["content"])
        return Answer(text, result.get("isError", False), result.get("structuredContent", {}))

    def call(self, tool: str, arguments: str | None = None, **named: Any) -> Answer:
        """Call a tool and wait for its answer."""
        return self.answer_to(self.ask(tool, arguments, **named))

    def ok(self, tool: str, arguments: str | None = None, **named: Any) -> Answer:
        """The answer to a call that must succeed."""
        answer = self.call(tool, arguments, **named)
        assert not answer.is_error, answer.text
        return answer

    def refused(self, tool: str, arguments: str | None = None, **named: Any) -> str:
        """The words of a refusal, in which nothing internal shows."""
        answer = self.call(tool, arguments, **named)
        assert answer.is_error, answer.text
        assert answer.text.strip()
        assert not [found for found in INTERNALS if found in answer.text], answer.text
        return answer.text

    def end(self) -> str:
        """Close the server's standard input, and answer what it said on standard error until it had ended."""
        if not self._said.closed:
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self.process.stdin.close()
            with self.process.stdout as unread:
                unread.read()
            self.process.wait(timeout=60)
            self._said.seek(0)
            self.said = self._said.read().decode()
            self._said.close()
        return self.said

    def _send_request(self, method: str, params: dict[str, Any], rewrite: Callable[[str], str] = str) -> int:
        if self._era == MODERN:
            params = params | {"_meta": SESSIONLESS}
        self._last_id += 1
        self._send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}, rewrite)
        return self._last_id

    def _response(self, request_id: int) -> dict[str, Any]:
        while request_id not in self._responses:
            message: dict[str, Any] = json.loads(self._line())
            self._responses[message.get("id")] = message
        return self._responses.pop(request_id)

    def _send(self, message: dict[str, Any], rewrite: Callable[[str], str] = str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(rewrite(json.dumps(message)).encode() + b"\n")
        self.process.stdin.flush()

    def _line(self, patience_s: float = 40.0) -> bytes:
        assert self.process.stdout is not None
        end = time.monotonic() + patience_s
        while b"\n" not in self._unread:
            readable, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            assert readable, f"no answer within {patience_s:g} s"
            part = os.read(self.process.stdout.fileno(), 1 << 20)
            assert part, f"the server ended: {self.end()}"
            self._unread += part
        line, self._unread = self._unread.split(b"\n", 1)
        return line


Serve = Callable[..., ServerProcess]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    stdout: str
    stderr: str

    @property
    def only_line(self) -> str:
        """What the command had to say of its failure; it fits on one line."""
        assert self.status == 1, self
        (line,) = self.stderr.splitlines()
        return line.removeprefix("modelmerit: ")


@pytest.fixture
def run(home, tmp_path, monkeypatch, capfd):
    """Runs the command's entry point in an empty folder, on an empty home; most of a process's time is its start."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["modelmerit", *map(os.fsdecode, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, said.out, said.err)

    return run


@pytest.fixture
def start(home, tmp_path):
    """Runs the command as a process of its own; a cold one shows how an interpreter starts and ends."""

    def start(*arguments, cold=False, **options):
        if cold:
            usual = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8", "cwd": tmp_path}
            done = subprocess.run([*MODELMERIT, *arguments], timeout=120, check=False, **(usual | options))
        else:
            done = run_command(*arguments, cwd=tmp_path, **options)
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout or "", done.stderr)

    return start


@pytest.fixture(scope="session")
def unprivileged() -> Callable[[], None] | None:
    """What a process calls that permission bits are to bind, as they do not bind root."""
    if os.geteuid() != 0:
        return None
    if not sys.platform.startswith("linux"):
        pytest.skip("permissions do not bind root, and only Linux lets it do without its privilege")
    try:
        subprocess.run(["true"], check=True, preexec_fn=give_up_privilege)
    except subprocess.SubprocessError:
        pytest.skip("permissions do not bind root, which may not drop its privilege here")
    return give_up_privilege


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Starts servers; at the end each must end in order when its client does, and never have shown a traceback."""
    started: list[ServerProcess] = []

    def start(module: str, home: Path, era: str = HANDSHAKE, **options: Any) -> ServerProcess:
        started.append(ServerProcess(module, home, era, **options))
        return started[-1]

    with ExitStack() as killing:
        killing.callback(lambda: [server.process.kill() for server in started])
        yield start
        for server in started:
            assert "Traceback" not in server.end(), server.said
            assert server.process.returncode == 0, server.said
