"""Telling a client that asked how far a long call has come."""

from typing import Any

from mcp.server.mcpserver import Context

from modelmerit.services.analysing import Progress


def progress_to(context: Context[Any, Any]) -> Progress:
    """Where a call's steps are told: to its client if it sent a progress token, else nowhere. Shares never go back."""
    furthest = -1.0

    async def tell(doing: str, share: float) -> None:
        nonlocal furthest
        if share > furthest:
            furthest = share
            await context.report_progress(share, 1.0, doing)

    return tell
