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
from functools import cached_property

import numpy as np

from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.posterior import CENTRES, EDGES, Posterior

SIZES: Floats = EDGES[1:-1]
"""The sizes an interaction may have: a grid with zero in its middle."""

NONE_AT = len(SIZES) // 2

PRIOR_KINDS = 10.0
"""The prior share of kinds that interact is held with the weight of so many kinds."""

_LEAST_RATE = 0.02
_LEAST_VARIANCE = 0.05
_MOST_LOG_FACTOR = 300.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One challenger at one kind of task in one complexity: attempts, and the success rate expected of them.

    `expected` is the rate if the kind were merely as hard for the challenger as for the incumbent, `expected_sd` how
    uncertain that is. Cells of the same `reference` have the same incumbent's rate in what is expected of them, which
    is uncertain by `reference_sd`: however many they are, they are wrong together.
    """

    attempts: float
    successes: float
    expected: float
    expected_sd: float
    reference_sd: float = 0.0
    reference: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a kind may interact: the cells that share the interaction, and the size to expect of it."""

    members: tuple[int, ...]
    mean: float
    sd: float
    share: float


@dataclass(frozen=True, eq=False)
class Interaction:
    """What is believed of one kind's interaction. `weights` holds the probability of each explanation."""

    cells: Sequence[Cell]
    explanations: Sequence[Explanation]
    weights: Floats

    @property
    def interacting(self) -> float:
        """The probability that the kind interacts at all."""
        return float(self.weights.sum())

    @cached_property
    def in_cell(self) -> Floats:
        """For each cell, a distribution over `SIZES`. Worked out when asked for: most kinds are never asked."""
        sizes, _ = _sizes_and_evidence(self.cells, self.explanations)
        in_cell = _membership(len(self.cells), self.explanations).T @ (self.weights[:, None] * sizes)
        in_cell[:, NONE_AT] += 1.0 - in_cell.sum(axis=1)
        return np.asarray(in_cell)

    def total(self, cell: int, difference: Posterior) -> Posterior:
        """The difference of the cell's arms at this kind of task: that of all tasks plus the interaction."""
        summed: Floats = np.convolve(difference.weights, self.in_cell[cell]).astype(np.float64)
        weights = summed[NONE_AT : NONE_AT + len(CENTRES)].copy()
        weights[0] += summed[:NONE_AT].sum()
        weights[-1] += summed[NONE_AT + len(CENTRES) :].sum()
        return Posterior(weights)


def interactions(
    kinds: Sequence[tuple[Sequence[Cell], Sequence[Explanation]]], prior_share: float, *, learns_share: bool = True
) -> list[Interaction]:
    """What is believed of each kind, from its cells and what may explain them; the shares of a kind add up to 1.

    `prior_share` of the kinds are expected to interact; unless told not to, it learns from them how many do.
    """
    factors = []
    for cells, explanations in kinds:
        _, evidence = _sizes_and_evidence(cells, explanations)
        shares = np.array([one.share for one in explanations])
        factors.append(shares * np.exp(np.minimum(evidence, _MOST_LOG_FACTOR)))
    share = prior_share
    if learns_share:
        share = interacting_share(np.array([own.sum() for own in factors]), prior_share)
    return [
        Interaction(cells, explanations, share * own / (1 - share + share * own.sum()))
        for (cells, explanations), own in zip(kinds, factors, strict=True)
    ]


def interacting_share(bayes_factors: Floats, prior_share: float) -> float:
    """The share of kinds that interact, from each one's Bayes factor for "some" against "none".

    Expectation and maximisation under a beta prior of mean `prior_share`.
    """
    share = prior_share
    for _ in range(30):
        probability = share * bayes_factors / (1 - share + share * bayes_factors)
        share = float((prior_share * PRIOR_KINDS + probability.sum()) / (PRIOR_KINDS + len(bayes_factors)))
    return share


def _sizes_and_evidence(cells: Sequence[Cell], explanations: Sequence[Explanation]) -> tuple[Floats, Floats]:
    """For each explanation, the distribution over `SIZES`, and its log Bayes factor against no interaction."""
    rows = _log_likelihoods(cells)
    rows -= rows[:, [NONE_AT]]
    joint = _weights(cells, explanations) @ rows + _log_slabs(explanations)
    top = joint.max(axis=1, keepdims=True)
    weights = np.exp(joint - top)
    total = weights.sum(axis=1, keepdims=True)
    return weights / total, np.asarray(top[:, 0] + np.log(total[:, 0]))


def _membership(cells: int, explanations: Sequence[Explanation]) -> Floats:
    """1 where the explanation of a row has the cell of a column among its members, else 0."""
    member = np.zeros((len(explanations), cells))
    for row, one in enumerate(explanations):
        member[row, one.members] = 1.0
    return member


def _weights(cells: Sequence[Cell], explanations: Sequence[Explanation]) -> Floats:
    """For each explanation, the share of each member's evidence that is left once its expectation's errors are counted.

    A cell alone keeps (s2 / n) / (s2 / n + u2 + r2), with its own error u and its reference's r. Members that share a
    reference have a common variance v = 1 / sum(1 / (s2 / n + u2)) without it, and keep v / (v + r2) of what the own
    errors leave.
    """
    attempts, expected, expected_sd, reference_sd = np.array(
        [(cell.attempts, cell.expected, cell.expected_sd, cell.reference_sd) for cell in cells]
    ).T
    own = np.maximum(expected * (1 - expected), _LEAST_VARIANCE) / attempts
    apart = own + expected_sd**2
    member = _membership(len(cells), explanations)
    references = np.array([cell.reference for cell in cells])
    weights = member * (own / apart)
    for reference in np.unique(references):
        shared = references == reference
        precision = member[:, shared] @ (1.0 / apart[shared])
        error = float(reference_sd[shared].max()) ** 2
        weights[:, shared] /= (1.0 + error * precision)[:, None]
    return np.asarray(weights)


def _log_likelihoods(cells: Sequence[Cell]) -> Floats:
    """For each cell and size, the log likelihood of the cell's outcomes."""
    attempts, successes, expected = np.array([(cell.attempts, cell.successes, cell.expected) for cell in cells]).T[
        :, :, None
    ]
    chance = np.clip(expected + SIZES, _LEAST_RATE, 1 - _LEAST_RATE)
    return np.asarray(successes * np.log(chance) + (attempts - successes) * np.log1p(-chance))


def _log_slabs(explanations: Sequence[Explanation]) -> Floats:
    mean, sd = np.array([(one.mean, one.sd) for one in explanations]).T[:, :, None]
    log_slabs = -0.5 * ((SIZES - mean) / sd) ** 2
    return np.asarray(log_slabs - np.log(np.exp(log_slabs).sum(axis=1, keepdims=True)))
