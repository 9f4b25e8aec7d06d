"""The log of changes: one JSON line for each change that took effect, appended and never rewritten.

A line that cannot be read, torn by a power cut say, is skipped; the next append ends it first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from modelmerit.errors import PolicyFileError
from modelmerit.policy.atomic import append_line

LogKind = Literal["created", "apply", "rollback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One version of models.json coming into force.

    `when` is ISO 8601 in UTC; `before` and `after` are content hashes; `backup` is the name of the copy of `before`,
    beside models.json; `change` is `Change.to_dict()`; `rolls_back` is the id of the change a rollback undid.
    """

    id: str
    kind: LogKind
    when: str
    who: str
    why: str
    before: str | None
    after: str
    backup: str | None
    summary: str
    change: Mapping[str, Any] | None = None
    suggestion_id: str | None = None
    rolls_back: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, as in the log's line."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: object) -> "LogEntry | None":
        """The entry of a log's line; None if this is none. Fields that we do not know are passed over."""
        if not isinstance(values, dict) or values.get("kind") not in get_args(LogKind):
            return None
        known = {key: value for key, value in values.items() if key in cls.__dataclass_fields__}
        texts = ("id", "when", "who", "why", "after", "summary")
        optional = ("before", "backup", "suggestion_id", "rolls_back")
        if not all(isinstance(known.get(key), str) for key in texts):
            return None
        if not all(isinstance(known.setdefault(key, None), str | None) for key in optional):
            return None
        return cls(**known) if isinstance(known.get("change"), dict | None) else None


class ChangeLog:
    """The file `model-config-changes.log`; whoever appends holds the lock of models.json."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: LogEntry) -> None:
        """Adds an entry and brings it to the disk."""
        append_line(self.path, json.dumps(entry.to_dict(), separators=(",", ":")).encode())

    def entries(self) -> list[LogEntry]:
        """All readable entries, oldest first; none where there is no log."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise PolicyFileError(
                f"The change log {self.path} cannot be read: {error.strerror}. Check its owner and permissions."
            ) from error
        return [entry for line in lines if line and (entry := _entry(line)) is not None]


def rolled_back_by(entries: Sequence[LogEntry], change_id: str) -> LogEntry | None:
    """The rollback that undid a change and still stands: it has not been rolled back itself."""
    for entry in reversed(entries):
        if entry.rolls_back == change_id and rolled_back_by(entries, entry.id) is None:
            return entry
    return None


def _entry(line: bytes) -> LogEntry | None:
    try:
        return LogEntry.from_dict(json.loads(line))
    except (ValueError, RecursionError):
        return None
