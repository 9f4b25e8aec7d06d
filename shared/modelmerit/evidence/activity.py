"""What one attempt adds to its day's activity: exploration spent, outcomes reported, retries made."""

from typing import NamedTuple

from modelmerit.learning.executions import shows_obedience
from modelmerit.learning.tallying import is_retry
from modelmerit.records import Attempt


class Activity(NamedTuple):
    """Sums over the attempts of a day, or of a stretch of days.

    `checked` counts the outcomes that a human or tests decided, `tests` those of them that tests did, `reported` those
    that an agent told of itself, and `implicit` those that nobody did. `executed_known` counts the attempts whose model
    was answered to a client and seen to run, or another one in its place. Token sums are over the `*_known` attempts.
    """

    attempts: int = 0
    explored: int = 0
    with_outcome: int = 0
    checked: int = 0
    retries: int = 0
    executed_known: int = 0
    executed_as_answered: int = 0
    recommended_known: int = 0
    ran_as_recommended: int = 0
    tokens: int = 0
    tokens_known: int = 0
    explored_tokens: int = 0
    explored_tokens_known: int = 0
    tests: int = 0
    reported: int = 0
    implicit: int = 0


def activity_of(attempt: Attempt) -> Activity:
    """The attempt's share in its day's activity."""
    explored = attempt.selection == "explored"
    obedience = shows_obedience(attempt)
    tokens = attempt.tokens_used or 0
    tokens_known = int(attempt.tokens_used is not None)
    evidence = None if attempt.outcome is None else attempt.evidence
    return Activity(
        attempts=1,
        explored=int(explored),
        with_outcome=int(attempt.outcome is not None),
        checked=int(evidence in ("human", "tests")),
        retries=int(is_retry(attempt)),
        executed_known=int(obedience),
        executed_as_answered=int(obedience and attempt.executed_model == attempt.model),
        recommended_known=int(attempt.recommended_model is not None),
        ran_as_recommended=int(attempt.arm.model == attempt.recommended_model),
        tokens=tokens,
        tokens_known=tokens_known,
        explored_tokens=tokens if explored else 0,
        explored_tokens_known=tokens_known if explored else 0,
        tests=int(evidence == "tests"),
        reported=int(evidence == "reported"),
        implicit=int(evidence == "implicit"),
    )
