"""`modelmerit demo`: the whole loop on a simulated history, with the real servers, leaving nothing behind."""

import asyncio
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this command to the `modelmerit` command."""
    app.command()(demo)


def demo(seed: Annotated[int, typer.Option(help="Seed of the simulated history.")] = 7) -> None:
    """Show the whole loop on a simulated history: suggestion, approval, the next dispatch, rollback."""
    from modelmerit.cli.demo.story import tell

    asyncio.run(tell(seed))
