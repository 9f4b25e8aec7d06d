"""When to look, and how much evidence a question needs.

Looking at every new attempt costs more in false findings than it wins in time, so decisions are made at planned
looks: when the evidence has grown by half, or by three hundred attempts, or after five weeks with something new. The
plan follows from the evidence alone, so the same history always has the same looks.
"""

from dataclasses import dataclass
from math import ceil, log

import numpy as np

from modelmerit.statistics.arrays import Floats, Integers
from modelmerit.statistics.normal import normal_quantile

FIRST_LOOK = 15
GROWTH = 1.5
MOST_NEW = 300.0
LOOK_DAYS = 35


@dataclass(frozen=True, slots=True)
class PlannedLook:
    """A look's 1-based number, the last day it sees, and the evidence there was by the end of that day."""

    number: int
    day: int
    evidence: float


def last_look(days: Integers, evidence: Floats) -> PlannedLook | None:
    """The latest planned look, given the evidence that each day brought; `days` increase. None before the first."""
    gathered = np.cumsum(evidence)
    look: PlannedLook | None = None
    while True:
        target = FIRST_LOOK if look is None else min(GROWTH * look.evidence, look.evidence + MOST_NEW)
        at = int(np.searchsorted(gathered, target - 1e-9))
        if look is not None:
            later = int(np.searchsorted(days, look.day + LOOK_DAYS))
            newer = int(np.searchsorted(gathered, look.evidence + 1 - 1e-9))
            at = min(at, max(later, newer))
        if at >= len(days):
            return look
        look = PlannedLook(1 if look is None else look.number + 1, int(days[at]), float(gathered[at]))


def stage(number: int, evidence: float) -> float:
    """How far a plan has come by a look: how many looks went before, or how often the evidence has grown by half.

    The greater of the two counts: a history that was imported at once has had few looks and yet much evidence.
    """
    return max(number - 1.0, log(max(evidence, FIRST_LOOK) / FIRST_LOOK) / log(GROWTH))


def required_attempts(
    challenger_rate: float,
    incumbent_rate: float,
    limit: float,
    *,
    incumbents_per_challenger: float = 1.0,
    confidence: float = 0.95,
    power: float = 0.80,
) -> int | None:
    """Attempts of the challenger needed to show on which side of `limit` its difference from the incumbent lies.

    n = (z_confidence + z_power)^2 (p_a (1 - p_a) + p_b (1 - p_b) / k) / (p_a - p_b - limit)^2, with k attempts of the
    incumbent for each of the challenger. None where the difference is the limit itself: no number suffices.
    J. L. Fleiss, B. Levin and M. C. Paik 2003, Statistical Methods for Rates and Proportions, 3rd ed., chapter 4.
    """
    distance = challenger_rate - incumbent_rate - limit
    if abs(distance) < 1e-9:
        return None
    variance = challenger_rate * (1 - challenger_rate)
    variance += incumbent_rate * (1 - incumbent_rate) / incumbents_per_challenger
    return ceil((normal_quantile(confidence) + normal_quantile(power)) ** 2 * variance / distance**2)
