"""A client's history in parts, as it is read one part at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from modelmerit.capture.runs import AgentRun


@dataclass(frozen=True, slots=True)
class PartRuns:
    """What was read of a part."""

    runs: Sequence[AgentRun]
    broken_lines: int = 0


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """A part of a history that is read whole. `size` is what it weighs in the progress; `read` reads it.

    `version` is any word that changes when there is more of it.
    """

    source: str
    version: str
    size: int
    began: datetime
    read: Callable[[], PartRuns]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part that could not be read, and why."""

    source: str
    reason: str


def unreadable(part: HistoryPart, error: OSError) -> Unreadable:
    """The part as one that could not be read for this reason."""
    return Unreadable(part.source, error.strerror or str(error))
