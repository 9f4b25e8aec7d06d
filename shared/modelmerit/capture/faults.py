"""The log of what went wrong while capturing: a line each, for `modelmerit doctor` to show. Texts of tasks stay out.

The hook writes lines of the same form itself, since it imports nothing of ours.
"""

import os
from datetime import datetime
from pathlib import Path

from modelmerit.errors import ModelmeritError

LOG_NAME = "hook-faults.log"
LARGEST_LOG = 64 * 2**10
LONGEST_LINE = 500


def note_fault(home: Path, who: str, fault: str, now: datetime) -> None:
    """Append a line; nothing is raised where that cannot be."""
    log = home / LOG_NAME
    line = f"{now:%Y-%m-%dT%H:%M:%SZ} {who}: {' '.join(fault.split())[:LONGEST_LINE]}\n"
    try:
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_name(LOG_NAME + ".1"))
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, line.encode(errors="replace"))
        finally:
            os.close(file)
    except OSError:
        return


def told(error: BaseException) -> str:
    """What may be told of an error: of one that nobody anticipated its kind and place, as its words may quote texts."""
    if isinstance(error, ModelmeritError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(place.tb_frame.f_code.co_filename).name}, line {place.tb_lineno}"
