"""The whole loop judged from outside: an agent, a world that answers, and a human who approves."""

import json
import os
import site
import sys
from functools import partial
from pathlib import Path

import pytest

from warm_processes import run_command

JUDGE = Path(__file__).parents[3] / "shared" / "eval" / "loop.py"

pytestmark = pytest.mark.skipif(not JUDGE.exists(), reason="the judges lie outside the project and are not here")


@pytest.fixture
def judged(tmp_path):
    """Runs the judge; the home that it makes and leaves behind goes with the test's folder."""

    def judged(family: str, *options: str) -> dict:
        done = run_command(
            *("--family", family, "--bin", Path(sys.executable).parent, *options),
            module=JUDGE.stem,
            timeout_s=600,
            env=os.environ | {"TMPDIR": str(tmp_path)},
            before=partial(site.addsitedir, str(JUDGE.parent)),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return judged


def test_a_policy_that_is_too_weak_gets_clearly_better(judged):
    result = judged("weak", "--tasks", "1000", "--seed", "1", "--elicit")
    assert result["applied"]
    assert all(applied["state"] == "applied" for applied in result["applied"])
    assert result["after"]["success"] > result["before"]["success"] + 0.05


def test_a_policy_that_is_right_does_not_get_worse(judged):
    result = judged("null", "--tasks", "500", "--every", "125", "--seed", "2")
    assert result["after"]["success"] >= result["before"]["success"] - 0.01
