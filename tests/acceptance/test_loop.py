"""The whole loop judged from outside: an agent, a world that answers, and a human who approves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

JUDGE = Path(__file__).parents[3] / "shared" / "eval" / "loop.py"

pytestmark = pytest.mark.skipif(not JUDGE.exists(), reason="the judges lie outside the project and are not here")


def judged(family: str, *options: str) -> dict:
    command = [sys.executable, JUDGE, "--family", family, "--bin", Path(sys.executable).parent, *options]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_policy_that_is_too_weak_gets_clearly_better():
    result = judged("weak", "--tasks", "1000", "--seed", "1", "--elicit")
    assert result["applied"]
    assert all(applied["state"] == "applied" for applied in result["applied"])
    assert result["after"]["success"] > result["before"]["success"] + 0.05


def test_a_policy_that_is_right_does_not_get_worse():
    result = judged("null", "--tasks", "500", "--every", "125", "--seed", "2")
    assert result["after"]["success"] >= result["before"]["success"] - 0.01
