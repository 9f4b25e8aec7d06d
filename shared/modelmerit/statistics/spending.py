"""What a success cost over a stretch of time, failures included, and whether that has changed since an earlier one.

A success costs the mean cost of an attempt over the success rate. Days are the blocks: what failed is also dearer, and
tasks of one day resemble each other, so both move together within a day.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.intervals import Z_95, Interval

LEAST_BLOCKS = 5
"""Fewer blocks say too little about how much they scatter."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a success costs, and the relative standard error of that; None where the blocks are too few to tell."""

    usd_per_success: float
    relative_error: float | None


def spending(cost_usd: Floats, cost_known: Floats, successes: Floats, judged: Floats) -> Spending | None:
    """The cost of a success, from sums by block; None where no cost is known or nothing succeeded.

    With m = sum C / sum K and p = sum S / sum J, the error of log(m / p) is that of the sum over blocks of
    (C - m K) / (m sum K) - (S - p J) / (p sum J): W. G. Cochran 1977, Sampling Techniques, 3rd ed., section 6.3.
    """
    known, tried = float(cost_known.sum()), float(judged.sum())
    if known == 0 or successes.sum() == 0:
        return None
    mean, rate = float(cost_usd.sum()) / known, float(successes.sum()) / tried
    blocks = int(((cost_known > 0) | (judged > 0)).sum())
    if mean == 0 or blocks < LEAST_BLOCKS:
        return Spending(mean / rate, None)
    parts = (cost_usd - mean * cost_known) / (mean * known) - (successes - rate * judged) / (rate * tried)
    return Spending(mean / rate, sqrt(blocks / (blocks - 1) * float(np.square(parts).sum())))


def relative_change(now: Spending, before: Spending, z: float = Z_95) -> tuple[float, Interval] | None:
    """By what share the cost of a success has changed, with its interval; None where an error is not known.

    The logarithm of the ratio is taken to be normal, with both errors added in squares.
    """
    if now.relative_error is None or before.relative_error is None:
        return None
    ratio = log(now.usd_per_success / before.usd_per_success)
    reach = z * sqrt(now.relative_error**2 + before.relative_error**2)
    return exp(ratio) - 1, Interval(exp(ratio - reach) - 1, exp(ratio + reach) - 1)
