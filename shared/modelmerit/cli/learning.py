"""What was learned, on the command line: `analyze`, `suggest`, `show` and `report`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group

from modelmerit.app import App
from modelmerit.cli.terminal import Result, console, print_diff, print_json, run, say
from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.evidence.dispatch_log import iso
from modelmerit.learning.figures import percent
from modelmerit.learning.suggestion_text import suggestion_lines
from modelmerit.services.bundles import confidence_to_approve
from modelmerit.services.proposals import Decision, Proposal

if TYPE_CHECKING:
    from modelmerit.services.analysing import Findings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
SuggestionId = Annotated[str, typer.Argument(help="A suggestion's id, as `suggest` lists it.", metavar="ID")]
TOLD_WITH_SUGGESTIONS = (
    "as_of",
    "attempts",
    "look",
    "first_answer",
    "answers",
    "hints",
    "names",
    "warnings",
    "conflicts",
)


def register(app: typer.Typer) -> None:
    """Add these commands to the `modelmerit` command."""
    app.command()(analyze)
    app.command()(suggest)
    app.command()(show)
    app.command()(report)


def analyze(
    min_sample_size: Annotated[int | None, typer.Option(min=1, help="Leave out patterns with fewer attempts.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how each model has done on each kind of task."""
    from modelmerit.cli.report_tables import patterns_view

    findings = run(after_catching_up(lambda app: app.analysing.analyse(min_sample_size=min_sample_size)))
    if as_json:
        print_json(_analysed(findings))
        return
    console.print(Group(*patterns_view(findings.analysis, findings.policy.policy)))
    _say_warnings(findings)


def suggest(
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Leave out less certain ones.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """List the changes to models.json that the evidence supports, and hints that need more of it."""
    from modelmerit.cli.report_tables import suggestions_view

    made, findings = run(after_catching_up(lambda app: app.analysing.report(min_confidence=min_confidence)))
    if as_json:
        told = made.to_dict()
        proposed = [found.to_dict() for found in findings.proposed if confidence_to_approve(found) >= min_confidence]
        print_json({"suggestions": proposed} | {name: told[name] for name in TOLD_WITH_SUGGESTIONS})
        return
    console.print(Group(*suggestions_view(made)))
    _say_warnings(findings)


def show(suggestion_id: SuggestionId, as_json: AsJson = False) -> None:
    """Show one suggestion: its evidence, and the diff it would make."""
    from modelmerit.services.recalling import recalled

    async def work(app: App) -> tuple[Proposal | Decision, StoredSuggestion]:
        return await app.approving.propose(suggestion_id), await app.store.suggestion(suggestion_id)

    found, stored = run(work)
    if as_json:
        print_json(_shown(found, stored))
        return
    say(f"{stored.id}, {stored.status}, confidence {percent(stored.confidence)}")
    for line in (stored.change, *suggestion_lines(recalled(stored)), *_standing(found, stored)):
        say(line)
    if isinstance(found, Proposal):
        print_diff(found.diff)


def report(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print markdown as it is, for cron or a file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the weekly report."""
    from modelmerit.cli.report_tables import report_view
    from modelmerit.learning.report_text import report_markdown

    made, _ = run(after_catching_up(lambda app: app.analysing.report()))
    if as_json:
        print_json(made.to_dict())
    elif markdown:
        typer.echo(report_markdown(made), nl=False)
    else:
        console.print(report_view(made))


def after_catching_up(work: Callable[[App], Awaitable[Result]]) -> Callable[[App], Awaitable[Result]]:
    """The work, once what the clients' hooks have seen is recorded."""

    async def up_to_date(app: App) -> Result:
        await app.capturing.catch_up()
        return await work(app)

    return up_to_date


def _analysed(findings: "Findings") -> dict[str, Any]:
    analysis = findings.analysis
    return {
        "as_of": analysis.as_of.isoformat(),
        "attempts": analysis.attempts,
        "window_days": findings.policy.policy.learning.window_days,
        "patterns": [pattern.to_dict() for pattern in analysis.patterns],
        "suggestions": len(findings.proposed),
        "hints": len(analysis.hints),
        "warnings": list(findings.policy.warnings),
    }


def _shown(found: Proposal | Decision, stored: StoredSuggestion) -> dict[str, Any]:
    return stored.to_dict() | {
        "diff": found.diff if isinstance(found, Proposal) else "",
        "conflicts": list(found.conflicts) if isinstance(found, Proposal) else [],
        "message": "" if isinstance(found, Proposal) else found.message,
        "proposed_at": iso(stored.proposed_at),
        "updated_at": iso(stored.updated_at),
        "decided_by": stored.decided_by,
        "decision_reason": stored.decision_reason,
        "change_id": stored.change_id,
    }


def _standing(found: Proposal | Decision, stored: StoredSuggestion) -> list[str]:
    """How things stand with a suggestion: what it collides with, who decided, or why it cannot be applied."""
    if isinstance(found, Proposal):
        return [f"Note: {conflict}" for conflict in found.conflicts]
    if stored.decided_by is None:
        return [found.message]
    why = f": {stored.decision_reason}" if stored.decision_reason else ""
    return [f"{stored.status} on {stored.updated_at.date()} by {stored.decided_by}{why}"]


def _say_warnings(findings: "Findings") -> None:
    for warning in findings.policy.warnings:
        say(f"warning: {warning}")
