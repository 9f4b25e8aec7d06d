from collections.abc import Callable
from dataclasses import replace

import pytest

from modelmerit.learning.tallying import Measures, is_comparable, keys_of, measures_of
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]


def test_an_attempt_counts_for_its_complexity_and_once_for_each_keyword(attempt: MakeAttempt) -> None:
    keys = list(keys_of(attempt(task_keywords=("docs", "api", "docs"))))
    assert [key.keyword for key in keys] == ["", "docs", "api"]


def test_a_failure_of_the_harness_counts_as_nothing_but_an_error(attempt: MakeAttempt) -> None:
    assert measures_of(attempt(outcome="failure", error_type="harness")) == Measures(errors=1)
    assert measures_of(attempt(outcome="failure", error_type="model")).failures == 1


def test_a_success_that_was_retried_is_a_failure(attempt: MakeAttempt) -> None:
    assert measures_of(attempt(retried=True)).failures == 1


def test_unknown_figures_are_not_counted_as_zero(attempt: MakeAttempt) -> None:
    measures = measures_of(attempt(cost_usd=None, tokens_used=None, execution_time_seconds=None))
    assert (measures.cost_known, measures.tokens_known, measures.seconds_known) == (0, 0, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"selection": "override"},
        {"selection": "imported"},
        {"propensities": None},
        {"propensities": {"claude-sonnet-4-5": 1.0}},
        {"previous_dispatch_id": "d-1", "retry_count": 1},
        {"executed_model": "claude-opus-4-5"},
    ],
)
def test_only_what_chance_decided_is_compared(attempt: MakeAttempt, fields: dict[str, object]) -> None:
    made = attempt()
    assert is_comparable(made)
    assert not is_comparable(replace(made, **fields))
