import pytest

from modelmerit.capture.outcomes.pasted import SHORT, shows_a_failure


@pytest.mark.parametrize(
    "output",
    [
        "Traceback (most recent call last):\n  ...",
        "KeyError: 'name'",
        "npm ERR! missing script",
        "error TS2304: Cannot find name",
        "FAILED tests/test_a.py::test_b",
        "--- FAIL: TestB",
        "panic: runtime error",
        "src/a.ts:3:14: unknown name",
        "make: *** exited with code 2",
        "fatal: not a git repository",
        "bash: foo: command not found",
        "    at load (/srv/app.js:3:14)",
        "BUILD FAILED in 3s",
        "ERROR: could not connect",
        "502 Bad Gateway",
        "thread 'main' panicked",
        'level=error msg="no route"',
        "it says ReferenceError: x is not defined",
    ],
)
def test_output_of_what_failed_is_recognised(output: str) -> None:
    assert shows_a_failure(output)
    assert shows_a_failure(f"I ran it:\n{output}\nwhat now?")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "handle the error",
        "what is a KeyError?",
        "add a class Error: it is raised when the file is missing, and tell me\n"
        + "a word of prose " * (SHORT // 16 + 1),
        "the exit code should be 0",
        "show 404 pages in our style",
        "All checks passed",
        "10:00:01 started",
    ],
)
def test_words_about_errors_and_good_output_are_none(text: str) -> None:
    assert not shows_a_failure(text)


LOG = "10:00:01 started\n10:00:02 waiting\n10:00:03 waiting"


def test_a_log_is_shown_because_something_is_wrong_with_it_unless_it_comes_with_a_request() -> None:
    assert shows_a_failure(LOG)
    assert shows_a_failure(f"this is what I see\n{LOG}")
    assert not shows_a_failure(f"write a parser for lines like these:\n{LOG}")
