"""The ladder a retry climbs: after a failure, the next stronger model."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Failed(NamedTuple):
    """The attempt that is tried again: the model that ran, and when it began."""

    model: str
    began_at: datetime


def next_rung(ladder: Sequence[str], failed: str, recommended: str) -> str | None:
    """The model after `failed` on the ladder, `recommended` where that is higher still, or the top where that failed.

    None where there is no ladder, or `failed` is not on it.
    """
    if failed not in ladder:
        return None
    climbed = min(ladder.index(failed) + 1, len(ladder) - 1)
    if recommended in ladder:
        climbed = max(climbed, ladder.index(recommended))
    return ladder[climbed]


def reason(previous: Failed, name: str, now: datetime, *, at_top: bool) -> str:
    """Why a retry climbs, in one line: "escalated: haiku failed 12 minutes ago"."""
    top = ", but the ladder ends with it" if at_top else ""
    return f"escalated: {name} failed {ago(now - previous.began_at)} ago{top}"


def ago(elapsed: timedelta) -> str:
    """A stretch of time in words, to the minute."""
    minutes = int(elapsed.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
