"""What was learned, on the command line: `analyze`, `suggest`, `show` and `report`."""

from typing import Annotated

import typer
from rich.table import Table

from modelmerit.app import App
from modelmerit.cli.terminal import console, print_diff, print_json, print_markdown, run
from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.services.analysing import Findings
from modelmerit.services.proposals import Proposal, evidence_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
SuggestionId = Annotated[str, typer.Argument(help="A suggestion's id, as `suggest` lists it.", metavar="ID")]


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
    findings = run(lambda app: app.analysing.analyse(min_sample_size=min_sample_size))
    patterns = [pattern.to_dict() for pattern in findings.analysis.patterns]
    if as_json:
        print_json({"attempts": findings.analysis.attempts, "patterns": patterns})
        return
    table = Table(title=f"{findings.analysis.attempts} attempts")
    for name in ("tasks", "model"):
        table.add_column(name)
    for name in ("success", "attempts", "tokens", "seconds", "$/success"):
        table.add_column(name, justify="right")
    for pattern in patterns:
        table.add_row(
            pattern["trigger"],
            pattern["model"],
            f"{pattern['success_rate']:.0%}",
            str(pattern["sample_size"]),
            _figure(pattern["avg_tokens"], ",.0f"),
            _figure(pattern["avg_execution_time_seconds"], ",.0f"),
            _figure(pattern["usd_per_success"], ".3f"),
        )
    console.print(table if patterns else "Not enough attempts with an outcome yet.")
    _print_warnings(findings)


def suggest(
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Leave out less certain ones.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """List the changes to models.json that the evidence supports, and hints that need more of it."""
    findings = run(lambda app: app.analysing.findings())
    shown = [suggestion for suggestion in findings.proposed if suggestion.confidence >= min_confidence]
    hints = [hint.to_dict() for hint in findings.analysis.hints]
    if as_json:
        print_json({"suggestions": [suggestion.to_dict() for suggestion in shown], "hints": hints})
        return
    table = Table("id", "confidence", "change", title="Suggestions")
    for suggestion in shown:
        table.add_row(suggestion.id, f"{suggestion.confidence:.0%}", suggestion.change)
    console.print(table if shown else "No suggestion has enough evidence.")
    for hint in hints:
        console.print(f"hint: {hint['reason']} {hint['needs']}", highlight=False, markup=False, soft_wrap=True)
    _print_warnings(findings)


def show(suggestion_id: SuggestionId, as_json: AsJson = False) -> None:
    """Show one suggestion: its evidence, and the diff it would make."""

    async def work(app: App) -> tuple[StoredSuggestion, str]:
        stored = await app.store.suggestion(suggestion_id)
        proposal = await app.approving.propose(suggestion_id)
        return stored, proposal.diff if isinstance(proposal, Proposal) else ""

    stored, diff = run(work)
    if as_json:
        print_json(stored.to_dict() | {"diff": diff})
        return
    console.print(
        f"{stored.id}  {stored.status}\n{stored.change}\n\n{evidence_line(stored)}", highlight=False, soft_wrap=True
    )
    if diff:
        print_diff(diff)


def report(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print markdown as it is, for cron or a file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the weekly report."""
    from modelmerit.learning.report_text import report_markdown

    made, findings = run(lambda app: app.analysing.report())
    if as_json:
        print_json(made.to_dict())
        return
    text = report_markdown(made)
    if markdown:
        typer.echo(text)
    else:
        print_markdown(text)
        _print_warnings(findings)


def _print_warnings(findings: Findings) -> None:
    for warning in findings.policy.warnings:
        console.print(f"warning: {warning}", highlight=False, markup=False, soft_wrap=True)


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
