"""Where things lie and what the environment asks for. Read once, at start; nothing else reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from platformdirs import user_data_path

from modelmerit.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """The home folder, the policy file, and the environment's say in exploration.

    `exploration` is None where the environment says nothing, so that models.json decides. `session_id` and `client`
    identify the agent session that started the server, where its client tells.
    """

    home: Path
    policy_path: Path
    exploration: bool | None = None
    session_id: str | None = None
    client: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read MODELMERIT_HOME, MODELMERIT_POLICY, MODELMERIT_EXPLORATION and the client's own variables.

        Raises:
            SettingsError: If MODELMERIT_EXPLORATION is neither 0 nor 1, or a path begins with an unknown `~user`.
        """
        home = _path(environment, "MODELMERIT_HOME") or user_data_path("modelmerit", appauthor=False).absolute()
        return cls(
            home=home,
            policy_path=_path(environment, "MODELMERIT_POLICY") or home / "models.json",
            exploration=_switch(environment.get("MODELMERIT_EXPLORATION")),
            session_id=environment.get("CLAUDE_CODE_SESSION_ID") or None,
            client="claude-code" if environment.get("CLAUDECODE") == "1" else None,
        )

    @property
    def store_path(self) -> Path:
        """The SQLite database that owns all state but the policy."""
        return self.home / "modelmerit.db"

    @property
    def change_log_path(self) -> Path:
        """The append-only log of changes to models.json."""
        return self.home / "model-config-changes.log"

    @property
    def learning_path(self) -> Path:
        """What the last analysis found, for other tools; never read back."""
        return self.home / "model-learning.json"

    def make_home(self) -> None:
        """Create the home folder, readable by its owner alone.

        Raises:
            SettingsError: If the folder cannot be made.
        """
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"The home folder {str(self.home)!r} cannot be made ({error.strerror}). "
                "Set MODELMERIT_HOME to a folder you may write to."
            ) from error


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    if not value:
        return None
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as error:
        raise SettingsError(f"{name} is {value!r}, whose home folder is not known; expected a full path.") from error


def _switch(value: str | None) -> bool | None:
    if value in (None, ""):
        return None
    if value in ("0", "1"):
        return value == "1"
    raise SettingsError(f"MODELMERIT_EXPLORATION is {value!r}; expected 0 (off) or 1 (on).")
