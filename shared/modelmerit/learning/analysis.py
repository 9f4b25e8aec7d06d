"""One analysis: what the evidence says at a moment, under the policy in force at that moment."""

from dataclasses import dataclass
from datetime import datetime

from modelmerit.learning.findings import Hint, Look, Suggestion
from modelmerit.learning.patterns import Pattern, find_patterns
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Patterns to read, suggestions to decide on, hints to watch.

    `look` is the planned look the decisions were made at, None before the first. `attempts` counts all attempts ever
    tallied, errors included.
    """

    as_of: datetime
    attempts: int
    look: Look | None
    patterns: tuple[Pattern, ...]
    suggestions: tuple[Suggestion, ...]
    hints: tuple[Hint, ...]


def analyse(
    tallies: Tallies,
    policy: Policy,
    as_of: datetime,
    *,
    checked_share: float = 0.0,
    min_sample_size: int | None = None,
    since: datetime | None = None,
) -> Analysis:
    """Everything the tallies say at `as_of` about the policy.

    `checked_share` is the share of outcomes that a person or a test reported: only where failures are detected can a
    cheap start with a climb on failure pay. `min_sample_size` and `since` narrow what the patterns show, never what
    a decision rests on.
    """
    overall = tallies.rows_of(keyword="")
    return Analysis(
        as_of=as_of,
        attempts=round(tallies.total("attempts", overall) + tallies.total("errors", overall)),
        look=None,
        patterns=find_patterns(tallies, policy, as_of, min_sample_size=min_sample_size, since=since),
        suggestions=(),
        hints=(),
    )
