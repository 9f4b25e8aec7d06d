"""A human behind another's client, `mcpdo`: models.json changes on their yes, and on nothing else."""

import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelmerit.cli.demo.simulation import OPUS, SONNET

ERAS = pytest.mark.parametrize("era", ["legacy", "modern"])
YES = "approve:=true"
NO = "approve:=false"


@dataclass(frozen=True, slots=True)
class Mcpdo:
    """A daemon of the test's own, with one connection to the analyzer."""

    run: Callable[..., Any]
    environment: dict[str, str]

    def command(self, *arguments: str) -> dict[str, Any]:
        """What a command answers."""
        done = self.run("@modelcontextprotocol/inspector", "mcpdo", "--format", "json", *arguments, **self.environment)
        assert done.returncode == 0, f"exit {done.returncode}: {done.stderr}{done.stdout}"
        answered: dict[str, Any] = json.loads(done.stdout)
        return answered

    def connect(self, home: Path, era: str, *options: str) -> None:
        """Start the analyzer on a home."""
        how = ("--connection", "it", "--era", era, "--connect-timeout", "60000", *options)
        server = ("-e", f"MODELMERIT_HOME={home}", "--", sys.executable, "-m", "model_learning_analyzer")
        assert self.command("connect", *how, *server)["protocolEra"] == era

    def call(self, tool: str, **arguments: str) -> dict[str, Any]:
        """The structured content of a tool that asks nobody."""
        return content(self.command("--connection", "it", "tools/call", tool, json.dumps(arguments)))

    def asked(self, tool: str, **arguments: str) -> dict[str, Any]:
        """The form a tool shows the human; it waits for their answer."""
        answered = self.command("--connection", "it", "tools/call", tool, json.dumps(arguments))
        form: dict[str, Any] = answered["elicitationPending"]
        return form

    def answer(self, form: dict[str, Any], said: str) -> dict[str, Any]:
        """The structured content of the tool once the human has answered its form."""
        return content(self.command("--connection", "it", "elicitation/respond", form["elicitationId"], said))

    def stop(self, patience_s: float = 20) -> None:
        """End the daemon, and with it the server; at the latest by a signal."""
        folder = Path(self.environment["MCP_INSPECTOR_DAEMON_DIR"])
        lock, socket = folder / "mcpdod.lock", folder / "mcpdod.sock"
        if lock.exists():
            pid = int(lock.read_text())
            told = self.run("@modelcontextprotocol/inspector", "mcpdo", "daemon", "stop", **self.environment)
            end = time.monotonic() + patience_s
            while lock.exists() or socket.exists():
                if time.monotonic() > end:
                    os.kill(pid, signal.SIGKILL)
                    pytest.fail(f"mcpdo's daemon had to be killed after {patience_s:g} s: {told.stderr}{told.stdout}")
                time.sleep(0.02)
        shutil.rmtree(folder)


def the_default(mcpdo: Mcpdo) -> dict[str, Any]:
    """The suggestion of another model for medium tasks."""
    suggestions = mcpdo.call("suggest_model_rules")["suggestions"]
    found: dict[str, Any] = next(one for one in suggestions if one["type"] == "change_default")
    return found


def content(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("isError"), result["content"]
    structured: dict[str, Any] = result["structuredContent"]
    return structured


def kept(home: Path) -> dict[str, bytes]:
    """models.json, its backups and the log of changes, byte by byte."""
    paths = [home / "models.json", home / "model-config-changes.log", *home.glob("models.json.bak.*")]
    return {path.name: path.read_bytes() for path in paths if path.exists()}


def logged(home: Path) -> list[dict[str, Any]]:
    """The lines of the log of changes."""
    return [json.loads(line) for line in (home / "model-config-changes.log").read_text().splitlines()]


@pytest.fixture
def mcpdo(clients) -> Iterator[Mcpdo]:
    private = clients.run("@modelcontextprotocol/inspector", "mcpdo", "private")
    environment = dict(re.findall(r"export (\w+)='([^']*)'", private.stdout))
    assert "MCP_INSPECTOR_DAEMON_DIR" in environment, private.stderr
    daemon = Mcpdo(clients.run, environment)
    yield daemon
    daemon.stop()


@ERAS
def test_an_approved_suggestion_changes_one_value_and_leaves_a_backup_and_a_line(mcpdo, history_home, era):
    before = kept(history_home)
    mcpdo.connect(history_home, era)
    suggestion = the_default(mcpdo)
    form = mcpdo.asked("apply_model_suggestion", suggestion_id=suggestion["id"])
    assert list(form["requestedSchema"]["properties"]) == ["approve"]
    assert suggestion["change"] in form["message"]
    assert kept(history_home) == before
    applied = mcpdo.answer(form, YES)
    assert applied["state"] == "applied"
    assert applied["diff"].strip() in form["message"]
    entry = logged(history_home)[-1]
    assert (entry["kind"], entry["id"], entry["suggestion_id"]) == ("apply", applied["change_id"], suggestion["id"])
    assert entry["who"].startswith("a human, asked in ")
    after = kept(history_home)
    medium = '"medium": {\n      "model": "%s"'
    changed = before["models.json"].decode().replace(medium % OPUS, medium % SONNET).encode()
    assert changed != before["models.json"]
    assert after.pop("models.json") == changed
    assert after.pop(entry["backup"]) == before["models.json"]
    assert after.pop("model-config-changes.log")
    assert after.keys() == before.keys() - {"models.json"}


@pytest.mark.parametrize(("said", "state"), [("--decline", "declined"), ("--cancel", "cancelled"), (NO, "declined")])
@ERAS
def test_without_a_yes_a_suggestion_changes_no_byte(mcpdo, history_home, era, said, state):
    mcpdo.connect(history_home, era)
    suggestion = the_default(mcpdo)
    before = kept(history_home)
    # Where a human can be asked, repeating the change is no approval.
    arguments = {"suggestion_id": suggestion["id"], "change": suggestion["change"]}
    assert mcpdo.answer(mcpdo.asked("apply_model_suggestion", **arguments), said)["state"] == state
    assert kept(history_home) == before


@ERAS
def test_an_approved_rollback_gives_back_the_very_bytes_and_leaves_a_backup_and_a_line(mcpdo, changed_home, era):
    before = kept(changed_home)
    applied = logged(changed_home)[-1]
    mcpdo.connect(changed_home, era)
    form = mcpdo.asked("rollback_model_change", change_id=applied["id"])
    assert kept(changed_home) == before
    rolled_back = mcpdo.answer(form, YES)
    assert rolled_back["state"] == "rolled_back"
    assert rolled_back["diff"].strip() in form["message"]
    entry = logged(changed_home)[-1]
    assert (entry["kind"], entry["rolls_back"]) == ("rollback", applied["id"])
    assert entry["who"].startswith("a human, asked in ")
    after = kept(changed_home)
    assert after["models.json"] == before[applied["backup"]] != before["models.json"]
    assert after[entry["backup"]] == before["models.json"]
    assert after.keys() - before.keys() == {entry["backup"]}


@pytest.mark.parametrize(("said", "state"), [("--decline", "declined"), ("--cancel", "cancelled")])
@ERAS
def test_without_a_yes_a_rollback_changes_no_byte(mcpdo, changed_home, era, said, state):
    before = kept(changed_home)
    mcpdo.connect(changed_home, era)
    assert mcpdo.answer(mcpdo.asked("rollback_model_change"), said)["state"] == state
    assert kept(changed_home) == before


@ERAS
def test_a_client_that_cannot_ask_applies_what_was_shown_and_then_repeated(mcpdo, history_home, era):
    before = kept(history_home)
    mcpdo.connect(history_home, era, "--elicit", "off")
    suggestion = the_default(mcpdo)
    arguments = {"suggestion_id": suggestion["id"], "change": suggestion["change"]}
    first = mcpdo.call("apply_model_suggestion", **arguments)
    assert first["state"] == "awaiting_approval"
    assert kept(history_home) == before
    assert mcpdo.call("apply_model_suggestion", **arguments)["state"] == "applied"
    assert logged(history_home)[-1]["who"].startswith("repeated by the agent in ")
