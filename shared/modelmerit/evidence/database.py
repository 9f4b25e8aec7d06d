"""SQLite, with every transaction run whole behind a gate between processes.

One transaction is one function `work(connection)` that runs on the connection's own thread from BEGIN IMMEDIATE to
COMMIT. A call that is cancelled in the middle therefore still commits or rolls back; run statement by statement, a
cancelled call would leave its transaction open and every other process locked out.

The gate makes waiting first come, first served, where SQLite's own busy handler starves whoever is unlucky, and it
keeps a commit and another process's checkpoint apart, which SQLite releases before 3.51.3 can get wrong in WAL mode.

After a failure that is the file's the next call opens it again: by then it may have been put right, or put back.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Self

import aiosqlite

from modelmerit.errors import StoreError
from modelmerit.evidence.session import Result, Session, Work
from modelmerit.evidence.store_errors import store_error

PATIENCE_S = 10.0
"""How long a call waits for other processes before it gives up."""

Opened = tuple[Session, aiosqlite.Connection]


class Database:
    """One file, opened by the first call that needs it. Close it: an open one keeps the process from exiting."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opening = asyncio.Lock()
        self._opened: Opened | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the database now, and bring its schema up to date.

        Raises:
            StoreError: If the file cannot be opened, is no database, or was written by a newer modelmerit.
        """
        database = cls(path)
        await database._connected(time.monotonic() + PATIENCE_S)
        return database

    async def transaction(self, work: Work[Result]) -> Result:
        """Run `work` whole, in one durable transaction; whatever it raises rolls everything back.

        Raises:
            StoreError: If the database cannot be read or written, or other processes hold it for more than ten seconds.
        """
        return await self._run(lambda session, *rest: session.transaction(work, *rest))

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` on one consistent snapshot, without waiting for writers; if it is cancelled, it stops.

        Raises:
            StoreError: If the database cannot be read.
        """
        unwanted = Event()
        try:
            return await self._run(lambda session, connection, _: session.snapshot(work, connection, unwanted))
        finally:
            unwanted.set()

    async def close(self) -> None:
        """Close the connection and end its thread; nothing can be asked any more. Closing twice is closing once."""
        self._closed = True
        if self._opened is not None:
            self._opened[0].give_up()
        await self._disconnect()

    async def _run(self, work: Callable[[Session, sqlite3.Connection, float], Result]) -> Result:
        deadline = time.monotonic() + PATIENCE_S
        session, connection = opened = await self._connected(deadline)
        try:
            # aiosqlite has no public call that runs one function on its thread; its statement-by-statement calls
            # are what leaves transactions open when a call is cancelled.
            result: Result = await connection._execute(work, session, connection._conn, deadline)  # type: ignore[no-untyped-call]
        except StoreError:
            if session.spoiled and self._opened is opened:
                await self._disconnect()
            raise
        return result

    async def _connected(self, deadline: float) -> Opened:
        async with self._opening:
            if self._closed:
                raise StoreError(f"The store {str(self.path)!r} is closed.")
            if self._opened is None:
                self._opened = await _open(self.path, deadline)
            return self._opened

    async def _disconnect(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await _close(*opened)


async def _open(path: Path, deadline: float) -> Opened:
    session = Session(path)
    connection = aiosqlite.connect(path, isolation_level=None, cached_statements=256)
    try:
        await connection
    except sqlite3.Error as error:
        # aiosqlite tells its thread to end, but does not wait for it, and the thread still speaks to our event loop.
        connection._thread.join()
        session.close()
        raise store_error(path, error) from error
    try:
        await connection._execute(session.prepare, connection._conn, deadline)  # type: ignore[no-untyped-call]
    except BaseException:
        session.give_up()
        await _close(session, connection)
        raise
    return session, connection


async def _close(session: Session, connection: aiosqlite.Connection) -> None:
    try:
        # Where this is cancelled, the thread may still be at the gate, which stays open to the process's end.
        await connection.close()
    except sqlite3.Error as error:
        session.close()
        raise store_error(session.path, error) from error
    session.close()
