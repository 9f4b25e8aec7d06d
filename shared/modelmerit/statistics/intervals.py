"""Intervals for a rate: what the counts alone allow one to say."""

from math import sqrt
from typing import NamedTuple

from modelmerit.errors import InvalidCounts

Z_90 = 1.6448536269514722
"""Standard normal quantile of a two-sided 90 % interval."""

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


class Interval(NamedTuple):
    """A closed range of plausible values."""

    low: float
    high: float


def newcombe_interval(
    successes: float, trials: float, other_successes: float, other_trials: float, z: float = Z_95
) -> Interval:
    """Interval for the difference of two independent proportions, the first minus the other.

    It joins the two Wilson intervals, so it never leaves -1..1 and does not collapse where all succeeded.

    Raises:
        InvalidCounts: If a count of successes is outside 0..trials.

    Reference: R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    low, high = wilson_interval(successes, trials, z)
    other_low, other_high = wilson_interval(other_successes, other_trials, z)
    if trials == 0 or other_trials == 0:
        return Interval(-1.0, 1.0)
    rate, other_rate = successes / trials, other_successes / other_trials
    difference = rate - other_rate
    return Interval(
        difference - sqrt((rate - low) ** 2 + (other_high - other_rate) ** 2),
        difference + sqrt((high - rate) ** 2 + (other_rate - other_low) ** 2),
    )


def wilson_interval(successes: float, trials: float, z: float = Z_95) -> Interval:
    """Wilson score interval for a binomial proportion, without continuity correction.

    `z` is the standard normal quantile; the default gives 95 % two-sided coverage. Counts may be fractional, because
    displayed rates weigh older attempts less. With `trials == 0` nothing is known and the interval is (0, 1).

    Raises:
        InvalidCounts: If `successes` is outside 0..`trials`.

    Reference: E. B. Wilson (1927), J. Amer. Stat. Assoc. 22, 209-212.
    """
    if not 0 <= successes <= trials:
        raise InvalidCounts(
            f"{successes!r} successes in {trials!r} trials cannot be; expected 0 <= successes <= trials"
        )
    if trials == 0:
        return Interval(0.0, 1.0)
    rate = successes / trials
    spread = z * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    centre = rate + z * z / (2 * trials)
    scale = 1 + z * z / trials
    return Interval(max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))
