"""What becomes of a line of input, decided without a server."""

import json
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.types import JSONRPCNotification, JSONRPCRequest, jsonrpc_message_adapter

from modelmerit.serving.lines import LONGEST_BATCH, LineSplitter, Refusal, TooLong, judge

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
REQUESTS = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "method": TEXTS},
    optional={"id": st.integers(-(10**20), 10**20) | TEXTS, "params": st.dictionaries(TEXTS, VALUES, max_size=3)},
)


@given(REQUESTS, st.booleans())
def test_what_is_in_order_passes_as_it_came_and_the_sdk_takes_it_for_what_it_is(message, ascii_only):
    line = json.dumps(message, ensure_ascii=ascii_only)
    assert judge(line.encode()) == line
    parsed = jsonrpc_message_adapter.validate_json(line, by_name=False)
    assert isinstance(parsed, JSONRPCRequest if "id" in message else JSONRPCNotification)
    assert parsed.model_dump(exclude_unset=True) == message


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_however_the_input_is_cut_up_the_lines_are_the_same(data, cuts):
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    splitter = LineSplitter()
    lines = [line for start, end in pairwise(edges) for line in splitter.feed(data[start:end])]
    *ended, rest = data.split(b"\n")
    assert lines + splitter.end() == ended + [rest] * bool(rest)


@given(st.binary(max_size=400))
def test_no_bytes_whatsoever_make_it_fail(line):
    verdict = judge(line)
    assert isinstance(verdict, str) or all(isinstance(refusal, Refusal) for refusal in verdict)


@pytest.mark.parametrize("size", [9, 10, 11, 12, 500])
def test_a_line_beyond_the_bound_is_not_kept_and_the_next_one_is_whole(size):
    splitter = LineSplitter(longest=10)
    chunks = [b"x"] * size + [b"\nnext\n"]
    long, following = [line for chunk in chunks for line in splitter.feed(chunk)]
    assert isinstance(long, TooLong) == (size > 10)
    assert following == b"next"


@pytest.mark.parametrize(
    ("escaped", "mended"),
    [
        (r"\ud83d", r"\ufffd"),
        (r"\ude00", r"\ufffd"),
        (r"\ude00\ud83d", r"\ufffd\ufffd"),
        (r"\ud83d\ud83d\ude00", r"\ufffd\ud83d\ude00"),
        (r"\uD83D\uDE00\uD83D", r"\uD83D\uDE00\ufffd"),
        (r"\\ud83d \ud83d", r"\\ud83d \ufffd"),
        (r"\\\ud83d", r"\\\ufffd"),
    ],
)
def test_half_a_character_is_replaced_and_whole_ones_are_kept(escaped, mended):
    line = '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":"%s"}}'
    assert judge((line % escaped).encode()) == line % mended


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id":7,"method":', 7),
        ('{"id" : "seven" ,"method":', "seven"),
        ('{"id":-3,', -3),
        ('{"params":{"id":8},"id":7,', 7),
        ('{"params":{"id":8,', None),
        ('{"params":[{"id":8}],', None),
        ('{"params":"\\"id\\":8,",', None),
        ('{"a":"id","b":8,', None),
        ('{"id":7.5,"method":', None),
        ('{"id":7e3,"method":', None),
        ('{"id":"a\\u0041","method":', None),
        ('{"id":"' + "x" * 300 + '","method":', None),
        ('{"id":1' + "0" * 18 + ',"method":', None),
        ('[{"id":8},', None),
        ('"id":7}', None),
    ],
)
def test_a_broken_line_is_answered_by_its_own_id_or_by_none(line, told):
    (refusal,) = judge(line.encode())
    assert (refusal.code, refusal.id) == (-32700, told)


def test_every_request_of_a_batch_is_told_up_to_a_bound():
    batch = [{"jsonrpc": "2.0", "id": number, "method": "ping"} for number in range(LONGEST_BATCH + 50)]
    assert [refusal.id for refusal in judge(json.dumps(batch).encode())] == list(range(LONGEST_BATCH))


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":"' + rb"\ud83d" * 1_000_000,
        b'{"a":"' + rb"\ud8zz" * 1_000_000,
        b'{"a":"' + b'\\"' * 3_000_000,
        b'{"a":' + b'"id":' * 1_000_000,
        b'{"a":' + b'"id"' * 1_500_000,
        b'{"id"' + b" " * 6_000_000,
        b'{"params":' + b"[" * 6_000_000,
        b"\xff" * 6_000_000,
        b"\\" * 6_000_001,
    ],
    ids=lambda line: line[:12].decode(errors="replace"),
)
def test_hostile_lines_cost_time_in_proportion_to_their_length(line):
    began = time.process_time()
    judge(line[: len(line) // 8])
    short_s = time.process_time() - began
    began = time.process_time()
    judge(line)
    # Eight times the length; what grew with its square would take 64 times as long.
    assert time.process_time() - began < 30 * short_s + 0.5
