"""The gate between processes: one at a time, first come, first served, and nobody waits without end.

It is the kernel's `flock`, which serves those who wait in turn but knows no time limit; asking again and again would
know one and be unfair. So where the gate is shut a thread queues in the kernel, and whoever needs the gate waits for
that thread. If they give up it stays in the queue, and lets go of what it gets unless the gate is wanted again.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread


class Gate:
    """One process's place at the gate, for one thread at a time. Opening it makes its file, or is an `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _open(path)
        self._turn = Condition()
        self._queued = False
        self._wanted = False
        self._given_up = False
        self._won: int | None = None

    @contextmanager
    def held(self, patience_s: float) -> Iterator[None]:
        """Hold the gate.

        Raises:
            TimeoutError: If others hold it for longer than `patience_s`, or the wait was given up.
            OSError: If its file can no longer be opened or locked.
        """
        with self._turn:
            if self._queued or not self._open_at_once():
                self._wait(patience_s)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def give_up(self) -> None:
        """End the wait that another thread may be in, and every later one."""
        with self._turn:
            self._given_up = True
            self._turn.notify()

    def close(self) -> None:
        """Let go of the file; nobody may hold the gate, or come to it, any more."""
        os.close(self._file)

    def _open_at_once(self) -> bool:
        if os.fstat(self._file).st_nlink == 0:
            # Somebody has removed the file, so others lock a new one of that name.
            self._replace(_open(self.path))
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(self, patience_s: float) -> None:
        if not self._queued:
            Thread(target=self._queue, args=(_open(self.path),), name="gate", daemon=True).start()
            self._queued = True
        self._wanted = True
        self._turn.wait_for(lambda: self._won is not None or self._given_up, patience_s)
        self._wanted = False
        won, self._won = self._won, None
        if won is None:
            raise TimeoutError
        self._replace(won)

    def _queue(self, file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
        with self._turn:
            self._queued = False
            if self._wanted:
                self._won = file
                self._turn.notify()
            else:
                os.close(file)

    def _replace(self, file: int) -> None:
        os.close(self._file)
        self._file = file


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
