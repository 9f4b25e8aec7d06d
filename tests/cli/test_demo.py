"""`modelmerit demo` tells the whole loop with real servers, and leaves nothing behind."""

import os

from warm_processes import run_command


def test_the_demo_closes_the_loop_and_leaves_nothing_behind(home, tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "COLUMNS": "100"}
    done = run_command("demo", env=environment)
    assert done.returncode == 0, done.stderr
    story = done.stdout
    assert "seed 7, exploration rate 10%" in story
    assert story.count("claude-opus-4-5-20251101   (complexity medium)") == 1
    assert story.count("claude-sonnet-4-5-20250929   (complexity medium)") == 1
    assert "byte for byte what it was" in story
    assert list(temporary.iterdir()) == []
    assert not home.exists()
