"""Numbered migrations, each applied in one transaction and recorded in `schema_migrations`.

A migration is a file `NNNN_name.sql` in this folder. It is never edited once released: the next change is a new file.
One that changes what is summed up leaves the counter `uncounted`: then all sums are worked out anew from the attempts.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modelmerit.errors import StoreError
from modelmerit.evidence import ledger, queries

CREATE_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL
)
"""
FOLDER = Path(__file__).parent
STATEMENT_END = re.compile(r";[ \t]*$", re.MULTILINE)


def available() -> list[tuple[int, str]]:
    """All migrations this release knows, as (version, file name), oldest first."""
    return [(int(path.name[:4]), path.name) for path in sorted(FOLDER.glob("*.sql"))]


def version(connection: sqlite3.Connection) -> int:
    """The number of the newest migration applied to the database."""
    (newest,) = connection.execute("SELECT max(version) FROM schema_migrations").fetchone()
    return int(newest)


def up_to_date(connection: sqlite3.Connection) -> bool:
    """Whether the database is what this release would make of it; nothing is written to find out."""
    return _applied(connection) == {version for version, _ in available()} and not _uncounted(connection)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, oldest first. The caller holds the gate; the connection is in autocommit.

    Raises:
        StoreError: If the database was written by a newer release.
    """
    known = available()
    applied = _applied(connection)
    if not applied:
        connection.execute(CREATE_LEDGER)
    newest = max((version for version, _ in known), default=0)
    if applied and max(applied) > newest:
        raise StoreError(
            f"The store has schema version {max(applied)}, this modelmerit knows {newest}. "
            "It was written by a newer release: upgrade modelmerit and start it again, or name another MODELMERIT_HOME."
        )
    for version, name in known:
        if version not in applied:
            with _transaction(connection):
                for statement in _statements((FOLDER / name).read_text("utf-8")):
                    connection.execute(statement)
                connection.execute("INSERT INTO schema_migrations (version, name) VALUES (?, ?)", (version, name))
    if _uncounted(connection):
        with _transaction(connection):
            ledger.count_anew(connection)


def _uncounted(connection: sqlite3.Connection) -> bool:
    return connection.execute(queries.COUNTER, {"name": "uncounted"}).fetchone() is not None


def _applied(connection: sqlite3.Connection) -> set[int]:
    exists = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").fetchone()
    if not exists:
        return set()
    return {version for (version,) in connection.execute("SELECT version FROM schema_migrations")}


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    # sqlite3's executescript commits whatever transaction is open, so statements go one by one.
    for statement in STATEMENT_END.split(script):
        if statement.strip():
            yield statement
