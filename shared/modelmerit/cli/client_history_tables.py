"""What a client's history says, as tables: tokens by day and model, and what the last weeks came to."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from modelmerit.cli.terminal import cell
from modelmerit.evidence.inspection import ModelUse
from modelmerit.services.client_histories import DailyTotals

SHOWN_ROWS = 60
"""Days and models in the table of tokens, the newest."""


def totals_json(totals: DailyTotals) -> list[dict[str, Any]]:
    """One entry for each day and model."""
    return [
        {"day": day, "model": model, **asdict(tokens), "total": tokens.total}
        for (day, model), tokens in sorted(totals.items())
    ]


def totals_table(totals: DailyTotals) -> Table:
    """The newest days, and the sum of all."""
    rows = sorted(totals.items())
    table = Table(title="Tokens by day and model", box=None, pad_edge=False, title_justify="left", show_footer=True)
    every = [tokens for _, tokens in rows]
    table.add_column("day", "all" if len(rows) <= SHOWN_ROWS else f"all ({len(rows) - SHOWN_ROWS} rows not shown)")
    table.add_column("model", overflow="fold")
    for name, counts in (
        ("input", [one.input for one in every]),
        ("output", [one.output + one.reasoning for one in every]),
        ("cache write", [one.cache_write_5m + one.cache_write_1h for one in every]),
        ("cache read", [one.cache_read for one in every]),
        ("total", [one.total for one in every]),
    ):
        table.add_column(name, f"{sum(counts):,}", justify="right")
    for (day, model), tokens in rows[-SHOWN_ROWS:]:
        table.add_row(
            day,
            cell(model),
            f"{tokens.input:,}",
            f"{tokens.output + tokens.reasoning:,}",
            f"{tokens.cache_write_5m + tokens.cache_write_1h:,}",
            f"{tokens.cache_read:,}",
            f"{tokens.total:,}",
        )
    return table


def use_table(use: Sequence[ModelUse], title: str) -> Table:
    """The models with what they did, cost and came to."""
    table = Table(title=title, box=None, pad_edge=False, title_justify="left")
    table.add_column("model", overflow="fold")
    for name in ("runs", "tokens", "cost", "succeeded"):
        table.add_column(name, justify="right")
    for one in use:
        table.add_row(cell(one.model), f"{one.attempts:,}", f"{one.tokens:,}", _cost(one), _succeeded(one))
    return table


def use_told(use: Sequence[ModelUse]) -> list[str]:
    """How many outcomes are known and how, and which models have no price."""
    attempts, known = (sum(getattr(one, name) for one in use) for name in ("attempts", "with_outcome"))
    ways = {
        "a human": sum(one.by_human for one in use),
        "tests": sum(one.by_tests for one in use),
        "the agent's word": sum(one.reported for one in use),
        "only that the work ended": sum(one.implicit for one in use),
    }
    how = ", ".join(f"{count:,} by {way}" for way, count in ways.items() if count)
    lines = [f"{known:,} of {attempts:,} runs ({known / attempts:.0%}) have an outcome{f': {how}' if how else ''}."]
    unpriced = [one.model for one in use if one.unpriced]
    if unpriced:
        lines.append(
            f"No price is known for {', '.join(unpriced)}; add `prices` to their entries under `models` in models.json."
        )
    return lines


def _cost(one: ModelUse) -> str:
    if not one.tokens:
        return ""
    if one.unpriced and not one.cost_usd:
        return "unknown"
    return f"{'at least ' if one.unpriced else ''}${one.cost_usd:,.2f}"


def _succeeded(one: ModelUse) -> str:
    judged = one.with_outcome - one.broken_off
    return f"{one.succeeded:,} of {judged:,}" if judged else "not known"
