"""Where OpenCode keeps its store, and which sessions of it have something to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from modelmerit.capture.opencode.database import moment, reading

NAME = "opencode.db"

_SESSIONS = """
SELECT s.id AS id, s.time_created AS began, count(c.id) AS children,
       max(s.time_updated, coalesce(max(c.time_updated), 0)) AS changed
FROM session s LEFT JOIN session c ON c.parent_id = s.id
GROUP BY s.id HAVING s.parent_id IS NULL OR children > 0 ORDER BY began, s.id
"""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session that a human began or that called agents. `changed` grows whenever it or one of those does.

    `size` is the number of sessions to be read for it: its own and those of the agents it called.
    """

    session_id: str
    began: datetime
    changed: int
    size: int


def find_store(path: Path | None, environment: Mapping[str, str]) -> Path | None:
    """The store at `path`, a file or the folder it is in, or else where the client keeps it; None if there is none.

    The client looks at OPENCODE_DB and XDG_DATA_HOME; OPENCODE_DATA_DIR is what ccusage looks at. A build of another
    release channel has a store of its own beside the usual place: the one written last is taken.
    """
    if path is not None:
        return _store_in(path.expanduser())
    home = Path(environment.get("HOME") or Path.home())
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / "opencode"
    if named := environment.get("OPENCODE_DB"):
        return _store_in(data / named)
    return _store_in(Path(environment.get("OPENCODE_DATA_DIR") or data))


def find_sessions(store: Path) -> Iterator[StoredSession]:
    """The sessions to read, in the order in which they began.

    Raises:
        OSError: If the store cannot be read.
    """
    with reading(store) as connection:
        rows = connection.execute(_SESSIONS).fetchall()
    for row in rows:
        if (began := moment(row["began"])) is not None:
            yield StoredSession(row["id"], began, row["changed"], 1 + row["children"])


def _store_in(place: Path) -> Path | None:
    if place.is_file():
        return place
    usual = place / NAME
    if usual.is_file():
        return usual
    return max(place.glob("opencode-*.db"), key=lambda store: store.stat().st_mtime, default=None)
