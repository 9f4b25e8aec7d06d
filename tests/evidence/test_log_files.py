"""Whole logs: every shape people have them in, larger than what is read at once, broken, cut off."""

import io
import json

import pytest

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.log_files import BrokenRecord, LogWriter, read_log
from modelmerit.evidence.log_text import CHUNK_CHARACTERS

RECORDS = [{"id": f"r-{n}", "task": f"Task “{n}”", "model": "m", "created_at": 1_700_000_000 + n} for n in range(3)]
IDS = ["r-0", "r-1", "r-2"]
ARRAY = json.dumps(RECORDS)
LINES = "\n".join(map(json.dumps, RECORDS))


@pytest.fixture
def read(tmp_path):
    """What is read from a log of this content: ids, and the numbers of broken records."""

    def read(content: str | bytes) -> list[str | int]:
        path = tmp_path / "log.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return [entry.number if isinstance(entry, BrokenRecord) else entry.id for entry in read_log(path)]

    return read


@pytest.mark.parametrize(
    "content",
    [
        ARRAY,
        LINES,
        LINES + "\n\n",
        LINES.replace("\n", "\r\n"),
        json.dumps(RECORDS, indent=2) + "\n",
        "\n".join(json.dumps(record, indent=4) for record in RECORDS),
        json.dumps({"dispatches": RECORDS}),
        json.dumps({"dispatches": RECORDS}, indent=2) + "\n",
        json.dumps({"dispatches": RECORDS, "version": 2, "more": {"a": [1]}}, indent=1),
        json.dumps({"version": 2, "dispatches": RECORDS}),
        json.dumps({"history": RECORDS}),
        "\ufeff" + ARRAY,
        "\ufeff" + LINES,
        "\ufeff" + json.dumps({"dispatches": RECORDS}),
        " \n " + ARRAY + " \n ",
    ],
)
def test_a_log_may_be_an_array_an_object_with_one_or_json_lines(read, content):
    assert read(content) == IDS


@pytest.mark.parametrize(
    "content", ["", " \n", "\ufeff", "[]", "[\n]\n", '{"dispatches": []}', '{"dispatches": [\n]\n}']
)
def test_a_log_without_records_has_none(read, content):
    assert read(content) == []


def test_a_log_larger_than_what_is_read_at_once_loses_nothing(read):
    records = [RECORDS[0] | {"id": f"r-{n}", "notes": 'ü[]{}\\",' * (n % 300)} for n in range(1500)]
    ids = [record["id"] for record in records]
    array = json.dumps(records, indent=1, ensure_ascii=False)

    assert len(array) > CHUNK_CHARACTERS
    assert read(array) == ids
    assert read("\n".join(map(json.dumps, records))) == ids
    assert read(json.dumps({"dispatches": records}, indent=2)) == ids


@pytest.mark.parametrize("shift", range(-20, 180, 7))
def test_wherever_the_chunk_ends_the_records_around_it_are_whole(read, shift):
    space = " " * (CHUNK_CHARACTERS - shift)
    strange = {"a": [True, None, -1.5e-10, "\\u00e9\U0001f642"], "b": False}
    first, second, third = (json.dumps(record) for record in (RECORDS[0], RECORDS[1] | {"mine": strange}, RECORDS[2]))
    behind = space[len(first) :]

    assert read(f"[{first}{behind},{second},\n{third}]") == IDS
    assert read(f"[{first},{behind}{second}\n,\n{third}{space}\n]") == IDS
    assert read(f"{first}\n{behind}{second}\n{third}") == IDS


def test_one_record_larger_than_many_chunks_is_read(read):
    assert read(json.dumps([RECORDS[0] | {"notes": "word " * (CHUNK_CHARACTERS // 2)}, RECORDS[1]])) == IDS[:2]


def test_progress_is_told_in_bytes_up_to_the_last(tmp_path):
    path, told = tmp_path / "log.json", []
    path.write_text(json.dumps([RECORDS[0] | {"notes": "ü" * 3 * CHUNK_CHARACTERS}], ensure_ascii=False))
    list(read_log(path, progress=told.append))

    assert told == sorted(told)
    assert len(set(told)) > 2
    assert told[-1] == path.stat().st_size


def test_broken_records_are_listed_with_line_number_and_reason_and_the_good_ones_kept(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(json.dumps([RECORDS[0], 5, {"task": "x"}, RECORDS[1] | {"cost_usd": -1}, RECORDS[2]], indent=1))
    *entries, last = read_log(path)

    # The list opens on the first line, the first record takes 6 lines, the number one, the third record three.
    assert [getattr(entry, "line", None) for entry in entries] == [None, 8, 9, 12]
    assert [getattr(entry, "number", None) for entry in entries] == [None, 2, 3, 4]
    assert [entry.reason.split(";")[0] for entry in entries[1:]] == [
        "it is a number",
        "model is missing",
        "cost_usd is -1",
    ]
    assert last.id == "r-2"


@pytest.mark.parametrize(
    "broken",
    [
        '{"task": "cut of',
        '{"task": "x", "model": "m"',
        '{"task": "x" "model": "m"}',
        '{"task": "bad \\x escape", "model": "m"}',
        '{"tokens_used": ' + "9" * 5000 + "}",
        '{"a": ' + "[" * 100_000,
    ],
)
def test_a_line_that_is_no_json_costs_only_itself(read, broken):
    first, second, third = LINES.split("\n")

    assert read(f"{first}\n{broken}\n{second}\n{third}\n") == ["r-0", 2, "r-1", "r-2"]
    assert read(f"{first}\n{second}\n{third}\n{broken}") == [*IDS, 4]


@pytest.mark.parametrize("cut", [*range(1, 60, 7), len(json.dumps(RECORDS[2])) + 1, len(json.dumps(RECORDS[2])) + 2])
def test_an_array_that_is_cut_off_is_an_error_after_what_came_before(tmp_path, cut):
    path = tmp_path / "log.json"
    path.write_text(ARRAY[:-cut])
    entries = read_log(path)

    assert [next(entries).id, next(entries).id] == IDS[:2]
    with pytest.raises(DispatchLogError, match=r"cannot be read on from line 1, column \d+, near "):
        list(entries)


@pytest.mark.parametrize("content", ["hello", "task,model\nFix it,haiku\n", "\x00\x01", "[" * 100_000])
def test_what_is_no_log_is_an_error_that_says_what_was_expected(read, content):
    with pytest.raises(DispatchLogError, match="Expected a list of records, or one a line"):
        read(content)


def test_what_stands_behind_a_list_is_read_too(read):
    assert read(ARRAY + "\n" + ARRAY) == IDS * 2
    assert read(f"{ARRAY}\n{LINES}") == IDS * 2
    assert read(ARRAY + "]") == [*IDS, 4]


def test_a_list_may_come_late_in_its_object_and_more_behind_it(read):
    first = {
        "exported_by": "a tool",
        "meta": {"dispatches": 3, "list": [1, {"a": "]"}]},
        "about": "ä" * CHUNK_CHARACTERS,
    }

    assert read(json.dumps(first | {"dispatches": RECORDS} | {"more": {"tasks": [1]}})) == IDS


def test_a_record_with_a_list_of_that_name_is_no_object_that_holds_a_log(read):
    assert read(json.dumps(RECORDS[0] | {"history": [{"note": "x"}]})) == ["r-0"]


def test_utf_16_is_read_as_windows_writes_it(read):
    assert read(("\ufeff" + LINES.replace("\n", "\r\n")).encode("utf-16-le")) == IDS
    assert read(("\ufeff" + ARRAY).encode("utf-16-be")) == IDS


def test_an_object_that_is_cut_off_behind_its_list_is_an_error(read):
    with pytest.raises(DispatchLogError, match="where the list of records has ended"):
        read(json.dumps({"dispatches": RECORDS})[:-1])


def test_bytes_that_are_no_utf_8_do_not_stop_the_reading(read):
    assert read(LINES.encode().replace(b"Task", b"Ta\xffk")) == IDS


def test_a_missing_file_or_a_folder_is_an_error(tmp_path):
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(DispatchLogError, match=r"cannot be read .*Check the path"):
            list(read_log(path))


def test_what_is_written_can_be_read(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(ARRAY)
    attempts = list(read_log(path))
    file = io.StringIO()
    writer = LogWriter(file)
    for attempt in attempts:
        writer.write(attempt)

    assert writer.close() == 3
    path.write_text(file.getvalue())
    assert list(read_log(path)) == attempts
    assert len(json.loads(file.getvalue())) == 3


def test_an_empty_log_is_written_as_an_empty_array():
    file = io.StringIO()

    assert LogWriter(file).close() == 0
    assert file.getvalue() == "[]\n"
