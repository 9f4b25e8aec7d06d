"""One writer of models.json at a time, over all processes of the machine.

The lock is the kernel's `flock` on `models.json.lock`, a file of its own that is never renamed or removed: the kernel
frees it when its holder dies. Editors know nothing of it; `atomic.py` deals with them.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modelmerit.errors import PolicyConflict, PolicyFileError

_FIRST_WAIT_S = 0.001
_LONGEST_WAIT_S = 0.02


@contextmanager
def locked(path: Path, timeout_s: float = 10.0) -> Iterator[None]:
    """Holds the lock of the models.json at `path`, a path without symbolic links.

    Raises:
        PolicyConflict: If another process holds it for longer than `timeout_s`.
        PolicyFileError: If there can be no lock file.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PolicyFileError(
            f"{lock} cannot be opened: {error.strerror}. models.json is changed only under this lock: "
            "make its folder writable."
        ) from None
    try:
        _wait_for(handle, lock, timeout_s)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, lock: Path, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    wait = _FIRST_WAIT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise PolicyConflict(
                    f"Another process has held {lock} for {timeout_s:g} seconds. Try again; if it stays so, look for "
                    "a stopped modelmerit process."
                ) from None
        except OSError as error:
            raise PolicyFileError(f"{lock} cannot be locked: {error.strerror}. Keep it on a local disk.") from None
        time.sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT_S)
