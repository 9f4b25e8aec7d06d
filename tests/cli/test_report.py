"""What was learned, on the command line: on a terminal, in a pipe, for cron, and for a program."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mcp import Client

from model_learning_analyzer.server import server
from modelmerit.app import open_app
from modelmerit.settings import Settings
from warm_processes import run_command

MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")
TOLD = {"report": ("report",), "analyze": ("analyze",), "suggest": ("suggest",), "cron": ("report", "--markdown")}
HOSTILE = "[red]x[/red]\x1b[2J\x9b31m\u202e|`"


def run(home: Path, *arguments, columns=80):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MODELMERIT_")}
    done = run_command(*arguments, env={**environment, "COLUMNS": str(columns), "MODELMERIT_HOME": str(home)})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def from_json(home: Path, *arguments):
    """The JSON a command prints; a number that JSON does not know is an error."""

    def unknown(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(run(home, *arguments, "--json"), parse_constant=unknown)


@pytest.fixture(scope="module")
def months(lived_in, tmp_path_factory):
    """A home with four months of history up to this morning, in which nothing is decided."""
    return shutil.copytree(lived_in, tmp_path_factory.mktemp("months") / "home")


@pytest.fixture(scope="module")
def printed(months):
    """What the commands print there."""
    return {name: run(months, *command) for name, command in TOLD.items()}


@pytest.fixture(scope="module")
def told(months):
    """What they print there for a program."""
    return {name: from_json(months, name) for name in ("report", "analyze", "suggest")}


def the_default(suggestions):
    return next(suggestion for suggestion in suggestions if suggestion["type"] == "change_default")


@pytest.fixture(scope="module")
def hostile_home(tmp_path_factory):
    """A home with a rule that cannot be read, and a history in which names try to command the terminal."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    log = home.parent / "dispatches.json"
    now = datetime.now(UTC)
    records = [
        {
            "task": f"Do part {number}",
            "model": HOSTILE,
            "complexity": "medium",
            "outcome": "failure",
            "task_keywords": [HOSTILE],
            "created_at": (now - timedelta(hours=number)).isoformat(),
        }
        for number in range(20)
    ]
    log.write_text(json.dumps(records))
    run(home, "import", "dispatches", log)
    policy = home / "models.json"
    document = json.loads(policy.read_text())
    document["rules"].append({"if": "task resembles 'docs'", "use": "opus"})
    policy.write_text(json.dumps(document))
    return home


@pytest.mark.parametrize("command", ["report", "analyze", "suggest"])
def test_what_is_piped_is_plain_text_of_80_columns(printed, command):
    assert "\x1b" not in printed[command]
    assert max(map(len, printed[command].splitlines())) <= 80


@pytest.mark.parametrize("columns", [80, 60])
def test_ids_and_figures_are_not_broken_over_lines(months, printed, told, columns):
    text = printed["suggest"] if columns == 80 else run(months, "suggest", columns=columns)
    suggestion = the_default(told["suggest"]["suggestions"])
    lines = text.splitlines()
    beside = [line[:15].strip() for line in lines]
    at = beside.index(suggestion["id"])
    assert re.fullmatch(r"confidence 9\d %", beside[at + 1])
    change = re.sub(r"\s+", " ", " ".join(line[15:] for line in lines[at : at + 4]))
    assert f" {suggestion['change']} " in change


def test_the_report_has_all_its_parts_on_the_terminal_too(printed):
    for part in (
        "modelmerit report, ",
        "Attempts  ",
        "Suggestions",
        "What is settled, and what is not",
        "How the models do",
        "Underperforming: ",
        "In practice",
    ):
        assert f"\n{part}" in f"\n{printed['report']}"
    models = printed["report"].partition("\nHow the models do\n")[2]
    rows = [line.split() for line in models.splitlines() if re.match(r" (simple|medium|complex) ", line)]
    assert len(rows) == 9
    assert rows[0][:2] == ["simple", "haiku"]


def test_analyze_compares_success_cost_time_and_tokens(printed):
    (header,) = [line for line in printed["analyze"].splitlines() if line.startswith(" tasks ")]
    assert header.split() == ["tasks", "model", "succeeded", "lately", "per", "success", "time", "tokens"]
    row = r"(?m)^ medium +opus +\d\d % of \d+ +\d\d % +\$0\.\d\d +\d min( \d+ s)? +\d+ k *$"
    assert re.search(row, printed["analyze"])


async def test_markdown_is_what_the_chat_gets(months, printed, monkeypatch):
    monkeypatch.setenv("MODELMERIT_HOME", str(months))
    async with Client(server) as client:
        answered = await client.call_tool("suggest_model_rules", {})
        (resource,) = (await client.read_resource("modelmerit://report")).contents
    assert answered.content[0].text.startswith(printed["cron"])
    assert resource.text.startswith(printed["cron"])


def test_cron_gets_its_report_without_a_terminal_and_with_next_to_no_environment(months, printed, tmp_path):
    # As in `0 8 * * 1  /path/to/modelmerit report --markdown > "$HOME/modelmerit-report.md"`.
    output = tmp_path / "modelmerit-report.md"
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "MODELMERIT_HOME": str(months)}
    with output.open("w") as file:
        done = subprocess.run(
            [*MODELMERIT, "report", "--markdown"],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
            env=bare,
            timeout=60,
            start_new_session=True,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert output.read_text(encoding="utf-8") == printed["cron"]


def test_programs_get_everything(told):
    report, analysis, suggested = told["report"], told["analyze"], told["suggest"]
    assert report.keys() >= {
        "as_of", "attempts", "window", "warnings", "conflicts", "look", "first_answer", "suggestions", "hints",
        "patterns", "min_success_rate", "underperforming", "coverage", "progress", "facts", "names", "applied_changes",
    }  # fmt: skip
    assert analysis["attempts"] == report["attempts"] > 2000
    assert [{**pattern, "successes": None} for pattern in analysis["patterns"]] == [
        {**pattern, "successes": None} for pattern in report["patterns"]
    ]
    assert (analysis["suggestions"], analysis["hints"]) == (len(report["suggestions"]), len(report["hints"]))
    assert [{**one, "status": "proposed"} for one in report["suggestions"]] == suggested["suggestions"]
    assert suggested["hints"] == report["hints"]
    assert {type(report["window"][name]) for name in ("attempts", "with_outcome", "explored")} == {int}


def test_a_suggestion_is_shown_in_six_lines_with_its_diff_and_what_became_of_it(months, told, tmp_path):
    suggestion = the_default(told["suggest"]["suggestions"])
    identifier = suggestion["id"]
    home = shutil.copytree(months, tmp_path / "home")
    head, change, *lines = run(home, "show", identifier).splitlines()
    assert re.fullmatch(rf"{identifier}, proposed, confidence 9\d %", head)
    assert change == suggestion["change"]
    assert [line.split(" ")[0] for line in lines[:6]] == ["Should", "Evidence:", "Had", "Could", "Would", "---"]
    run(home, "reject", identifier, "--reason", "we like opus")
    head, _, *lines = run(home, "show", identifier).splitlines()
    assert re.fullmatch(rf"{identifier}, rejected, confidence 9\d %", head)
    assert re.fullmatch(r"rejected on \d{4}-\d\d-\d\d by .+, on the terminal: we like opus", lines[5])
    shown = from_json(home, "show", identifier)
    assert (shown["status"], shown["decision_reason"], shown["diff"]) == ("rejected", "we like opus", "")


def test_an_applied_change_is_told_with_what_it_promised_and_its_review_day(months, told, tmp_path):
    suggestion = the_default(told["suggest"]["suggestions"])
    home = shutil.copytree(months, tmp_path / "home")

    async def apply():
        async with open_app(Settings(home=home, policy_path=home / "models.json")) as app:
            return await app.approving.apply(suggestion["id"], approved=suggestion["change"], who="ada")

    decision = asyncio.run(apply())
    assert decision.state == "applied"
    assert f"reviewed on {decision.review_on}" in decision.message
    (change,) = from_json(home, "report")["applied_changes"]
    assert (change["id"], change["change_id"]) == (suggestion["id"], decision.change_id)
    assert (change["state"], change["review_on"]) == ("too early", decision.review_on.isoformat())
    assert change["promised"]["saving"] == suggestion["evidence"]["saving"]
    shown = run(home, "report")
    assert max(map(len, shown.splitlines())) <= 80
    section = shown[shown.index("\nApplied changes\n") :].split("\n\n")[0]
    assert re.match(rf"\nApplied changes\n{suggestion['id']}  task_complexity\.medium\.model: ", section)
    assert "\ntoo early " in section
    assert f"review on {decision.review_on}" in re.sub(r"\s+", " ", section)
    cron = run(home, "report", "--markdown")
    assert f"- `{suggestion['change']}` applied on {change['applied_on']}, too early: " in cron


def test_a_less_certain_suggestion_can_be_left_out(months):
    assert from_json(months, "suggest", "--min-confidence", "0.999")["suggestions"] == []


def test_an_empty_home_is_told_so(tmp_path):
    assert "Attempts  none yet." in run(tmp_path, "report")
    assert "0 attempts" in run(tmp_path, "analyze")


@pytest.mark.parametrize("command", TOLD)
def test_broken_rules_are_warned_of_and_no_name_is_a_command_to_the_terminal(hostile_home, command):
    text = run(hostile_home, *TOLD[command])
    assert text.replace("\n", "").isprintable()
    assert "rule 4" in text
    if command != "suggest":
        assert "[red]x[/red]" in text.replace("\\", "")


def test_what_is_escaped_on_the_terminal_is_as_it_was_in_the_json(hostile_home):
    report = from_json(hostile_home, "report")
    assert report["patterns"][0]["model"] == HOSTILE
    assert any("rule 4" in warning for warning in report["warnings"])
