from collections.abc import Callable
from typing import Any

import pytest

from modelmerit.learning.logged_chances import ArmKey, Chances, chances_of
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"


def test_an_attempt_adds_who_was_chosen_the_chances_and_their_variance(attempt: MakeAttempt) -> None:
    made = attempt(model=HAIKU, selection="explored", propensities={SONNET: 0.9, HAIKU: 0.1})
    place = ("medium", SONNET)
    assert dict(chances_of(made)) == {
        ArmKey(*place, HAIKU): pytest.approx(Chances(1, 0.1, 0.09)),
        ArmKey(*place, SONNET): pytest.approx(Chances(0, 0.9, 0.09)),
    }


def test_a_task_without_a_complexity_is_counted_apart(attempt: MakeAttempt) -> None:
    assert {key.complexity for key, _ in chances_of(attempt(complexity=None))} == {""}


@pytest.mark.parametrize(
    "fields",
    [
        {"selection": "override"},
        {"selection": "escalated", "propensities": {SONNET: 1.0}},
        {"selection": "imported"},
        {"propensities": None},
        {"propensities": {SONNET: 1.0}},
        {"previous_dispatch_id": "d-9", "retry_count": 1},
        {"executed_model": OPUS},
        {"propensities": {SONNET: 0.9}},
    ],
)
def test_what_chance_did_not_decide_or_the_log_does_not_tell_whole_adds_nothing(
    attempt: MakeAttempt, fields: dict[str, Any]
) -> None:
    assert list(chances_of(attempt(**fields))) == []


def test_what_the_harness_spoilt_had_been_chosen_all_the_same(attempt: MakeAttempt) -> None:
    assert len(list(chances_of(attempt(outcome="failure", error_type="timeout")))) == 3


def test_chances_that_a_log_has_rounded_add_up_to_one_again(attempt: MakeAttempt) -> None:
    made = attempt(propensities={SONNET: 0.333, HAIKU: 0.333, OPUS: 0.333})
    assert sum(sums.expected for _, sums in chances_of(made)) == pytest.approx(1.0)
