"""The `modelmerit` command misused: a word or two on standard error, a status that tells, and nothing half written."""

import contextlib
import json
import os
import subprocess
import time

import pytest

from warm_processes import on_a_terminal

INTERRUPTED = 130


def suggested(run):
    """The id of the suggestion that the history supports."""
    (suggestion,) = json.loads(run("suggest", "--json").stdout)["suggestions"]
    return suggestion["id"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("show", "s-none"), "'s-none'"),
        (("apply", "s-none"), "'s-none'"),
        (("reject", "s-none"), "'s-none'"),
        (("rollback", "change-none"), "'change-none'"),
        (("rate", "dispatch-none", "success"), "'dispatch-none'"),
        (("show", ""), "''"),
        (("show", "\x1b[2J\u202e"), "No suggestion"),
        (("rate", b"not utf-8 \xff", "success"), "no valid text"),
        (("import", "dispatches", "missing.json"), "missing.json"),
        (("import", "dispatches", "."), "cannot be read"),
        (("export", "dispatches", "--output", "."), "cannot be written"),
        (("export", "learning", "--output", "missing/out.json"), "cannot be written"),
        (("backtest", "missing.json", "--policy", "missing.json"), "cannot be read"),
        (("backtest", "missing.json", "--policy", "."), "cannot be read"),
    ],
)
def test_what_does_not_exist_or_cannot_be_used_is_one_plain_line(run, arguments, expected):
    line = run(*arguments).only_line
    assert expected in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("no-such-command",), "no-such-command"),
        (("--no-such-option",), "--no-such-option"),
        (("report", "--markdwon"), "--markdwon"),
        (("apply",), "ID"),
        (("rate", "dispatch-none", "great"), "'success', 'failure', 'partial'"),
        (("suggest", "--min-confidence", "1.5"), "--min-confidence"),
        (("suggest", "--min-confidence", "nan"), "--min-confidence"),
        (("analyze", "--min-sample-size", "many"), "--min-sample-size"),
        (("backtest", "a.json", "--policy", "b.json", "--every", "0"), "--every"),
        (("import", "nonsense", "a.json"), "nonsense"),
    ],
)
def test_a_wrong_option_ends_with_status_2_and_is_named(run, home, arguments, expected):
    done = run(*arguments)
    assert done.status == 2
    *_, line = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert expected in line
    assert done.stdout == ""
    assert not home.exists()


@pytest.mark.parametrize("content", [b"{", b"[{]", b"[1, 2", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_history_that_is_no_history_is_told_and_leaves_nothing_behind(run, tmp_path, content):
    (tmp_path / "bad.json").write_bytes(content)
    done = run("import", "dispatches", "bad.json")
    assert done.status == 1
    assert 1 <= len(done.stderr.splitlines()) <= 2
    assert run("export", "dispatches").stdout == "[]\n"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("MODELMERIT_HOME", "{file}", "cannot be made"),
        ("MODELMERIT_HOME", "{file}/home", "cannot be made"),
        ("MODELMERIT_HOME", "~no-such-user/home", "no-such-user"),
        ("MODELMERIT_POLICY", "{file}/models.json", "models.json"),
        ("MODELMERIT_EXPLORATION", "perhaps", "expected 0 (off) or 1 (on)"),
    ],
)
def test_an_environment_that_cannot_be_used_is_one_plain_line(run, tmp_path, monkeypatch, variable, value, expected):
    file = tmp_path / "file"
    file.write_text("mine")
    monkeypatch.setenv(variable, value.format(file=file))
    assert expected in run("report").only_line
    assert file.read_text() == "mine"


def test_a_read_only_home_is_one_plain_line(run, start, unprivileged, home):
    home.mkdir(mode=0o500)
    assert "models.json" in start("report", before=unprivileged).only_line
    home.chmod(0o700)
    assert run("report").status == 0
    home.chmod(0o500)
    try:
        assert "writable" in start("report", before=unprivileged).only_line
    finally:
        home.chmod(0o700)


@pytest.mark.parametrize("command", ["analyze", "suggest", "report", "export", "rate", "show"])
def test_a_store_that_is_no_database_is_one_plain_line_and_stays_as_it_is(run, home, command):
    home.mkdir()
    store = home / "modelmerit.db"
    store.write_text("eggs, milk, honey")
    further = {"export": ("dispatches",), "rate": ("dispatch-none", "success"), "show": ("s-none",)}
    assert "is no SQLite database; move it away" in run(command, *further.get(command, ())).only_line
    assert store.read_text() == "eggs, milk, honey"


def test_without_a_terminal_nothing_is_approved(run, start, history_home):
    identifier, before = suggested(run), (history_home / "models.json").read_bytes()
    without_input = {"preexec_fn": lambda: os.close(0), "cold": True}
    for given in ({"given": "y\n"}, {"given": ""}, without_input):
        assert "there is no terminal" in start("apply", identifier, **given).only_line
    assert (history_home / "models.json").read_bytes() == before
    assert "There is no change to take back" in run("rollback").stdout


def test_ctrl_c_and_ctrl_d_at_the_question_are_no_yes(run, history_home):
    identifier, before = suggested(run), (history_home / "models.json").read_bytes()
    for typed in (b"\x03", b"\x04"):
        process, terminal = on_a_terminal("apply", identifier)
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(terminal, 4096)
        time.sleep(0.3)  # the question is seen a moment before Python waits for the answer, and nobody types so fast
        os.write(terminal, typed)
        with contextlib.suppress(OSError):  # Linux's way to say that the other side has closed
            while part := os.read(terminal, 4096):
                shown += part
        os.close(terminal)
        assert process.wait(60) in (1, INTERRUPTED)
        assert b"Traceback" not in shown
        assert (history_home / "models.json").read_bytes() == before


def test_names_that_are_commands_to_a_terminal_are_shown_not_obeyed(start, home):
    home.mkdir()
    entry = {
        "id": "change-1",
        "kind": "apply",
        "when": "2026-11-21T00:00:00Z",
        "who": "[/red] \x1b[2J\u202e client",
        "why": "",
        "before": None,
        "after": "0" * 64,
        "backup": None,
        "summary": "[bold]not bold[/bold]",
    }
    (home / "model-config-changes.log").write_text(json.dumps(entry) + "\n")
    done = start("changes", env=os.environ | {"COLUMNS": "200"})
    assert done.status == 0
    shown = done.stdout
    assert "[bold]not bold[/bold]" in shown
    assert "[/red]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_terminal_without_the_characters_gets_what_it_can_show(run, start, tmp_path):
    log = tmp_path / "dispatches.json"
    record = {"id": "ä-1", "task": "Fix the ✓", "model": "m", "created_at": "2026-01-05T08:00:00Z"}
    log.write_text(json.dumps([record]))
    run("import", "dispatches", log)
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = start("rate", "ä-1", "success", env=ascii_only, stdin=subprocess.DEVNULL, cold=True)
    assert (done.status, done.stdout) == (0, "\\xe4-1 is success.\n")
