"""Sending tasks where they have succeeded most: the adaptive mode.

A person who lists `candidates` lets the strategy choose among them, for every task and not only for a share of them.
The policy's own model always takes part, listed or not: the strategy competes with a rule, it does not abolish it.

What an arm is judged by are the tasks that chance gave it, of the same complexity and with the same model of the
policy. So a model that the rules send the hard tasks to is not compared with one that got the easy ones.
"""

from collections.abc import Mapping, Sequence
from random import Random

from modelmerit.policy.schema import Strategy
from modelmerit.records import Complexity
from modelmerit.routing.strategies import STRATEGIES, Belief, Results

FLOOR = 0.02
"""The least probability of an arm: below it, what an arm would do cannot be told from the log."""

MOST_MIXED = 0.20
"""The most that the floors of all arms may take together; with more than ten arms each has a lower one."""


def propensities(
    strategy: Strategy, recommended: str, arms: Sequence[str], results: Mapping[str, Results]
) -> Mapping[str, float]:
    """The probability of each arm, the recommended one first: (1 - e) x the strategy's share + e / K.

    K is the number of arms and e / K the floor, so e is 0.04 for two arms, 0.06 for three and at most 0.20. An arm
    without results is believed to be like any other new one.
    """
    among = tuple(dict.fromkeys((recommended, *arms)))
    shares = STRATEGIES[strategy]([Belief.after(results.get(arm, Results())) for arm in among])
    mixed = min(FLOOR * len(among), MOST_MIXED)
    return {arm: (1 - mixed) * share + mixed / len(among) for arm, share in zip(among, shares, strict=True)}


def draw(vector: Mapping[str, float], rng: Random) -> str:
    """The arm that gets the task."""
    return rng.choices(tuple(vector), tuple(vector.values()))[0]


def reason(share: float, complexity: Complexity | None) -> str:
    """Why the task goes there, in one line: "adaptive: 62 % of such medium tasks go here"."""
    return f"adaptive: {100 * share:.0f} % of such {complexity + ' ' if complexity else ''}tasks go here"
