from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.learning.patterns import find_patterns
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakePolicy = Callable[..., Policy]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_pattern_says_how_a_model_does_at_a_kind_of_task(attempt: MakeAttempt, policy: MakePolicy) -> None:
    outcomes = ["success"] * 6 + ["partial", "failure", None]
    some = [attempt(n, created_at=NOW, outcome=outcome, cost_usd=0.25) for n, outcome in enumerate(outcomes)]
    (pattern,) = find_patterns(Tallies.from_attempts(some), policy(), NOW)
    assert pattern.pattern_id == "medium/claude-sonnet-4-5"
    assert pattern.trigger == "complexity is medium"
    # A partial result is no success, and an attempt without outcome no attempt: 6 of 8.
    assert (pattern.success_rate, pattern.sample_size) == (0.75, 8)
    assert (pattern.avg_tokens, pattern.avg_execution_time_seconds) == (1000, 60)
    # 0.25 an attempt, three of four succeed.
    assert pattern.usd_per_success == pytest.approx(0.25 / 0.75)
    assert pattern.confidence == "low"


def test_there_is_a_pattern_for_each_keyword_too(attempt: MakeAttempt, policy: MakePolicy) -> None:
    some = [attempt(n, created_at=NOW, task_keywords=("docs",)) for n in range(5)]
    found = find_patterns(Tallies.from_attempts(some), policy(), NOW)
    assert [pattern.keyword for pattern in found] == [None, "docs"]
    assert found[1].trigger == "keyword is 'docs' and complexity is medium"


def test_older_attempts_weigh_less_and_the_oldest_nothing(attempt: MakeAttempt, policy: MakePolicy) -> None:
    recent = [attempt(n, created_at=NOW, outcome="success") for n in range(5)]
    month_old = [attempt(n, created_at=NOW - timedelta(days=30), outcome="failure") for n in range(5, 10)]
    year_old = [attempt(n, created_at=NOW - timedelta(days=365), outcome="failure") for n in range(10, 50)]
    (pattern,) = find_patterns(Tallies.from_attempts(recent + month_old + year_old), policy(), NOW)
    # After one half-life a failure counts half: 5 / (5 + 2.5).
    assert pattern.recent_success_rate == pytest.approx(2 / 3)
    assert (pattern.success_rate, pattern.sample_size) == (0.5, 10)


def test_null_settings_show_everything_undimmed(attempt: MakeAttempt, policy: MakePolicy) -> None:
    recent = [attempt(n, created_at=NOW, outcome="success") for n in range(5)]
    old = [attempt(n, created_at=NOW - timedelta(days=365), outcome="failure") for n in range(5, 10)]
    settings = {"window_days": None, "half_life_days": None}
    (pattern,) = find_patterns(Tallies.from_attempts(recent + old), policy(learning=settings), NOW)
    assert (pattern.success_rate, pattern.sample_size) == (0.5, 10)


def test_few_attempts_make_no_pattern(attempt: MakeAttempt, policy: MakePolicy) -> None:
    tallies = Tallies.from_attempts([attempt(n, created_at=NOW) for n in range(4)])
    assert find_patterns(tallies, policy(), NOW) == ()
    assert len(find_patterns(tallies, policy(), NOW, min_sample_size=4)) == 1


def test_a_start_date_narrows_the_window(attempt: MakeAttempt, policy: MakePolicy) -> None:
    some = [attempt(n, created_at=NOW - timedelta(days=n)) for n in range(20)]
    (pattern,) = find_patterns(Tallies.from_attempts(some), policy(), NOW, since=NOW - timedelta(days=9))
    assert pattern.sample_size == 10


def test_confidence_speaks_of_the_sample_size(attempt: MakeAttempt, policy: MakePolicy) -> None:
    def confidence(count: int) -> str:
        tallies = Tallies.from_attempts([attempt(n, created_at=NOW) for n in range(count)])
        return find_patterns(tallies, policy(), NOW)[0].confidence

    assert [confidence(19), confidence(20), confidence(49), confidence(50)] == ["low", "medium", "medium", "high"]


def test_a_model_under_the_floor_is_called_underperforming(attempt: MakeAttempt, policy: MakePolicy) -> None:
    some = [attempt(n, created_at=NOW, outcome="failure") for n in range(6)]
    (pattern,) = find_patterns(Tallies.from_attempts(some), policy(), NOW)
    assert pattern.suggestion.startswith("underperforming: 0% of 6")
    assert pattern.usd_per_success is None


def test_nothing_has_no_patterns(policy: MakePolicy) -> None:
    assert find_patterns(Tallies.from_attempts([]), policy(), NOW) == ()
