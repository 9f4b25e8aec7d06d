from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from modelmerit.learning.analysis import analyse
from modelmerit.learning.backtest import backtest, decided_at
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

START = datetime(2026, 1, 5, tzinfo=UTC)
PLAIN = [(complexity, "") for complexity in ("simple", "medium", "complex")]
KEYWORDS = [(complexity, keyword) for complexity, _ in PLAIN for keyword in ("docs", "api", "css", "ci")]


def medium_needs_no_sonnet(model: str, complexity: str, keyword: str) -> float:
    """Haiku does as well as sonnet at medium tasks; elsewhere each step below the default loses 30 points."""
    if complexity == "medium":
        return 0.9
    needed = ("simple", "medium", "complex").index(complexity)
    has = next(level for level, family in enumerate(("haiku", "sonnet", "opus")) if family in model)
    return 0.9 - 0.3 * max(0, needed - has)


def test_looks_begin_a_step_after_the_first_midnight_and_cover_the_history(
    history: MakeHistory, policy: MakePolicy
) -> None:
    looks = backtest(history(3, medium_needs_no_sonnet, PLAIN), policy(), 7)
    assert [look["as_of"] for look in looks] == [
        "2026-01-12T00:00:00Z",
        "2026-01-19T00:00:00Z",
        "2026-01-26T00:00:00Z",
    ]


def test_each_look_says_what_an_analysis_would_have_said_then(history: MakeHistory, policy: MakePolicy) -> None:
    made = history(26, medium_needs_no_sonnet, PLAIN)
    looks = backtest(made, policy(), 28)
    for look in looks:
        as_of = datetime.fromisoformat(look["as_of"])
        then = analyse(Tallies.from_attempts(one for one in made if one.updated_at <= as_of), policy(), as_of)
        assert look["suggestions"] == [suggestion.to_dict() for suggestion in then.suggestions]
        assert look["hints"] == [hint.to_dict() for hint in then.hints]
    found = looks[-1]["suggestions"][0]
    assert (found["type"], found["scope"]) == ("change_default", {"complexity": "medium"})
    assert {"from_model", "to_model", "confidence", "change"} <= found.keys()


def test_an_outcome_that_came_later_was_not_known(history: MakeHistory, policy: MakePolicy) -> None:
    """Had haiku's outcomes only come at the end, no look before it could have spoken for haiku."""
    made = history(26, medium_needs_no_sonnet, PLAIN)
    end = made[-1].updated_at
    late = [replace(one, updated_at=end) if "haiku" in one.model else one for one in made]
    looks = backtest(late, policy(), 28)
    assert all(not look["suggestions"] for look in looks[:-1])
    assert looks[-1]["suggestions"]


def test_a_success_counts_until_its_retry_begins(attempt: MakeAttempt, policy: MakePolicy) -> None:
    """Eighty haiku successes, all retried on day 20: before that they speak for haiku, after it against it."""
    names = {"propensities": {"claude-sonnet-4-5": 0.82, "claude-haiku-4-5": 0.18}}
    sonnet = [attempt(n, created_at=START + timedelta(days=n % 7), **names) for n in range(360)]
    haiku = [
        attempt(
            1000 + n,
            model="claude-haiku-4-5",
            selection="explored",
            created_at=START + timedelta(days=n % 7),
            retried=True,
            **names,
        )
        for n in range(80)
    ]
    retries = [
        attempt(2000 + n, created_at=START + timedelta(days=20), previous_dispatch_id=f"d-{1000 + n}", retry_count=1)
        for n in range(80)
    ]
    before, _, after = backtest([*sonnet, *haiku, *retries], policy(), 10)
    assert [one["to_model"] for one in before["suggestions"]] == ["claude-haiku-4-5"]
    assert after["suggestions"] == []


def test_what_is_decided_at_a_moment_is_what_a_back_test_says_then(history: MakeHistory, policy: MakePolicy) -> None:
    made = history(26, medium_needs_no_sonnet, PLAIN)
    last = backtest(made, policy(), 200)[-1]
    as_of = datetime.fromisoformat(last["as_of"])
    found = decided_at(made[::-1], policy(), as_of)
    assert [one.to_dict() for one in found.suggestions] == last["suggestions"] != []
    assert [one.to_dict() for one in found.hints] == last["hints"]


def test_one_task_given_again_and_again_decides_nothing(history: MakeHistory, policy: MakePolicy) -> None:
    """Where each model always does the same with it, that is evidence of one task."""
    made = [replace(one, task="Fix the parser") for one in history(26, medium_needs_no_sonnet, PLAIN)]
    always = [replace(one, outcome="success") for one in made]
    as_of = made[-1].created_at + timedelta(days=9)
    distinct = [replace(one, outcome="success") for one in history(26, medium_needs_no_sonnet, PLAIN)]
    assert decided_at(distinct, policy(), as_of).suggestions
    assert not decided_at(always, policy(), as_of).suggestions


def test_nothing_is_decided_without_a_history(policy: MakePolicy) -> None:
    assert decided_at([], policy(), START).suggestions == ()


def test_no_history_has_no_looks(policy: MakePolicy) -> None:
    assert backtest([], policy(), 7) == []


def test_a_year_of_weekly_looks_is_answered_look_by_look(history: MakeHistory, policy: MakePolicy) -> None:
    made = history(52, medium_needs_no_sonnet, KEYWORDS[:6])
    assert len(made) > 6_000
    assert len(backtest(made, policy(), 7)) == 52
