"""Commands that are run in a folder that somebody has deleted."""

import os
import subprocess
import sys
from functools import partial

import pytest

from warm_processes import run_command

MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "deleted"
    folder.mkdir()
    return folder


def check(done):
    assert done.returncode == 1
    assert done.stderr.endswith(
        "The folder that this runs in was deleted. Change to one that exists, and run it again.\n"
    )
    assert "output cannot be written" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "claude-code", "history"),
        ("import", "dispatches", "log.json"),
        ("install", "opencode", "--dry-run"),
        ("export", "dispatches", "--output", "log.json"),
    ],
)
def test_a_command_that_needs_the_folder_it_runs_in_says_that_it_was_deleted(arguments, home, folder):
    check(run_command(*arguments, cwd=folder, before=partial(os.rmdir, folder)))


def test_python_starting_there_makes_no_difference(home, folder):
    in_vain = ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *MODELMERIT, "doctor"]
    check(subprocess.run(in_vain, cwd=folder, capture_output=True, text=True, timeout=120, check=False))
