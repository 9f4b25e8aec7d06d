"""Processes of our commands and servers that start warm: forked from one that has imported what they need.

To import it takes longer than most tests do. Otherwise they are as any: each has a number, an environment, a folder and
open files of its own, and can be waited for and killed. How an interpreter starts and ends, and what it does with the
environment then, is for tests that start one cold.
"""

import fcntl
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

COMMAND = "modelmerit.cli.main"
"""Imported by each process for itself: its consoles take their width and colours from the environment they begin in."""

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(
    [
        "task_dispatcher.server",
        "model_learning_analyzer.server",
        # What they and the command import when they come to need it.
        "modelmerit.learning.report_text",
        "modelmerit.services.capturing",
        "modelmerit.services.history",
        "modelmerit.services.reviewing",
        "numpy",
        "rich.progress",
        "rich.syntax",
        "typer",
    ]
)


class WarmProcess:
    """A module's `main`, as `subprocess.Popen` would have started it; `None` for a stream is `/dev/null`.

    `before` is called in the process before the module is; it has to be one that can be pickled.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        stdin: IO[bytes] | int | None = None,
        stdout: IO[bytes] | int | None = None,
        stderr: IO[bytes] | int | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        before: Callable[[], object] | None = None,
    ) -> None:
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        ends = []
        for number, stream in enumerate((stdin, stdout, stderr)):
            if stream == subprocess.PIPE:
                reading, writing = os.pipe()
                ends.append(reading if number == 0 else writing)
                if number == 0:
                    self.stdin = os.fdopen(writing, "wb")
                else:
                    self.stdout = os.fdopen(reading, "rb")
            elif stream is None:
                ends.append(os.open(os.devnull, os.O_RDWR))
            else:
                ends.append(os.dup(stream if isinstance(stream, int) else stream.fileno()))
        passed = [Connection(end) for end in ends]
        told = (passed, module, arguments, dict(os.environ if env is None else env), str(cwd or Path.cwd()), before)
        self._process = _forking.Process(target=_become, args=told)
        self._process.start()
        for end in passed:
            end.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()


def run_command(
    *arguments: object,
    module: str = COMMAND,
    given: str = "",
    timeout_s: float = 120.0,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    before: Callable[[], object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `modelmerit`, or another module that can be run, to its end, with `given` on its standard input."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(given.encode())
        stdin.seek(0)
        texts = [str(each) for each in arguments]
        process = WarmProcess(
            module, *texts, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=cwd, before=before
        )
        try:
            status = process.wait(timeout_s)
        finally:
            process.kill()
        said = []
        for stream in (stdout, stderr):
            stream.seek(0)
            said.append(stream.read().decode())
    return subprocess.CompletedProcess([module, *texts], status, *said)


def on_a_terminal(*arguments: str) -> tuple[WarmProcess, int]:
    """Start `modelmerit` on a pseudo-terminal of its own, and answer the side of it that a person types at."""
    terminal, line = os.openpty()
    process = WarmProcess(COMMAND, *arguments, stdin=line, stdout=line, stderr=line, before=_take_the_terminal)
    os.close(line)
    return process, terminal


def _take_the_terminal() -> None:
    # Without it Ctrl-C would be a character as any other.
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _become(
    passed: list[Connection],
    module: str,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    folder: str,
    before: Callable[[], object] | None,
) -> None:
    for number, end in enumerate(passed):
        os.dup2(end.fileno(), number)
        end.close()
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None  # asked for anew, in this environment
    os.chdir(folder)
    if before is not None:
        before()
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as the interpreter opens them at its start
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["modelmerit", *arguments]
    if module == COMMAND:
        from modelmerit.cli.main import main

        main()
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
