"""This installation of modelmerit: the commands with which a client starts it, by absolute paths.

Absolute, because a client started from a desktop has another PATH than a terminal, and because another package on the
public index has a command called `task-dispatcher`.
"""

import shlex
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, get_args

import modelmerit
from modelmerit.settings import Settings

Mode = Literal["observe", "advise", "route"]
MODES: tuple[Mode, ...] = get_args(Mode)
SERVERS = ("task-dispatcher", "model-learning-analyzer")
ANALYZER = "model-learning-analyzer"
ASKING_TOOLS = ("apply_model_suggestion", "rollback_model_change")
READING_TOOLS = ("analyze_model_performance", "suggest_model_rules", "list_model_changes")


@dataclass(frozen=True, slots=True)
class Installation:
    """`home` and `policy` are None where the environment does not name them, so that the defaults go on holding."""

    python: Path
    scripts: Path
    package: Path
    home: Path | None = None
    policy: Path | None = None

    @classmethod
    def running(cls, environment: Mapping[str, str]) -> Self:
        """The installation whose Python runs this, with what the environment says of home and policy.

        Raises:
            SettingsError: If a variable has a value that cannot be used.
        """
        settings = Settings.from_environment(environment)
        return cls(
            python=Path(sys.executable),
            scripts=Path(sysconfig.get_path("scripts")),
            package=Path(modelmerit.__file__).absolute().parent,
            home=settings.home if environment.get("MODELMERIT_HOME") else None,
            policy=settings.policy_path if environment.get("MODELMERIT_POLICY") else None,
        )

    def server_command(self, name: str) -> list[str]:
        """The command line of a server."""
        script = self.scripts / name
        return [str(script)] if script.is_file() else [str(self.python), "-m", name.replace("-", "_")]

    def hook_command(self, mode: Mode) -> str:
        """The shell command of Claude Code's hooks."""
        words = [str(self.python), "-S", "-E", str(self.package / "capture" / "hook.py"), "claude-code", "--mode", mode]
        if self.home is not None:
            words += ["--home", str(self.home)]
        policy = "" if self.policy is None else f"MODELMERIT_POLICY={shlex.quote(str(self.policy))} "
        return policy + shlex.join(words)

    @property
    def variables(self) -> dict[str, str]:
        """What a server's environment is to hold."""
        named = {"MODELMERIT_HOME": self.home, "MODELMERIT_POLICY": self.policy}
        return {name: str(path) for name, path in named.items() if path is not None}
