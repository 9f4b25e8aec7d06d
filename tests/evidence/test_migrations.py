"""The schema, brought up to date whole or not at all."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.errors import StoreError
from modelmerit.evidence import ledger
from modelmerit.evidence.migrations import available, migrate
from modelmerit.evidence.store import Store
from modelmerit.records import Attempt


def schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


@pytest.fixture
def connection(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    yield connection
    connection.close()


def test_migrations_are_numbered_from_one_without_a_gap():
    assert [version for version, _ in available()] == list(range(1, len(available()) + 1))


def test_migrating_twice_writes_nothing_the_second_time(connection):
    migrate(connection)
    before, changes = schema(connection), connection.total_changes
    migrate(connection)

    assert schema(connection) == before
    assert connection.total_changes == changes
    assert connection.execute("SELECT version, name FROM schema_migrations").fetchall() == available()


def test_a_store_of_the_first_release_gets_what_is_new_and_keeps_what_it_has(connection):
    migrate(connection)
    complete = schema(connection)
    connection.execute("INSERT INTO counters VALUES ('mine', 7)")
    # What later migrations made is taken away again: the store of a release that did not know them.
    connection.execute("DELETE FROM schema_migrations WHERE version > 1")
    for table in ("suggestions", "analyses", "weekly_tallies"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DROP INDEX tallies_of_all_tasks")
    migrate(connection)

    assert schema(connection) == complete
    assert connection.execute("SELECT value FROM counters WHERE name = 'mine'").fetchone() == (7,)


def test_a_store_without_weekly_tallies_gets_those_of_all_it_has_seen(connection):
    migrate(connection)
    made = [
        Attempt(id=f"t-{n}", task="x", model="haiku", created_at=at, updated_at=at, task_keywords=("docs", "test"))
        for n in range(30)
        for at in [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=n)]
    ]
    ledger.add(connection, *made)
    kept = connection.execute("SELECT * FROM weekly_tallies ORDER BY 1, 3").fetchall()
    connection.execute("DROP TABLE weekly_tallies")
    connection.execute("DROP INDEX tallies_of_all_tasks")
    connection.execute("DELETE FROM schema_migrations WHERE version = 3")
    migrate(connection)

    assert connection.execute("SELECT * FROM weekly_tallies ORDER BY 1, 3").fetchall() == kept
    # 2026-03-02 is day 20,514, the fifth of its week: 3 days of the first week, 6 days of the fifth, for 2 keywords.
    assert [row[7] for row in kept] == [3, 3, 7, 7, 7, 7, 7, 7, 6, 6]


def test_a_migration_that_fails_in_the_middle_leaves_no_half_of_itself(connection):
    # The second migration's second table is in the way.
    connection.execute("CREATE TABLE analyses (mine TEXT)")
    with pytest.raises(sqlite3.OperationalError, match="analyses already exists"):
        migrate(connection)

    assert not connection.in_transaction
    assert connection.execute("SELECT version FROM schema_migrations").fetchall() == [(1,)]
    assert "suggestions" not in {name for name, _ in schema(connection)}


async def test_a_store_of_a_newer_release_is_refused_and_left_as_it_is(tmp_path):
    await (await Store.open(tmp_path / "a.db")).close()
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("INSERT INTO schema_migrations VALUES (9999, '9999_future.sql')")
    connection.commit()
    connection.close()
    before = (tmp_path / "a.db").read_bytes()

    with pytest.raises(StoreError, match=r"schema version 9999.*upgrade modelmerit"):
        await Store.open(tmp_path / "a.db")
    assert (tmp_path / "a.db").read_bytes() == before


async def test_a_strangers_database_with_our_tables_is_an_error_and_no_traceback(tmp_path):
    stranger = sqlite3.connect(tmp_path / "a.db")
    stranger.execute("CREATE TABLE attempts (mine TEXT)")
    stranger.commit()
    stranger.close()

    with pytest.raises(StoreError, match="attempts already exists"):
        await Store.open(tmp_path / "a.db")


async def test_many_that_open_a_new_store_at_once_all_get_it(tmp_path):
    stores = await asyncio.gather(*(Store.open(tmp_path / "a.db") for _ in range(8)))
    for store in stores:
        assert await store.counter("attempts") == 0
        await store.close()
