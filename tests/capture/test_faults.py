"""The log of faults: bounded, and without a word of anybody's task."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelmerit.capture.faults import LARGEST_LOG, LOG_NAME, note_fault, told
from modelmerit.errors import StoreError

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


def test_a_fault_is_one_line_with_its_time(tmp_path):
    note_fault(tmp_path, "drain", "it broke\nin two", NOW)
    assert (tmp_path / LOG_NAME).read_text() == "2026-09-01T08:00:00Z drain: it broke in two\n"


def test_the_log_starts_afresh_when_it_is_full_and_the_one_before_is_kept(tmp_path):
    (tmp_path / LOG_NAME).write_text("x" * (LARGEST_LOG + 1))
    note_fault(tmp_path, "drain", "it broke", NOW)
    assert (tmp_path / LOG_NAME).read_text().endswith("drain: it broke\n")
    assert len((tmp_path / LOG_NAME).read_text()) < 100
    assert len((tmp_path / (LOG_NAME + ".1")).read_text()) == LARGEST_LOG + 1


def test_where_nothing_can_be_written_nothing_is_raised(tmp_path):
    note_fault(tmp_path / "nowhere", "drain", "it broke", NOW)
    assert list(tmp_path.iterdir()) == []


def test_of_an_error_that_quotes_a_text_only_kind_and_place_are_told():
    with pytest.raises(json.JSONDecodeError) as error:
        json.loads("Sort the invoices of Mr Brown")
    error.value.add_note("Sort the invoices")
    assert told(error.value).startswith("JSONDecodeError in decoder.py, line ")
    assert "invoices" not in told(ValueError("Sort the invoices"))


def test_an_error_in_our_own_words_is_told_as_it_is():
    assert told(StoreError("The store is closed.")) == "The store is closed."
    with pytest.raises(FileNotFoundError) as error:
        Path("/nowhere/at/all").read_bytes()
    assert told(error.value) == "/nowhere/at/all: No such file or directory"
