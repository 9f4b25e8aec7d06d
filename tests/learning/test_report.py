"""The report as data: what it counts, over which days, and what it compares."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from modelmerit.learning.analysis import analyse
from modelmerit.learning.attempt_facts import AttemptFacts
from modelmerit.learning.report import Report, report
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"


def made_of(
    attempts: list[Attempt], policy: Policy, as_of: datetime = NOW, facts: AttemptFacts | None = None
) -> Report:
    tallies = Tallies.from_attempts(attempts)
    return report(analyse(tallies, policy, as_of), tallies, policy, facts)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_the_window_counts_its_days_with_today_and_says_since_when(attempt: MakeAttempt, policy: MakePolicy) -> None:
    some = [attempt(n, created_at=days_ago(days)) for n, days in enumerate((0, 9, 10, 200))]
    told = made_of(some, policy(learning={"window_days": 10}))
    # The last ten days are today and the nine before it.
    assert (told.volume.since, told.volume.attempts) == (date(2026, 5, 23), 2)
    assert (told.volume.first_day, told.volume.last_day) == (date(2025, 11, 13), date(2026, 6, 1))
    assert told.attempts == 4


def test_what_was_not_the_models_fault_is_counted_apart(attempt: MakeAttempt, policy: MakePolicy) -> None:
    some = [
        attempt(0, created_at=NOW),
        attempt(1, created_at=NOW, outcome="failure", error_type="provider"),
        attempt(2, created_at=NOW, outcome=None),
    ]
    (use,) = (volume := made_of(some, policy()).volume).models
    assert (volume.attempts, volume.with_outcome, volume.errors) == (2, 1, 1)
    assert (use.model, use.attempts, use.successes, use.errors) == (SONNET, 2, 1, 1)


def test_attempts_of_days_to_come_are_counted_in_nothing_else(attempt: MakeAttempt, policy: MakePolicy) -> None:
    some = [attempt(n, created_at=days_ago(-1)) for n in range(8)] + [attempt(9, created_at=NOW, outcome="failure")]
    told = made_of(some, policy())
    assert (told.volume.ahead, told.volume.attempts) == (8, 1)
    assert (told.progress.attempts_now, told.progress.successes_now) == (1, 0)
    assert told.volume.last_day == NOW.date()


def test_coverage_is_the_share_of_frequent_keywords_with_a_rule(attempt: MakeAttempt, policy: MakePolicy) -> None:
    kinds = [("api", 12), ("docs", 11), ("css", 10), ("ci", 9)]
    some = [
        attempt(n, id=f"{keyword}-{n}", created_at=NOW, task_keywords=(keyword,))
        for keyword, times in kinds
        for n in range(times)
    ]
    coverage = made_of(some, policy([("keyword is 'docs'", "opus")])).coverage
    # Ten attempts make a keyword frequent; those without a rule come in the order of how often they come up.
    assert (coverage.with_rule, coverage.without_rule) == (("docs",), ("api", "css"))
    assert coverage.share == pytest.approx(1 / 3)


def test_progress_compares_the_last_thirty_days_with_the_thirty_before(
    attempt: MakeAttempt, policy: MakePolicy
) -> None:
    before = [attempt(n, created_at=days_ago(30 + n), outcome="success" if n % 2 else "failure") for n in range(20)]
    now = [attempt(20 + n, created_at=days_ago(n), outcome="success" if n % 4 else "failure") for n in range(20)]
    long_ago = [attempt(50 + n, created_at=days_ago(60 + n)) for n in range(20)]
    progress = made_of([*before, *now, *long_ago], policy()).progress
    assert (progress.success_before, progress.success_now, progress.change) == (0.5, 0.75, 0.25)
    assert progress.change_interval is not None
    assert progress.change_interval.low < 0.25 < progress.change_interval.high
    # 0.15 an attempt, over the success rate.
    assert progress.usd_per_success_before == pytest.approx(0.30)
    assert progress.usd_per_success_now == pytest.approx(0.20)
    assert progress.usd_change == pytest.approx(-1 / 3)
    assert progress.usd_change_interval is not None
    assert progress.usd_change_interval.low < -1 / 3 < progress.usd_change_interval.high


def test_a_model_underperforms_under_the_policys_rate_and_what_is_in_use_comes_first(
    attempt: MakeAttempt, policy: MakePolicy
) -> None:
    def of(model: str, successes: int, trials: int, **fields: object) -> list[Attempt]:
        return [
            attempt(
                n,
                id=f"{model}-{n}-{fields}",
                created_at=NOW,
                model=model,
                outcome="success" if n < successes else "failure",
                **fields,
            )
            for n in range(trials)
        ]

    some = [*of(SONNET, 24, 40, task_keywords=("docs",)), *of(HAIKU, 2, 40), *of(OPUS, 4, 6)]
    some += of(OPUS, 9, 10, complexity="complex")
    found = made_of(some, policy()).underperforming
    # Sonnet is the default of medium tasks, so its 60 % matter most; of 6 attempts 4 may well be chance under 70 %.
    assert [(one.pattern.pattern_id, one.in_use, one.could_be_chance, one.nested) for one in found] == [
        (f"medium/{SONNET}", True, True, False),
        (f"medium/{HAIKU}", False, False, False),
        (f"medium/{OPUS}", False, True, False),
        (f"docs/medium/{SONNET}", True, True, True),
    ]


def test_every_conflict_of_the_rules_is_in_the_report(attempt: MakeAttempt, policy: MakePolicy) -> None:
    rules = [("keyword is 'docs'", HAIKU), ("keyword is 'docs'", OPUS)]
    told = made_of([attempt(created_at=NOW)], policy(rules)).conflicts
    assert [conflict.rules for conflict in told] == [(1, 2)]


class TestFirstAnswer:
    """How far the first answer still is."""

    def test_it_counts_what_the_nearest_comparison_lacks_at_the_pace_so_far(
        self, history: MakeHistory, policy: MakePolicy
    ) -> None:
        week = history(1, lambda *_: 0.9, [("medium", "docs")])
        first = made_of(week, policy(), as_of=week[0].created_at.replace(day=12)).first_answer
        # Two attempts of each challenger are in: thirteen short of fifteen. In the eight days were 22 attempts, 19.25 a
        # week, a tenth of them for two challengers: 0.9625 a week each. With one such week added to what was seen,
        # (2 + 0.9625) / (8/7 + 1) = 1.3825 a week, so 13 take 9.4 weeks: 66 days.
        assert first is not None
        assert (first.attempts, first.complexity, first.obstacle) == (13, "medium", None)
        assert first.weeks == pytest.approx(13 / ((2 + 0.9625) / (8 / 7 + 1)))
        assert first.expected_on == date(2026, 1, 12) + timedelta(days=66)

    def test_there_is_none_to_wait_for_once_one_model_has_enough(
        self, history: MakeHistory, policy: MakePolicy
    ) -> None:
        weeks = history(8, lambda *_: 0.9, [("medium", "docs")])
        assert made_of(weeks, policy(), as_of=weeks[-1].created_at + timedelta(days=7)).first_answer is None

    @pytest.mark.parametrize(
        ("fields", "blocks", "obstacle"),
        [
            ({"propensities": None}, {"exploration": {"mode": "off"}}, "exploration off"),
            ({"propensities": None}, {"exploration": {"rate": 0}}, "exploration off"),
            ({"propensities": None}, {}, "nothing explored"),
            ({}, {"exploration": {"candidates": [SONNET], "exclude": [SONNET]}}, "one model"),
        ],
    )
    def test_it_names_what_stands_in_the_way(
        self,
        attempt: MakeAttempt,
        policy: MakePolicy,
        fields: dict[str, object],
        blocks: dict[str, object],
        obstacle: str,
    ) -> None:
        some = [attempt(n, created_at=days_ago(n), **fields) for n in range(20)]
        first = made_of(some, policy(**blocks)).first_answer
        assert first is not None
        assert first.obstacle == obstacle

    def test_what_is_more_than_a_year_off_has_no_date(self, attempt: MakeAttempt, policy: MakePolicy) -> None:
        some = [attempt(n, created_at=days_ago(7 * n)) for n in range(8)]
        first = made_of(some, policy(exploration={"rate": 1e-12})).first_answer
        assert first is not None
        assert first.weeks is not None
        assert first.weeks > 52
        assert first.expected_on is None
