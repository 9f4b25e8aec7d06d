"""Whether a kind of task changes the difference between two models, or is merely easier or harder for all of them.

Difficulty is shared unless the data show otherwise: most kinds have no interaction at all (the spike), the others
have one drawn from a normal slab (T. J. Mitchell and J. J. Beauchamp 1988, J. Amer. Stat. Assoc. 83, 1023-1032).
Several explanations are conceivable for one kind, each with a set of cells (complexity and challenger) that share the
interaction and a size it predicts: they are weighed against each other and against none. How many kinds interact is
learned from all of them together, which corrects for their number (J. G. Scott and J. O. Berger 2010, Ann. Statist.
38, 2587-2619).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.posterior import CENTRES, EDGES, Posterior, log_sum

SIZES: Floats = EDGES[1:-1]
"""The sizes an interaction may have: a grid with zero in its middle."""

NONE_AT = len(SIZES) // 2

PRIOR_SHARE = 0.25
"""The share of kinds that interact, before any data; held with the weight of `PRIOR_KINDS` kinds."""

PRIOR_KINDS = 10.0

_LEAST_RATE = 0.02
_LEAST_VARIANCE = 0.05
_MOST_LOG_FACTOR = 300.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One challenger at one kind of task in one complexity: attempts, and the success rate expected of them.

    `expected` is the rate if the kind were merely as hard for the challenger as for the incumbent, `expected_sd` how
    uncertain that is.
    """

    attempts: float
    successes: float
    expected: float
    expected_sd: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a kind may interact: the cells that share the interaction, and the size to expect of it."""

    members: frozenset[int]
    mean: float
    sd: float
    share: float


@dataclass(frozen=True, eq=False)
class Kind:
    """What is believed of one kind's interaction: for each cell, a distribution over `SIZES`."""

    interacting: float
    in_cell: Floats

    def total(self, cell: int, difference: Posterior) -> Posterior:
        """The difference of the cell's arms at this kind of task: that of all tasks plus the interaction."""
        summed: Floats = np.convolve(difference.weights, self.in_cell[cell]).astype(np.float64)
        weights = summed[NONE_AT : NONE_AT + len(CENTRES)].copy()
        weights[0] += summed[:NONE_AT].sum()
        weights[-1] += summed[NONE_AT + len(CENTRES) :].sum()
        return Posterior(weights)


def interactions(kinds: Sequence[tuple[Sequence[Cell], Sequence[Explanation]]]) -> list[Kind]:
    """What is believed of each kind, from its cells and what may explain them; the shares of a kind add up to 1."""
    factors: list[Floats] = []
    sizes: list[Floats] = []
    for cells, explanations in kinds:
        rows = np.array([_log_likelihood(cell) for cell in cells])
        rows -= rows[:, [NONE_AT]]
        joint = np.array([rows[sorted(one.members)].sum(axis=0) + _log_slab(one) for one in explanations])
        top = joint.max(axis=1, keepdims=True)
        weights = np.exp(joint - top)
        total = weights.sum(axis=1, keepdims=True)
        shares = np.array([one.share for one in explanations])
        factors.append(shares * np.exp(np.minimum(top[:, 0] + np.log(total[:, 0]), _MOST_LOG_FACTOR)))
        sizes.append(weights / total)
    share = interacting_share(np.array([own.sum() for own in factors]))
    return [
        _kind(len(cells), explanations, share * own / (1 - share + share * own.sum()), given)
        for (cells, explanations), own, given in zip(kinds, factors, sizes, strict=True)
    ]


def interacting_share(bayes_factors: Floats) -> float:
    """The share of kinds that interact, from each one's Bayes factor for "some" against "none".

    Expectation and maximisation under a beta prior of mean `PRIOR_SHARE`.
    """
    share = PRIOR_SHARE
    for _ in range(30):
        probability = share * bayes_factors / (1 - share + share * bayes_factors)
        share = float((PRIOR_SHARE * PRIOR_KINDS + probability.sum()) / (PRIOR_KINDS + len(bayes_factors)))
    return share


def _log_likelihood(cell: Cell) -> Floats:
    """For each size, the log likelihood of the cell's outcomes.

    They count in the share (s2 / n) / (s2 / n + u2) that is left once the uncertainty u of `expected` is counted.
    """
    chance = np.clip(cell.expected + SIZES, _LEAST_RATE, 1 - _LEAST_RATE)
    own = max(cell.expected * (1 - cell.expected), _LEAST_VARIANCE) / cell.attempts
    weight = own / (own + cell.expected_sd**2)
    failures = cell.attempts - cell.successes
    return np.asarray(weight * (cell.successes * np.log(chance) + failures * np.log1p(-chance)))


def _log_slab(explanation: Explanation) -> Floats:
    log_slab = -0.5 * ((SIZES - explanation.mean) / explanation.sd) ** 2
    return np.asarray(log_slab - log_sum(log_slab), dtype=np.float64)


def _kind(cells: int, explanations: Sequence[Explanation], weights: Floats, sizes: Floats) -> Kind:
    in_cell = np.zeros((cells, len(SIZES)))
    for one, weight, size in zip(explanations, weights, sizes, strict=True):
        in_cell[sorted(one.members)] += weight * size
    in_cell[:, NONE_AT] += 1.0 - in_cell.sum(axis=1)
    return Kind(float(weights.sum()), in_cell)
