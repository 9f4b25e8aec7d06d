"""A process killed in the middle of a commit leaves the old file or the new one, and the next writer goes on."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelmerit.policy.changes import apply_change, set_default
from modelmerit.policy.document import parse_policy
from modelmerit.policy.file import PolicyFile
from modelmerit.policy.loading import starter_text

SCRIPT = Path(__file__).with_name("commit_once.py")
CHILD = [sys.executable, "-B", str(SCRIPT)]
NEW_RULE = "keyword is 'docs'"
FAULTS = {
    "write": "ENOSPC",
    "fsync": "EIO",
    "renameat2": "ENOSPC",
    "rename": "EACCES",
    "unlink": "EPERM",
    "fchmod": "EPERM",
    "flock": "ENOLCK",
    "lseek": "EINVAL",
    "pread64": "EIO",
}
"""System calls that a commit writes with, and an error that each may come back with."""


def can_trace() -> bool:
    strace = shutil.which("strace")
    if strace is None:
        return False
    traced = subprocess.run([strace, "-qq", "-o", os.devnull, "true"], capture_output=True, timeout=60)
    return traced.returncode == 0


def fresh_home(folder: Path) -> PolicyFile:
    folder.mkdir()
    file = PolicyFile(folder / "models.json", folder / "log")
    file.ensure_exists()
    return file


def check_after_a_kill(file: PolicyFile, acknowledged: bool) -> str:
    """The state the kill left, `old` or `new`, after making sure that it is whole and that work goes on."""
    text = file.path.read_text()
    new = NEW_RULE in text
    assert parse_policy(text).problems == ()
    assert text == starter_text() or new
    assert new or not acknowledged
    for line in file.log.path.read_bytes().splitlines():
        json.loads(line)
    survivor = PolicyFile(file.path, file.log.path)
    change = set_default(survivor.current().policy, "medium", "haiku")
    committed = survivor.commit(change, who="ada", why="after", now=datetime.now(UTC))
    assert file.path.read_text() == apply_change(text, change)
    logged = [entry.summary.split(":")[0] for entry in survivor.changes()]
    assert logged == ["packaged models.json", *(["add rule 4"] if new else []), change.summary.split(":")[0]]
    assert all((file.path.parent / entry.backup).exists() for entry in survivor.changes() if entry.backup)
    assert starter_text() in [copy.read_text() for copy in file.path.parent.glob("models.json.bak.*")]
    assert list(file.path.parent.glob(".*")) == []
    assert committed.change_id == survivor.changes()[-1].id
    return "new" if new else "old"


def writing_points(tmp_path: Path) -> list[tuple[str, int]]:
    """Every writing system call of a commit: its name, and the how many-th of its kind it is in the process."""
    calls = tmp_path / "calls"
    file = fresh_home(tmp_path / "traced")
    trace = ["strace", "-qq", "-o", str(calls)]
    subprocess.run([*trace, *CHILD, str(file.path.parent)], check=True, capture_output=True, timeout=120)
    points, seen, begun = list[tuple[str, int]](), Counter[str](), False
    for line in calls.read_text(errors="replace").splitlines():
        call = re.match(r"\w+", line)
        if call is None:
            continue
        if '"committed' in line:
            break
        seen[call[0]] += 1
        if begun and call[0] in FAULTS and "SEEK_CUR" not in line:
            points.append((call[0], seen[call[0]]))
        begun = begun or '"begin"' in line
    return points


def states_after(points: list[tuple[str, int]], tmp_path: Path, inject: Callable[[str], str]) -> Counter[str]:
    """Runs a commit once for each point, with `inject` for that system call, and counts the states left behind."""

    def hit(point: tuple[str, int]) -> str:
        call, count = point
        victim = fresh_home(tmp_path / f"{call}-{count}")
        spell = ["-e", f"trace={call}", "-e", f"inject={call}:{inject(call)}:when={count}"]
        done = subprocess.run(
            ["strace", "-qq", "-o", os.devnull, *spell, *CHILD, str(victim.path.parent)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        acknowledged = "committed" in done.stdout
        if "signal" not in inject(call):
            in_force = NEW_RULE in victim.path.read_text()
            assert in_force == acknowledged, (point, done.stderr)
        return check_after_a_kill(victim, acknowledged)

    with ThreadPoolExecutor(2) as pool:
        return Counter(pool.map(hit, points))


@pytest.mark.skipif(not can_trace(), reason="strace cannot trace processes here")
def test_a_kill_at_any_writing_system_call_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    points = writing_points(tmp_path)
    assert len(points) > 10
    states = states_after(points, tmp_path, lambda call: "signal=SIGKILL")
    assert states["old"] > 3
    assert states["new"] > 3


@pytest.mark.skipif(not can_trace(), reason="strace cannot trace processes here")
def test_a_failing_system_call_is_survived_or_told_and_what_is_told_is_so(tmp_path: Path) -> None:
    states = states_after(writing_points(tmp_path), tmp_path, lambda call: f"error={FAULTS[call]}")
    assert states["new"] > states["old"] > 0  # most faults pass, and the commit is tried again


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    timed = fresh_home(tmp_path / "timed")
    started = time.perf_counter()
    subprocess.run([*CHILD, str(timed.path.parent)], check=True, capture_output=True, timeout=120)
    whole = time.perf_counter() - started
    for attempt in range(6):
        victim = fresh_home(tmp_path / f"home-{attempt}")
        with subprocess.Popen([*CHILD, str(victim.path.parent)], stdout=subprocess.PIPE, text=True) as child:
            time.sleep(whole * (0.55 + 0.08 * attempt))
            child.kill()
            output, _ = child.communicate()
        check_after_a_kill(victim, "committed" in output)
