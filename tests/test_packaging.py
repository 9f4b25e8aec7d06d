"""What a user gets: the wheel's packages and scripts, and configuration that names things there are."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).parent.parent
CONFIG = PROJECT / "config"


def test_the_wheel_holds_three_packages_and_three_commands(tmp_path: Path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=PROJECT, check=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        commands = archive.read(entry_points).decode()
    packages = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert packages == {"modelmerit", "task_dispatcher", "model_learning_analyzer"}
    assert "modelmerit/policy/starter.json" in names
    assert any(name.startswith("modelmerit/evidence/migrations/0001") for name in names)
    for command in ("modelmerit =", "task-dispatcher =", "model-learning-analyzer ="):
        assert command in commands


def test_every_snippet_is_json_and_registers_both_servers():
    claude = json.loads((CONFIG / "claude-code.mcp.json").read_text())["mcpServers"]
    opencode = json.loads((CONFIG / "opencode.json").read_text())["mcp"]
    for servers in (claude, opencode):
        assert set(servers) == {"task-dispatcher", "model-learning-analyzer"}


def test_both_clients_ask_before_models_json_is_changed_or_changed_back():
    claude = json.loads((CONFIG / "claude-code.settings.json").read_text())["permissions"]
    opencode = json.loads((CONFIG / "opencode.json").read_text())["permission"]
    for tool in ("apply_model_suggestion", "rollback_model_change"):
        assert f"mcp__model-learning-analyzer__{tool}" in claude["ask"]
        assert opencode[f"model-learning-analyzer_{tool}"] == "ask"
        assert not any(tool in allowed for allowed in claude["allow"])


def test_no_file_of_the_project_names_a_package_registry_or_a_lock_file():
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False)
    files = [PROJECT / name for name in listed.stdout.splitlines()]
    assert not [path.name for path in files if path.name in {"uv.lock", "package-lock.json", "poetry.lock"}]
    hosts = ("files." + "pythonhosted", "pypi" + ".org", "registry." + "npmjs")
    for path in files:
        if path.is_file() and path.stat().st_size < 1_000_000:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not any(host in text for host in hosts), path
