"""The gate between processes: shut while one is in it, and never waited for without end."""

import fcntl
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from modelmerit.evidence.gate import Gate
from modelmerit.evidence.lock_holders import holder_of

HOLD = "import fcntl, sys; file = open(sys.argv[1], 'a'); fcntl.flock(file, fcntl.LOCK_EX); print(flush=True); input()"


@pytest.fixture
def gates(tmp_path):
    """Opens the same gate again and again, as so many processes would, and closes all."""
    made: list[Gate] = []

    def open_one() -> Gate:
        made.append(Gate(tmp_path / "gate"))
        return made[-1]

    yield open_one
    for gate in made:
        gate.close()


@contextmanager
def another_process(path):
    """A process that holds the gate until its standard input is closed."""
    child = subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.readline()
    try:
        yield child
    finally:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def is_shut(path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def wait_until(holds) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_it_is_shut_for_as_long_as_somebody_is_in_it(tmp_path, gates):
    gate = gates()
    for _ in range(2):
        with gate.held(1):
            assert is_shut(tmp_path / "gate")
        assert not is_shut(tmp_path / "gate")


def test_whoever_waits_gets_in_when_the_other_leaves(tmp_path, gates):
    one, other = gates(), gates()
    waited = []

    def wait() -> None:
        with other.held(10):
            waited.append(time.monotonic())

    with one.held(1):
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.05)
        left = time.monotonic()
        assert not waited
    waiting.join()
    assert waited[0] >= left
    assert not is_shut(tmp_path / "gate")


def test_nobody_waits_longer_than_their_patience(gates):
    one, other = gates(), gates()
    with one.held(1):
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(TimeoutError), other.held(0.1):
                raise AssertionError
        assert 0.2 <= time.monotonic() - began < 10  # even on a busy machine


def test_whoever_gave_up_holds_nothing_afterwards_and_may_come_again(tmp_path, gates):
    one, other, third = gates(), gates(), gates()
    with one.held(1), pytest.raises(TimeoutError), other.held(0.05):
        raise AssertionError
    # The thread that queued for `other` is let in now, and must let go of what nobody wants.
    with third.held(60):
        pass
    wait_until(lambda: not is_shut(tmp_path / "gate"))
    with other.held(1):
        assert is_shut(tmp_path / "gate")
    assert not is_shut(tmp_path / "gate")


def test_waiting_again_and_again_queues_only_once(gates):
    one, other = gates(), gates()
    before = threading.active_count()
    with one.held(1):
        for _ in range(20):
            with pytest.raises(TimeoutError), other.held(0.001):
                raise AssertionError
        assert threading.active_count() <= before + 1
    wait_until(lambda: threading.active_count() == before)


def test_a_wait_that_is_given_up_ends_at_once(gates):
    one, other = gates(), gates()
    with one.held(1):
        timer = threading.Timer(0.05, other.give_up)
        timer.start()
        began = time.monotonic()
        with pytest.raises(TimeoutError), other.held(120):
            raise AssertionError
        assert time.monotonic() - began < 60
        timer.join()


def test_after_its_file_is_removed_all_meet_at_the_new_one(tmp_path, gates):
    one = gates()
    (tmp_path / "gate").unlink()
    with one.held(1), pytest.raises(TimeoutError), gates().held(0.05):
        raise AssertionError


def test_threads_that_come_and_go_are_never_in_it_together(gates):
    inside, most, turns = [0], [0], []

    def come_and_go(gate: Gate) -> None:
        for _ in range(100):
            with gate.held(10):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                turns.append(0)
                inside[0] -= 1

    threads = [threading.Thread(target=come_and_go, args=(gates(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert len(turns) == 400


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who holds a lock")
def test_the_process_that_holds_it_is_named(tmp_path):
    gate = tmp_path / "gate"
    gate.touch()
    assert holder_of(gate, tmp_path / "missing") is None
    with another_process(gate) as child:
        holder = holder_of(tmp_path / "missing", gate)
        assert holder is not None
        assert (holder.pid, holder.stopped) == (child.pid, False)
        child.send_signal(signal.SIGSTOP)
        wait_until(lambda: "stopped" in str(holder_of(gate)))
        child.send_signal(signal.SIGCONT)
    assert holder_of(gate) is None
