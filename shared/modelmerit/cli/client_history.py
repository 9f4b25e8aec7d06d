"""Histories of the clients on the command line: `import claude-code` and `import opencode`."""

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from modelmerit.app import App
from modelmerit.cli.broken_records import print_error
from modelmerit.cli.terminal import INTERRUPTED, console, errors, print_json, run, say

if TYPE_CHECKING:
    from modelmerit.evidence.inspection import ModelUse
    from modelmerit.learning.report import Report
    from modelmerit.services.client_histories import ClientHistory
    from modelmerit.services.client_history import ImportedHistory
    from modelmerit.services.history_parts import HistoryPart, Unreadable

Turns = Annotated[bool, typer.Option("--turns", help="Read what you asked of the main thread too.")]
Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Leave out what began before this day, here.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Store nothing; show what would be added, and all tokens.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
ClaudeCodePath = Annotated[
    Path | None, typer.Argument(help="A configuration folder, a folder of projects, or a session's .jsonl.")
]
OpenCodePath = Annotated[Path | None, typer.Argument(help="A data folder, or an opencode.db.")]

REPORTED_DAYS = 90
MOST_UNREADABLE_SHOWN = 20


class HistoryOf(Protocol):
    """A client's history, found."""

    def __call__(
        self, path: Path | None, environment: Mapping[str, str], *, turns: bool, since: datetime | None
    ) -> "ClientHistory":
        """The history under a path, or where the client keeps it."""
        ...


def register(importing: typer.Typer) -> None:
    """Add these commands to the `import` command."""
    importing.command("claude-code")(import_claude_code)
    importing.command("opencode")(import_opencode)


def import_claude_code(
    path: ClaudeCodePath = None,
    turns: Turns = False,
    since: Since = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import what Claude Code's sub-agents did before the installation. Importing it twice changes nothing."""
    from modelmerit.services.client_histories import claude_code_history

    _import(claude_code_history, path, turns, since, dry_run, as_json)


def import_opencode(
    path: OpenCodePath = None,
    turns: Turns = False,
    since: Since = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import what OpenCode's sub-agents did before the installation. Importing it twice changes nothing."""
    from modelmerit.services.client_histories import opencode_history

    _import(opencode_history, path, turns, since, dry_run, as_json)


def _import(
    history_of: HistoryOf, path: Path | None, turns: bool, since: datetime | None, dry_run: bool, as_json: bool
) -> None:
    first_moment = None if since is None else since.astimezone()
    place = None if path is None else path.expanduser().absolute()
    history = history_of(place, os.environ, turns=turns, since=first_moment)
    if dry_run:
        _preview(history, as_json)
        return
    from modelmerit.services.client_history import ImportedHistory

    result = ImportedHistory()
    try:
        use, report = run(lambda app: _imported(app, history, turns, first_moment, result, reporting=not as_json))
    except KeyboardInterrupt:
        kept = result.added + result.joined + result.changed + result.known
        print_error(f"Stopped. {kept} runs are kept; import the history again to go on.")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(asdict(result) | {"last_90_days": [asdict(one) for one in use]})
        return
    _print_imported(result, use, report)


async def _imported(
    app: App,
    history: "ClientHistory",
    turns: bool,
    since: datetime | None,
    result: "ImportedHistory",
    *,
    reporting: bool,
) -> "tuple[list[ModelUse], Report | None]":
    from modelmerit.evidence.inspection import inspected
    from modelmerit.services.client_history import import_history

    # What the hooks have seen and nobody has recorded yet is known better than history: under which policy it ran.
    with errors.status("Recording what the hooks have seen"):
        await app.capturing.catch_up(longest_s=math.inf)
    policy = app.policy_file.current().policy
    with _bar(history) as progress:
        await import_history(
            app.store,
            policy,
            history.client,
            history.parts,
            now=app.now,
            turns=turns,
            since=since,
            progress=progress,
            result=result,
        )
    with inspected(app.settings.store_path) as store:
        use = store.use_by_model(history.client, app.now() - timedelta(days=REPORTED_DAYS))
    report = (await app.analysing.report())[0] if reporting else None
    return use, report


@contextmanager
def _bar(history: "ClientHistory") -> "Iterator[Callable[[HistoryPart], None]]":
    """A bar that moves by what the parts weigh, and counts them; nothing where standard error is no terminal."""
    total = len(history.parts)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]} of " + str(total)),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task(f"Reading {history.client}", total=sum(part.size for part in history.parts), done=0)
        done = 0

        def progress(part: "HistoryPart") -> None:
            nonlocal done
            done += 1
            bar.update(task, advance=part.size, done=done)

        yield progress


def _preview(history: "ClientHistory", as_json: bool) -> None:
    from modelmerit.cli.client_history_tables import totals_json, totals_table
    from modelmerit.evidence.inspection import inspected
    from modelmerit.services.history_preview import preview_history
    from modelmerit.settings import Settings

    store_path = Settings.from_environment().store_path
    known: set[str] = set()
    if store_path.exists():
        with inspected(store_path) as store:
            known = store.captured_runs(history.client)
    with _bar(history) as progress:
        preview = preview_history(history.parts, known, progress)
    totals = history.totals()
    if as_json:
        print_json(asdict(preview) | {"tokens": totals_json(totals)})
        return
    _print_unreadable(preview.unreadable)
    by_count = Counter(preview.new).most_common()
    new = ", ".join(f"{model or 'no model'} {count:,}" for model, count in by_count)
    console.print(totals_table(totals))
    say(
        f"{sum(preview.new.values()):,} runs would be added{f' ({new})' if new else ''}, "
        f"{preview.known:,} are known already. Nothing was stored."
    )


def _print_imported(result: "ImportedHistory", use: "list[ModelUse]", report: "Report | None") -> None:
    from modelmerit.cli.client_history_tables import use_table, use_told
    from modelmerit.cli.report_tables import report_view

    _print_unreadable(result.unreadable)
    if result.broken_lines:
        print_error(f"{result.broken_lines:,} lines could not be read and were passed over, as the client does.")
    say(_counts(result))
    if use:
        console.print(use_table(use, f"Your last {REPORTED_DAYS} days"))
        for line in use_told(use):
            say(line)
    if report is not None:
        console.print()
        console.print(report_view(report))


def _counts(result: "ImportedHistory") -> str:
    said = f"{result.added:,} runs added, {result.known:,} already known"
    if result.joined:
        said += f", {result.joined:,} joined with what was dispatched"
    if result.changed:
        said += f", {result.changed:,} known better now"
    sessions = f"{result.read:,} sessions read, {result.unchanged:,} unchanged since the last import"
    return f"{said}; {sessions}."


def _print_unreadable(unreadable: "list[Unreadable]") -> None:
    for one in unreadable[:MOST_UNREADABLE_SHOWN]:
        print_error(f"{one.source}: {one.reason}")
    if len(unreadable) > MOST_UNREADABLE_SHOWN:
        print_error(f"and {len(unreadable) - MOST_UNREADABLE_SHOWN} more; --json lists all")
