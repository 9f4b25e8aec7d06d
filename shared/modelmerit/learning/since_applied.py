"""What an applied change has brought since, told in two ways that must not be mixed up.

The comparison is fair: exploration still gives some of the tasks to the old model, and chance alone decides which.
Before and after is plain: it takes out neither seasons nor a change in what the tasks are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from modelmerit.learning.cases import arm_evidence
from modelmerit.learning.circumstances import Circumstances
from modelmerit.learning.comparisons import LEAST_ATTEMPTS, PARTIAL_CREDITS, cost_ratio_of, incumbent_rate
from modelmerit.learning.falls import Fall, last_fall
from modelmerit.learning.findings import ArmEvidence
from modelmerit.learning.scope_rows import rows_of_scope
from modelmerit.learning.strata import Stratum, comparable_tallies, whole_stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import DAYS_PER_WEEK
from modelmerit.policy.schema import Policy
from modelmerit.statistics.arrays import Mask
from modelmerit.statistics.costs import CostRatio, chance_of_saving, saving
from modelmerit.statistics.differences import SATISFYING_RATE, DifferencePrior, dearer, difference
from modelmerit.statistics.intervals import Interval
from modelmerit.statistics.posterior import CENTRES, Posterior

EPOCH = date(1970, 1, 1)
STRETCH_DAYS = 90
TOLD_DAYS = 180
"""After half a year a before says little: so much else has changed by then."""

APPROVED_CHEAPER = dearer(SATISFYING_RATE)
APPROVED_DEARER = DifferencePrior(near_share=0.05, wide_mean=-0.25, wide_sd=0.12)
"""What is expected of the old model minus the new one before any attempt since: the change is about as probably right
as it had to be to be suggested. What exactly it promised is left out, for that is what is asked."""

LEAST_AFTER_FALL = 8
"""A fall that was seen for itself takes fewer attempts of the old model to be told from a hard season."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """What is asked about: the tasks of `scope` went from one model to another on a day, counted since 1970.

    `limit` is what the new model's success minus the old one's must stay above; it is negative for a cheaper one.
    """

    scope: Mapping[str, str]
    from_model: str
    to_model: str
    limit: float
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The new model against the old one at the tasks that chance gave out since, as it is now.

    `difference` is new minus old in success rate, `saving` the share of the cost of a success that is saved, both with
    90 % intervals. `confidence` is the probability that the change is right by this evidence alone. Attempts without an
    outcome are shown, but left out of what is compared; where a change was detected, so is what came before it. `fall`
    is the one that the new model's own rate has taken; then only what came after it is compared.
    """

    old: ArmEvidence
    new: ArmEvidence
    difference: float
    interval: Interval
    saving: float | None
    saving_interval: Interval | None
    confidence: float
    changed_on: date | None
    fall: Fall | None

    @property
    def arms(self) -> tuple[ArmEvidence, ArmEvidence]:
        """The new model, then the old one."""
        return self.new, self.old

    @property
    def least_attempts(self) -> int:
        """Attempts of the old model from which the comparison tells anything."""
        return LEAST_ATTEMPTS if self.fall is None else LEAST_AFTER_FALL

    @property
    def tells(self) -> bool:
        """Whether there are so many."""
        return self.old.attempts >= self.least_attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What became of the tasks of a stretch of days, both ends included. `attempts` are those with an outcome."""

    first_day: date
    last_day: date
    attempts: int
    successes: int
    usd_per_success: float | None

    @property
    def success_rate(self) -> float | None:
        """Successes among the attempts; None without any."""
        return self.successes / self.attempts if self.attempts else None


def compared_since(
    tallies: Tallies, policy: Policy, swap: Swap, today: int, circumstances: Circumstances
) -> Compared | None:
    """The comparison since the swap; None where one of the models has no attempt that chance gave it."""
    rows = rows_of_scope(tallies, policy, swap.scope, swap.to_model)
    # Older tallies of keywords know only the week.
    rows &= tallies.day // DAYS_PER_WEEK >= swap.day // DAYS_PER_WEEK
    evidence = comparable_tallies(tallies.where(rows), today, today, circumstances)
    stratum = whole_stratum(evidence, swap.to_model)
    if not _both_tried(stratum, swap):
        return None
    fall = _fall_of(stratum, swap.to_model)
    if fall is not None:
        fallen = whole_stratum(evidence.where(evidence.day >= (fall.since - EPOCH).days), swap.to_model)
        stratum = fallen if _both_tried(fallen, swap) else stratum
    cheaper = swap.limit < 0
    prior = APPROVED_CHEAPER if cheaper else APPROVED_DEARER
    costs = _new_to_old(stratum, swap.from_model)
    readings: list[tuple[float, Posterior, float, int | None]] = []
    for credit in PARTIAL_CREDITS:
        old_minus_new = difference(stratum.arms(swap.from_model, credit, against=False), prior)
        belief = Posterior(old_minus_new.posterior.weights[::-1])
        old_rate = float(np.clip(incumbent_rate(stratum, credit, against=False) - belief.mean, 0.0, 1.0))
        sure = _still_right(belief, swap.limit, costs if cheaper else None, old_rate)
        readings.append((sure, belief, old_rate, old_minus_new.since))
    _, belief, old_rate, first_week = readings[0]
    saved = None if costs is None else saving(costs, old_rate, belief)
    return Compared(
        old=arm_evidence(stratum, swap.from_model, first_week=first_week),
        new=arm_evidence(stratum, swap.to_model, first_week=first_week),
        difference=belief.mean,
        interval=belief.interval(),
        saving=None if saved is None else saved[0],
        saving_interval=None if saved is None else saved[1],
        confidence=min(sure for sure, *_ in readings),
        changed_on=None if first_week is None else EPOCH + timedelta(weeks=first_week),
        fall=fall,
    )


def before_and_since(tallies: Tallies, policy: Policy, swap: Swap, today: int) -> tuple[Stretch, Stretch] | None:
    """The last days since the swap, 90 at most, and as many days before it.

    The day itself belongs to neither. None on that day, and once half a year is over.
    """
    days = min(today - swap.day, STRETCH_DAYS)
    if not 0 < today - swap.day <= TOLD_DAYS:
        return None
    # One rule may have taken over from several defaults.
    alone = "complexity" in swap.scope or "condition" in swap.scope
    before = rows_of_scope(tallies, policy, swap.scope, swap.from_model if alone else None)
    since = rows_of_scope(tallies, policy, swap.scope, swap.to_model)
    return _stretch(tallies, before, swap.day - days, days), _stretch(tallies, since, today - days + 1, days)


def first_day_needed(day: int, today: int) -> int:
    """The first day of the tallies that `before_and_since` needs for a swap on `day`; `today` if it needs none."""
    return day - STRETCH_DAYS if today - day <= TOLD_DAYS else today


def _still_right(belief: Posterior, limit: float, costs: CostRatio | None, old_rate: float) -> float:
    """The probability that success is above the limit and, where `costs` must have fallen, that they have."""
    if costs is None:
        return belief.above(limit)
    return float((belief.weights * np.greater(CENTRES, limit)) @ chance_of_saving(costs, old_rate))


def _new_to_old(stratum: Stratum, old: str) -> CostRatio | None:
    costs = cost_ratio_of(stratum, old)
    return None if costs is None else CostRatio(-costs.log_ratio, costs.error)


def _both_tried(stratum: Stratum, swap: Swap) -> bool:
    places = [stratum.index(model) for model in (swap.from_model, swap.to_model)]
    return all(at >= 0 and stratum.weighed.attempts[at].any() for at in places)


def _fall_of(stratum: Stratum, model: str) -> Fall | None:
    at = stratum.index(model)
    return last_fall(stratum.weeks, stratum.weighed.tried(with_missing=False)[at], stratum.weighed.successes[at])


def _stretch(tallies: Tallies, rows: Mask, first: int, days: int) -> Stretch:
    last = first + days - 1
    part = tallies.where(rows & (tallies.day >= first) & (tallies.day <= last))
    successes = part.total("successes")
    judged = successes + part.total("partials") + part.total("failures")
    known = part.total("cost_known")
    mean_usd = part.total("cost_usd") / known if known else None
    return Stretch(
        first_day=EPOCH + timedelta(days=first),
        last_day=EPOCH + timedelta(days=last),
        attempts=round(judged),
        successes=round(successes),
        usd_per_success=mean_usd * judged / successes if mean_usd is not None and successes else None,
    )
