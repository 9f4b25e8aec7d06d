from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.learning.repeats import MOST_REPEATS, may_repeat, numbered, task_key
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
HAIKU = "claude-haiku-4-5"


def numbers(attempts: list[Attempt]) -> list[int]:
    return [attempt.repeat_number for attempt in numbered(attempts)]


def test_case_and_spaces_make_no_other_task(attempt: MakeAttempt) -> None:
    first = attempt(task="Fix the  parser\n", workspace="web")
    assert task_key(first) == task_key(replace(first, task=" fix THE parser"))


@pytest.mark.parametrize("fields", [{"task": "Fix the parsers"}, {"workspace": "shop"}, {"workspace": None}])
def test_another_text_or_workspace_is_another_task(attempt: MakeAttempt, fields: dict[str, object]) -> None:
    first = attempt(task="Fix the parser", workspace="web")
    assert task_key(first) != task_key(replace(first, **fields))


def test_a_workspace_is_not_taken_for_the_beginning_of_a_text(attempt: MakeAttempt) -> None:
    assert task_key(attempt(workspace="web", task="fix it")) != task_key(attempt(workspace=None, task="webfix it"))


@given(st.text(max_size=30), st.none() | st.text(max_size=10))
def test_a_key_is_a_signed_number_of_64_bits_whatever_the_text(text: str, workspace: str | None) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    one = Attempt(id="a", task=text, workspace=workspace, model="m", created_at=now, updated_at=now)
    assert -(2**63) <= task_key(one) < 2**63


def test_text_that_no_encoding_knows_has_a_key(attempt: MakeAttempt) -> None:
    assert task_key(attempt(task="half a pair \ud83d")) != task_key(attempt(task="half a pair"))


def test_repeats_are_numbered_by_task_and_arm_as_they_come(attempt: MakeAttempt) -> None:
    made = [
        attempt(0, task="Fix it"),
        attempt(1, task="Fix it"),
        attempt(2, task="Fix it", model=HAIKU),
        attempt(3, task="Do another"),
        attempt(4, task="fix  IT"),
        attempt(5, task="Fix it", workspace="web"),
    ]
    assert numbers(made) == [0, 1, 0, 0, 2, 0]


@pytest.mark.parametrize(
    "fields",
    [
        {"error_type": "harness", "outcome": "failure"},
        {"error_type": "cancelled"},
        {"selection": "override"},
        {"propensities": None},
        {"previous_dispatch_id": "d-0", "retry_count": 1},
        {"executed_model": HAIKU},
    ],
)
def test_what_says_nothing_of_the_model_is_neither_numbered_nor_counted(
    attempt: MakeAttempt, fields: dict[str, object]
) -> None:
    first, void, second = (attempt(n, task="Fix it") for n in range(3))
    void = replace(void, **fields)
    assert not may_repeat(void)
    assert numbers([first, void, second]) == [0, 0, 1]


def test_a_failure_of_the_model_is_an_attempt_at_the_task(attempt: MakeAttempt) -> None:
    assert may_repeat(attempt(outcome="failure", error_type="model"))


def test_what_nobody_saw_run_repeats_the_answered_model(attempt: MakeAttempt) -> None:
    assert numbers([attempt(0, task="Fix it", executed_model=None), attempt(1, task="Fix it")]) == [0, 1]


def test_after_many_repeats_the_number_stays(attempt: MakeAttempt) -> None:
    found = numbers([attempt(n, task="Fix it") for n in range(MOST_REPEATS + 3)])
    assert found == [*range(MOST_REPEATS + 1), MOST_REPEATS, MOST_REPEATS]


def test_what_is_numbered_is_otherwise_left_as_it_was(attempt: MakeAttempt) -> None:
    made = [attempt(n, task=f"Fix {n % 3}") for n in range(7)]
    assert [replace(one, repeat_number=0) for one in numbered(made)] == made
