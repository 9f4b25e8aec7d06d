"""Which process holds a lock on a file, where the system tells: Linux does, in /proc/locks.

Knowing is a courtesy to whoever has to wait. Where nothing can be learned the answer is None, never an error.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOCKS = Path("/proc/locks")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lock: its number, its name as far as the system keeps one, and whether it is stopped."""

    pid: int
    name: str
    stopped: bool

    def __str__(self) -> str:
        return f"process {self.pid} ({self.name}{', stopped' if self.stopped else ''})"


def holder_of(*paths: Path) -> Holder | None:
    """The process that holds a write lock on the first of the files that anybody holds one on."""
    try:
        held = dict(_held(LOCKS.read_text()))
    except OSError:
        return None
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        pid = held.get((os.major(found.st_dev), os.minor(found.st_dev), found.st_ino))
        if pid is not None:
            return _process(pid)
    return None


def _held(text: str) -> Iterator[tuple[tuple[int, int, int], int]]:
    # "6: FLOCK  ADVISORY  WRITE 4711 fd:00:131 0 EOF"; whoever only waits is listed with an arrow after the number.
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[3] == "WRITE" and fields[4].isdigit():
            major, minor, inode = fields[5].split(":")
            yield (int(major, 16), int(minor, 16), int(inode)), int(fields[4])


def _process(pid: int) -> Holder | None:
    try:
        # "4711 (python3) T ...": the name may itself hold blanks and brackets.
        name, state = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
    except (OSError, ValueError, IndexError):
        return None
    return Holder(pid, name, state.split()[0] == "T")
