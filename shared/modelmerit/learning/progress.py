"""Whether things got better: the last 30 days against the 30 days before."""

from dataclasses import dataclass

import numpy as np

from modelmerit.learning.tallies import Tallies
from modelmerit.statistics.intervals import Interval, newcombe_interval
from modelmerit.statistics.spending import Spending, relative_change, spending

PROGRESS_DAYS = 30
OUTCOMES = ("successes", "partials", "failures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The last 30 days and the 30 before. Attempts are those with an outcome; None where there is nothing to say.

    `change` is a difference of success rates, `usd_change` the share by which the cost of a success has changed; both
    come with a 95 % interval.
    """

    attempts_now: int
    attempts_before: int
    successes_now: int
    successes_before: int
    change: float | None
    change_interval: Interval | None
    usd_per_success_now: float | None
    usd_per_success_before: float | None
    usd_change: float | None
    usd_change_interval: Interval | None

    @property
    def success_now(self) -> float | None:
        """The success rate of the last 30 days; None without outcomes."""
        return self.successes_now / self.attempts_now if self.attempts_now else None

    @property
    def success_before(self) -> float | None:
        """The success rate of the 30 days before; None without outcomes."""
        return self.successes_before / self.attempts_before if self.attempts_before else None


def progress(every: Tallies, today: int) -> Progress:
    """The progress that the tallies of all tasks show, up to `today` and no further."""
    now = every.between(today - PROGRESS_DAYS + 1, today)
    before = every.between(today - 2 * PROGRESS_DAYS + 1, today - PROGRESS_DAYS)
    judged = [sum(part.total(name) for name in OUTCOMES) for part in (now, before)]
    successes = [part.total("successes") for part in (now, before)]
    spent = [_spending(part) for part in (now, before)]
    compared = all(judged)
    usd = None if spent[0] is None or spent[1] is None else relative_change(spent[0], spent[1])
    return Progress(
        attempts_now=round(judged[0]),
        attempts_before=round(judged[1]),
        successes_now=round(successes[0]),
        successes_before=round(successes[1]),
        change=successes[0] / judged[0] - successes[1] / judged[1] if compared else None,
        change_interval=newcombe_interval(successes[0], judged[0], successes[1], judged[1]) if compared else None,
        usd_per_success_now=None if spent[0] is None else spent[0].usd_per_success,
        usd_per_success_before=None if spent[1] is None else spent[1].usd_per_success,
        usd_change=None if usd is None else usd[0],
        usd_change_interval=None if usd is None else usd[1],
    )


def _spending(part: Tallies) -> Spending | None:
    days, day = np.unique(part.day, return_inverse=True)
    cost_usd, cost_known, successes, *outcomes = (
        np.bincount(day, part.measures[name], len(days)).astype(np.float64)
        for name in ("cost_usd", "cost_known", *OUTCOMES)
    )
    return spending(cost_usd, cost_known, successes, np.sum([successes, *outcomes], axis=0))
