"""OpenCode's SQLite store, opened so that nothing is written and the client, which may be at work in it, never waits.

Every statement is one short read: a long one would keep the client's write-ahead log from being emptied.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

PATIENCE_S = 5.0
"""How long a read waits where the client is putting its store right after a crash."""


@contextmanager
def reading(store: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the store, for reading alone.

    Raises:
        OSError: If the store cannot be opened, or is none of OpenCode's; also while it is read.
    """
    try:
        connection = sqlite3.connect(f"{store.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.row_factory = sqlite3.Row
            # Another program's texts: half a character must not hide a whole session.
            connection.text_factory = lambda raw: raw.decode(errors="replace")
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise OSError(errno.EIO, f"OpenCode's store cannot be read ({error})", str(store)) from error


def moment(milliseconds: object) -> datetime | None:
    """The time that so many milliseconds after 1970 are; None if they are no time."""
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
