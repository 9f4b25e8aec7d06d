"""Histories in and out: nothing lost, nothing counted twice, no secret kept."""

import io
import json
import sqlite3

import pytest

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.log_files import BrokenRecord
from modelmerit.evidence.store import Store, TallyRow
from modelmerit.learning.tallying import Measures, TallyKey
from modelmerit.policy.document import parse_policy
from modelmerit.policy.loading import starter_text
from modelmerit.services.history import BATCH, Imported, backtest_log, export_log, import_log

KEY = "sk-ant-api03-" + "aB3x9QzT" * 12
OLD_HABITS = [
    {"task": "Update the readme", "model": "haiku", "status": "complete", "created_at": 1769851800, "ticket": 7},
    {"task": "Fix the parser", "model": "haiku", "created_at": 1769851800123, "outcome": "failed", "retry_count": 2},
    {"id": 3, "task": "Design it", "model": "opus", "created_at": "2026-01-31 10:00", "my": {"own": [1, None, "ü"]}},
    {"id": "r", "task": "Fix it", "model": "m", "created_at": "2026-01-31T11:00:00Z", "previous_dispatch_id": "f"}
    | {"retry_count": 1, "outcome": "success", "execution_time_seconds": 12},
    {"id": "f", "task": "Fix it", "model": "m", "created_at": "2026-01-31T10:50:00Z", "outcome": "success"},
]


@pytest.fixture
async def stores(tmp_path):
    opened = [await Store.open(tmp_path / name) for name in ("a.db", "b.db")]
    yield opened
    for store in opened:
        await store.close()


def written(tmp_path, records, name="log.json"):
    path = tmp_path / name
    path.write_text(records if isinstance(records, str) else json.dumps(records))
    return path


async def exported(store: Store) -> str:
    file = io.StringIO()
    await export_log(store, file)
    return file.getvalue()


async def all_tallies(store: Store) -> list[TallyRow]:
    return await store.tallies(sorted, today=0)


async def test_import_export_import_export_gives_the_same_bytes(tmp_path, stores):
    one, other = stores
    assert await import_log(one, written(tmp_path, OLD_HABITS)) == Imported(added=5)
    first = await exported(one)
    assert await import_log(other, written(tmp_path, first, "first.json")) == Imported(added=5)

    assert await exported(other) == first
    assert await all_tallies(other) == await all_tallies(one)


async def test_strange_characters_and_numbers_come_back_as_they_were(tmp_path, stores):
    one, other = stores
    strange = OLD_HABITS[2] | {"task": "a\x00b \u2028 \U0001f642", "notes": "\ud83d", "workspace": "Ü\\n"}
    strange |= {"my": {"float": 0.1 + 0.2, "tiny": 5e-324, "large": 10**40, "minus": -0.0, "nan": float("nan")}}
    await import_log(one, written(tmp_path, [strange, {**OLD_HABITS[0], "cost_usd": 1e-7}]))
    first = await exported(one)
    await import_log(other, written(tmp_path, first, "first.json"))

    assert await exported(other) == first
    record = next(record for record in json.loads(first) if record["id"] == "3")
    assert (record["task"], record["notes"], record["workspace"]) == ("a\x00b \u2028 \U0001f642", "\ufffd", "Ü\\n")
    assert record["my"] == {"float": 0.1 + 0.2, "tiny": 5e-324, "large": 10**40, "minus": -0.0, "nan": None}


async def test_importing_twice_changes_nothing(tmp_path, stores):
    store, _ = stores
    path = written(tmp_path, OLD_HABITS)
    await import_log(store, path)
    before = await exported(store), await all_tallies(store), await store.counter("revision")

    assert await import_log(store, path) == Imported(known=5)
    assert (await exported(store), await all_tallies(store), await store.counter("revision")) == before


async def test_old_habits_are_understood(tmp_path, stores):
    store, _ = stores
    await import_log(store, written(tmp_path, OLD_HABITS))
    records = {record["task"]: record for record in json.loads(await exported(store)) if record["id"] != "r"}

    assert records["Update the readme"]["outcome"] == "success"
    assert records["Update the readme"]["evidence"] == "implicit"
    assert records["Update the readme"]["ticket"] == 7
    assert records["Fix the parser"]["created_at"] == "2026-01-31T09:30:00.123000Z"
    assert records["Design it"]["id"] == "3"
    assert records["Design it"]["my"] == {"own": [1, None, "ü"]}
    assert (await store.attempt("f")).judged_outcome == "failure"  # its retry came before it in the file
    assert (await store.attempt("r")).judged_outcome == "success"


async def test_what_other_tools_call_a_field_is_understood_and_what_nothing_knows_is_kept_and_counted(tmp_path, stores):
    store, _ = stores
    record = {
        "prompt": "Fix it",
        "model": "m",
        "timestamp": "2026-01-31T09:30:00Z",
        "project": "web",
        "tokens": 1200,
        "duration_seconds": 9.5,
        "keywords": ["docs"],
        "mood": "good",
    }
    result = await import_log(store, written(tmp_path, [record, {**record, "tokens": None, "total_tokens": 7}]))

    assert result.unused == {"mood": 2}
    first, second = json.loads(await exported(store))
    assert {first["tokens_used"], second["tokens_used"]} == {1200, 7}
    assert (first["workspace"], first["execution_time_seconds"], first["task_keywords"]) == ("web", 9.5, ["docs"])
    assert first["mood"] == "good"


async def test_an_impossible_value_is_broken_under_whichever_name(tmp_path, stores):
    broken: list[BrokenRecord] = []
    record = {"task": "x", "model": "m", "created_at": "2026-01-31", "tokens": -4}
    assert await import_log(stores[0], written(tmp_path, [record, {**record, "tokens": 4}]), on_broken=broken.append)
    assert [one.reason for one in broken] == ["tokens is -4; expected a number from 0 to 1e+12, or null"]


async def test_broken_records_are_told_of_and_the_good_ones_kept(tmp_path, stores):
    store, _ = stores
    huge = {"id": "h", "task": "x", "model": "m", "created_at": 1769851800, "tokens_used": 10**30}
    path = written(tmp_path, [OLD_HABITS[0], {"task": "x"}, "?", huge, OLD_HABITS[2]])
    broken: list[BrokenRecord] = []
    result = await import_log(store, path, on_broken=broken.append)

    assert result == Imported(added=2, broken=3)
    assert [record.number for record in broken] == [2, 3, 4]
    assert "model is missing" in broken[0].reason
    assert await store.counter("attempts") == 2


async def test_records_without_an_id_are_known_again_in_a_longer_log(tmp_path, stores):
    store, other = stores
    records = [{name: value for name, value in record.items() if name != "id"} for record in OLD_HABITS]
    assert await import_log(store, written(tmp_path, records[:3])) == Imported(added=3)
    assert await import_log(store, written(tmp_path, records[::-1])) == Imported(added=2, known=3)

    await import_log(other, written(tmp_path, records))
    assert await exported(store) == await exported(other)
    assert await all_tallies(store) == await all_tallies(other)


async def test_half_an_emoji_in_one_record_does_not_stop_the_others(tmp_path, stores):
    store, _ = stores
    cut = OLD_HABITS[2] | {"task": "Fix \ud83d", "notes": "\ud83d", "my\ud83d": ["\ude42"], "workspace": "\ud83d"}
    assert await import_log(store, written(tmp_path, [OLD_HABITS[0], cut])) == Imported(added=2)

    assert (await store.attempt("3")).task == "Fix \ufffd"
    (await exported(store)).encode()


async def test_what_came_before_a_truncation_is_kept_and_the_place_named(tmp_path, stores):
    store, _ = stores
    result = await import_log(store, written(tmp_path, json.dumps(OLD_HABITS)[:-40]))

    assert (result.added, await store.counter("attempts")) == (4, 4)
    assert result.stopped is not None
    assert "cannot be read on from line 1, column " in result.stopped


async def test_a_file_of_which_nothing_can_be_read_is_an_error(tmp_path, stores):
    for content in ("hello", json.dumps(OLD_HABITS[:1])[:-2]):
        with pytest.raises(DispatchLogError, match="cannot be read on"):
            await import_log(stores[1], written(tmp_path, content))


async def test_no_secret_of_a_log_is_anywhere_on_the_disk(tmp_path, stores):
    store, _ = stores
    record = OLD_HABITS[0] | {
        "task": f"Call it with {KEY}",
        "notes": f"used {KEY}",
        "task_keywords": ["docs", KEY],
        "environment": {"PASSWORD": "correct-horse-9", "headers": [f"Authorization: Bearer {KEY}"], KEY: 1},
    }
    log = written(tmp_path, [record])
    await import_log(store, log)
    log.unlink()

    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "a.db-wal" in files
    for name, content in files.items():
        assert b"aB3x9QzT" not in content, name
        assert b"correct-horse" not in content, name


async def test_a_log_of_huge_records_is_stored_before_it_fills_the_memory(tmp_path, stores):
    store, _ = stores
    records = [OLD_HABITS[2] | {"id": f"h{n}", "notes": " " * 2_000_000} for n in range(10)]
    stored: list[int] = []
    connection = sqlite3.connect(tmp_path / "a.db")

    def told(_: int) -> None:
        stored.append(connection.execute("SELECT count(*) FROM attempts").fetchone()[0])

    await import_log(store, written(tmp_path, records), progress=told)
    connection.close()

    # A batch ends behind 8 MiB, which are between 4 and 5 records; what is read runs ahead of what is used by one.
    assert 3 <= next(filter(None, stored)) <= 5
    assert await store.counter("attempts") == 10


async def test_a_history_of_several_batches_is_whole_and_told_of(tmp_path, stores):
    store, _ = stores
    count = 2 * BATCH + 3
    # Each is a retry of the one behind it in the file, across batches too.
    records = [
        {"id": f"t{n}", "task": "Fix it", "model": "m", "created_at": 1_700_000_000 - n, "outcome": "success"}
        | ({"previous_dispatch_id": f"t{n + 1}", "retry_count": count - 1 - n} if n < count - 1 else {})
        for n in range(count)
    ]
    told: list[int] = []
    result = await import_log(store, written(tmp_path, records), progress=told.append)

    assert result.added == await store.counter("attempts") == count
    assert told
    place = len(TallyKey._fields) + Measures._fields.index("successes")
    successes = [float(row[place]) for row in await all_tallies(store) if row[2] == ""]
    assert sum(successes) == 1  # all but the last try were retried


def test_a_backtest_needs_no_store_and_lists_what_it_could_not_read(tmp_path):
    path = written(tmp_path, [*OLD_HABITS, {"task": "x"}])
    looks, broken = backtest_log(path, parse_policy(starter_text()), 7)

    assert isinstance(looks, list)
    assert [record.number for record in broken] == [6]
    assert list(tmp_path.iterdir()) == [path]


async def test_an_empty_store_is_exported_as_an_empty_log(stores):
    assert await exported(stores[0]) == "[]\n"


async def test_a_log_that_has_grown_brings_in_the_outcomes_it_lacked_before(stores, tmp_path):
    record = {"id": "a", "task": "Fix it", "model": "haiku", "status": "pending", "created_at": "2026-01-05T08:00:00Z"}
    await import_log(stores[0], written(tmp_path, [record]))
    ended = written(tmp_path, [record | {"status": "completed", "outcome": "success"}])
    grown = await import_log(stores[0], ended)
    again = await import_log(stores[0], ended)
    assert (grown.added, again.added) == (1, 0)
    assert (await stores[0].attempt("a")).outcome == "success"
