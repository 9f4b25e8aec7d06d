"""Markdown tables, and shares with their intervals."""

from collections.abc import Iterable, Sequence

from modelmerit.statistics.intervals import wilson_interval


def table(head: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    """A markdown table, the first `left` columns to the left, the others to the right."""
    lines = [head, [*["---"] * left, *["---:"] * (len(head) - left)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def share(part: int, whole: int) -> str:
    """A share with its 95 % interval: `4.0 % (1.4 to 11.1)`."""
    if not whole:
        return "-"
    low, high = wilson_interval(part, whole)
    return f"{100 * part / whole:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
