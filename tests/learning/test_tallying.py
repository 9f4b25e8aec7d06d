from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.learning.tallying import UNNAMED_CLIENT, Measures, group, is_comparable, is_group, keys_of, measures_of
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
NOW = datetime(2026, 1, 5, tzinfo=UTC)


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


def one_key(attempt: Attempt) -> tuple[str, int, int]:
    """What an attempt's tally says of whether and how it may be compared."""
    key = next(keys_of(attempt))
    return key.assumed, key.chance, key.repeat


def chance_of(attempt: MakeAttempt, probability: float) -> int:
    return one_key(attempt(propensities={"claude-sonnet-4-5": probability}))[1]


def test_the_chance_is_kept_per_mille_to_within_five_percent(attempt: MakeAttempt) -> None:
    # Steps of a factor 1.1 are off by a factor sqrt(1.1) = 1.049 at most; then half a per mille is lost in rounding.
    for per_mille in range(1, 1000):
        assert chance_of(attempt, per_mille / 1000) == pytest.approx(per_mille, rel=0.049, abs=0.049 * per_mille + 0.5)


@given(st.floats(1e-12, 1.0, exclude_max=True))
def test_whatever_chance_decided_has_a_chance(probability: float) -> None:
    made = Attempt(
        id="a",
        task="Fix it",
        model="m",
        created_at=NOW,
        updated_at=NOW,
        propensities={"m": probability},
    )
    assert 1 <= one_key(made)[1] <= 999


def test_the_tallies_of_a_router_that_adapts_stay_few(attempt: MakeAttempt) -> None:
    assert len({chance_of(attempt, n / 10_000) for n in range(1, 10_000)}) <= 80


def test_where_chance_did_not_decide_nothing_is_told_apart(attempt: MakeAttempt) -> None:
    own = attempt(selection="override", executed_model=None, client="cli", repeat_number=3)
    assert one_key(own) == ("", 0, 0)


@pytest.mark.parametrize(
    ("fields", "assumed"),
    [
        ({"client": "cli"}, ""),
        ({"client": "cli", "executed_model": None}, "cli"),
        ({"client": None, "executed_model": None}, UNNAMED_CLIENT),
    ],
)
def test_the_client_is_named_where_nobody_saw_what_ran(
    attempt: MakeAttempt, fields: dict[str, object], assumed: str
) -> None:
    assert one_key(attempt(**fields))[0] == assumed


def test_repeats_are_told_apart_by_the_bits_of_their_number(attempt: MakeAttempt) -> None:
    # 0; 1; 2 and 3; 4 to 7; 8 to 15; ... 64.
    bits = [one_key(attempt(repeat_number=number))[2] for number in (0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64)]
    assert bits == [0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7]


def test_an_attempt_counts_for_its_workspace_and_its_role(attempt: MakeAttempt) -> None:
    keywords = [key.keyword for key in keys_of(attempt(task_keywords=("api",), workspace="web", role="reviewer"))]
    assert keywords == ["", "api", group("workspace", "web"), group("role", "reviewer")]
    assert [is_group(keyword) for keyword in keywords] == [False, False, True, True]


@pytest.mark.parametrize(
    ("outcome", "evidence", "checked", "implicit"),
    [
        ("success", "human", 1, 0),
        ("failure", "tests", 1, 0),
        ("partial", "tests", 1, 0),
        ("success", "reported", 0, 0),
        ("success", "implicit", 0, 1),
        ("failure", "implicit", 0, 0),
        ("success", None, 0, 0),
        (None, "human", 0, 0),
        (None, None, 0, 0),
    ],
)
def test_who_decided_an_outcome_is_counted(
    attempt: MakeAttempt, outcome: str | None, evidence: str | None, checked: int, implicit: int
) -> None:
    measures = measures_of(attempt(outcome=outcome, evidence=evidence))
    assert (measures.checked, measures.implicit) == (checked, implicit)


def test_an_implicit_success_that_was_retried_is_no_success(attempt: MakeAttempt) -> None:
    measures = measures_of(attempt(evidence="implicit", retried=True))
    assert (measures.implicit, measures.successes, measures.failures) == (0, 0, 1)
