"""How much a repeat is worth: the same task, given to the same arm again, may only say again what is known.

If the outcomes of one task correlate by r, m of them tell as much of other tasks as m / (1 + (m - 1) r) tasks would:
all of them where r is 0, one where r is 1 (L. Kish 1965, Survey Sampling, section 5.4: the design effect).
"""

import numpy as np

from modelmerit.statistics.arrays import Floats

DOUBT_PAIRS = 2.0
"""Discordant pairs' worth of doubt: until repeats have been seen to differ, they count as the same."""


def correlation_within(sizes: Floats, successes: Floats, rates: Floats) -> float:
    """The correlation of outcomes within clusters, from 0 to 1; 1 where nothing speaks against it.

    A cluster of `sizes` outcomes with `successes` among them has successes * (size - successes) discordant pairs. Were
    its outcomes independent, a share 2 p (1 - p) of all its pairs would be, where p is its arm's rate (J. L. Fleiss and
    J. Cuzick 1979, Applied Psychological Measurement 3, 537-542).
    """
    discordant = float((successes * (sizes - successes)).sum())
    expected = float((sizes * (sizes - 1.0) * rates * (1.0 - rates)).sum())
    return float(np.clip(1.0 - discordant / (expected + DOUBT_PAIRS), 0.0, 1.0))


def worth_of_repeats(counts: Floats, correlation: float) -> Floats:
    """What each attempt counts for, so that all attempts at one task together count for what they tell.

    `counts[b]` is how many attempts had so many before them at the same task that the number has b bits: none in entry
    0, 2^(b-1) to 2^b - 1 in entry b. How often a task was repeated in the end is known of all tasks together only; it
    is taken to have ended where such a range ends. An attempt counts for what is to be expected of its task then.
    """
    bits = np.arange(len(counts))
    reached = np.minimum.accumulate(counts / np.maximum(1.0, 2.0 ** (bits - 1)))
    sizes = 2.0**bits
    each = 1.0 / (1.0 + (sizes - 1.0) * correlation)
    ended = reached - np.append(reached[1:], 0.0)
    later = np.cumsum((ended * each)[::-1])[::-1]
    return np.asarray(np.divide(later, reached, out=each, where=reached > 0))
