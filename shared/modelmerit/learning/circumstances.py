"""What an analysis must know beside the tallies, worked out from single attempts."""

from dataclasses import dataclass

from modelmerit.learning.mismatches import Assignment

MOST_STRAYING = 0.05
"""A client of whose known executions more ran on another model than was answered is not believed unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """How far what was recorded can be relied on.

    `checked_share` is the share of outcomes that a person or a test reported: only where failures are detected can a
    cheap start with a climb on failure pay. `sameness` says how alike the outcomes of repeats of a task are, from 0 to
    1. Of the `unreliable` clients only what is known to have run is compared. Nothing is suggested that `mismatches`
    could overturn: tasks at which the models were not chosen as their logged chances say.
    """

    checked_share: float = 0.0
    sameness: float = 1.0
    unreliable: frozenset[str] = frozenset()
    mismatches: tuple[Assignment, ...] = ()


USUAL = Circumstances()
"""Where nothing is known: repeats say nothing new, failures may go unseen, and no client has strayed."""


def strays(executions_known: float, executed_as_answered: float) -> bool:
    """Whether a client runs other models than it was answered too often to be believed where nobody saw what ran."""
    return executions_known - executed_as_answered > MOST_STRAYING * executions_known
