"""Comparisons: is this arm good enough, or better enough, to take over from that one?

The confidence is the probability that the change is right, as the policy's settings define right: for an arm that is
cheaper per attempt, success falls by at most the margin and the cost per success falls; for any other, success rises
by at least the minimal gain. It is the lower of two: a partial result counted as nothing, and as a half.
"""

from dataclasses import dataclass, replace

import numpy as np

from modelmerit.learning.strata import Stratum
from modelmerit.policy.schema import LearningSettings
from modelmerit.statistics.costs import CostRatio, chance_of_saving, cost_ratio, mean_cost
from modelmerit.statistics.differences import CHEAPER, Belief, dearer, difference
from modelmerit.statistics.posterior import CENTRES, Posterior

PARTIAL_CREDITS = (0.0, 0.5)
LEAST_ATTEMPTS = 15
CHEAPER_GATE = 0.87
DEARER_GATE = 0.92


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is believed of a challenger against an incumbent in one stratum.

    `first_week` is where the evidence that still counts begins. `costs` is None where no cost is known.
    `next_cheaper` marks the dearest of the arms that cost less than the incumbent.
    """

    complexity: str
    incumbent: str
    challenger: str
    attempts: float
    incumbent_rate: float
    belief: Posterior
    first_week: int | None
    costs: CostRatio | None
    limit: float
    confidence: float
    next_cheaper: bool = False

    @property
    def cheaper(self) -> bool:
        """Whether an attempt of the challenger costs less, as far as anyone knows."""
        return self.costs is not None and self.costs.log_ratio < 0

    @property
    def gate(self) -> float:
        """The confidence that a suggestion needs."""
        return CHEAPER_GATE if self.cheaper else DEARER_GATE

    @property
    def passes(self) -> bool:
        """Whether the evidence suffices for a suggestion."""
        return self.attempts >= LEAST_ATTEMPTS and self.confidence >= self.gate


def compare_all(stratum: Stratum, settings: LearningSettings) -> tuple[Comparison, ...]:
    """The comparisons of all challengers with the stratum's incumbent, over all its tasks."""
    if stratum.index(stratum.incumbent) < 0:
        return ()
    found = [compare(stratum, challenger, settings) for challenger in stratum.challengers]
    below = [one.costs.log_ratio for one in found if one.costs is not None and one.cheaper]
    return tuple(
        replace(one, next_cheaper=one.cheaper and one.costs is not None and one.costs.log_ratio == max(below))
        for one in found
    )


def compare(stratum: Stratum, challenger: str, settings: LearningSettings) -> Comparison:
    """The comparison of a challenger with the stratum's incumbent, over all its tasks."""
    costs = cost_ratio_of(stratum, challenger)
    saves = costs is not None and costs.log_ratio < 0
    limit = -settings.margin if saves else settings.min_gain
    prior = CHEAPER if saves else dearer(incumbent_rate(stratum, 0.0))
    beliefs: list[Belief] = []
    confidences = []
    for credit in PARTIAL_CREDITS[: 2 if stratum.all_tasks.partials.any() else 1]:
        belief = difference(stratum.arms(challenger, credit), prior)
        beliefs.append(belief)
        rate = incumbent_rate(stratum, credit)
        confidences.append(probability_right(belief.posterior, limit, costs, rate))
    belief = beliefs[0]
    own = stratum.index(challenger)
    attempts = stratum.all_tasks.attempts[own]
    used = stratum.weeks[attempts > 0]
    return Comparison(
        complexity=stratum.complexity,
        incumbent=stratum.incumbent,
        challenger=challenger,
        attempts=float(attempts.sum()),
        incumbent_rate=incumbent_rate(stratum, 0.0),
        belief=belief.posterior,
        first_week=int(used[belief.start]) if belief.start else None,
        costs=costs,
        limit=limit,
        confidence=min(confidences),
    )


def probability_right(belief: Posterior, limit: float, costs: CostRatio | None, rate: float) -> float:
    """The probability that a change is right, for one belief about the difference."""
    if costs is None or costs.log_ratio >= 0:
        return belief.above(limit)
    above = np.greater(CENTRES, limit)
    return float((belief.weights * above) @ chance_of_saving(costs, rate))


def incumbent_rate(stratum: Stratum, credit: float) -> float:
    """The incumbent's success rate over the whole stratum."""
    at = stratum.index(stratum.incumbent)
    if at < 0:
        return 0.5
    counts = stratum.all_tasks
    good = (counts.good(credit) + counts.missing)[at].sum()
    return float((good + 1.0) / (counts.attempts[at].sum() + 2.0))


def cost_ratio_of(stratum: Stratum, challenger: str) -> CostRatio | None:
    """What an attempt of the challenger costs against one of the incumbent; None if either is unknown."""
    means = []
    for model in (challenger, stratum.incumbent):
        at = stratum.index(model)
        mean = mean_cost(stratum.all_tasks.cost_usd[at], stratum.all_tasks.cost_known[at]) if at >= 0 else None
        if mean is None:
            return None
        means.append(mean)
    return cost_ratio(means[0], means[1])
