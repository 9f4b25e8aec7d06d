"""Tokens per day and model over whole histories; `tests/acceptance/clients/test_ccusage.py` asks ccusage itself."""

import json
import random
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from claude_histories import Truth, make_history
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture.claude_code.histories import find_sessions
from modelmerit.capture.claude_code.totals import daily_totals
from modelmerit.capture.claude_code.usage import Request, Requests
from modelmerit.capture.runs import Tokens

SONNET = "claude-sonnet-4-5-20250929"


def line(
    message: str = "m1", request: str = "r1", *, output: int = 20, side: bool = False, session: str = "s1", **more: Any
) -> dict[str, Any]:
    """A line of the assistant's, of 30 tokens unless told otherwise."""
    usage = {"input_tokens": 10, "output_tokens": output}
    return {
        "type": "assistant",
        "timestamp": "2026-09-01T10:00:00.000Z",
        "sessionId": session,
        "requestId": request,
        "isSidechain": side,
        "message": {"id": message, "model": SONNET, "usage": usage | more.pop("usage", {})} | more.pop("said", {}),
    } | more


def total(folder: Path, *files: list[dict[str, Any]]) -> int:
    """The tokens of some transcripts."""
    for number, lines in enumerate(files):
        path = folder / "projects" / "p" / f"{number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in lines))
    totals = daily_totals(find_sessions(folder, {}), UTC)
    return sum(tokens.total for tokens in totals.values())


def test_the_totals_of_a_history_are_those_of_its_requests(history):
    assert daily_totals(find_sessions(history.folder, {}), UTC) == history.daily


def test_a_day_is_one_of_the_zone_asked_for(tmp_path):
    total(tmp_path, [line()])
    kiritimati = timezone(timedelta(hours=14))
    assert list(daily_totals(find_sessions(tmp_path, {}), kiritimati)) == [("2026-09-02", SONNET)]


@pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "NaN"])
def test_a_time_that_no_zone_has_costs_only_its_line(tmp_path, timestamp):
    assert total(tmp_path, [line("m1"), {**line("m2", "r2"), "timestamp": timestamp}]) == 30


# What ccusage 20.0.24 answered for the same lines stands beside each.
@pytest.mark.parametrize(
    ("files", "tokens"),
    [
        ([[line(), line()]], 30),
        ([[line(output=1), line(output=20)]], 30),
        ([[line(request="r1"), line(request="r2")]], 60),
        ([[line(request="r1"), line(request="r2", side=True, output=99)]], 30),
        ([[line(request="r2", side=True, output=99), line(request="r1")]], 30),
        ([[line(session="s1")], [line(request="r2", side=True, session="s2")]], 60),
        ([[line(session="s1")], [line(request="r1", side=True, session="s2")]], 30),
        ([[line(request="r3", side=True), line()], [line(request="r3", side=True, session="s2")]], 60),
        ([[line(session="s1")], [line(session="s2")], [line(request="r2", side=True, session="s2")]], 30),
        ([[line(session="s1")], [line(session="s2", output=30)], [line(request="r2", side=True, session="s1")]], 40),
        ([[line(said={"model": "<synthetic>"})]], 0),
        ([[line(isApiErrorMessage=True)]], 30),
        ([[line(version="x")]], 0),
        ([[line(session="")]], 0),
        ([[line(side="yes")]], 0),  # type: ignore[arg-type]
        ([[line(timestamp="2026-09-01T10:00:00")]], 0),
        ([[line(usage={"input_tokens": -4})]], 0),
        ([[line(usage={"input_tokens": 4.0})]], 0),
        ([[line(usage={"speed": "weird"})]], 0),
        ([[line(usage={"speed": None})]], 0),
        ([[line(other={"id": None})]], 0),
        ([[line(usage={"cache_creation": None, "cache_creation_input_tokens": 50})]], 80),
        ([[line(usage={"cache_creation": {}, "cache_creation_input_tokens": 50})]], 30),
    ],
)
def test_copies_and_odd_lines_count_as_they_do_in_ccusage(tmp_path, files, tokens):
    assert total(tmp_path, *files) == tokens


def test_an_advisor_is_counted_once_under_its_own_model(tmp_path):
    asked = {"type": "advisor_message", "model": "claude-opus-4-5", "input_tokens": 100, "output_tokens": 200}
    advised = {"iterations": [{"type": "message", "input_tokens": 10, "output_tokens": 20}, asked]}
    total(tmp_path, [line(), line(usage=advised), line(usage=advised)])
    totals = daily_totals(find_sessions(tmp_path, {}), UTC)
    assert totals == {("2026-09-01", "claude-opus-4-5"): Tokens(100, 200), ("2026-09-01", SONNET): Tokens(10, 20)}


def test_a_file_that_cannot_be_read_counts_nothing(tmp_path):
    folder = tmp_path / "projects" / "p" / "folder.jsonl"
    folder.mkdir(parents=True)
    assert total(tmp_path, [line()]) == 30


ANY_REQUEST = st.builds(
    Request,
    at=st.datetimes(timezones=st.just(UTC)),
    message_id=st.sampled_from(["m1", "m2"]),
    request_id=st.sampled_from([None, "r1", "r2"]),
    session_id=st.sampled_from(["s1", "s2"]),
    sidechain=st.booleans(),
    model=st.just(SONNET),
    fast=st.booleans(),
    tokens=st.builds(Tokens, input=st.integers(0, 3), output=st.integers(0, 3)),
)


@given(st.lists(ANY_REQUEST, max_size=12))
def test_what_counts_already_counts_no_more_when_read_again(found):
    once, twice = Requests(), Requests()
    for request in found:
        once.add(request)
    for request in [*found, *once]:
        twice.add(request)
    assert list(twice) == list(once)


@pytest.mark.parametrize("seed", [11, 12])
def test_the_order_in_which_sessions_come_does_not_matter(tmp_path, seed):
    truth: Truth = make_history(tmp_path, sessions=12, seed=seed)
    sessions = list(find_sessions(tmp_path, {}))
    random.Random(seed).shuffle(sessions)
    assert daily_totals(sessions, UTC) == truth.daily
