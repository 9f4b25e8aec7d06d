"""Histories on the command line: `import`, `export` and `backtest`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from modelmerit.app import App
from modelmerit.cli import client_history
from modelmerit.cli.broken_records import BrokenRecords, no_broken_records, print_broken, print_error, print_with_broken
from modelmerit.cli.terminal import INTERRUPTED, cell, console, opened_for_writing, print_json, progress_bar, run, say
from modelmerit.errors import DispatchLogError, PolicyFileError
from modelmerit.services.history import Imported, backtest_log, export_log, import_log
from modelmerit.serving.escaping import visible

importing = typer.Typer(help="Bring in a history from before the installation.", no_args_is_help=True)
exporting = typer.Typer(help="Write out what is stored.", no_args_is_help=True)

HistoryPath = Annotated[Path, typer.Argument(help="A dispatches.json: an array of records, or JSON lines.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
MOST_UNUSED_SHOWN = 8


def register(app: typer.Typer) -> None:
    """Add these commands to the `modelmerit` command."""
    client_history.register(importing)
    app.add_typer(importing, name="import")
    app.add_typer(exporting, name="export")
    app.command()(backtest)


@importing.command("dispatches")
def import_dispatches(path: HistoryPath, as_json: AsJson = False) -> None:
    """Import a dispatch log. Importing it twice changes nothing; broken records are listed, good ones kept."""
    result = Imported()
    with no_broken_records() as broken:
        try:
            run(lambda app: _import(app, path, result, broken))
        except KeyboardInterrupt:
            print_error(f"Stopped. {result.added + result.known} records are kept; import the file again to go on.")
            raise typer.Exit(INTERRUPTED) from None
        if as_json:
            counts = {
                "added": result.added,
                "known": result.known,
                "stopped": result.stopped,
                "unused_fields": dict(result.unused),
            }
            print_with_broken(counts, broken)
        else:
            _print_imported(result, broken)
    if result.broken and not result.added + result.known:
        raise DispatchLogError(f"{str(path)!r} has no record that can be read.")


async def _import(app: App, path: Path, result: Imported, broken: BrokenRecords) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Importing {escape(visible(path.name))}", total=_size(path))

        def progress(read: int) -> None:
            bar.update(task, completed=read)

        await import_log(app.store, path, progress=progress, on_broken=broken.add, result=result)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


@exporting.command("dispatches")
def export_dispatches(output: Output = None) -> None:
    """Write every attempt as a dispatches.json."""

    async def work(app: App) -> int:
        if output is None:
            return await export_log(app.store, sys.stdout)
        with opened_for_writing(output) as file:
            return await export_log(app.store, file)

    count = run(work)
    if output is not None:
        say(f"{count} attempts written to {output}.")


@exporting.command("learning")
def export_learning(output: Output = None) -> None:
    """Write what was learned as a model-learning.json."""
    learned = run(lambda app: app.analysing.export_learning())
    if output is None:
        print_json(learned)
        return
    with opened_for_writing(output) as file:
        file.write(json.dumps(learned, indent=2, ensure_ascii=False) + "\n")
    say(f"Written to {output}.")


def backtest(
    history: HistoryPath,
    policy: Annotated[Path, typer.Option(help="The models.json that was in force.")],
    every: Annotated[int, typer.Option(min=1, help="Days between two looks.")] = 7,
    as_json: AsJson = False,
) -> None:
    """What would have been suggested every few days of a history, with what was known then. Nothing is stored."""
    from modelmerit.policy.document import parse_policy

    try:
        text = policy.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyFileError(f"{str(policy)!r} cannot be read: {error}.") from error
    looks, broken = backtest_log(history, parse_policy(text), every)
    if as_json:
        print_json({"looks": looks})
        return
    _print_looks(looks)
    print_broken(broken, len(broken))


def _print_looks(looks: list[dict[str, Any]]) -> None:
    table = Table("first seen", "confidence", "change", title=f"{len(looks)} looks")
    seen: set[str] = set()
    for look in looks:
        for suggestion in look["suggestions"]:
            if suggestion["id"] not in seen:
                seen.add(suggestion["id"])
                table.add_row(look["as_of"][:10], f"{suggestion['confidence']:.0%}", cell(suggestion["change"]))
    console.print(table if seen else f"{len(looks)} looks, nothing would have been suggested.")


def _print_imported(result: Imported, broken: BrokenRecords) -> None:
    print_broken(broken, result.broken)
    rest = ""
    if result.stopped:
        print_error(result.stopped)
        rest = " These are kept; the rest of the file could not be read."
    say(_counts(result) + rest)
    if result.unused:
        names = ", ".join(f"{name} ({times})" for name, times in result.unused.most_common(MOST_UNUSED_SHOWN))
        say(f"Kept, but not used, as nothing here knows them: {names}.")


def _counts(result: Imported) -> str:
    return f"{result.added} added, {result.known} already known, {result.broken} broken."
