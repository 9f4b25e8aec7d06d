"""Transactions that run whole, whoever is cancelled, killed, or in the way."""

import asyncio
import random
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from modelmerit.errors import StoreError
from modelmerit.evidence.database import Database
from modelmerit.evidence.store import Store

WRITER = Path(__file__).with_name("writing_process.py")


def raise_counter(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'attempts'")
    connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'revision'")


def counters(connection: sqlite3.Connection) -> list[int]:
    """How many attempts there are, and the revision."""
    counted = "SELECT value FROM counters WHERE name IN ('attempts', 'revision') ORDER BY name"
    return [value for (value,) in connection.execute(counted)]


@pytest.fixture
async def opened(tmp_path):
    """Opens the same database again and again, and closes all: one left open would keep the tests from ending."""
    made: list[Database] = []

    async def open_one() -> Database:
        made.append(await Database.open(tmp_path / "a.db"))
        return made[-1]

    yield open_one
    for database in made:
        await database.close()


async def test_200_transactions_cancelled_at_random_moments_leave_nothing_half_done(tmp_path, opened):
    rng = random.Random(1)
    database = await opened()
    started = time.perf_counter()
    await database.transaction(raise_counter)
    usual_s = time.perf_counter() - started
    outcomes = []
    for _ in range(200):
        task = asyncio.create_task(database.transaction(raise_counter))
        await asyncio.sleep(rng.uniform(0, 2 * usual_s))
        task.cancel()
        outcomes.append((await asyncio.gather(task, return_exceptions=True))[0])

    # A cancelled transaction may still be at work on its thread; the next one waits for it.
    attempts, revision = await database.read(counters)
    other = sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()

    assert any(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    assert attempts == revision >= 1 + outcomes.count(None)


async def test_what_a_transaction_raises_rolls_it_back_and_leaves_no_lock(tmp_path, opened):
    one, other = await opened(), await opened()

    def fail(connection: sqlite3.Connection) -> None:
        raise_counter(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await one.transaction(fail)
    await other.transaction(raise_counter)

    assert await one.read(counters) == [1, 1]


async def test_a_reader_sees_one_moment_and_waits_for_nobody(tmp_path, opened):
    one, other = await opened(), await opened()
    writing, read = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(connection: sqlite3.Connection) -> None:
        raise_counter(connection)
        loop.call_soon_threadsafe(writing.set)
        asyncio.run_coroutine_threadsafe(read.wait(), loop).result(60)

    writer = asyncio.create_task(one.transaction(slowly))
    await writing.wait()
    assert await other.read(counters) == [0, 0]
    read.set()
    await writer
    assert await other.read(counters) == [1, 1]


async def test_nobody_else_can_write_between_what_a_transaction_reads_and_what_it_writes(tmp_path, opened):
    database = await opened()

    def interrupted(connection: sqlite3.Connection) -> str:
        assert counters(connection) == [0, 0]
        other = sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None)  # knows nothing of the gate
        try:
            raise_counter(other)
        except sqlite3.OperationalError as error:
            return str(error)
        finally:
            other.close()
        return "it wrote"

    assert await database.transaction(interrupted) == "database is locked"


async def test_what_a_reader_writes_is_not_kept(tmp_path, opened):
    database = await opened()
    await database.read(raise_counter)

    assert await database.read(counters) == [0, 0]


async def test_an_error_that_has_ended_the_snapshot_is_the_one_that_is_told(tmp_path, opened):
    database = await opened()

    def end_it(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(StoreError, match="disk I/O error"):
        await database.read(end_it)


async def test_the_database_is_durable_and_its_owners_alone(tmp_path, opened):
    database = await opened()

    def settings(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.read(settings) == ["wal", 2, 1, 0]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes


async def test_a_read_that_nobody_waits_for_any_more_stops(tmp_path, opened):
    database = await opened()
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def without_end(connection: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(began.set)
        connection.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")

    reading = asyncio.create_task(database.read(without_end))
    await began.wait()
    reading.cancel()
    await asyncio.wait([reading])

    assert reading.cancelled()
    assert await asyncio.wait_for(database.read(counters), 60) == [0, 0]


async def test_a_database_is_opened_by_the_first_call_and_not_again_once_closed(tmp_path):
    database = Database(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []
    await asyncio.gather(*(database.transaction(raise_counter) for _ in range(5)))
    assert await database.read(counters) == [5, 5]
    await database.close()
    with pytest.raises(StoreError, match="is closed"):
        await database.read(counters)


async def test_a_failure_to_open_is_told_to_every_call_until_it_is_mended(tmp_path):
    database = Database(tmp_path / "a.db")
    (tmp_path / "a.db").write_text("eggs, milk, honey")
    failures = await asyncio.gather(*(database.read(counters) for _ in range(3)), return_exceptions=True)
    assert ["is no SQLite database" in str(failure) for failure in failures] == [True] * 3
    (tmp_path / "a.db").unlink()
    assert await database.read(counters) == [0, 0]
    await database.close()


async def test_closing_ends_the_wait_of_a_transaction(tmp_path, opened):
    one, other = await opened(), await opened()
    inside, leave = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def stay(_: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(inside.set)
        leave.wait(300)

    staying = asyncio.create_task(one.transaction(stay))
    await inside.wait()
    waiting = asyncio.create_task(other.transaction(raise_counter))
    await asyncio.sleep(0.05)
    await asyncio.wait_for(other.close(), 60)
    with pytest.raises(StoreError, match="Nothing was recorded"):
        await waiting
    leave.set()
    await staying
    assert await one.read(counters) == [0, 0]


async def test_closing_twice_closes_once(tmp_path, opened):
    database = await opened()
    await database.close()
    with (tmp_path / "somebody-elses").open("w") as file:  # gets the number that the gate's descriptor had
        await database.close()
        file.write("still open")
    assert (tmp_path / "somebody-elses").read_text() == "still open"


@pytest.mark.parametrize(
    "content", [b"this is no database, only some text" * 100, b"SQLite format 3\x00" + b"\xff" * 5000]
)
async def test_a_file_that_is_no_database_is_an_error_that_says_what_to_do(tmp_path, content):
    (tmp_path / "a.db").write_bytes(content)

    with pytest.raises(StoreError, match=r"a\.db' cannot be used: .*move it away"):
        await Store.open(tmp_path / "a.db")
    assert (tmp_path / "a.db").read_bytes() == content


async def test_a_folder_in_its_place_or_none_around_it_is_an_error(tmp_path):
    (tmp_path / "a.db").mkdir()
    for path in (tmp_path / "a.db", tmp_path / "missing" / "a.db"):
        with pytest.raises(StoreError, match="cannot be opened"):
            await Store.open(path)


async def test_a_database_that_another_program_holds_is_an_error_after_five_seconds(tmp_path, opened):
    await (await Store.open(tmp_path / "a.db")).close()
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    database = await opened()  # reading is not held up

    with pytest.raises(StoreError, match=r"is not free: process \d+ .* has been writing"):
        await database.transaction(raise_counter)
    other.execute("ROLLBACK")
    other.close()
    await database.transaction(raise_counter)


def test_two_processes_that_write_300_attempts_each_lose_none(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, WRITER, tmp_path / "a.db", name, "300"], stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    said = [writer.communicate(timeout=60)[0].split() for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0]
    assert [len(ids) for ids in said] == [300, 300]
    assert _counted(tmp_path / "a.db") == (600, 600, 600)


@pytest.mark.parametrize("patience", [1, 40, 111])
def test_what_a_killed_writer_had_acknowledged_is_all_there(tmp_path, patience):
    writer = subprocess.Popen(
        [sys.executable, WRITER, tmp_path / "a.db", "killed", "100000"], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(patience)]
    writer.kill()
    acknowledged += writer.stdout.read().split("\n")[:-1]
    writer.stdout.close()
    writer.wait()

    connection = sqlite3.connect(tmp_path / "a.db")
    stored = {row[0] for row in connection.execute("SELECT id FROM attempts")}
    connection.close()
    assert set(acknowledged) <= stored
    # At most the one that was committed but could no longer be acknowledged.
    assert len(stored) <= len(acknowledged) + 1
    attempts, counted, tallied = _counted(tmp_path / "a.db")
    assert attempts == counted == tallied


def _counted(path: Path) -> tuple[int, int, int]:
    connection = sqlite3.connect(path)
    (attempts,) = connection.execute("SELECT count(*) FROM attempts").fetchone()
    (counter,) = connection.execute("SELECT value FROM counters WHERE name = 'attempts'").fetchone()
    (tallied,) = connection.execute("SELECT sum(attempts) FROM tallies WHERE keyword = ''").fetchone()
    connection.close()
    return attempts, counter, tallied
