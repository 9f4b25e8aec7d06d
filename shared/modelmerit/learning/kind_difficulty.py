"""How much harder each kind of task is than the rest of its complexity, for the policy's own model.

How far kinds differ in difficulty at all is estimated from every model's tasks, because the policy's model may have had
few of some kinds; what a kind is found to be is drawn towards none in proportion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelmerit.learning.comparisons import Comparison
from modelmerit.learning.strata import Stratum
from modelmerit.statistics.arrays import Floats, Integers, Mask
from modelmerit.statistics.differences import reference_rate
from modelmerit.statistics.shrinkage import variance_between

LEAST_SPREAD = 0.05
"""The variance of a single outcome is taken to be at least this."""


@dataclass(frozen=True, eq=False)
class Difficulty:
    """What is added to the success rate at each kind, how uncertain that is, and the rate over all kinds by week."""

    added: Floats
    sd: Floats
    overall: Floats


def difficulty(
    stratum: Stratum,
    kinds: Integers,
    used: Mask,
    credit: float,
    between: float,
    *,
    against: bool = False,
    shrinks: bool = True,
) -> Difficulty:
    """The difficulty of the kinds at these places of the stratum, from the weeks marked as used.

    `against`: where an outcome is missing, the policy's model succeeded. `between` is the variance of the difficulties
    of all kinds; unless it `shrinks`, the kinds are believed as they are.
    """
    overall = _overall(stratum, used, credit, against=against)
    departed, tried = _departures(stratum, stratum.incumbent, kinds, used, overall, credit, missing=float(against))
    variance = np.divide(_spread(overall), tried, out=np.full_like(tried, np.inf), where=tried > 0)
    harder = np.divide(departed, tried, out=np.zeros_like(tried), where=tried > 0)
    seen = np.isfinite(variance)
    kept = np.divide(between, between + variance, out=np.zeros_like(variance), where=seen & (between > 0))
    left = np.where(seen, kept * np.where(seen, variance, 0.0), between)
    return Difficulty(added=kept * harder if shrinks else harder, sd=np.sqrt(left), overall=overall)


def difference_between_kinds(
    stratum: Stratum, comparisons: Sequence[Comparison], kinds: Integers, credit: float
) -> float:
    """The variance of the difficulties of these kinds, from what all models made of them."""
    used = np.ones(len(stratum.weeks), dtype=np.bool_)
    if stratum.index(stratum.incumbent) < 0 or not len(kinds):
        return 0.0
    overall = _overall(stratum, used, credit, against=False)
    departed, tried = _departures(stratum, stratum.incumbent, kinds, used, overall, credit)
    for comparison in comparisons:
        rate = overall + comparison.steady.mean
        own, attempts = _departures(stratum, comparison.challenger, kinds, used, rate, credit)
        departed, tried = departed + own, tried + attempts
    variance = np.divide(_spread(overall), tried, out=np.full_like(tried, np.inf), where=tried > 0)
    return variance_between(np.divide(departed, tried, out=np.zeros_like(tried), where=tried > 0), variance)


def _overall(stratum: Stratum, used: Mask, credit: float, *, against: bool) -> Floats:
    """The incumbent's success rate around each of the used weeks, over all kinds."""
    at, counts = stratum.index(stratum.incumbent), stratum.weighed
    good = (counts.good(credit) + against * counts.missing)[at, used]
    return reference_rate(stratum.weeks[used], counts.tried(with_missing=against)[at, used], good)[0]


def _departures(
    stratum: Stratum, model: str, kinds: Integers, used: Mask, rate: Floats, credit: float, missing: float = 0.0
) -> tuple[Floats, Floats]:
    """By how many successes a model departed from a weekly rate at each kind, and how many attempts it had there.

    `missing` is what an attempt without an outcome is worth; where that is nothing, such attempts are left out.
    """
    counts = stratum.of_model(model)
    where = np.ix_(kinds, np.flatnonzero(used))
    good = counts.good(credit) + missing * counts.missing
    attempts = counts.tried(with_missing=missing > 0)[where]
    return (good[where] - attempts * rate).sum(axis=1), attempts.sum(axis=1)


def _spread(rate: Floats) -> float:
    return max(LEAST_SPREAD, float((rate * (1 - rate)).mean()))
