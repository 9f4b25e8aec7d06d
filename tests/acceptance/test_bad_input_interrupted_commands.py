"""The `modelmerit` command cut short: a reader that leaves, a disk that is full, Ctrl-C; nothing is half written."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from modelmerit.cli.demo.simulation import Simulation
from warm_processes import COMMAND, WarmProcess

MODELMERIT = (sys.executable, "-c", "from modelmerit.cli.main import main; main()")
INTERRUPTED = 130


@pytest.mark.parametrize("arguments", [("export", "dispatches"), ("report", "--markdown")])
def test_a_reader_that_has_seen_enough_is_no_reason_to_complain(history_home, arguments):
    child = subprocess.Popen([*MODELMERIT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    if arguments[0] == "export":
        assert child.stdout.readline() == b"[\n"
    child.stdout.close()
    _, errors = child.communicate(timeout=60)
    assert child.returncode in (0, 1)
    assert errors == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [("export", "dispatches"), ("changes",)])
def test_output_that_nobody_takes_is_one_plain_line(start, history_home, arguments):
    with Path("/dev/full").open("wb") as full:
        line = start(*arguments, stdout=full, cold=True).only_line
    assert line == "The output cannot be written (No space left on device)."


def test_an_export_that_fails_in_the_middle_leaves_the_earlier_one_as_it_was(run, start, history_home, tmp_path):
    out = tmp_path / "out.json"
    out.write_text("the earlier one")
    out.chmod(0o640)
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (2**16, resource.RLIM_INFINITY))
    assert "out.json' cannot be written" in start("export", "dispatches", "--output", out, before=limit).only_line
    assert out.read_text() == "the earlier one"
    for what in ("dispatches", "learning"):
        assert run("export", what, "--output", out).status == 0
        assert json.loads(out.read_bytes())
        assert out.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir() if "out.json" in path.name] == ["out.json"]


def interrupted_while(arguments, started):
    """Starts the command, sends it Ctrl-C once `started` says so, and answers its status and standard error."""
    with tempfile.TemporaryFile() as said:
        process = WarmProcess(COMMAND, *map(str, arguments), stderr=said)
        end = time.monotonic() + 120
        while not started(process):
            assert process.poll() is None, os.pread(said.fileno(), 10_000, 0)
            assert time.monotonic() < end
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGINT)
        status = process.wait(30)
        said.seek(0)
        return status, said.read().decode()


def test_an_import_that_is_interrupted_keeps_whole_records_and_goes_on_later(run, home, tmp_path):
    log = tmp_path / "dispatches.json"
    wanted = list(Simulation(7, datetime(2026, 11, 21, tzinfo=UTC)).records())
    log.write_text(json.dumps(wanted))
    written = home / "modelmerit.db-wal"

    status, errors = interrupted_while(
        ("import", "dispatches", log), lambda _: written.exists() and written.stat().st_size > 200_000
    )
    assert status == INTERRUPTED
    assert "Traceback" not in errors
    assert len(errors.splitlines()) <= 2
    kept = json.loads(run("export", "dispatches").stdout)
    assert 0 < len(kept) < len(wanted)
    assert run("import", "dispatches", log).status == 0
    everything = {record["id"]: record for record in json.loads(run("export", "dispatches").stdout)}
    assert everything.keys() == {record["id"] for record in wanted}
    assert all(record == everything[record["id"]] for record in kept)


def test_an_export_that_is_interrupted_stops_at_once(history_home):
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader:
        child = subprocess.Popen([*MODELMERIT, "export", "dispatches"], stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        read = reader.read(1000)
        child.send_signal(signal.SIGINT)
        read += reader.read()
        _, errors = child.communicate(timeout=60)
    assert read.startswith(b"[\n{")
    assert child.returncode == INTERRUPTED
    assert b"Traceback" not in errors


def test_a_backtest_that_is_interrupted_leaves_nothing_behind(run, history_home, tmp_path):
    log = tmp_path / "dispatches.json"
    log.write_text(run("export", "dispatches").stdout)
    policy = tmp_path / "models.json"
    shutil.copyfile(history_home / "models.json", policy)
    before = sorted(tmp_path.iterdir())
    # Reading and looking once a day takes seconds; the time it has been given shows that it is at work.
    status, errors = interrupted_while(
        ("backtest", log, "--policy", policy, "--every", "1"), lambda process: cpu_s(process.pid) > 0.5
    )
    assert status == INTERRUPTED
    assert errors == ""
    assert sorted(tmp_path.iterdir()) == before


def cpu_s(pid):
    """The seconds of processor time that a process has used."""
    if not Path("/proc/self/stat").exists():
        time.sleep(1.5)
        return 2.0
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
