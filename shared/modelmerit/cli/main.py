"""The `modelmerit` command: one group of commands a file, and one place where failures become messages."""

import sys
from typing import Annotated

import typer

from modelmerit import __version__
from modelmerit.cli import deciding, demo, history, learning
from modelmerit.errors import ModelmeritError

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
history.register(app)
learning.register(app)
deciding.register(app)


def main() -> None:
    """Run the command; an anticipated failure is one line on standard error and exit status 1."""
    try:
        app()
    except ModelmeritError as error:
        typer.echo(f"modelmerit: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output, such as `head`, has seen enough. Closing keeps Python from complaining at exit.
        sys.stderr.close()
        sys.exit(1)
