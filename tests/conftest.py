"""What many tests need: an empty home, and one with four months of history in which there is something to find."""

import asyncio
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from modelmerit.app import open_app
from modelmerit.cli.demo.simulation import Simulation
from modelmerit.services.history import import_log
from modelmerit.settings import Settings

sys.path.append(str(Path(__file__).parent))  # the parts of these tests that hold none

# Half of hypothesis' usual number, on every run; `pytest --hypothesis-profile default` tries all of them.
settings.register_profile("quick", max_examples=50)
settings.load_profile("quick")

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30


def pytest_configure(config: pytest.Config) -> None:
    """Let the tests' folders lie in memory, if it has room, and go with the run: a durable write is mostly waiting.

    `--basetemp=FOLDER` has them elsewhere, on a disk say, and keeps them.
    """
    if hasattr(config, "workerinput") or not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        folder = tempfile.TemporaryDirectory(prefix="modelmerit-tests-", dir=MEMORY, ignore_cleanup_errors=True)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder.name
        config.add_cleanup(folder.cleanup)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home that every server, command and app of the test opens."""
    folder = tmp_path / "home"
    for name in ("MODELMERIT_POLICY", "MODELMERIT_EXPLORATION", "CLAUDE_CODE_SESSION_ID", "CLAUDECODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MODELMERIT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo's history, to be copied, not used."""
    folder = tmp_path_factory.mktemp("lived-in")
    policy, history = Simulation(7, datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)).write(folder)

    async def fill() -> None:
        async with open_app(Settings(home=folder, policy_path=policy)) as app:
            await import_log(app.store, history)

    asyncio.run(fill())
    history.unlink()
    return folder


@pytest.fixture
def history_home(home: Path, lived_in: Path) -> Path:
    """A home with four months of history, and one default that is dearer than it need be."""
    shutil.copytree(lived_in, home)
    return home
