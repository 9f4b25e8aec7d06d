"""A quantity that may have jumped: what is believed of it now.

Time alone takes nothing from evidence; a detected change does. The history is cut into segments within which the
quantity is constant. Each block of time begins a new segment with a small probability, the hazard, and each segment
draws its value from the same prior. The sum over all ways to cut is exact (P. Fearnhead 2006, Statistics and
Computing 16, 203-213, the forward recursion; R. P. Adams and D. J. C. MacKay 2007, arXiv:0710.3742).
"""

from dataclasses import dataclass

import numpy as np

from modelmerit.statistics.arrays import Floats, Integers
from modelmerit.statistics.posterior import log_sum

DETECTED = 0.80
"""How probable a change must be to count as detected."""


@dataclass(frozen=True, eq=False)
class Current:
    """The belief about the value now, as weights of the cells it may be in, and when it last changed.

    `last_change[i]` is the probability that the segment still running began with block i; entry 0 stands for "never
    changed".
    """

    weights: Floats
    last_change: Floats

    @property
    def start(self) -> int:
        """First block of the evidence that still counts: the likeliest last change, if there surely was one."""
        return int(self.last_change.argmax()) if self.last_change[0] < 1.0 - DETECTED else 0


def current_value(log_likelihood: Floats, blocks: Integers, log_prior: Floats, hazard: float) -> Current:
    """The belief about the value in the last of `blocks`.

    `log_likelihood[i, j]` is that of block i's data if the value is in cell j. `blocks` are the increasing times of
    the rows, in units of `hazard`; times without data may be left out. Without any row the prior is returned.
    """
    count = len(blocks)
    if count == 0:
        return Current(np.exp(log_prior), np.ones(1))
    stay = np.concatenate([[0.0], np.diff(blocks) * np.log1p(-hazard)])
    change = np.concatenate([[0.0], np.log(-np.expm1(stay[1:]))])
    before = np.concatenate([np.zeros((1, log_likelihood.shape[1])), np.cumsum(log_likelihood, axis=0)])
    stayed = np.cumsum(stay)
    # weight[s]: log probability of all data before block s, summed over all ways to cut it, and of a change at s.
    weight = np.zeros(count)
    segment = np.empty(0)
    for end in range(count):
        # evidence[s]: log marginal likelihood of a segment that runs from block s to block `end`.
        joint = before[end + 1] - before[: end + 1] + log_prior
        top = joint.max(axis=1, keepdims=True)
        evidence = top[:, 0] + np.log(np.exp(joint - top).sum(axis=1))
        segment = weight[: end + 1] + evidence + stayed[end] - stayed[: end + 1]
        if end + 1 < count:
            weight[end + 1] = log_sum(segment) + change[end + 1]
    last_change = np.exp(segment - log_sum(segment))
    joint = before[count] - before[:count] + log_prior
    cells = np.exp(joint - joint.max(axis=1, keepdims=True))
    cells /= cells.sum(axis=1, keepdims=True)
    return Current(last_change @ cells, last_change)
