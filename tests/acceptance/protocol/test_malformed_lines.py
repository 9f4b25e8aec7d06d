"""Everything a line can be, on both servers and in both eras: an answer or rightly none, and the next call works."""

import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, PARSE_ERROR = -32600, -32601, -32602, -32700
SERVED, TOOL_ERROR = "result", "tool error"
NOTHING: list[tuple[Any, Any]] = []


class Tools(NamedTuple):
    """Calls that cost little: one that takes a text, and what comes of it, one that takes a number, and a good one."""

    text: str
    text_outcome: str
    number: str
    good: str


TOOLS = {
    "task_dispatcher": Tools(
        text='"recommend_model","arguments":{"task":TEXT}',
        text_outcome=SERVED,
        number='"recommend_model","arguments":{"task":"x","estimated_files":NUMBER}',
        good='"recommend_model","arguments":{"task":"ok"}',
    ),
    "model_learning_analyzer": Tools(
        text='"reject_model_suggestion","arguments":{"suggestion_id":TEXT}',
        text_outcome=TOOL_ERROR,
        number='"suggest_model_rules","arguments":{"min_confidence":NUMBER}',
        good='"list_model_changes","arguments":{}',
    ),
}

LIST = '{"jsonrpc":"2.0","id":9,"method":"tools/list","params":{META}}'
CALL = '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{META,"name":'
TEXT_CALL = CALL + "TEXTTOOL}}"
NUMBER_CALL = CALL + "NUMBERTOOL}}"
LAST_ID = '{"method":"tools/call","params":{META,"name":"x","arguments":{"a":DEEP}},"jsonrpc":"2.0","id":9}'


def text_call(text: str) -> str:
    return TEXT_CALL.replace("TEXTTOOL", "TEXTTOOL:" + text)


def number_call(number: str) -> str:
    return NUMBER_CALL.replace("NUMBERTOOL", "NUMBERTOOL:" + number)


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


TEXT_OUTCOME = "what the text tool answers"
LINES: dict[str, tuple[str | bytes, list[tuple[Any, Any]]]] = {
    # Not a message at all.
    "an empty line": ("", NOTHING),
    "spaces": ("   ", NOTHING),
    "a carriage return": ("\r", NOTHING),
    "raw NUL bytes": ("\0\0\0", NOTHING),
    "JSON cut off after a member": ('{"jsonrpc":"2.0","id":5,', [(5, PARSE_ERROR)]),
    "JSON cut off in a string": (
        '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"x',
        [(5, PARSE_ERROR)],
    ),
    "JSON cut off before its own id": ('{"method":"tools/call","params":{"id":5', [(None, PARSE_ERROR)]),
    "no JSON": ("hello", [(None, PARSE_ERROR)]),
    "a number": ("42", [(None, INVALID_REQUEST)]),
    "null": ("null", [(None, INVALID_REQUEST)]),
    "a string": ('"hello"', [(None, INVALID_REQUEST)]),
    "an empty object": ("{}", [(None, INVALID_REQUEST)]),
    "an empty array": ("[]", [(None, INVALID_REQUEST)]),
    "a batch": (f"[{LIST}]", [(9, INVALID_REQUEST)]),
    "a batch of nothing that could be answered": ('[1,{"method":"x"},{"id":5,"result":{}}]', [(None, INVALID_REQUEST)]),
    # The envelope.
    "no jsonrpc": ('{"id":5,"method":"tools/list"}', [(5, INVALID_REQUEST)]),
    "jsonrpc 1.0": ('{"jsonrpc":"1.0","id":5,"method":"tools/list"}', [(5, INVALID_REQUEST)]),
    "an id of null": ('{"jsonrpc":"2.0","id":null,"method":"tools/list"}', [(None, INVALID_REQUEST)]),
    "an id with a fraction": ('{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}', [(None, INVALID_REQUEST)]),
    "an id that is an object": ('{"jsonrpc":"2.0","id":{},"method":"tools/list"}', [(None, INVALID_REQUEST)]),
    "an id of true": ('{"jsonrpc":"2.0","id":true,"method":"tools/list"}', [(None, INVALID_REQUEST)]),
    "an id of 5,000 digits": (
        '{"jsonrpc":"2.0","id":' + "9" * 5000 + ',"method":"tools/list"}',
        [(None, PARSE_ERROR)],
    ),
    "no method": ('{"jsonrpc":"2.0","id":8}', [(8, INVALID_REQUEST)]),
    "a method that is a number": ('{"jsonrpc":"2.0","id":8,"method":5}', [(8, INVALID_REQUEST)]),
    "a request that is a response too": (
        '{"jsonrpc":"2.0","id":8,"method":"tools/list","result":{}}',
        [(8, INVALID_REQUEST)],
    ),
    "params that are a list": ('{"jsonrpc":"2.0","id":8,"method":"tools/call","params":[1,2]}', [(8, INVALID_PARAMS)]),
    "params that are a string": ('{"jsonrpc":"2.0","id":8,"method":"tools/call","params":"x"}', [(8, INVALID_PARAMS)]),
    "a notification whose params are a list": (
        '{"jsonrpc":"2.0","method":"notifications/cancelled","params":[1]}',
        [(None, INVALID_PARAMS)],
    ),
    "an unknown method": ('{"jsonrpc":"2.0","id":8,"method":"evil/method","params":{META}}', [(8, METHOD_NOT_FOUND)]),
    "an unknown notification": ('{"jsonrpc":"2.0","method":"notifications/evil"}', NOTHING),
    "a response to nothing": ('{"jsonrpc":"2.0","id":999,"result":{}}', NOTHING),
    "an error to nothing": ('{"jsonrpc":"2.0","id":999,"error":{"code":1,"message":"x"}}', NOTHING),
    "a response that is none": ('{"jsonrpc":"2.0","id":999,"result":5}', NOTHING),
    "a cancellation of nothing": (
        '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":424242}}',
        NOTHING,
    ),
    "a cancellation of nobody": (
        '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}',
        NOTHING,
    ),
    "the same id twice in flight": (f"{LIST}\n{LIST}", [(9, SERVED), (9, SERVED)]),
    "a key twice": (
        '{"jsonrpc":"2.0","id":9,"id":10,"method":"ping","method":"tools/list","params":{META}}',
        [(10, SERVED)],
    ),
    # Arguments.
    "an unknown tool": (CALL + '"nope"}}', [(9, TOOL_ERROR)]),
    "arguments that are a list": (CALL + '"nope","arguments":[]}}', [(9, INVALID_PARAMS)]),
    "a tool without a name": ('{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{META}}', [(9, INVALID_PARAMS)]),
    "an argument of the wrong type": (text_call('{"a":1}'), [(9, TOOL_ERROR)]),
    "an argument of null": (text_call("null"), [(9, TOOL_ERROR)]),
    "an argument too many": (text_call('"x","zzz":1'), [(9, TOOL_ERROR)]),
    "prototype keys": (text_call('"x","__proto__":{"x":1},"__class__":"y"'), [(9, TOOL_ERROR)]),
    "NaN": (number_call("NaN"), [(9, TOOL_ERROR)]),
    "1e999": (number_call("1e999"), [(9, TOOL_ERROR)]),
    "an integer of 400 digits": (number_call("9" * 400), [(9, TOOL_ERROR)]),
    "true for a number": (number_call("true"), [(9, TOOL_ERROR)]),
    "a text of 10 MB": (text_call('"' + "x" * 10_000_000 + '"'), [(9, TOOL_ERROR)]),
    "200,000 arguments": (
        text_call('"x",' + ",".join(f'"k{number}":1' for number in range(200_000))),
        [(9, TOOL_ERROR)],
    ),
    # Characters.
    "an escaped NUL": (text_call(r'"x\u0000y"'), [(9, TEXT_OUTCOME)]),
    "a raw NUL": ('{"jsonrpc":"2.0","id":9,"method":"pi\0ng"}', [(9, PARSE_ERROR)]),
    "invalid UTF-8": (text_call('"BYTES"').replace("BYTES", "\udcff\udcfe\udcc3("), [(9, TEXT_OUTCOME)]),
    "UTF-16 with a byte order mark": (
        '{"jsonrpc":"2.0","id":9,"method":"tools/list"}\n'.encode("utf-16"),
        [(9, PARSE_ERROR)],
    ),
    "UTF-16, big end first": (
        '{"jsonrpc":"2.0","id":9,"method":"tools/list"}\n'.encode("utf-16-be"),
        [(9, PARSE_ERROR)],
    ),
    "UTF-8 with a byte order mark": ("\ufeff" + LIST, [(9, SERVED)]),
    "half a character in a text": (text_call(r'"cut \ud83d off"'), [(9, TEXT_OUTCOME)]),
    "half a character in a tool's name": (CALL + r'"\udfff"}}', [(9, TOOL_ERROR)]),
    "half a character in an id": (LIST.replace(":9,", r':"\ud800",'), [(None, INVALID_REQUEST)]),
    "writing direction and no width": (text_call('"a\u202eb\u2066\u200b\u2028c\u2029d\u0085e"'), [(9, TEXT_OUTCOME)]),
    "a carriage return at the end": (LIST + "\r", [(9, SERVED)]),
    "a carriage return inside": (LIST.replace('"id"', '\r"id"'), [(9, SERVED)]),
    "a path for a text": (text_call(r'"../../../../etc/passwd\u0000"'), [(9, TEXT_OUTCOME)]),
    # Size.
    "nesting of 10,000": (text_call(deep(10_000)), [(9, PARSE_ERROR)]),
    "nesting of 10,000 before the id": (LAST_ID.replace("DEEP", deep(10_000)), [(9, PARSE_ERROR)]),
    "nesting of 1,000,000 before the id": (LAST_ID.replace("DEEP", deep(1_000_000)), [(9, PARSE_ERROR)]),
    "nesting that never ends": ("[" * 1_000_000, [(None, PARSE_ERROR)]),
    "a line of 20 MB": (b"x" * 20_000_000, [(None, INVALID_REQUEST)]),
    "a request of 20 MB that ends with its id": (
        b'{"method":"tools/call","params":{"a":"' + b"x" * 20_000_000 + b'"},"jsonrpc":"2.0","id":9}',
        [(9, INVALID_REQUEST)],
    ),
    "200 calls at once": (
        "\n".join(LIST.replace(":9,", f":{number},") for number in range(5000, 5200)),
        [(number, SERVED) for number in range(5000, 5200)],
    ),
}


def raw(line: str | bytes, tools: Tools, meta: dict[str, Any]) -> bytes:
    """The line with the placeholders filled in; those that are bytes have none."""
    if isinstance(line, bytes):
        return line
    for kind, template in (("TEXT", tools.text), ("NUMBER", tools.number)):
        before, mark, rest = line.partition(f"{kind}TOOL:")
        if mark:
            line = before + template.replace(kind, rest.removesuffix("}}")) + "}}"
    return line.replace("META", f'"_meta":{json.dumps(meta)}').encode(errors="surrogateescape")


def outcome(answer: dict[str, Any]) -> tuple[Any, Any]:
    if "error" in answer:
        assert answer["error"]["message"]
        return answer["id"], answer["error"]["code"]
    return answer["id"], TOOL_ERROR if answer["result"].get("isError") else SERVED


@pytest.mark.parametrize("era", ["2025-11-25", "2026-07-28"])
@pytest.mark.parametrize("module", TOOLS)
@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_a_line_gets_the_answer_it_deserves_and_the_next_call_works(wires, module, era, line, expected):
    tools, wire = TOOLS[module], wires.shared(module, era)
    wire.write(raw(line, tools, wire.meta) + b"\n")
    answers = [wire.message() for _ in expected]
    good = json.loads("{" + f'"name":{tools.good}' + "}")
    others: list[dict[str, Any]] = []
    answer = wire.answer(wire.call(good["name"], good["arguments"]), others)
    assert outcome(answer)[1] == SERVED
    assert not others
    wanted = [(id_, tools.text_outcome if what == TEXT_OUTCOME else what) for id_, what in expected]
    assert sorted(map(outcome, answers), key=str) == sorted(wanted, key=str)


@pytest.mark.parametrize("module", TOOLS)
def test_a_second_initialize_is_answered(wires, module):
    wire = wires.shared(module, "2025-11-25")
    hello = {"protocolVersion": "1900-01-01", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    assert wire.result(wire.request("initialize", hello))["protocolVersion"] == "2025-11-25"


@pytest.mark.parametrize("module", TOOLS)
def test_a_broken_line_before_the_first_request_does_not_decide_the_era(wires, module):
    wire = wires.open(module, "2026-07-28")
    wire.write(b'{"jsonrpc":"2.0","id":5,\n')
    assert outcome(wire.message()) == (5, PARSE_ERROR)
    assert wire.result(wire.request("tools/list"))["tools"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory a running process has held")
@pytest.mark.parametrize("module", TOOLS)
def test_memory_does_not_grow_with_what_is_refused(wires, module):
    wire = wires.open(module, "2025-11-25")
    status = Path(f"/proc/{wire.process.pid}/status")

    def peak_mib() -> int:
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) // 1024

    before = peak_mib()
    for _ in range(4):
        wire.write(b"x" * 50_000_000 + b"\n")
        assert outcome(wire.message()) == (None, INVALID_REQUEST)
    # The 16 MiB that are kept of a line before it is known to be too long, and as much again while they are joined.
    assert peak_mib() - before < 48
