"""Claude Code in a home of its own, with modelmerit installed into it and a scripted interface to models behind it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripted_anthropic import Anthropic

MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")
PATIENCE_S = 300.0

HAIKU, SONNET, OPUS = "claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101"


@dataclass(frozen=True, slots=True)
class ClaudeCode:
    """The client's program, and the folder in which its home and its project lie."""

    program: Path
    folder: Path
    modelmerit_home: Path
    interface: Anthropic

    @property
    def project(self) -> Path:
        """The folder that it works in."""
        return self.folder / "shop"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the machine's own client, nothing that goes out to the network, and what its models mean."""
        foreign = ("MODELMERIT_", "CLAUDE", "ANTHROPIC_", "AWS_", "XDG_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        own = {
            "HOME": str(self.folder),
            "CLAUDE_CONFIG_DIR": str(self.folder / ".claude"),
            "MODELMERIT_HOME": str(self.modelmerit_home),
            "ANTHROPIC_BASE_URL": self.interface.url,
            "ANTHROPIC_API_KEY": "none",
            "ANTHROPIC_MODEL": SONNET,
        }
        meant = {f"ANTHROPIC_DEFAULT_{model.split('-')[1].upper()}_MODEL": model for model in (HAIKU, SONNET, OPUS)}
        quiet = ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY")
        return inherited | own | meant | dict.fromkeys((*quiet, "CLAUDE_CODE_MAX_RETRIES"), "1")

    def ours(self, *arguments: str) -> str:
        """What the modelmerit command prints."""
        return self._run([*MODELMERIT, *arguments])

    def ask(self, prompt: str, *options: str) -> str:
        """Have the client do something; answers the session's id."""
        tools = ("--allowedTools", "Bash,Write,Agent,TaskStop")
        told: dict[str, Any] = json.loads(
            self._run([str(self.program), "-p", prompt, "--output-format", "json", *tools, *options])
        )
        return str(told["session_id"])

    def attempts(self) -> dict[str, dict[str, Any]]:
        """All that is recorded, by the task, once a report was asked for."""
        self.ours("report")
        exported = json.loads(self.ours("export", "dispatches"))
        found = {attempt["task"]: attempt for attempt in exported}
        assert len(found) == len(exported), exported
        return found

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
