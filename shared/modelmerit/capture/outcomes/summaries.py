"""What the end of a test runner's output says: some failed, all passed, or there was nothing to run."""

import re
from typing import Literal

READ_CHARACTERS = 4_000
LAST_LINES = 30
"""Telling lines that are read: every runner sums up at the end."""

Verdict = Literal["passed", "failed", "nothing ran"]

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


def _any_of(patterns: str) -> re.Pattern[str]:
    """One a line. Those that begin a line of output are tried there only: in one group, behind one `^`."""
    lines = [line.strip() for line in patterns.splitlines() if line.strip()]
    anchored = "|".join(line[1:] for line in lines if line.startswith("^"))
    return re.compile("|".join([f"^(?:{anchored})", *(line for line in lines if line[0] != "^")]), re.MULTILINE)


_NOT_STARTED = _any_of(r"""
    command not found
    not recognized as an internal or external command
    No module named '?(?:pytest|unittest|tox|nox|coverage|django)\b
    [Mm]issing script:
    ERR_PNPM_NO_SCRIPT
    Command "\w{1,40}" not found
    No rule to make target
    ^(?:Error: )?Command timed out
    ^\[?Request interrupted
""")
"""The runner itself was not there, or was cut off: nothing is known of the work."""

_FAILED = _any_of(
    r"""
    \b[1-9]\d* (?:failed|errors?)\b[^\n]{0,200} in \d
    ^FAILED \((?:failures|errors|unexpected)
    ^[ \t]*(?:Tests|Test Files|Test Suites):?[ \t]+[1-9]\d* failed\b
    ^[ \t]*Tests: {1,9}[^\n]{0,80}\b[1-9]\d* failed\b
    ^[ \t]*[1-9]\d* failing\b
    ^[ \t]*[1-9]\d* failed$
    ^(?:#|\u2139) fail [1-9]
    ^[ \t]*[1-9]\d* fail$
    ^[ \t]*✗ \d
    ✖ [1-9]\d* (?:of \d+ )?(?:tests? )?failed
    ^test result: FAILED
    ^error: test failed, to rerun
    \b\d+ tests? run: [^\n]{0,80}\b[1-9]\d* failed
    ^(?:--- FAIL|FAIL)\b
    ^Tests run: \d+, (?:Failures: [1-9]|Failures: 0, Errors: [1-9])
    ^\[ERROR\] Tests run:
    ^\d+ tests completed, [1-9]\d* failed
    ^BUILD FAILED\b
    \bBUILD FAILURE\b
    ^[ \t]*Failed! +- Failed:
    ^Test Run Failed
    ^[ \t]*Failed: [1-9]
    ^\d+ (?:examples?|tests?|doctests?), (?:\d+ tests?, )?[1-9]\d* (?:failures?|errors?)\b
    ^\d+ runs, \d+ assertions, (?:[1-9]\d* failures|0 failures, [1-9])
    ^(?:FAILURES|ERRORS)!$
    ^Tests: \d+, Assertions: \d+, (?:Failures|Errors): [1-9]
    \b[1-9]\d* tests failed out of
    \bExecuted \d+ tests?, with [1-9]\d* (?:failures?|tests? skipped and [1-9])
    Test run with \d+ tests?[^\n]{0,60} failed
    ^\*\* TEST FAILED \*\*
    ^FAILED \|[ ]
    ^Some tests failed\.
    \b\d+ tests?: [^\n]{0,40}[1-9]\d* fails?\b
    ^Result: FAIL
    \*\*\* [1-9]\d* TESTS? FAILED \*\*\*
    ^[ \t]*\S{1,80}: FAIL\b
    evaluation failed :\(
    Session \S{1,80} failed\b
"""
)

_PASSED = _any_of(r"""
    \b[1-9]\d* passed\b[^\n]{0,200} in \d
    ^Ran [1-9]\d* tests? in [^\n]{1,40}\n+OK\b
    ^[ \t]*(?:Tests|Test Files|Test Suites):?[ \t][^\n]{0,60}\b[1-9]\d* passed\b
    ^[ \t]*[1-9]\d* (?:passing|pass)\b
    ^[ \t]*[1-9]\d* passed \(
    ^(?:#|\u2139) pass [1-9]
    ✔ [1-9]\d* tests? passed
    ^[ \t]*[1-9]\d* tests? passed$
    ^test result: ok\. [1-9]
    \b[1-9]\d* tests? run: [1-9]\d* passed
    ^ok[ \t]+\S{1,200}[ \t]+(?:[\d.]+s|\(cached\))(?!.{0,40}\[no tests to run\])
    ^(?:\[INFO\] )?Tests run: [1-9]\d*, Failures: 0, Errors: 0
    ^BUILD SUCCESSFUL\b
    ^[ \t]*Passed! +- Failed: +0, Passed: +[1-9]
    ^Test Run Successful
    ^[1-9]\d* (?:examples?|tests?|doctests?), (?:\d+ tests?, )?0 (?:failures|errors)\b
    ^[1-9]\d* runs, \d+ assertions, 0 failures, 0 errors
    ^OK(?:, but [^\n]{1,40})? \([1-9]\d* tests?
    ^100% tests passed, 0 tests failed out of [1-9]
    \bExecuted [1-9]\d* tests?, with (?:\d+ tests? skipped and )?0 failures
    Test run with [1-9]\d* tests?[^\n]{0,60} passed
    ^\*\* TEST SUCCEEDED \*\*
    ^ok \| [1-9]\d* passed
    All tests passed!
    ^All tests successful
    \bAll tests passed\.
    \b[1-9]\d* tests? pass(?:es)?\b
    ^Result: PASS
    congratulations :\)
    Session \S{1,80} was successful
""")

_NOTHING_RAN = _any_of(r"""
    \bno tests ran\b
    ^collected 0 items$
    \bNO TESTS RAN\b
    ^Ran 0 tests
    [Nn]o test(?:s| files| suites)?(?: were)? found
    \[no test files\]
    \[no tests to run\]
    No tests to run
    ^[ \t]*0 passing\b
    ^test result: ok\. 0 passed
    ^0 (?:examples|runs|tests),
    No tests executed!
    No test is available
    ^> Task :\S{0,80}test NO-SOURCE
    ^(?:#|\u2139) tests 0$
""")


# fmt: off
_TELLING = (
    "fail", "pass", "error", "ok", "success", "test", "found", "congrat", "example", "runs", "script", "no module",
    "rule", "recognized", "timed out", "interrupt", "item",
)
# fmt: on
"""A line without any of these matches nothing above; most lines are passed over that way, at a tenth of the time."""


def read_summary(output: str) -> Verdict | None:
    """What the output says; None if it does not say. One failure among many runs is a failure."""
    read = _telling_lines(_COLOUR.sub("", output[-READ_CHARACTERS:]))
    if _NOT_STARTED.search(read):
        return "nothing ran"
    if _FAILED.search(read):
        return "failed"
    if _NOTHING_RAN.search(read) and not _PASSED.search(read.replace("BUILD SUCCESSFUL", "")):
        return "nothing ran"
    return "passed" if _PASSED.search(read) else None


def _telling_lines(text: str) -> str:
    lines = ((line, line.casefold()) for line in text.splitlines())
    return "\n".join([line for line, folded in lines if any(word in folded for word in _TELLING)][-LAST_LINES:])
