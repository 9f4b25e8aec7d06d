"""Whether a shell command was a run of tests, and whether they passed.

Linters, type checkers and builds are no tests. The exit status decides where it is that of the tests; behind a pipe, or
before `|| true`, it says nothing, and the runner's own summary decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from modelmerit.capture.outcomes import runners as names
from modelmerit.capture.outcomes.shell_commands import SimpleCommand, simple_commands
from modelmerit.capture.outcomes.summaries import read_summary


@dataclass(frozen=True, slots=True)
class Suite:
    """Which tests ran: the runner, and the words that choose among its tests, none for all of them."""

    runner: str
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class TestRun:
    """The tests that one command line ran, and whether all of them passed."""

    __test__ = False

    suites: frozenset[Suite]
    passed: bool


_KNOWN = names.RUNNERS | names.SUBCOMMANDS.keys() | names.SCRIPTS | names.TARGETS | names.PREFIXES.keys()
"""Words at which the command inside a container begins."""
_PYTHON = re.compile(r"python3?(?:\.\d+)?")
_MOST_WORDS = 200


def read_test_run(command: str, output: str, failed: bool | None) -> TestRun | None:
    """The run of tests in a command line; None if there was none, if nothing ran, or if its result is not known.

    `failed` is what the client says of the whole line's exit, None where it says nothing; `output` is its end.
    """
    lines = simple_commands(_inner(command))
    tested = [(one, suite) for one in lines if (suite := _suite(one.words))]
    if not tested:
        return None
    said = read_summary(output)
    if said == "nothing ran":
        return None
    if failed is False and all(one.status_told for one, _ in tested):
        passed = True
    elif failed and _failure_told(lines, [one for one, _ in tested]):
        passed = False
    elif said is not None:
        passed = said == "passed"
    else:
        return None
    return TestRun(frozenset(suite for _, suite in tested), passed)


def _failure_told(line: Sequence[SimpleCommand], tested: Sequence[SimpleCommand]) -> bool:
    """Whether failure of the line is failure of its tests: nothing else in it may have failed."""
    others = [one for one in line if one not in tested and _name(one.words[0]) not in names.CANNOT_FAIL]
    return not others and tested[-1].failure_told and all(one.status_told for one in tested)


def _inner(command: str) -> str:
    """The line inside `bash -c`, else the command itself."""
    line = simple_commands(command) if "sh -" in command else []
    if (
        len(line) == 1
        and len(words := line[0].words) >= 3
        and _name(words[0]) in names.SHELLS
        and words[1] in {"-c", "-lc"}
    ):
        return words[2]
    return command


def _suite(words: Sequence[str]) -> Suite | None:
    words = _without_prefixes(list(words[:_MOST_WORDS]))
    if not words or names.NO_RUN.intersection(words):
        return None
    name, rest = _name(words[0]), words[1:]
    if name == "node" and "--test" in rest:
        return Suite("node --test", _chosen(rest))
    if name in names.RUNNERS:
        return None if name in {"jest", "vitest"} and rest[:1] == ["list"] else Suite(name, _chosen(rest))
    operands = _without_options(rest)
    for at, operand in enumerate(operands[:4]):
        if operand in names.SUBCOMMANDS.get(name, ()):
            return Suite(f"{name} {operand}", frozenset(operands[at + 1 :]) - names.EVERYTHING)
    if name in names.SCRIPTS | names.TARGETS and any(_names_tests(name, script) for script in _scripts(name, operands)):
        return Suite(name, frozenset(operands))
    return None


def _scripts(name: str, operands: list[str]) -> list[str]:
    """The scripts or targets that are run: of `make` and its like all of them, of package managers the first word."""
    if name in names.TARGETS:
        return operands
    if operands[:1] == ["workspace"]:
        operands = operands[2:]
    return [word for word in operands if word not in {"run", "run-script"}][:1]


def _names_tests(name: str, script: str) -> bool:
    pattern = names.GRADLE_TASK if name in {"gradle", "gradlew"} else names.SCRIPT
    return bool(pattern.match(script)) and not names.NO_TEST.search(script.casefold())


def _without_prefixes(words: list[str]) -> list[str]:
    """The words from the runner on: what runs it (`uv run`, `python -m`, a container) left out."""
    while words:
        name = _name(words[0])
        if name in names.CONTAINERS:
            words = words[next((at for at, word in enumerate(words) if _name(word) in _KNOWN), len(words)) :]
            continue
        if name == "node" and "--test" in words:
            return words
        if (name, *words[1:2]) in names.TWO_WORD_PREFIXES:
            taken = 2
        elif name in names.PREFIXES or _PYTHON.fullmatch(name):
            taken = 1 + names.PREFIXES.get(name, 0)
        else:
            return words
        words = words[taken:]
        while words and (words[0].startswith("-") or "=" in words[0].split("/")[0]):
            words = words[2 if words[0] in names.VALUED else 1 :]
    return words


def _without_options(words: Sequence[str]) -> list[str]:
    kept, skip = [], False
    for word in words:
        if not skip and not word.startswith(("-", "+")):
            kept.append(word)
        skip = not skip and word in names.VALUED
    return kept


def _chosen(words: Sequence[str]) -> frozenset[str]:
    return frozenset(
        word for word in words if not word.startswith("-") and word not in names.EVERYTHING and not word.isdigit()
    )


def _name(word: str) -> str:
    name = PurePosixPath(word.replace("\\", "/")).name
    return name.removesuffix(".exe").removesuffix(".cmd").removesuffix(".bat")
