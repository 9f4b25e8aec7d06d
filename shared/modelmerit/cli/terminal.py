"""What the commands share: running over an opened home, printing, and asking on the terminal."""

import asyncio
import getpass
import json
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.syntax import Syntax
from rich.text import Text

from modelmerit.app import App, open_app
from modelmerit.errors import ModelmeritError
from modelmerit.serving.escaping import visible

Result = TypeVar("Result")

console = Console()
errors = Console(stderr=True)

INTERRUPTED = 130
"""What a shell calls the exit status of a command that was ended with Ctrl-C."""


class NoTerminal(ModelmeritError):
    """A decision only a human can make was asked for where no human can be asked."""


class CannotWrite(ModelmeritError):
    """The file that was asked for cannot be written."""


@contextmanager
def opened_for_writing(path: Path) -> Iterator[IO[str]]:
    """A file to write to; what is there already stays as it is until all is written, or if that fails.

    Raises:
        CannotWrite: If it cannot be opened or written.
    """
    try:
        with _whole_file(Path(os.path.realpath(path))) as file:
            yield file
    except OSError as error:
        raise CannotWrite(f"{str(path)!r} cannot be written ({error.strerror}). Name another file.") from error


@contextmanager
def _whole_file(path: Path) -> Iterator[IO[str]]:
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as device:
            yield device
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            yield file
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def run(work: Callable[[App], Awaitable[Result]]) -> Result:
    """Run `work` over the home that the environment names."""

    async def opened() -> Result:
        async with open_app() as app:
            return await work(app)

    return asyncio.run(opened())


def say(text: str) -> None:
    """Print a text as it is: nothing in it is a command to the terminal, or to whoever sets it out."""
    console.print(visible(text), highlight=False, markup=False, soft_wrap=True)


def cell(value: object) -> Text:
    """A value as a cell of a table, as it is."""
    return Text(visible(str(value)))


def print_json(value: Any) -> None:
    """Print a value for a program to read."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_diff(diff: str) -> None:
    """Print a diff, in colours on a terminal."""
    if console.is_terminal:
        console.print(Syntax(visible(diff), "diff", background_color="default", word_wrap=True))
    else:
        typer.echo(diff)


def confirm(question: str) -> bool:
    """A human's yes or no.

    Raises:
        NoTerminal: If standard input is no terminal: an agent must not be able to answer.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise NoTerminal(
            "This needs a human's yes, and there is no terminal to ask on. "
            "Run it in a terminal, or approve it in chat through apply_model_suggestion or rollback_model_change."
        )
    # The event loop takes the first Ctrl-C for itself, and would act on it only after an answer.
    loops = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return typer.confirm(question)
    finally:
        signal.signal(signal.SIGINT, loops)


def human() -> str:
    """Who sits at the terminal, for the change log."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # containers run as users that no list knows
        name = f"user {os.getuid()}"
    return f"{name}, on the terminal"


def progress_bar() -> Progress:
    """A bar for work measured in bytes; nothing where standard error is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=not errors.is_terminal,
    )
