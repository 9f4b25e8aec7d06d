"""The `modelmerit` command: one group of commands a file, and one place where failures become messages."""

import errno
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from modelmerit import __version__
from modelmerit.cli import deciding, demo, doctor, history, installing, learning
from modelmerit.errors import ModelmeritError
from modelmerit.serving.escaping import visible

GONE = "The folder that this runs in was deleted. Change to one that exists, and run it again."

app = typer.Typer(
    name="modelmerit",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"modelmerit {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Learn from your own work which model each kind of coding task should go to.

    Nothing changes without your yes.
    """


demo.register(app)
installing.register(app)
history.register(app)
learning.register(app)
deciding.register(app)
doctor.register(app)


def main() -> None:
    """Run the command; an anticipated failure is one line on standard error and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal cannot show is no reason to stop. Either stream may be closed, and then is None.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except ModelmeritError as error:
        # A relative path of a folder that is gone leads nowhere, whatever it names.
        is_lost = os.strerror(errno.ENOENT) in str(error) and _folder_is_gone()
        _fail(f"{error} {GONE}" if is_lost else str(error))
    except BrokenPipeError:
        # Whoever read our output, such as `head`, has seen enough. Closing keeps Python from complaining at exit.
        sys.stderr.close()
        sys.exit(1)
    except FileNotFoundError as error:
        _fail(GONE if _folder_is_gone() else _output_fault(error))
    except OSError as error:
        # Every file of ours has its own words; what is left is the output, on a disk that is full, say.
        _fail(_output_fault(error))


def _folder_is_gone() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _output_fault(error: OSError) -> str:
    return f"The output cannot be written ({error.strerror})."


def _fail(message: str) -> NoReturn:
    typer.echo(f"modelmerit: {visible(message)}", err=True)
    sys.exit(1)
