"""What came of the tasks that chance gave each arm, summed up over all time.

The adaptive mode asks for it at every dispatch, so it must cost the same with a million attempts as with a thousand:
there is one row for each complexity, each model of the policy and each model that got such tasks. The functions run
inside the store's transactions, and `count` wherever the tallies are counted.
"""

import sqlite3

from modelmerit.learning.tallying import is_comparable, measures_of
from modelmerit.records import Attempt
from modelmerit.routing.strategies import Results

ADD = """
INSERT INTO arm_sums (complexity, incumbent, model, successes, failures)
VALUES (:complexity, :incumbent, :model, :successes, :failures)
ON CONFLICT (complexity, incumbent, model) DO UPDATE SET
    successes = arm_sums.successes + excluded.successes, failures = arm_sums.failures + excluded.failures
"""
AT_COMPLEXITY = "SELECT incumbent, model, successes, failures FROM arm_sums WHERE complexity = :complexity"


def count(connection: sqlite3.Connection, *signed: tuple[Attempt, int]) -> None:
    """Add what the attempts with sign 1 say, and take away what those with sign -1 said."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for attempt, sign in signed:
        if is_comparable(attempt):
            place = attempt.complexity or "", attempt.recommended_model or "", attempt.arm.model
            measures = measures_of(attempt)
            added = sums.setdefault(place, [0, 0])
            added[0] += sign * measures.successes
            added[1] += sign * (measures.partials + measures.failures)
    for (complexity, incumbent, model), (successes, failures) in sums.items():
        if successes or failures:
            row = {
                "complexity": complexity,
                "incumbent": incumbent,
                "model": model,
                "successes": successes,
                "failures": failures,
            }
            connection.execute(ADD, row)


def read(connection: sqlite3.Connection, complexity: str) -> dict[tuple[str, str], Results]:
    """The results at a complexity, "" for unlabelled tasks, by the model of the policy and the one that got them."""
    rows = connection.execute(AT_COMPLEXITY, {"complexity": complexity})
    return {(incumbent, model): Results(successes, failures) for incumbent, model, successes, failures in rows}
