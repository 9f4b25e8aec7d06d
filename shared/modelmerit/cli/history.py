"""Histories on the command line: `import`, `export` and `backtest`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from modelmerit.app import App
from modelmerit.cli.terminal import console, errors, opened_for_writing, print_json, progress_bar, run
from modelmerit.errors import PolicyFileError
from modelmerit.evidence.log_files import BrokenRecord
from modelmerit.services.history import Imported, backtest_log, export_log, import_log

importing = typer.Typer(help="Bring in a history from before the installation.", no_args_is_help=True)
exporting = typer.Typer(help="Write out what is stored.", no_args_is_help=True)

HistoryPath = Annotated[Path, typer.Argument(help="A dispatches.json: an array of records, or JSON lines.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
BROKEN_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add these commands to the `modelmerit` command."""
    app.add_typer(importing, name="import")
    app.add_typer(exporting, name="export")
    app.command()(backtest)


@importing.command("dispatches")
def import_dispatches(path: HistoryPath, as_json: AsJson = False) -> None:
    """Import a dispatch log. Importing it twice changes nothing; broken records are listed, good ones kept."""

    async def work(app: App) -> Imported:
        with progress_bar() as bar:
            size = path.stat().st_size if path.exists() else None
            task = bar.add_task(f"Importing {path.name}", total=size)
            return await import_log(app.store, path, progress=lambda read: bar.update(task, completed=read))

    result = run(work)
    if as_json:
        print_json(
            {
                "added": result.added,
                "known": result.known,
                "broken": [{"number": broken.number, "reason": broken.reason} for broken in result.broken],
            }
        )
        return
    console.print(f"{result.added} added, {result.known} already known, {len(result.broken)} broken.", highlight=False)
    _print_broken(result.broken)


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
        console.print(f"{count} attempts written to {output}.", highlight=False)


@exporting.command("learning")
def export_learning(output: Output = None) -> None:
    """Write what was learned as a model-learning.json."""
    learned = run(lambda app: app.analysing.export_learning())
    if output is None:
        print_json(learned)
        return
    with opened_for_writing(output) as file:
        file.write(json.dumps(learned, indent=2, ensure_ascii=False) + "\n")
    console.print(f"Written to {output}.", highlight=False)


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
    _print_broken(broken)


def _print_looks(looks: list[dict[str, Any]]) -> None:
    table = Table("first seen", "confidence", "change", title=f"{len(looks)} looks")
    seen: set[str] = set()
    for look in looks:
        for suggestion in look["suggestions"]:
            if suggestion["id"] not in seen:
                seen.add(suggestion["id"])
                table.add_row(look["as_of"][:10], f"{suggestion['confidence']:.0%}", suggestion["change"])
    console.print(table if seen else f"{len(looks)} looks, nothing would have been suggested.")


def _print_broken(broken: list[BrokenRecord]) -> None:
    for record in broken[:BROKEN_SHOWN]:
        errors.print(f"record {record.number}: {record.reason}", highlight=False, markup=False)
    if len(broken) > BROKEN_SHOWN:
        errors.print(f"and {len(broken) - BROKEN_SHOWN} more")
