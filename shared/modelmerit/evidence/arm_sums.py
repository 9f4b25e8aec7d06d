"""What chance gave each arm and what came of it, summed up over all time.

The adaptive mode asks for the results at every dispatch, and an analysis whether chance gave out the tasks as the log
says. Neither may cost more with a million attempts than with a thousand: there is one row for each complexity, each
model of the policy and each model that could get such tasks. The functions run inside the store's transactions, and
`count` wherever the tallies are counted.
"""

import sqlite3
from collections.abc import Iterator

from modelmerit.learning.logged_chances import ArmKey, Chances, chances_of
from modelmerit.learning.tallying import is_comparable, measures_of
from modelmerit.records import Attempt
from modelmerit.routing.strategies import Results

ADD = """
INSERT INTO arm_sums (complexity, incumbent, model, successes, failures, chosen, expected, variance)
VALUES (:complexity, :incumbent, :model, :successes, :failures, :chosen, :expected, :variance)
ON CONFLICT (complexity, incumbent, model) DO UPDATE SET
    successes = arm_sums.successes + excluded.successes, failures = arm_sums.failures + excluded.failures,
    chosen = arm_sums.chosen + excluded.chosen, expected = arm_sums.expected + excluded.expected,
    variance = arm_sums.variance + excluded.variance
"""
RESULTS = """
SELECT incumbent, model, successes, failures FROM arm_sums
WHERE complexity = :complexity AND (successes <> 0 OR failures <> 0)
"""
CHANCES = "SELECT complexity, incumbent, model, chosen, expected, variance FROM arm_sums WHERE expected > 0"

SUMS = ("successes", "failures", *Chances._fields)


def count(connection: sqlite3.Connection, *signed: tuple[Attempt, int]) -> None:
    """Add what the attempts with sign 1 say, and take away what those with sign -1 said."""
    sums: dict[ArmKey, list[float]] = {}
    for attempt, sign in signed:
        for key, added in _added(attempt):
            known = sums.setdefault(key, [0] * len(SUMS))
            for at, value in enumerate(added):
                known[at] += sign * value
    rows = [key._asdict() | dict(zip(SUMS, added, strict=True)) for key, added in sums.items() if any(added)]
    if rows:
        connection.executemany(ADD, rows)


def results(connection: sqlite3.Connection, complexity: str) -> dict[tuple[str, str], Results]:
    """The results at a complexity, "" for unlabelled tasks, by the model of the policy and the one that got them."""
    rows = connection.execute(RESULTS, {"complexity": complexity})
    return {(incumbent, model): Results(successes, failures) for incumbent, model, successes, failures in rows}


def chances(connection: sqlite3.Connection) -> list[tuple[ArmKey, Chances]]:
    """How often each arm was chosen and what its logged chances add up to, where those of all arms were known."""
    width = len(ArmKey._fields)
    return [(ArmKey(*row[:width]), Chances(*row[width:])) for row in connection.execute(CHANCES)]


def _added(attempt: Attempt) -> Iterator[tuple[ArmKey, tuple[float, ...]]]:
    """What the attempt adds to each arm's row, in the order of `SUMS`."""
    if not is_comparable(attempt):
        return
    measures = measures_of(attempt)
    got = ArmKey(attempt.complexity or "", attempt.recommended_model or "", attempt.arm.model)
    yield got, (measures.successes, measures.partials + measures.failures, *Chances())
    for key, added in chances_of(attempt):
        yield key, (0, 0, *added)
