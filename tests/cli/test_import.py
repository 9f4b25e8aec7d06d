"""`modelmerit import dispatches` as a person and a script see it: what came in, what did not, and where it lies."""

import json
import os
import re

import pytest

from warm_processes import on_a_terminal, run_command

RECORDS = [
    {"id": f"r-{n}", "task": "Fix it", "model": "haiku", "status": "Complete", "created_at": "2026-01-05 08:00"}
    for n in range(4)
]


@pytest.fixture
def imported(home, tmp_path):
    """Imports a log of this content in a process of its own."""

    def run(content, *options, name="dispatches.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        done = run_command("import", "dispatches", path, *options)
        assert "Traceback" not in done.stderr
        return done

    return run


def exported_ids():
    done = run_command("export", "dispatches")
    assert done.returncode == 0
    return [record["id"] for record in json.loads(done.stdout)]


def test_a_broken_record_is_named_by_its_line_and_number_and_the_last_line_counts_it(imported):
    # The list opens on line 1 and a record takes 7 lines, so that the third begins on line 16.
    done = imported([*RECORDS[:2], RECORDS[2] | {"tokens_used": -5}, RECORDS[3]])

    assert done.returncode == 0
    assert done.stderr == "line 16 (record 3): tokens_used is -5; expected a number from 0 to 1e+12, or null\n"
    assert done.stdout == "3 added, 0 already known, 1 broken.\n"


def test_a_record_that_is_no_json_costs_only_itself(imported):
    # `    "id": "r-1,` is 15 characters long; the line break behind it is in the text.
    content = json.dumps(RECORDS, indent=2).replace('"r-1",', '"r-1,')
    done = imported(content)

    assert done.returncode == 0
    assert done.stderr == "line 9 (record 2): it is not JSON: Invalid control character at line 10, column 16\n"
    assert done.stdout == "3 added, 0 already known, 1 broken.\n"
    assert exported_ids() == ["r-0", "r-2", "r-3"]


def test_after_twenty_broken_records_the_rest_is_counted_and_json_lists_all(imported):
    records = [RECORDS[0], *({"task": f"no model {n}"} for n in range(57))]
    done = imported(records)
    as_json = json.loads(imported(records, "--json").stdout)

    *listed, more = done.stderr.splitlines()
    assert len(listed) == 20
    assert more == "and 37 more; import with --json lists all"
    assert done.stdout == "1 added, 0 already known, 57 broken.\n"
    assert (as_json["added"], as_json["known"], as_json["stopped"]) == (0, 1, None)
    assert [broken["number"] for broken in as_json["broken"]] == list(range(2, 59))
    reason = "model is missing; expected the id of the model that got the task"
    assert as_json["broken"][0] == {"line": 9, "number": 2, "reason": reason}


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_file_that_ends_too_early_is_kept_as_far_as_it_goes(imported, options):
    done = imported(json.dumps(RECORDS)[:-30], *options)

    assert done.returncode == 0
    assert exported_ids() == ["r-0", "r-1", "r-2"]
    said = json.loads(done.stdout)["stopped"] if options else done.stderr
    assert "cannot be read on from line 1, column " in said
    if not options:
        assert done.stdout.endswith(
            "3 added, 0 already known, 0 broken. These are kept; the rest of the file could not be read.\n"
        )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("task,model\nFix it,haiku\n", "cannot be read on from line 1, column 1, near 'task,model"),
        ([{"task": "x"}, {"model": "m"}], "has no record that can be read"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_file_of_which_nothing_can_be_read_is_a_failure(imported, content, said, options):
    done = imported(content, *options)

    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]


def test_a_file_without_news_is_no_failure(imported):
    assert imported([]).stdout == "0 added, 0 already known, 0 broken.\n"
    imported(RECORDS)
    again = imported([*RECORDS, {"task": "x"}])

    assert (again.returncode, again.stdout) == (0, "0 added, 4 already known, 1 broken.\n")


def test_on_a_terminal_a_bar_moves_to_the_end(home, tmp_path, monkeypatch):
    log = tmp_path / "[b]history.jsonl"
    log.write_text("\n".join(json.dumps(RECORDS[0] | {"id": f"r-{n}", "notes": "word " * 400}) for n in range(2000)))
    monkeypatch.setenv("COLUMNS", "120")
    process, terminal = on_a_terminal("import", "dispatches", str(log))
    shown = bytearray()
    while part := _read(terminal):
        shown += part
    os.close(terminal)

    assert process.wait(60) == 0
    text = shown.decode()
    assert "Importing [b]history.jsonl" in text
    told = [float(read) for read in re.findall(r"([\d.]+)/4\.\d MB", text)]
    assert told == sorted(told)
    assert len(set(told)) > 3
    assert told[-1] > 4


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
