"""Whether arms were chosen as often as their logged chances say, at the tasks that a comparison is made of.

All attempts ever compared at a complexity under one model of the policy are looked at together, because a comparison
rests on all of them. A change of that model begins anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelmerit.learning.logged_chances import ArmKey, Chances
from modelmerit.policy.schema import Policy
from modelmerit.statistics.sample_ratio import mismatch_p_value, standard_deviations_off

ALARM = 0.001
"""The probability of a false alarm at one look, whatever the number of arms and of places looked at."""

UNLABELLED = "medium"
"""The complexity as which tasks without one are routed, and so compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenArm:
    """How often an arm was chosen, and the sum of its logged chances."""

    model: str
    chosen: int
    expected: float

    @property
    def excess(self) -> float:
        """How much more often it was chosen than its chances say."""
        return self.chosen - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """How tasks of a complexity were given out where the policy says `incumbent`; the arms farthest off come first.

    `p_value` is the probability that chance alone takes any of the arms so far from its logged chances as the first.
    """

    complexity: str
    incumbent: str
    arms: tuple[ChosenArm, ...]
    p_value: float

    @property
    def attempts(self) -> int:
        """How many tasks chance gave out."""
        return sum(arm.chosen for arm in self.arms)


def assignments(rows: Iterable[tuple[ArmKey, Chances]]) -> tuple[Assignment, ...]:
    """How chance gave out the tasks of each place, in the order of their names."""
    places: dict[tuple[str, str], dict[str, Chances]] = defaultdict(dict)
    for key, added in rows:
        arms = places[key.complexity or UNLABELLED, key.incumbent]
        known = arms.get(key.model, Chances())
        arms[key.model] = Chances(
            chosen=known.chosen + added.chosen,
            expected=known.expected + added.expected,
            variance=known.variance + added.variance,
        )
    return tuple(_assignment(*place, arms) for place, arms in sorted(places.items()))


def mismatches(found: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Those that chance does not explain, the clearest first.

    All arms of all places share one allowance of error, as C. E. Bonferroni has it.
    """
    alarming = [one for one in found if one.p_value < ALARM / len(found)]
    return tuple(sorted(alarming, key=lambda one: (one.p_value, one.complexity, one.incumbent)))


def in_force(found: Iterable[Assignment], policy: Policy) -> tuple[Assignment, ...]:
    """Those at tasks that the policy still gives to the same model."""
    by_rule = {rule.model for rule in policy.rules}
    defaults = {(complexity, model) for complexity, model in policy.defaults.items()}
    return tuple(one for one in found if one.incumbent in by_rule or (one.complexity, one.incumbent) in defaults)


def _assignment(complexity: str, incumbent: str, chances: dict[str, Chances]) -> Assignment:
    off = {model: standard_deviations_off(*sums) for model, sums in chances.items()}
    arms = [ChosenArm(model=model, chosen=sums.chosen, expected=sums.expected) for model, sums in chances.items()]
    # Of two arms each is as far off as the other: the rarer one is named.
    farthest = sorted(arms, key=lambda arm: (-round(off[arm.model], 9), arm.expected, arm.model))
    return Assignment(
        complexity=complexity,
        incumbent=incumbent,
        arms=tuple(farthest),
        p_value=min(1.0, len(arms) * mismatch_p_value(off[farthest[0].model])),
    )
