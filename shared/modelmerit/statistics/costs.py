"""What a success costs with one arm, as a share of what it costs with another.

The cost per success counts what the failures cost: mean cost of an attempt over success rate. Its logarithm is the
sum of two logarithms, so the ratio between two arms is log-normal for a given difference in success rate.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.intervals import Interval
from modelmerit.statistics.normal import normal_cdf, normal_quantile
from modelmerit.statistics.posterior import CENTRES, Posterior

_PRIOR_BLOCKS = 5.0
_LEAST_RATE = 0.005
_QUANTILES = 21


@dataclass(frozen=True, slots=True)
class MeanCost:
    """Mean cost of an attempt, and the relative standard error of that mean."""

    usd: float
    relative_error: float


@dataclass(frozen=True, slots=True)
class CostRatio:
    """Belief about log(cost per attempt of the challenger / of the incumbent): normal."""

    log_ratio: float
    error: float


def mean_cost(cost_usd: Floats, attempts: Floats) -> MeanCost | None:
    """Mean cost from the sums and counts of blocks of attempts; None where no cost is known.

    A block of k attempts has the sum's variance k s2, so the mean of (sum - k mean)^2 / k estimates the variance of
    one attempt. Few blocks say little about it: a coefficient of variation of 1 stands in with the mass of five.
    """
    used = attempts > 0
    total = float(attempts.sum())
    if total == 0 or cost_usd.sum() <= 0:
        return None
    mean = float(cost_usd.sum() / total)
    scatter = float((((cost_usd[used] - attempts[used] * mean) / mean) ** 2 / attempts[used]).sum())
    variation = (_PRIOR_BLOCKS + scatter) / (_PRIOR_BLOCKS + used.sum() - 1)
    return MeanCost(mean, sqrt(variation / total))


def cost_ratio(challenger: MeanCost, incumbent: MeanCost) -> CostRatio:
    """The ratio of two mean costs; by the delta method relative errors add up on the log scale."""
    error = sqrt(challenger.relative_error**2 + incumbent.relative_error**2)
    return CostRatio(log(challenger.usd / incumbent.usd), error)


def chance_of_saving(ratio: CostRatio, incumbent_rate: float) -> Floats:
    """For each difference on the grid, the probability that the challenger's cost per success is the lower."""
    return normal_cdf((_log_rate_ratio(incumbent_rate) - ratio.log_ratio) / ratio.error)


def saving(ratio: CostRatio, incumbent_rate: float, difference: Posterior) -> tuple[float, Interval]:
    """The share of the cost per success that is saved: median and 90 % interval. Negative where it rises."""
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    steps = ratio.log_ratio + ratio.error * np.array([normal_quantile(level) for level in levels])
    saved = 1.0 - np.exp(steps[None, :] - _log_rate_ratio(incumbent_rate)[:, None])
    weights = np.repeat(difference.weights / _QUANTILES, _QUANTILES)
    order = np.argsort(saved, axis=None)
    below = np.cumsum(weights[order])
    low, middle, high = np.interp([0.05, 0.5, 0.95], below / below[-1], saved.ravel()[order])
    return float(middle), Interval(float(low), float(high))


def _log_rate_ratio(incumbent_rate: float) -> Floats:
    challenger = np.clip(incumbent_rate + CENTRES, _LEAST_RATE, 1.0)
    return np.log(challenger / max(incumbent_rate, _LEAST_RATE))
