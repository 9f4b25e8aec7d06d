"""Whether a model has come to succeed less often than it did: a reason to look again at whatever rests on it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from modelmerit.statistics.arrays import Floats, Integers
from modelmerit.statistics.change_points import current_value
from modelmerit.statistics.differences import HAZARD_PER_WEEK

LEAST_FALL = 0.10
"""A smaller fall is no news: no two months bring the same tasks."""

EPOCH = date(1970, 1, 1)
RATES: Floats = (np.arange(100) + 0.5) / 100


@dataclass(frozen=True, slots=True)
class Fall:
    """About when a model came to succeed less often, and its rates before and from then on."""

    since: date
    before: float
    after: float


def last_fall(weeks: Integers, attempts: Floats, successes: Floats) -> Fall | None:
    """The last change of a model's success rate, if it surely was one and a fall.

    `weeks` count from 1970 and increase; successes may be fractional.
    """
    used = attempts > 0
    weeks, attempts, successes = weeks[used], attempts[used], successes[used]
    failures = attempts - successes
    log_likelihood = successes[:, None] * np.log(RATES) + failures[:, None] * np.log1p(-RATES)
    start = current_value(log_likelihood, weeks, np.full(len(RATES), -np.log(len(RATES))), HAZARD_PER_WEEK).start
    if not start:
        return None
    before, after = (
        float(successes[part].sum() / attempts[part].sum()) for part in (slice(0, start), slice(start, None))
    )
    return Fall(EPOCH + timedelta(weeks=int(weeks[start])), before, after) if before - after >= LEAST_FALL else None
