"""A human's decisions on the command line: `apply`, `reject`, `rollback`, `changes` and `rate`."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from modelmerit.app import App
from modelmerit.cli.terminal import cell, confirm, console, human, print_diff, print_json, run, say
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.services.proposals import Decision, Proposal, standing_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


class Rating(StrEnum):
    """What a human says came of a task."""

    SUCCESS = "success"
    FAILURE = "failure"
    PARTIAL = "partial"


def register(app: typer.Typer) -> None:
    """Add these commands to the `modelmerit` command."""
    app.command("apply")(apply_suggestion)
    app.command()(reject)
    app.command()(rollback)
    app.command()(changes)
    app.command()(rate)


def apply_suggestion(
    suggestion_id: Annotated[str, typer.Argument(help="A suggestion's id.", metavar="ID")],
) -> None:
    """Change models.json as a suggestion says, after showing the diff and asking on the terminal."""

    async def work(app: App) -> Decision:
        proposal = await app.approving.propose(suggestion_id)
        if isinstance(proposal, Decision):
            return proposal
        if not _agreed(proposal, "Make this change to models.json?"):
            return Decision(state="declined", message="Nothing was changed.")
        return await app.approving.apply(suggestion_id, approved=proposal.change, who=human())

    _finish(run(work))


def reject(
    suggestion_id: Annotated[str, typer.Argument(help="A suggestion's id.", metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
) -> None:
    """Reject a suggestion; it does not come back until its evidence has at least doubled."""
    stored = run(lambda app: app.approving.reject(suggestion_id, who=human(), reason=reason))
    if stored.status != "rejected":
        say(f"{stored.id} is {stored.status}, so there is nothing to reject.")
        raise typer.Exit(1)
    say(standing_line(stored))


def rollback(
    change_id: Annotated[
        str | None, typer.Argument(help="A change's id; left out, the newest.", metavar="CHANGE")
    ] = None,
) -> None:
    """Take back a change to models.json, after showing the diff and asking on the terminal."""

    async def work(app: App) -> Decision:
        proposal = await app.approving.propose_rollback(change_id)
        if isinstance(proposal, Decision):
            return proposal
        if not _agreed(proposal, "Take this change back?"):
            return Decision(state="declined", message="Nothing was changed.")
        return await app.approving.roll_back(change_id, approved=proposal.change, who=human())

    _finish(run(work))


def changes(as_json: AsJson = False) -> None:
    """List the changes made to models.json, newest first."""

    async def work(app: App) -> tuple[list[dict[str, object]], bool]:
        entries = [entry.to_dict() for entry in reversed(app.approving.changes())]
        return entries, app.policy_file.edited_outside()

    entries, edited_outside = run(work)
    if as_json:
        print_json({"changes": entries, "edited_outside": edited_outside})
        return
    table = Table(box=None, pad_edge=False)
    # An id that is cut short is none that `rollback` knows.
    table.add_column("id", no_wrap=True)
    for name in ("when", "kind", "change", "who"):
        table.add_column(name, overflow="fold")
    for entry in entries:
        when = str(entry["when"])[:16].replace("T", " ")
        table.add_row(*map(cell, (entry["id"], when, entry["kind"], entry["summary"], entry["who"])))
    console.print(table if entries else "No changes yet.")
    if edited_outside:
        console.print("models.json was edited outside modelmerit since the last of these.")


def rate(
    task_id: Annotated[str, typer.Argument(help="The task's id, as dispatch_task answered it.", metavar="TASK")],
    outcome: Annotated[Rating, typer.Argument(help="What came of it.")],
    notes: Annotated[str | None, typer.Option(help="A remark for the record.")] = None,
) -> None:
    """Say what came of a task; a human's word outweighs every other evidence."""
    said = OutcomeReport(outcome=outcome.value, evidence="human", notes=notes)
    attempt, changed = run(lambda app: app.dispatching.report(task_id, said))
    say(f"{attempt.id} is {attempt.outcome}{'' if changed else ' (as before)'}.")


def _agreed(proposal: Proposal, question: str) -> bool:
    say(f"{proposal.change}\n\n{proposal.evidence}")
    for conflict in proposal.conflicts:
        say(f"Note: {conflict}")
    print_diff(proposal.diff)
    return confirm(question)


def _finish(decision: Decision) -> None:
    say(f"{decision.state}: {decision.message}")
    for warning in decision.warnings:
        say(f"warning: {warning}")
    if decision.state not in ("applied", "rolled_back"):
        raise typer.Exit(1)
