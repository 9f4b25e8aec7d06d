"""What one attempt adds to the sums that tell whether arms were chosen as often as their logged chances say.

The sums are kept by complexity and by the model of the policy: the attempts that a comparison is made of. Like tallies
they are additive, so the store keeps them current, and how many there are depends on the models alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

from modelmerit.learning.tallying import is_comparable
from modelmerit.records import Attempt

ROUNDING = 0.01
"""How far logged chances may be from adding up to one: a log may round them, or hold that of the chosen arm alone."""


class ArmKey(NamedTuple):
    """An arm that could get tasks of a complexity where the policy says `incumbent`; "" is "not labelled"."""

    complexity: str
    incumbent: str
    model: str


class Chances(NamedTuple):
    """How often an arm was chosen, the sum of its chances p, and that of p (1 - p)."""

    chosen: int = 0
    expected: float = 0.0
    variance: float = 0.0


def chances_of(attempt: Attempt) -> Iterator[tuple[ArmKey, Chances]]:
    """What the attempt adds; nothing unless it is compared and the chances of all arms are known.

    An attempt that the harness spoilt counts: chance had decided by then.
    """
    logged = attempt.propensities or {}
    total = sum(logged.values())
    if not is_comparable(attempt) or abs(total - 1.0) > ROUNDING:
        return
    for model, part in logged.items():
        chance = part / total
        key = ArmKey(attempt.complexity or "", attempt.recommended_model or "", model)
        yield key, Chances(int(model == attempt.model), chance, chance * (1.0 - chance))
