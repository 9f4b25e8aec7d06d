"""Which of the keywords that often come up have a rule."""

from dataclasses import dataclass

import numpy as np

from modelmerit.learning.kinds import Kind
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES

FREQUENT_ATTEMPTS = 10
"""Attempts in the window from which a keyword counts as frequent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The frequent keywords, those that come up most first, by whether a rule decides about them."""

    with_rule: tuple[str, ...]
    without_rule: tuple[str, ...]

    @property
    def frequent(self) -> int:
        """How many keywords are frequent."""
        return len(self.with_rule) + len(self.without_rule)

    @property
    def share(self) -> float | None:
        """Share of the frequent keywords that have a rule; None without frequent keywords."""
        return len(self.with_rule) / self.frequent if self.frequent else None


def coverage(tallies: Tallies, since: int, today: int, policy: Policy) -> Coverage:
    """The coverage of the keywords of these days, both included; a rule for one complexity suffices."""
    window = tallies.without_groups().between(since, today)
    labels = window.labels["keyword"]
    counts = np.bincount(window.codes["keyword"], window.measures["attempts"], len(labels))
    frequent = [
        labels[at] for at in np.argsort(-counts, kind="stable") if labels[at] and counts[at] >= FREQUENT_ATTEMPTS
    ]
    ruled = {
        keyword
        for keyword in frequent
        if any(Kind("keyword", keyword).has_rule(policy, level) for level in COMPLEXITIES)
    }
    return Coverage(
        with_rule=tuple(keyword for keyword in frequent if keyword in ruled),
        without_rule=tuple(keyword for keyword in frequent if keyword not in ruled),
    )
