"""`modelmerit doctor`: what works, what does not, and what to do about it."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from modelmerit.cli.terminal import console, errors, print_json, say
from modelmerit.services.checks.findings import Finding, State, worst
from modelmerit.serving.escaping import visible

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
MARKS: dict[State, str] = {"ok": "[green]ok     [/]", "warning": "[yellow]warning[/]", "failed": "[red]failed [/]"}
TO_DO_INDENT = " " * 9


def register(app: typer.Typer) -> None:
    """Add this command to the `modelmerit` command."""
    app.command()(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Check servers, clients, hooks, store, policy, clock and versions; say what to do where something is wrong."""
    from modelmerit.services.checking import checks, findings_of

    found: list[Finding] = []
    for check in checks(_servers(), os.environ, Path.cwd(), datetime.now(UTC)):
        with errors.status(f"Looking at {check.name}"):
            new = findings_of(check)
        found += new
        if not as_json:
            for finding in new:
                _print(finding)
    state = worst(found)
    if as_json:
        print_json({"state": state, "checks": [finding.to_dict() for finding in found]})
    else:
        say(_summary(found))
    if state == "failed":
        raise typer.Exit(1)


def _servers() -> dict[str, list[str]]:
    """What the clients are told to start."""
    from modelmerit.installing.installation import SERVERS, Installation

    # Home and policy reach the servers through the environment, and may be what is wrong.
    installation = Installation.running({})
    return {name: installation.server_command(name) for name in SERVERS}


def _print(finding: Finding) -> None:
    line = f"{MARKS[finding.state]}  {escape(visible(f'{finding.name}: {finding.line}'))}"
    console.print(line, highlight=False, soft_wrap=True)
    if finding.to_do is not None:
        say(f"{TO_DO_INDENT}-> {finding.to_do}")


def _summary(found: list[Finding]) -> str:
    failed, warned = (sum(finding.state == state for finding in found) for state in ("failed", "warning"))
    if failed or warned:
        return f"{failed} failed, {warned} to look at, {len(found) - failed - warned} in order."
    return "All in order."
