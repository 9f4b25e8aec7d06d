"""Attempts whose outcome nobody ever learned of, and what they could do to a comparison.

Where both arms miss a few outcomes alike, those are left out, as if they had ended like the rest; but a change is not
suggested that they could overturn, had the challenger failed at all of its own and the incumbent succeeded. Where many
are missing, or one arm misses more than the other, that worst case is taken for the truth.
"""

from dataclasses import dataclass

from modelmerit.learning.strata import Stratum

MOST_MISSING = 0.20
UNLIKE = 6.634896601021213
"""The value that a chi-squared variable of one degree of freedom exceeds with probability 0.01."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The shares of an incumbent's and a challenger's attempts without an outcome, and whether chance explains both."""

    incumbent: float
    challenger: float
    alike: bool

    @property
    def any(self) -> bool:
        """Whether any outcome is missing."""
        return self.incumbent > 0 or self.challenger > 0

    @property
    def suspicious(self) -> bool:
        """Whether too many are missing, or more of one arm's, to take them for ones like the rest."""
        return not self.alike or max(self.incumbent, self.challenger) > MOST_MISSING


def missing_outcomes(stratum: Stratum, challenger: str) -> Missing:
    """What is missing of a challenger's outcomes and of the incumbent's, of which there must be attempts."""
    counts = stratum.all_tasks
    places = stratum.index(stratum.incumbent), stratum.index(challenger)
    (missing, other_missing), (tried, other_tried) = (
        [float(column[place].sum()) for place in places] for column in (counts.missing, counts.attempts)
    )
    return Missing(
        incumbent=missing / tried if tried else 0.0,
        challenger=other_missing / other_tried if other_tried else 0.0,
        alike=_chi_squared(missing, tried, other_missing, other_tried) <= UNLIKE,
    )


def _chi_squared(some: float, total: float, other_some: float, other_total: float) -> float:
    """Pearson's statistic for two shares: (a d - b c)^2 n / (the product of the four margins); 0 where a margin is."""
    both, whole = some + other_some, total + other_total
    margins = both * (whole - both) * total * other_total
    if margins <= 0:
        return 0.0
    return float((some * (other_total - other_some) - other_some * (total - some)) ** 2 * whole / margins)
