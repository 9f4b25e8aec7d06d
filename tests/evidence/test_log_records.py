"""Logs with a fault in the middle: what is around it is read, and the fault is named with its line."""

import json
import re

import pytest

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.log_files import BrokenRecord, read_log
from modelmerit.evidence.log_records import records
from modelmerit.evidence.log_text import CHUNK_CHARACTERS, LONGEST_VALUE, LogText

STEPS = [{"id": "s-1", "model": "m", "status": "done"}, {"id": "s-2", "model": "m", "status": "done"}]
RECORDS = [
    {"id": f"r-{n}", "task": f'Fix {{"a": {n}}}, {{', "model": "m", "created_at": 1_700_000_000 + n}
    | {"task_keywords": ["bug", "ci"], "propensities": {"m": 0.9, "o": 0.1}, "steps": STEPS, "status": "done"}
    for n in range(5)
]
IDS = [record["id"] for record in RECORDS]

LAYOUTS = {
    "one line": lambda parts: "[" + ", ".join(parts) + "]",
    "one line, no spaces": lambda parts: "[" + ",".join(parts) + "]",
    "in an object": lambda parts: '{"version": 1, "dispatches": [' + ", ".join(parts) + "]}",
    "a line each": lambda parts: "[\n" + ",\n".join(parts) + "\n]\n",
    "a line each, aligned": lambda parts: "[" + ",\n ".join(parts) + "]\n",
    "commas first": lambda parts: "[\n  " + "\n, ".join(parts) + "\n]\n",
    "JSON lines": lambda parts: "\n".join(parts) + "\n",
    "indented": lambda parts: "[\n" + ",\n".join("  " + part.replace("\n", "\n  ") for part in parts) + "\n]\n",
    "indented, with tabs": lambda parts: (
        "[\n" + ",\n".join("\t" + part.replace("\n", "\n\t") for part in parts) + "\n]"
    ),
    "indented, not in a list": lambda parts: "\n".join(parts),
}
FAULTS = {
    "a quote is missing": lambda text: text.replace('"m",', '"m,', 1),
    "the first quote is missing": lambda text: text.replace('{"id"', "{id", 1).replace('"id"', 'id"', 1),
    "a comma is missing": lambda text: text.replace('"m",', '"m"', 1),
    "a comma too many": lambda text: text.rstrip()[:-1].rstrip() + ",}",
    "the last brace is missing": lambda text: text.rstrip()[:-1],
    "a brace inside is missing": lambda text: re.sub(r"0\.1\s*\}", "0.1", text),
    "a bracket is missing": lambda text: re.sub(r'"ci"\s*\]', '"ci"', text),
    "a line break in a text": lambda text: text.replace("Fix ", "Fix\n\n", 1),
    "no text at all": lambda text: "{",
}


def laid_out(layout, at=(), fault=lambda text: text):
    indent = 2 if layout.startswith("indented") else None
    parts = [json.dumps(record, indent=indent) for record in RECORDS]
    return LAYOUTS[layout]([fault(part) if number in at else part for number, part in enumerate(parts)])


@pytest.fixture
def read(tmp_path):
    """What is read from a log of this content: ids, and the broken records as they are."""

    def read(content: str) -> list[str | BrokenRecord]:
        path = tmp_path / "log.json"
        path.write_text(content, encoding="utf-8")
        return [entry if isinstance(entry, BrokenRecord) else entry.id for entry in read_log(path)]

    return read


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read(read, layout):
    assert read(laid_out(layout)) == IDS


@pytest.mark.parametrize("at", [0, 2, 4], ids=["first", "middle", "last"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_record_that_is_no_json_costs_only_itself(read, layout, fault, at):
    content = laid_out(layout, {at}, FAULTS[fault])
    entries = read(content)
    broken = entries[at]

    assert [*entries[:at], *entries[at + 1 :]] == [*IDS[:at], *IDS[at + 1 :]]
    assert isinstance(broken, BrokenRecord)
    assert broken.number == at + 1
    assert broken.reason.startswith("it is not JSON: ")
    intact = laid_out(layout)
    assert broken.line == intact.count("\n", 0, intact.index(f'"r-{at}"')) + (0 if "{\n" in intact else 1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_several_broken_records_are_told_apart(read, layout):
    entries = read(laid_out(layout, {1, 2, 4}, FAULTS["a quote is missing"]))

    assert [entry if isinstance(entry, str) else entry.number for entry in entries] == ["r-0", 2, 3, "r-3", 5]


def test_a_fault_may_lie_across_what_is_read_at_once(read):
    filler = json.dumps(RECORDS[0] | {"id": "filler", "notes": "x" * CHUNK_CHARACTERS})
    for shift in range(-80, 40, 7):
        first = filler.replace("x" * 80, "x" * (80 + shift), 1)
        broken = json.dumps(RECORDS[1]).replace('"m",', '"m,', 1)
        last = json.dumps(RECORDS[2])

        assert [getattr(e, "number", e) for e in read(f"[{first}, {broken}, {last}]")] == ["filler", 2, "r-2"]
        assert [getattr(e, "number", e) for e in read(f"{first}\n{broken}\n{last}")] == ["filler", 2, "r-2"]


def test_an_end_that_never_comes_is_not_looked_for_in_the_whole_file(read):
    lines = [json.dumps(record) for record in RECORDS]
    endless = '{"id": "x", "steps": ["' + "y" * (LONGEST_VALUE + CHUNK_CHARACTERS)
    entries = read("\n".join([lines[0], endless, lines[1]]))

    assert (entries[0], entries[1].number, entries[2]) == ("r-0", 2, "r-1")


def test_lines_swallowed_by_a_list_that_was_never_closed_are_read_all_the_same(read):
    lines = [json.dumps(record) for record in RECORDS]
    entries = read("\n".join([lines[0], '{"id": "cut", "steps": [', *lines[1:]]))

    assert [getattr(entry, "line", entry) for entry in entries] == ["r-0", 2, *IDS[1:]]


def test_lines_that_are_no_records_do_not_stop_the_reading(read):
    lines = [json.dumps(record) for record in RECORDS]
    entries = read("\n".join([lines[0], "INFO: started", "INFO: ended", lines[1], '"text"', "5", lines[2]]))

    assert [getattr(entry, "line", entry) for entry in entries] == ["r-0", 2, "r-1", 5, 6, "r-2"]


def test_where_no_next_record_can_be_told_the_place_is_named(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(json.dumps(RECORDS[:2], indent=2)[:-60])
    entries = read_log(path)

    assert next(entries).id == "r-0"
    with pytest.raises(DispatchLogError, match=r"cannot be read on from line \d+, column 3, near '\{"):
        list(entries)


def test_a_next_record_is_not_looked_for_without_end(read):
    with pytest.raises(DispatchLogError, match=r"cannot be read on from line 1, column 2, near "):
        read('[{"a" x' + ', {"b": [1,' * 200 + json.dumps(RECORDS)[1:])


@pytest.mark.parametrize("opening", ['{"version": 1, "dispatches": [', "[", ""])
def test_no_more_of_a_log_is_held_than_a_few_records(tmp_path, opening):
    path = tmp_path / "log.json"
    end = {"": "", "[": "]"}.get(opening, "]}")
    separator = ",\n" if opening else "\n"
    one = json.dumps(RECORDS[0] | {"notes": "x" * 10_000})
    path.write_text(opening + separator.join([one] * 200) + end)

    with path.open(encoding="utf-8") as file:
        text = LogText(file, "log.json", lambda: None)
        held = [len(text.text) for _ in records(text)]

    assert len(held) == 200
    # Where a chunk ends in the middle of a record, one more is read on top of what is left of it.
    assert max(held) < 2 * CHUNK_CHARACTERS
