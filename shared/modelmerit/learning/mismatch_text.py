"""Arms that were not chosen as their logged chances say, in words: what was seen, and what to do."""

from collections.abc import Callable

from modelmerit.learning.figures import counted
from modelmerit.learning.markdown import short
from modelmerit.learning.mismatches import Assignment

LEAST_SHOWN = 10.0
"""From this on a number of expected attempts is told without decimals."""


def seen_against_expected(one: Assignment, name: Callable[[str], str]) -> str:
    """The arm farthest off: `at medium tasks, haiku ran 60 times where its logged chances add up to 103`."""
    arm = one.arms[0]
    expected = f"{arm.expected:.0f}" if arm.expected >= LEAST_SHOWN else f"{arm.expected:.1f}"
    ran = f"{short(name(arm.model))} ran {counted(arm.chosen, 'time')}"
    return f"at {one.complexity} tasks, {ran} where its logged chances add up to {expected}; luck rarely does that."


def what_to_do(executed_otherwise: int) -> str:
    """Where to look for the cause; `executed_otherwise` attempts ran on another model than was answered."""
    if executed_otherwise:
        return (
            "some attempts ran on another model than was answered and are left out, more often at one model than at "
            "another; see that your client starts the model it is told."
        )
    return (
        "see whether something chooses models after dispatch_task has, or drops attempts, and whether an imported log "
        "holds the chances that were in force."
    )
