"""The doctor's look at a server, against programs that are none, or do not behave as one; ours are in test_doctor."""

import os
import sys

import pytest

from modelmerit.services.checks.servers import check_server

NO_TOOLS = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if "id" in asked:
        result = {"tools": []} if asked["method"] == "tools/list" else {}
        answer = {"jsonrpc": "2.0", "id": asked["id"], "result": result}
        print("a line that is no JSON\\n" + json.dumps(answer), flush=True)
"""
REFUSING = """
import json, sys
asked = json.loads(sys.stdin.readline())
print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32600, "message": "not you"}}), flush=True)
"""


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit('no such luck')", "It ends before it answers: no such luck."),
        (
            "import sys; sys.stdin.readline(); sys.stderr.write('x' * 200_000 + chr(10) + 'the end')",
            "It ends before it answers: the end.",
        ),
        (REFUSING, "It answers initialize with an error: {'code': -32600, 'message': 'not you'}."),
        (NO_TOOLS, "It starts, but lists no tools."),
        ("import sys; sys.stdin.read()", "It does not answer within 0.5 s."),
    ],
)
def test_what_a_program_does_wrong_is_said_with_what_to_do(program, said):
    limit_s = 0.5 if "stdin.read()" in program else 20.0
    found = check_server("a server", [sys.executable, "-c", program], os.environ, limit_s)

    assert (found.state, found.line) == ("failed", said)
    assert found.to_do


def test_a_program_that_is_not_there_is_said(tmp_path):
    found = check_server("a server", [str(tmp_path / "gone")], os.environ)

    assert (found.state, found.line) == (
        "failed",
        f"{tmp_path / 'gone'} cannot be started (No such file or directory).",
    )
