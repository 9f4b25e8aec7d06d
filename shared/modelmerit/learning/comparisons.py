"""Comparisons: is this arm good enough, or better enough, to take over from that one?

The confidence is the probability that the change is right, as the policy's settings define right: for an arm that is
cheaper per attempt, success falls by at most the margin and the cost per success falls; for any other, success rises
by at least the minimal gain. It is the lower of two: a partial result counted as nothing, and as a half.
"""

from dataclasses import dataclass, replace

import numpy as np

from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.missing_outcomes import missing_outcomes
from modelmerit.learning.model_versions import predecessor
from modelmerit.learning.strata import Stratum
from modelmerit.policy.schema import LearningSettings
from modelmerit.statistics.costs import CostRatio, chance_of_saving, cost_ratio, mean_cost
from modelmerit.statistics.differences import CHEAPER, HAZARD_PER_WEEK, Belief, Foretold, dearer, difference
from modelmerit.statistics.posterior import CENTRES, Posterior

PARTIAL_CREDITS = (0.0, 0.5)
LEAST_ATTEMPTS = 15
CHEAPER_GATE = 0.87
DEARER_GATE = 0.92
FIRST_SAVING_GATE, LAST_SAVING_GATE = 0.95, 0.80
LAST_STAGE = 12.0
"""A saving is asked for more at the first looks than at the last: chance misleads most while little is known, and what
is true shows again. The idea is that of P. C. O'Brien and T. R. Fleming 1979, Biometrics 35, 549-556; the figures
were chosen on simulated worlds of other seeds than those that are reported."""

FEW_CHALLENGERS = 5
"""So many challengers may be compared at one gate: of two dozen one is lucky enough to pass it."""

FORETOLD_ATTEMPTS = 10.0
"""What the version before an arm is worth at most, in attempts of the arm itself."""

LIKELIER = 0.50
NEVER = 1e-9
"""The weekly hazard of a difference that does not change."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is believed of a challenger against an incumbent in one stratum.

    `first_week` is where the evidence that still counts begins, and `steady` the difference on average since. `costs`
    is None where no cost is known. `missing_against`: what is missing of the outcomes is held against the challenger;
    `overturned`: it is not, and would overturn the finding if it were. `next_cheaper` marks the dearest of the arms
    that cost less than the incumbent. `challengers` is how many arms are compared with it, and `stage` how far the plan
    of looks has come.
    """

    complexity: str
    incumbent: str
    challenger: str
    attempts: float
    incumbent_rate: float
    belief: Posterior
    steady: Posterior
    first_week: int | None
    costs: CostRatio | None
    limit: float
    confidence: float
    missing_against: bool = False
    overturned: bool = False
    next_cheaper: bool = False
    challengers: int = 1
    stage: float = LAST_STAGE

    @property
    def cheaper(self) -> bool:
        """Whether an attempt of the challenger costs less, as far as anyone knows."""
        return self.costs is not None and self.costs.log_ratio < 0

    @property
    def gate(self) -> float:
        """The confidence that a suggestion needs at this look."""
        return self._shared(saving_gate(self.stage) if self.cheaper else DEARER_GATE)

    @property
    def settled_at(self) -> float:
        """The confidence that settles a question, at whatever look."""
        return self._shared(CHEAPER_GATE if self.cheaper else DEARER_GATE)

    def _shared(self, gate: float) -> float:
        """Beyond a few challengers they share the error that is allowed."""
        return 1 - (1 - gate) * min(1.0, FEW_CHALLENGERS / self.challengers)

    @property
    def passes(self) -> bool:
        """Whether the evidence suffices for a suggestion."""
        return self.attempts >= LEAST_ATTEMPTS and self.confidence >= self.gate and not self.overturned


def saving_gate(stage: float) -> float:
    """The confidence that a saving needs when the plan of looks has come so far."""
    return FIRST_SAVING_GATE - (FIRST_SAVING_GATE - LAST_SAVING_GATE) * min(1.0, stage / LAST_STAGE)


def compare_all(
    stratum: Stratum, settings: LearningSettings, method: Method = COMPLETE, stage: float = LAST_STAGE
) -> tuple[Comparison, ...]:
    """The comparisons of all challengers with the stratum's incumbent, over all its tasks.

    `stage` is how far the plan of looks has come.
    """
    if stratum.index(stratum.incumbent) < 0:
        return ()
    found: dict[str, Comparison] = {}
    before = {challenger: predecessor(challenger, stratum.models) for challenger in stratum.challengers}
    while len(found) < len(before):
        # Versions form chains, so there is always one whose predecessor is known, or has none.
        for challenger, earlier in before.items():
            if challenger not in found and (earlier in found or earlier in (None, stratum.incumbent)):
                known = None if earlier is None else _foretold(stratum, found.get(earlier))
                found[challenger] = compare(stratum, challenger, settings, method, known)
    below = [one.costs.log_ratio for one in found.values() if one.costs is not None and one.cheaper]
    return tuple(
        replace(
            one,
            next_cheaper=one.cheaper and one.costs is not None and one.costs.log_ratio == max(below),
            challengers=len(found),
            stage=stage,
        )
        for one in (found[challenger] for challenger in stratum.challengers)
    )


def _foretold(stratum: Stratum, earlier: Comparison | None) -> Foretold:
    """What the version before tells; None stands for the incumbent itself, from which it does not differ."""
    if earlier is None:
        own = float(stratum.weighed.attempts[stratum.index(stratum.incumbent)].sum())
        return Foretold(0.0, min(FORETOLD_ATTEMPTS, own))
    return Foretold(earlier.steady.mean, min(FORETOLD_ATTEMPTS, earlier.attempts))


def compare(
    stratum: Stratum,
    challenger: str,
    settings: LearningSettings,
    method: Method = COMPLETE,
    foretold: Foretold | None = None,
) -> Comparison:
    """The comparison of a challenger with the stratum's incumbent, over all its tasks.

    `foretold` is what the version before the challenger tells of it.
    """
    costs = cost_ratio_of(stratum, challenger)
    missing = missing_outcomes(stratum, challenger)
    against = method.missing_bound and missing.suspicious
    belief, confidence = _judged(stratum, challenger, settings, costs, method, foretold, against=against)
    overturned = False
    if method.missing_bound and missing.any and not against:
        _, at_worst = _judged(stratum, challenger, settings, costs, method, foretold, against=True)
        overturned = at_worst < LIKELIER
    return Comparison(
        complexity=stratum.complexity,
        incumbent=stratum.incumbent,
        challenger=challenger,
        attempts=float(stratum.weighed.attempts[stratum.index(challenger)].sum()),
        incumbent_rate=incumbent_rate(stratum, 0.0, against=against),
        belief=belief.posterior,
        steady=belief.steady,
        first_week=belief.since,
        costs=costs,
        limit=_limit(costs, settings),
        confidence=confidence,
        missing_against=against,
        overturned=overturned,
    )


def _judged(
    stratum: Stratum,
    challenger: str,
    settings: LearningSettings,
    costs: CostRatio | None,
    method: Method,
    foretold: Foretold | None,
    *,
    against: bool,
) -> tuple[Belief, float]:
    """The belief where a partial result is nothing, and the lower confidence of that and where it is a half.

    `against` says whether missing outcomes are held against the challenger.
    """
    hazard = HAZARD_PER_WEEK if method.change_detection else NEVER
    limit = _limit(costs, settings)
    prior = CHEAPER if limit < 0 else dearer(incumbent_rate(stratum, 0.0, against=against))
    found = []
    for credit in PARTIAL_CREDITS[: 2 if stratum.all_tasks.partials.any() else 1]:
        belief = difference(stratum.arms(challenger, credit, against=against), prior, hazard, foretold)
        rate = incumbent_rate(stratum, credit, against=against)
        found.append((belief, probability_right(belief.posterior, limit, costs, rate)))
    return found[0][0], min(confidence for _, confidence in found)


def _limit(costs: CostRatio | None, settings: LearningSettings) -> float:
    return -settings.margin if costs is not None and costs.log_ratio < 0 else settings.min_gain


def probability_right(belief: Posterior, limit: float, costs: CostRatio | None, rate: float) -> float:
    """The probability that a change is right, for one belief about the difference."""
    if costs is None or costs.log_ratio >= 0:
        return belief.above(limit)
    above = np.greater(CENTRES, limit)
    return float((belief.weights * above) @ chance_of_saving(costs, rate))


def incumbent_rate(stratum: Stratum, credit: float, *, against: bool) -> float:
    """The incumbent's success rate over the whole stratum; `against`: where an outcome is missing, it succeeded."""
    at = stratum.index(stratum.incumbent)
    if at < 0:
        return 0.5
    counts = stratum.weighed
    good = (counts.good(credit) + against * counts.missing)[at].sum()
    return float((good + 1.0) / (counts.tried(with_missing=against)[at].sum() + 2.0))


def cost_ratio_of(stratum: Stratum, challenger: str) -> CostRatio | None:
    """What an attempt of the challenger costs against one of the incumbent; None if either is unknown."""
    means = []
    for model in (challenger, stratum.incumbent):
        at = stratum.index(model)
        mean = mean_cost(stratum.weighed.cost_usd[at], stratum.weighed.cost_known[at]) if at >= 0 else None
        if mean is None:
            return None
        means.append(mean)
    return cost_ratio(means[0], means[1])
