"""OpenCode in a home of its own, with modelmerit installed into it and a scripted provider behind it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")
PATIENCE_S = 300.0
"""How long the client may take for anything: where many tests run at once it starts in half a minute."""

MAIN, SMALL, BIG = "main-1", "small-1", "big-1"
PROVIDER = "scripted"
PRICES = {"input": 1.0, "output": 2.0, "cache_read": 0.1}
"""What each model costs, in USD per million tokens."""


@dataclass(frozen=True, slots=True)
class OpenCode:
    """The client's program, and the folder in which its home, its project and modelmerit's home lie."""

    program: Path
    folder: Path
    modelmerit_home: Path

    @property
    def project(self) -> Path:
        return self.folder / "handbook"

    @property
    def environment(self) -> dict[str, str]:
        ours = ("MODELMERIT_", "OPENCODE", "CLAUDECODE", "CLAUDE_CODE_", "XDG_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        folders = {f"XDG_{kind}_HOME": str(self.folder / kind.lower()) for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
        # The client takes its folder from PWD, not from where it really is.
        own = {"HOME": str(self.folder), "PWD": str(self.project), "MODELMERIT_HOME": str(self.modelmerit_home)}
        # It also wants to know of new models, and fetches types for plugins of its user's, before it loads any plugin.
        offline = {
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "npm_config_registry": "http://127.0.0.1:9",
            "npm_config_fetch_retries": "0",
        }
        return inherited | folders | own | offline

    def configure(self, base_url: str) -> None:
        """Know the provider's models, and nobody else's."""
        self.project.mkdir(parents=True)
        limit = {"context": 100_000, "output": 8_000}
        known = {name: {"name": name, "tool_call": True, "limit": limit, "cost": PRICES} for name in (MAIN, SMALL, BIG)}
        reached = {"npm": "@ai-sdk/openai-compatible", "options": {"baseURL": base_url, "apiKey": "none"}}
        settings = {
            "autoupdate": False,
            "share": "disabled",
            "model": f"{PROVIDER}/{MAIN}",
            "small_model": f"{PROVIDER}/{MAIN}",
            "enabled_providers": [PROVIDER],
            "provider": {PROVIDER: reached | {"models": known}},
        }
        configuration = self.folder / "config" / "opencode"
        configuration.mkdir(parents=True)
        (configuration / "opencode.json").write_text(json.dumps(settings, indent=2))

    def ours(self, *arguments: str) -> str:
        """What the modelmerit command prints."""
        return self._run([*MODELMERIT, *arguments])

    def theirs(self, *arguments: str) -> str:
        """What the client prints."""
        return self._run([str(self.program), *arguments])

    def attempts(self) -> list[dict[str, Any]]:
        """All that is recorded, oldest first, once a report was asked for."""
        self.ours("report")
        exported = json.loads(self.ours("export", "dispatches"))
        found: list[dict[str, Any]] = exported["dispatches"] if isinstance(exported, dict) else exported
        return sorted(found, key=lambda attempt: attempt["created_at"])

    @contextmanager
    def serving(self) -> Iterator["OpenCodeServer"]:
        """The client as a server for its own programs."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with tempfile.TemporaryFile() as said:
            command = [str(self.program), "serve", "--port", str(port)]
            process = subprocess.Popen(
                command, cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
            try:
                server = OpenCodeServer(f"http://127.0.0.1:{port}")
                server.until(lambda: process.poll() is not None or server.is_up())
                assert process.poll() is None, said.seek(0) or said.read().decode()
                yield server
            finally:
                process.terminate()
                process.wait(PATIENCE_S)

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@dataclass(frozen=True, slots=True)
class OpenCodeServer:
    """The client's HTTP interface, as its own terminal program uses it."""

    url: str

    def call(self, method: str, path: str, body: object = None, *, timeout_s: float = PATIENCE_S) -> Any:
        """What the interface answers."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout_s) as answered:
            read = answered.read()
        return json.loads(read) if read else None

    def is_up(self) -> bool:
        """Whether it answers. A request that comes while it still starts may never be answered."""
        try:
            return self.call("GET", "/session/status", timeout_s=10) is not None
        except OSError:
            return False

    def prompt(self, session_id: str, text: str) -> None:
        """Say something to the agent, without waiting for it."""
        model = {"providerID": PROVIDER, "modelID": MAIN}
        said = {"model": model, "parts": [{"type": "text", "text": text}]}
        self.call("POST", f"/session/{session_id}/prompt_async", said)

    def permission(self) -> dict[str, Any]:
        """What the client asks its user to permit, once it asks."""
        asked: list[dict[str, Any]] = []
        self.until(lambda: asked.extend(self.call("GET", "/permission")) or asked)
        return asked[0]

    def reply(self, permission: dict[str, Any], reply: str) -> None:
        """The user's answer: once, always or reject."""
        self.call("POST", f"/permission/{permission['id']}/reply", {"reply": reply})

    def uses(self, session_id: str) -> list[dict[str, Any]]:
        """The uses of tools in a session, oldest first."""
        messages = self.call("GET", f"/session/{session_id}/message")
        return [part for message in messages for part in message["parts"] if part["type"] == "tool"]

    def until(self, happened: Any) -> None:
        """Wait for something to happen."""
        end = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < end, f"it did not happen within {PATIENCE_S:g} s"
            time.sleep(0.2)
