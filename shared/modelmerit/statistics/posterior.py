"""A belief about a difference between two success rates, held on a grid.

A grid of cells one percentage point wide is exact enough for any decision made here, and it needs no normal
approximation: with 15 attempts of which all succeeded, that approximation is at its worst.
"""

from dataclasses import dataclass

import numpy as np

from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.intervals import Interval

CELL = 0.01
EDGES: Floats = np.linspace(-1.0, 1.0, 201)
"""Limits between cells; a difference of rates lies in -1..1."""

CENTRES: Floats = (EDGES[:-1] + EDGES[1:]) / 2


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weights of the grid's cells, summing to one."""

    weights: Floats

    @property
    def mean(self) -> float:
        """The expected difference."""
        return float(self.weights @ CENTRES)

    @property
    def sd(self) -> float:
        """Standard deviation of the difference."""
        return float(np.sqrt(self.weights @ (CENTRES - self.mean) ** 2))

    def above(self, limit: float) -> float:
        """Probability that the difference is greater than `limit`."""
        return float(self.above_each(np.array([limit]))[0])

    def above_each(self, limits: Floats) -> Floats:
        """Probability that the difference is greater than each of `limits`, linear within a cell."""
        below = np.concatenate([[0.0], np.cumsum(self.weights)])
        return np.asarray(np.clip(1.0 - np.interp(limits, EDGES, below), 0.0, 1.0))

    def shifted(self, by: float) -> "Posterior":
        """The same belief about a quantity that is `by` greater, to the nearest cell; the ends of the grid hold."""
        cells = np.clip(np.arange(len(CENTRES)) + round(by / CELL), 0, len(CENTRES) - 1)
        return Posterior(np.bincount(cells, self.weights, len(CENTRES)).astype(np.float64))

    def within(self, low: float, high: float) -> "Posterior":
        """The same belief once it is known that the difference lies between the two, to the nearest cell."""
        weights = np.where((low - CELL < CENTRES) & (high + CELL > CENTRES), self.weights, 0.0)
        total = float(weights.sum())
        return Posterior(weights / total) if total > 0 else self

    def interval(self, level: float = 0.90) -> Interval:
        """The central interval that holds the difference with probability `level`."""
        below = np.concatenate([[0.0], np.cumsum(self.weights)])
        tail = (1.0 - level) / 2
        low, high = np.interp([tail, 1.0 - tail], below, EDGES)
        return Interval(float(low), float(high))


def normal_belief(mean: float, sd: float) -> Posterior:
    """A normal belief, on the grid."""
    return Posterior(np.exp(normal_log_prior(mean, max(sd, CELL))))


def normal_log_prior(mean: float, sd: float) -> Floats:
    """Log weights of a normal prior over the cells, normalised."""
    log_density = -0.5 * ((CENTRES - mean) / sd) ** 2
    return np.asarray(log_density - log_sum(log_density), dtype=np.float64)


def log_sum(log_values: Floats) -> float:
    """log(sum(exp(values))) without overflow."""
    top = log_values.max()
    return float(top + np.log(np.exp(log_values - top).sum()))
