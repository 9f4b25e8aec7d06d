from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.learning.circumstances import USUAL, Circumstances
from modelmerit.learning.strata import Stratum, comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import UNNAMED_CLIENT, day_number
from modelmerit.records import Attempt
from modelmerit.statistics.arrays import Floats

MakeAttempt = Callable[..., Attempt]
SONNET, OPUS = "claude-sonnet-4-5", "claude-opus-4-5"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = day_number(START) + 30


def seen(attempts: list[Attempt], circumstances: Circumstances = USUAL, today: int = LATER) -> Tallies:
    return comparable_tallies(Tallies.from_attempts(attempts), today, today, circumstances)


def of_sonnet(attempts: list[Attempt]) -> Stratum:
    return stratum(seen(attempts), "medium", SONNET)


def sums(*columns: Floats) -> list[float]:
    return [float(column.sum()) for column in columns]


@pytest.mark.parametrize(("client", "name"), [("stray", "stray"), (None, UNNAMED_CLIENT)])
def test_of_an_unreliable_client_only_what_is_known_to_have_run_is_compared(
    attempt: MakeAttempt, client: str | None, name: str
) -> None:
    made = [
        *(attempt(n, client=client) for n in range(4)),
        *(attempt(10 + n, client=client, executed_model=None) for n in range(8)),
        *(attempt(20 + n, client="steady", executed_model=None) for n in range(16)),
    ]
    assert seen(made).total("attempts") == 28
    assert seen(made, Circumstances(unreliable=frozenset({name}))).total("attempts") == 20


def test_a_client_that_was_never_seen_sets_nothing_apart(attempt: MakeAttempt) -> None:
    made = [attempt(n, executed_model=None, client="cli") for n in range(4)]
    assert seen(made, Circumstances(unreliable=frozenset({"nobody"}))).total("attempts") == 4
    known = [attempt(n) for n in range(4)]
    assert seen(known, Circumstances(unreliable=frozenset({"nobody", "cli"}))).total("attempts") == 4


def test_what_chance_did_not_decide_is_not_compared(attempt: MakeAttempt) -> None:
    made = [attempt(0), attempt(1, selection="override"), attempt(2, propensities=None)]
    assert seen(made).total("attempts") == 1


def test_an_outcome_is_awaited_for_a_day_and_missing_after_that(attempt: MakeAttempt) -> None:
    made = [attempt(0, created_at=START), attempt(1, created_at=START, outcome=None)]
    day = day_number(START)
    assert [seen(made, today=day + later).total("attempts") for later in (0, 1, 2)] == [1, 1, 2]
    assert of_sonnet(made).all_tasks.missing.sum() == 1


def test_missing_outcomes_are_left_out_or_held_against_the_challenger(attempt: MakeAttempt) -> None:
    made = [
        *(attempt(n, outcome=outcome) for n, outcome in enumerate(["success", "failure", None, None])),
        *(attempt(10 + n, model=OPUS, outcome=outcome) for n, outcome in enumerate(["success", "partial", None])),
    ]
    found = of_sonnet(made)
    out, against = (found.arms(OPUS, 0.5, against=held) for held in (False, True))
    # Of opus one of two and a half; of sonnet one of two. Held against it: one and a half of three, and three of four.
    assert sums(out.challenger_attempts, out.challenger_successes) == pytest.approx([2, 1.5])
    assert sums(out.incumbent_attempts, out.incumbent_successes) == pytest.approx([2, 1])
    assert sums(against.challenger_attempts, against.challenger_successes) == pytest.approx([3, 1.5])
    assert sums(against.incumbent_attempts, against.incumbent_successes) == pytest.approx([4, 3])


def test_workspaces_and_roles_are_kinds_beside_keywords_and_never_add_up(attempt: MakeAttempt) -> None:
    made = [attempt(n, workspace="web", role="reviewer", task_keywords=("api",)) for n in range(3)]
    found = of_sonnet(made)
    assert found.keywords == ("api", "role=reviewer", "workspace=web")
    assert float(found.all_tasks.attempts.sum()) == 3
    assert float(found.of_keyword("workspace=web").attempts.sum()) == 3
    assert found.of_model(SONNET).attempts.sum(axis=1) == pytest.approx([3, 3, 3])


def test_weeks_are_those_of_the_attempts(attempt: MakeAttempt) -> None:
    made = [attempt(n, created_at=START + timedelta(weeks=week)) for n, week in enumerate((0, 0, 2))]
    found = of_sonnet(made)
    assert list(found.weeks - found.weeks[0]) == [0, 2]
    assert found.all_tasks.attempts[found.index(SONNET)] == pytest.approx([2, 1])
