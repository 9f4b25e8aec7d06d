"""What the commands share: running over an opened home, printing, and asking on the terminal."""

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.syntax import Syntax

from modelmerit.app import App, open_app
from modelmerit.errors import ModelmeritError

Result = TypeVar("Result")

console = Console()
errors = Console(stderr=True)


class NoTerminal(ModelmeritError):
    """A decision only a human can make was asked for where no human can be asked."""


class CannotWrite(ModelmeritError):
    """The file that was asked for cannot be written."""


def opened_for_writing(path: Path) -> IO[str]:
    """The file, empty and open for writing.

    Raises:
        CannotWrite: If it cannot be opened.
    """
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"{str(path)!r} cannot be written ({error.strerror}). Name another file.") from error


def run(work: Callable[[App], Awaitable[Result]]) -> Result:
    """Run `work` over the home that the environment names."""

    async def opened() -> Result:
        async with open_app() as app:
            return await work(app)

    return asyncio.run(opened())


def print_json(value: Any) -> None:
    """Print a value for a program to read."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_markdown(text: str) -> None:
    """Print markdown: rendered on a terminal, as it is anywhere else."""
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        typer.echo(text)


def print_diff(diff: str) -> None:
    """Print a diff, in colours on a terminal."""
    if console.is_terminal:
        console.print(Syntax(diff, "diff", background_color="default"))
    else:
        typer.echo(diff)


def confirm(question: str) -> bool:
    """A human's yes or no.

    Raises:
        NoTerminal: If standard input is no terminal: an agent must not be able to answer.
    """
    if not sys.stdin.isatty():
        raise NoTerminal(
            "This needs a human's yes, and there is no terminal to ask on. "
            "Run it in a terminal, or approve it in chat through apply_model_suggestion or rollback_model_change."
        )
    return typer.confirm(question)


def human() -> str:
    """Who sits at the terminal, for the change log."""
    return f"{getpass.getuser()}, on the terminal"


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
