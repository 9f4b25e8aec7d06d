"""One opening of the store's file, and everything that runs on its connection's thread.

A session ends with the file it was opened on. Whoever deletes or moves that file leaves the session with one that
nobody else sees: what it wrote there would be lost, so it writes no more.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import TypeVar

from modelmerit.evidence.gate import Gate
from modelmerit.evidence.migrations import migrate, up_to_date, version
from modelmerit.evidence.store_errors import (
    is_the_files_fault,
    not_free,
    not_text,
    os_failure,
    replaced,
    store_error,
    upgraded,
)

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA trusted_schema = OFF",
)
STEPS_BETWEEN_LOOKS = 10_000
"""How many of SQLite's steps a reader goes on before it looks whether anybody still wants to know; under 1 ms."""
SHORTEST_PATIENCE_S = 0.5
"""How long a transaction waits at the gate even if others of its process have used up its time."""


class Session:
    """The thread's side of an open store: `prepare` comes first, and all but the end runs on the connection's thread.

    Making one makes the file, if need be, and the gate beside it; a `StoreError` where that cannot be. Once it is
    `spoiled`, the file must be opened anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spoiled = False
        try:
            _make(path)
            self._gate = Gate(path.with_name(path.name + ".gate"))
        except OSError as error:
            raise os_failure(path, error) from error

    def prepare(self, connection: sqlite3.Connection, deadline: float) -> None:
        """Set the connection up and bring the schema up to date.

        Raises:
            StoreError: If the file is no database or was written by a newer release, or there is something to write
                and others do not let it until `deadline`.
        """
        with self._told():
            for pragma in PRAGMAS:
                connection.execute(pragma)
            # Reading first: a store in order opens without waiting for whoever writes to it.
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",) or not up_to_date(connection):
                with self._through_gate(deadline):
                    connection.execute("PRAGMA journal_mode = WAL")
                    migrate(connection)
            self._version = version(connection)
            self._file = _identity(self.path)

    def transaction(self, work: Work[Result], connection: sqlite3.Connection, deadline: float) -> Result:
        """Run `work` from BEGIN IMMEDIATE to COMMIT, behind the gate; whatever it raises rolls everything back."""
        with self._through_gate(deadline), self._told():
            self._expect_same_file()
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._expect_same_schema(connection)
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

    def snapshot(self, work: Work[Result], connection: sqlite3.Connection, unwanted: Event) -> Result:
        """Run `work` on one consistent moment, until it is `unwanted`; what it writes is not kept."""
        with self._told():
            self._expect_same_file()
            connection.execute("BEGIN")
            try:
                self._expect_same_schema(connection)
                connection.set_progress_handler(unwanted.is_set, STEPS_BETWEEN_LOOKS)
                return work(connection)
            finally:
                connection.set_progress_handler(None, 0)
                # Some errors have ended the transaction already, and a second one would hide the first.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def give_up(self) -> None:
        """Wait at the gate no longer."""
        self._gate.give_up()

    def close(self) -> None:
        """Let go of the gate, once the connection is closed."""
        self._gate.close()

    @contextmanager
    def _through_gate(self, deadline: float) -> Iterator[None]:
        patience_s = max(deadline - time.monotonic(), SHORTEST_PATIENCE_S)
        with ExitStack() as held:
            try:
                held.enter_context(self._gate.held(patience_s))
            except TimeoutError as error:
                raise not_free(self.path, self.path.with_name(self.path.name + "-shm"), self._gate.path) from error
            except OSError as error:
                raise os_failure(self.path, error) from error
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self.spoiled = self.spoiled or is_the_files_fault(error)
            raise store_error(self.path, error) from error
        except UnicodeEncodeError as error:
            raise not_text(error) from error

    def _expect_same_file(self) -> None:
        if _identity(self.path) != self._file:
            self.spoiled = True
            raise replaced(self.path)

    def _expect_same_schema(self, connection: sqlite3.Connection) -> None:
        # A process that outlives an upgrade would leave out what the new schema must hold.
        if version(connection) != self._version:
            self.spoiled = True
            raise upgraded(self.path)


def _make(path: Path) -> None:
    # Made here, the database is its owner's alone; SQLite would let the umask decide. One that exists is not opened,
    # because closing it again would release the locks of every other connection of this process.
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder lies in its place; move it away")
    if not path.exists():
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    elif not os.access(path, os.R_OK | os.W_OK):
        # SQLite would open it all the same, and leave a -wal and -shm that are read-only too.
        raise PermissionError(errno.EACCES, "it may not be read and written")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
