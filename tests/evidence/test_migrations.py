"""The schema, brought up to date whole or not at all."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.errors import StoreError
from modelmerit.evidence import ledger
from modelmerit.evidence.migrations import CREATE_LEDGER, FOLDER, available, migrate
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


def migrate_to(connection, last):
    """What a release made that knew the migrations up to `last`."""
    connection.execute(CREATE_LEDGER)
    for version, name in available()[:last]:
        connection.executescript((FOLDER / name).read_text("utf-8"))
        connection.execute("INSERT INTO schema_migrations VALUES (?, ?)", (version, name))


def test_a_store_of_the_first_release_gets_what_is_new_and_keeps_what_it_has(connection, tmp_path):
    migrate_to(connection, 1)
    connection.execute("INSERT INTO counters VALUES ('mine', 7)")
    migrate(connection)
    fresh = sqlite3.connect(tmp_path / "fresh.db", isolation_level=None)
    migrate(fresh)

    assert schema(connection) == schema(fresh)
    assert connection.execute("SELECT value FROM counters WHERE name = 'mine'").fetchone() == (7,)
    fresh.close()


@pytest.mark.parametrize("last", [3, 7], ids=["before repeats were numbered", "with numbered repeats"])
def test_an_older_store_gets_the_sums_that_a_new_one_would_have_of_the_same_attempts(connection, tmp_path, last):
    made = [
        Attempt(
            id=f"t-{n}",
            task=("Add tests", "Mend the parser")[n % 2],
            model=("haiku", "opus")[n % 3 == 0],
            created_at=at,
            updated_at=at,
            task_keywords=("docs", "test"),
            workspace="web",
            recommended_model="haiku",
            propensities={"haiku": 0.9, "opus": 0.1},
            outcome="success",
        )
        for n in range(30)
        for at in [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=n)]
    ]
    fresh = sqlite3.connect(tmp_path / "fresh.db", isolation_level=None)
    migrate(fresh)
    ledger.add(fresh, *made)
    migrate_to(connection, last)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(attempts)")]
    rows = fresh.execute(f"SELECT {', '.join(columns)} FROM attempts")
    connection.executemany(f"INSERT INTO attempts VALUES ({', '.join('?' * len(columns))})", rows)
    for db in (connection, fresh):
        db.execute("UPDATE counters SET value = 30 WHERE name IN ('attempts', 'revision')")
    migrate(connection)

    for table in ("attempts", "tallies", "weekly_tallies", "activity", "arm_sums", "counters"):
        kept, expected = (sorted(db.execute(f"SELECT * FROM {table}")) for db in (connection, fresh))
        assert kept == expected, table
    # The two tasks go to haiku 20 times and to opus 10 times: all but the first of each is a repeat.
    assert connection.execute("SELECT count(*) FROM attempts WHERE repeat_number > 0").fetchone() == (26,)
    fresh.close()


def test_what_each_days_outcomes_rest_on_is_counted_of_what_an_older_store_has(connection, tmp_path):
    evidence = ["human", "tests", "tests", "reported", "implicit", None]
    made = [
        Attempt(
            id=f"t-{n}",
            task="Add tests",
            model="haiku",
            created_at=at,
            updated_at=at,
            client=(None, "claude-code")[n % 2],
            outcome=None if n % 5 == 0 else "success",
            evidence=evidence[n % 6],
        )
        for n in range(60)
        for at in [datetime(2026, 3, 2, 23, 59, 59, 999_999, tzinfo=UTC) + timedelta(hours=12 * n)]
    ]
    fresh = sqlite3.connect(tmp_path / "fresh.db", isolation_level=None)
    migrate(fresh)
    ledger.add(fresh, *made)
    migrate_to(connection, 6)
    for table in ("attempts", "activity"):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        rows = fresh.execute(f"SELECT {', '.join(columns)} FROM {table}")
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
    migrate(connection)

    kept, expected = (sorted(db.execute("SELECT * FROM activity")) for db in (connection, fresh))
    assert kept == expected
    assert len({row[1:] for row in kept}) > 2
    fresh.close()


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
