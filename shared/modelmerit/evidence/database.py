"""SQLite, with every transaction run whole behind a gate between processes.

One transaction is one function `work(connection)` that runs on the connection's own thread from BEGIN IMMEDIATE to
COMMIT. A call that is cancelled in the middle therefore still commits or rolls back; run statement by statement, a
cancelled call would leave its transaction open and every other process locked out.

The gate is a blocking `flock` on a file beside the database. It makes waiting first come, first served, where SQLite's
own busy handler starves whoever is unlucky, and it keeps a commit and another process's checkpoint apart, which
SQLite releases before 3.51.3 can get wrong in WAL mode.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

import aiosqlite

from modelmerit.errors import StoreError
from modelmerit.evidence.migrations import migrate

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA trusted_schema = OFF",
)


class Database:
    """One connection, its thread, and the gate. Close it: an open one keeps the process from exiting."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, gate: int) -> None:
        self.path = path
        self._connection = connection
        self._gate = gate

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the database and bring its schema up to date.

        Raises:
            StoreError: If the file cannot be opened, is no database, or was written by a newer modelmerit.
        """
        try:
            # Made here, the database is its owner's alone; SQLite would let the umask decide.
            os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
            gate = os.open(path.with_name(path.name + ".gate"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"The store {str(path)!r} or its lock file beside it cannot be opened ({error.strerror}). "
                "Check that the folder exists and is yours to write."
            ) from error
        try:
            connection = await aiosqlite.connect(path, isolation_level=None, cached_statements=256)
        except BaseException as error:
            os.close(gate)
            if isinstance(error, sqlite3.Error):
                raise _store_error(path, error) from error
            raise
        database = cls(path, connection, gate)
        try:
            await database._run(database._prepare)
        except BaseException:
            await database.close()
            raise
        return database

    async def transaction(self, work: Work[Result]) -> Result:
        """Run `work` whole, in one durable transaction; whatever it raises rolls everything back.

        Raises:
            StoreError: If the database cannot be read or written.
        """
        return await self._run(lambda connection: self._gated(connection, work))

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` on one consistent snapshot, without waiting for writers.

        Raises:
            StoreError: If the database cannot be read.
        """
        return await self._run(lambda connection: _snapshot(connection, work))

    async def close(self) -> None:
        """Close the connection and end its thread. Closing twice is closing once."""
        gate, self._gate = self._gate, -1
        try:
            await self._connection.close()
        except sqlite3.Error as error:
            raise _store_error(self.path, error) from error
        finally:
            if gate != -1:
                os.close(gate)

    async def _run(self, work: Work[Result]) -> Result:
        try:
            # aiosqlite has no public call that runs one function on its thread; its statement-by-statement calls
            # are what leaves transactions open when a call is cancelled.
            result: Result = await self._connection._execute(work, self._connection._conn)  # type: ignore[no-untyped-call]
        except sqlite3.Error as error:
            raise _store_error(self.path, error) from error
        return result

    def _prepare(self, connection: sqlite3.Connection) -> None:
        with self._through_gate():
            for pragma in PRAGMAS:
                connection.execute(pragma)
            migrate(connection)

    def _gated(self, connection: sqlite3.Connection, work: Work[Result]) -> Result:
        with self._through_gate():
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

    @contextmanager
    def _through_gate(self) -> Iterator[None]:
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)


def _snapshot(connection: sqlite3.Connection, work: Work[Result]) -> Result:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        # Some errors have ended the transaction already, and a second one would hide the first.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _store_error(path: Path, error: sqlite3.Error) -> StoreError:
    advice = {
        "SQLITE_BUSY": "Another program holds it locked; close that program and try again.",
        "SQLITE_READONLY": "Make the file and its folder writable.",
        "SQLITE_CANTOPEN": "Check that the folder exists and is yours to write.",
        "SQLITE_NOTADB": "It is no SQLite database; move it away and a new one is made.",
        "SQLITE_CORRUPT": "It is damaged; move it away and import a backup or an export.",
        "SQLITE_FULL": "The disk is full; free some space and try again.",
    }
    name = getattr(error, "sqlite_errorname", "") or ""
    known = next((text for code, text in advice.items() if name.startswith(code)), "Nothing was changed.")
    return StoreError(f"The store {str(path)!r} cannot be used: {error}. {known}")
