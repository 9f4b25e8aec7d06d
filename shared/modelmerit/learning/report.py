"""The report: what a person reads once a week, as data. `report_text` puts it into words.

Everything that tallies can tell is computed here. What needs single attempts (retries, outliers, what ran against
what was recommended) is handed in as `AttemptFacts`, which the store fills.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from modelmerit.learning.analysis import Analysis
from modelmerit.learning.findings import Hint, Suggestion
from modelmerit.learning.patterns import Pattern
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.statistics.intervals import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequentRetry:
    """A kind of task that is often retried with a model. `examples` are ids of attempts."""

    complexity: str | None
    model: str
    attempts: int
    retried: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualAttempt:
    """An attempt whose time or token count is far from what its model usually takes at this complexity."""

    id: str
    model: str
    figure: str
    value: float
    typical: float
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """What only the single attempts can tell; all of it over the report's window.

    `executions_known` counts the attempts whose executed model was seen, `executed_otherwise` those among them where
    it was not the answered one; `followed` and `recommended` compare the executed with the recommended model.
    """

    first_attempt_at: datetime | None = None
    recommended: int = 0
    followed: int = 0
    executions_known: int = 0
    executed_otherwise: int = 0
    checked_share: float = 0.0
    frequent_retries: Sequence[FrequentRetry] = ()
    unusual_attempts: Sequence[UnusualAttempt] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The last 30 days against the 30 before. Rates are over attempts with an outcome; None where there are none."""

    attempts_now: int
    attempts_before: int
    success_now: float | None
    success_before: float | None
    change: float | None
    change_interval: Interval | None
    usd_per_success_now: float | None
    usd_per_success_before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which of the frequent keywords have a rule."""

    with_rule: tuple[str, ...]
    without_rule: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Share of the frequent keywords that have a rule; None without frequent keywords."""
        frequent = len(self.with_rule) + len(self.without_rule)
        return len(self.with_rule) / frequent if frequent else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the weekly report says. `first_answer_weeks` is None once a look has been taken, or without pace."""

    as_of: datetime
    window_days: int | None
    attempts: int
    attempts_in_window: int
    with_outcome_share: float | None
    explored_in_window: int
    first_answer_attempts: int | None
    first_answer_weeks: float | None
    suggestions: tuple[Suggestion, ...]
    hints: tuple[Hint, ...]
    patterns: tuple[Pattern, ...]
    underperforming: tuple[Pattern, ...]
    coverage: Coverage
    progress: Progress
    facts: AttemptFacts = field(default_factory=AttemptFacts)


def report(analysis: Analysis, tallies: Tallies, policy: Policy, facts: AttemptFacts | None = None) -> Report:
    """The report of an analysis and the tallies it was made from."""
    return Report(
        as_of=analysis.as_of,
        window_days=policy.learning.window_days,
        attempts=analysis.attempts,
        attempts_in_window=0,
        with_outcome_share=None,
        explored_in_window=0,
        first_answer_attempts=None,
        first_answer_weeks=None,
        suggestions=analysis.suggestions,
        hints=analysis.hints,
        patterns=analysis.patterns,
        underperforming=tuple(
            pattern for pattern in analysis.patterns if pattern.success_rate < policy.learning.min_success_rate
        ),
        coverage=Coverage(with_rule=(), without_rule=()),
        progress=Progress(
            attempts_now=0,
            attempts_before=0,
            success_now=None,
            success_before=None,
            change=None,
            change_interval=None,
            usd_per_success_now=None,
            usd_per_success_before=None,
        ),
        facts=facts or AttemptFacts(),
    )
