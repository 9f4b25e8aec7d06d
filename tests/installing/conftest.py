"""A machine of the tests' own: a user's home, a project, an installation of modelmerit, and its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelmerit.installing.clients import CLIENTS
from modelmerit.installing.installation import Installation, Mode
from modelmerit.installing.manifest import NAME, Manifest
from modelmerit.installing.performing import Performed, perform
from modelmerit.installing.planning import plan_installation, plan_uninstallation
from modelmerit.installing.request import Request, Scope

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass
class Machine:
    """Where `install` and `uninstall` are as the command does them."""

    root: Path
    installation: Installation
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def user_home(self) -> Path:
        return self.root / "user"

    @property
    def project(self) -> Path:
        return self.root / "project"

    def request(
        self, scope: Scope = "user", mode: Mode | None = None, agents: Mapping[str, str] | None = None
    ) -> Request:
        return Request(self.installation, scope, self.user_home, self.project, self.environment, mode, agents or {})

    def targets(self, client: str, scope: Scope = "user"):
        return CLIENTS[client].targets(self.request(scope))

    def install(self, client: str, scope: Scope = "user", mode: Mode | None = None, agents=None) -> Performed:
        return self._perform(plan_installation, client, self.request(scope, mode, agents))

    def uninstall(self, client: str, scope: Scope = "user") -> Performed:
        return self._perform(plan_uninstallation, client, self.request(scope))

    def files(self) -> dict[str, bytes]:
        """Everything below the user's home and the project, folders too."""
        found = sorted(path for root in (self.user_home, self.project) for path in root.rglob("*"))
        return {str(path): b"" if path.is_dir() else path.read_bytes() for path in found}

    def _perform(self, planning, client: str, request: Request) -> Performed:
        manifest_path = self.root / "modelmerit" / NAME
        manifest_path.parent.mkdir(exist_ok=True)
        owner = client if request.is_user else f"{client} in {request.project}"
        plan = planning(owner, CLIENTS[client].targets(request), Manifest.read(manifest_path))
        return perform(plan, manifest_path, NOW)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for name in ("user", "project"):
        (tmp_path / name).mkdir()
    scripts = tmp_path / "venv" / "bin"
    scripts.mkdir(parents=True)
    for name in ("task-dispatcher", "model-learning-analyzer", "python"):
        (scripts / name).touch()
    return Machine(tmp_path, Installation(scripts / "python", scripts, tmp_path / "venv" / "lib" / "modelmerit"))
