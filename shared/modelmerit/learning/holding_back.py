"""Suggestions that wait because the models were not chosen as their logged chances say.

What decided instead may have given one model the easier tasks. So they are treated as missing outcomes are: nothing is
suggested that the attempts too many or too few could overturn, had they been picked for how they end, and what is
likely enough stays a hint.
"""

from collections.abc import Sequence
from dataclasses import replace

from modelmerit.learning.cases import Case
from modelmerit.learning.comparisons import LIKELIER
from modelmerit.learning.mismatches import Assignment

BLOCKED_BY_MISMATCH = "models ran more or less often there than their logged chances say: find out why first"


def held_back(cases: Sequence[Case], mismatches: Sequence[Assignment]) -> list[Case]:
    """The cases, of which none passes that the mismatches could overturn."""
    return [_held_back(case, mismatches) for case in cases] if mismatches else list(cases)


def _held_back(case: Case, mismatches: Sequence[Assignment]) -> Case:
    parts = tuple(_held_back(part, mismatches) for part in case.parts)
    blocked = any(part.blocked == BLOCKED_BY_MISMATCH for part in parts)
    if not blocked and not any(_rests_on(case, one) and _could_overturn(case, one) for one in mismatches):
        return case
    return replace(case, passes=False, blocked=BLOCKED_BY_MISMATCH, parts=parts)


def _rests_on(case: Case, mismatch: Assignment) -> bool:
    """Whether its models are compared at these tasks; a rule for all complexities is at those of any."""
    return (
        case.incumbent.model == mismatch.incumbent
        and case.scope.get("complexity", mismatch.complexity) == mismatch.complexity
    )


def _could_overturn(case: Case, mismatch: Assignment) -> bool:
    """Whether it is no longer likely to be right if all that departs from the chances is held against it.

    So many attempts move a model's rate by at most their share of its attempts.
    """
    excess = {arm.model: abs(arm.excess) for arm in mismatch.arms}
    moved = sum(excess.get(arm.model, 0.0) / max(1, arm.attempts) for arm in (case.incumbent, case.challenger))
    return case.belief.above(case.limit + moved) < LIKELIER
