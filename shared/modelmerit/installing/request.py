"""What a person asked `modelmerit install` for, and where clients look for their files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from modelmerit.installing.installation import Installation, Mode

Scope = Literal["user", "project"]


@dataclass(frozen=True, slots=True)
class Request:
    """`project` is the folder of the project, `agents` OpenCode's agent definitions by the name of their file.

    `mode` is None where none was asked for.
    """

    installation: Installation
    scope: Scope
    user_home: Path
    project: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    mode: Mode | None = None
    agents: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_user(self) -> bool:
        """Whether it is for all projects of the user."""
        return self.scope == "user"

    def folder(self, variable: str, default: str) -> Path:
        """The folder that an environment variable names, else `default` in the user's home."""
        named = self.environment.get(variable)
        return Path(named).expanduser().absolute() if named else self.user_home / default
