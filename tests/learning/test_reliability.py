from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.learning.reliability import Reliability, sameness
from modelmerit.learning.repeats import RepeatedOutcome, numbered
from modelmerit.learning.tallying import UNNAMED_CLIENT
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
START = datetime(2026, 1, 5, tzinfo=UTC)
SONNET, OPUS = "claude-sonnet-4-5", "claude-opus-4-5"


def day(number: int) -> dict[str, datetime]:
    """An attempt that began and ended that day."""
    at = START + timedelta(days=number)
    return {"created_at": at, "updated_at": at + timedelta(hours=1)}


def moment(number: int) -> float:
    return (START + timedelta(days=number, hours=2)).timestamp()


def outcomes(*pattern: str, model: str = SONNET) -> list[RepeatedOutcome]:
    """For each pattern a task, a letter for each attempt: `+` for a success."""
    return [RepeatedOutcome(key, "medium", model, sign == "+") for key, signs in enumerate(pattern) for sign in signs]


def test_without_repeats_they_are_taken_to_say_nothing_new() -> None:
    assert sameness([]) == 1.0


def test_tasks_that_always_end_alike_are_the_same() -> None:
    assert sameness(outcomes(*["+++", "---"] * 20)) == 1.0


def test_tasks_that_end_as_chance_has_it_are_not() -> None:
    # 40 tasks of two attempts at a rate of 1/2: 20 discordant pairs, as many as independent ones would have; the doubt
    # of two pairs is left: 1 - 20 / 22.
    assert sameness(outcomes(*["++", "--", "+-", "-+"] * 10)) == pytest.approx(1 - 20 / 22)


def test_what_one_arm_made_of_a_task_is_no_repeat_of_another_arms() -> None:
    # Each arm's tries at a task end alike, though the arms differ from each other.
    ours, theirs = outcomes(*["++"] * 9, "--"), outcomes(*["--"] * 9, "++", model=OPUS)
    assert sameness(ours + theirs) == 1.0


def test_a_history_is_known_as_it_was_at_the_moment(attempt: MakeAttempt) -> None:
    texts = [f"Task {n}" for n in range(10)]
    first = [attempt(n, task=text, **day(0)) for n, text in enumerate(texts)]
    second = [attempt(100 + n, task=text, outcome="failure", **day(5)) for n, text in enumerate(texts)]
    known = Reliability(numbered([*first, *second]))
    assert known.at(moment(0)).sameness == 1.0
    assert known.at(moment(4)).sameness == 1.0
    # 10 discordant pairs of 10 * 2 * 1/4 = 5 expected at a rate of 1/2 and 2 of doubt: below none, so none.
    assert known.at(moment(5)).sameness == 0.0


def test_harness_failures_are_no_outcomes_of_a_task(attempt: MakeAttempt) -> None:
    made = [
        attempt(10 * n + turn, task=f"Task {n}", **day(turn), **fields)
        for n in range(10)
        for turn, fields in enumerate(({}, {}, {"outcome": "failure", "error_type": "harness"}))
    ]
    made.sort(key=lambda one: one.created_at)
    assert Reliability(numbered(made)).at(moment(9)).sameness == 1.0


def test_a_retried_attempt_has_failed_even_if_nobody_reported_an_outcome(attempt: MakeAttempt) -> None:
    """As learning judges it, and as the store counts it."""
    first = [attempt(n, task=f"Task {n}", **day(0)) for n in range(10)]
    second = [attempt(100 + n, task=f"Task {n}", outcome=None, retried=True, **day(1)) for n in range(10)]
    assert Reliability(numbered([*first, *second])).at(moment(3)).sameness < 0.5


def test_the_checked_share_is_that_of_the_outcomes_known_by_then(attempt: MakeAttempt) -> None:
    made = [
        attempt(0, evidence="tests", **day(0)),
        attempt(1, evidence="implicit", **day(1)),
        attempt(2, outcome=None, evidence="human", **day(1)),
        attempt(3, evidence="human", **day(2)),
    ]
    known = Reliability(made)
    shares = [known.at(moment(number)).checked_share for number in (-1, 0, 1, 2)]
    assert shares == pytest.approx([0.0, 1.0, 1 / 2, 2 / 3])


def test_a_client_is_believed_until_it_has_strayed(attempt: MakeAttempt) -> None:
    made = [
        *(attempt(n, client="steady", **day(n % 6)) for n in range(30)),
        *(attempt(100 + n, client="stray", **day(0)) for n in range(10)),
        attempt(200, client="stray", executed_model=OPUS, **day(3)),
        attempt(300, client=None, executed_model=OPUS, **day(4)),
        attempt(400, client="silent", executed_model=None, **day(0)),
    ]
    known = Reliability(made)
    found = [known.at(moment(number)).unreliable for number in (0, 2, 3, 4)]
    assert found == [frozenset(), frozenset(), {"stray"}, {"stray", UNNAMED_CLIENT}]


def test_runs_that_nobody_was_told_how_to_make_do_not_speak_for_a_client(attempt: MakeAttempt) -> None:
    """What is only seen in a client's records ran as it says, however much of it there is."""
    made = [
        *(attempt(n, client="stray", selection="imported", **day(0)) for n in range(300)),
        *(attempt(400 + n, client="stray", selection="override", **day(0)) for n in range(300)),
        *(attempt(800 + n, client="stray", **day(0)) for n in range(9)),
        attempt(900, client="stray", executed_model=OPUS, **day(0)),
        attempt(901, client="chosen", selection="override", executed_model=OPUS, **day(0)),
    ]
    assert Reliability(made).at(moment(1)).unreliable == {"stray"}


@pytest.mark.parametrize(("otherwise", "believed"), [(5, True), (6, False)])
def test_more_than_one_in_twenty_is_too_often(attempt: MakeAttempt, otherwise: int, believed: bool) -> None:
    made = [
        attempt(n, client="stray", executed_model=OPUS if n < otherwise else SONNET, selection=selection, **day(0))
        for n in range(100)
        for selection in [("policy", "explored", "escalated")[n % 3]]
    ]
    assert Reliability(made).at(moment(1)).unreliable == (frozenset() if believed else {"stray"})
