"""The report: what a person reads once a week, as data. `report_text` puts it into words.

Everything that tallies can tell is computed here. What needs single attempts (retries, outliers, what ran against
what was recommended) is handed in as `AttemptFacts`, which the store fills.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np

from modelmerit.learning.analysis import Analysis
from modelmerit.learning.cases import weekly_pace
from modelmerit.learning.comparisons import LEAST_ATTEMPTS
from modelmerit.learning.findings import Hint, Suggestion
from modelmerit.learning.keyword_rules import has_rule
from modelmerit.learning.patterns import Pattern
from modelmerit.learning.strata import comparable_tallies, explored_by_day, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import DAYS_PER_WEEK, day_number
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES
from modelmerit.statistics.intervals import Interval, newcombe_interval

PROGRESS_DAYS = 30
FREQUENT_ATTEMPTS = 10
"""Attempts in the window from which a keyword counts as frequent."""


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
class FirstAnswer:
    """What is still missing until the first comparison can be decided: attempts of a challenger, and weeks of them.

    `weeks` is None where nothing is being explored, so that no number of weeks would do.
    """

    attempts: int
    weeks: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the weekly report says. `first_answer` is None once one can be had."""

    as_of: datetime
    window_days: float | None
    attempts: int
    attempts_in_window: int
    with_outcome_share: float | None
    explored_in_window: int
    first_answer: FirstAnswer | None
    suggestions: tuple[Suggestion, ...]
    hints: tuple[Hint, ...]
    patterns: tuple[Pattern, ...]
    underperforming: tuple[Pattern, ...]
    coverage: Coverage
    progress: Progress
    facts: AttemptFacts = field(default_factory=AttemptFacts)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        facts = asdict(self.facts)
        first_attempt_at = self.facts.first_attempt_at
        return {
            "as_of": self.as_of.isoformat(),
            "window_days": self.window_days,
            "attempts": self.attempts,
            "attempts_in_window": self.attempts_in_window,
            "with_outcome_share": self.with_outcome_share,
            "explored_in_window": self.explored_in_window,
            "first_answer": None if self.first_answer is None else asdict(self.first_answer),
            "suggestions": [suggestion.to_dict() for suggestion in self.suggestions],
            "hints": [hint.to_dict() for hint in self.hints],
            "patterns": [pattern.to_dict() for pattern in self.patterns],
            "underperforming": [pattern.pattern_id for pattern in self.underperforming],
            "coverage": {
                "share": self.coverage.share,
                "with_rule": list(self.coverage.with_rule),
                "without_rule": list(self.coverage.without_rule),
            },
            "progress": asdict(self.progress),
            "facts": {**facts, "first_attempt_at": None if first_attempt_at is None else first_attempt_at.isoformat()},
        }


def report(analysis: Analysis, tallies: Tallies, policy: Policy, facts: AttemptFacts | None = None) -> Report:
    """The report of an analysis and the tallies it was made from."""
    today = day_number(analysis.as_of)
    window_days = policy.learning.window_days
    every = tallies.where(tallies.rows_of(keyword=""))
    window = every if window_days is None else every.where(every.day > today - window_days)
    attempts = window.total("attempts")
    judged = sum(window.total(name) for name in ("successes", "partials", "failures"))
    _, explored = explored_by_day(comparable_tallies(window, today, today))
    return Report(
        as_of=analysis.as_of,
        window_days=window_days,
        attempts=analysis.attempts,
        attempts_in_window=round(attempts + window.total("errors")),
        with_outcome_share=judged / attempts if attempts else None,
        explored_in_window=round(float(explored.sum())),
        first_answer=_first_answer(every, policy, today),
        suggestions=analysis.suggestions,
        hints=analysis.hints,
        patterns=analysis.patterns,
        underperforming=tuple(
            pattern for pattern in analysis.patterns if pattern.success_rate < policy.learning.min_success_rate
        ),
        coverage=_coverage(tallies, policy, today),
        progress=_progress(every, today),
        facts=facts or AttemptFacts(),
    )


def _first_answer(every: Tallies, policy: Policy, today: int) -> FirstAnswer | None:
    """How far the comparison that will be ready first still is from being ready."""
    evidence = comparable_tallies(every, today, today)
    nearest = FirstAnswer(attempts=LEAST_ATTEMPTS, weeks=None)
    for complexity in COMPLEXITIES:
        own = stratum(evidence, complexity, policy.defaults[complexity])
        for challenger in own.challengers:
            missing = LEAST_ATTEMPTS - float(own.all_tasks.attempts[own.index(challenger)].sum())
            if missing <= 0:
                return None
            pace = weekly_pace(own, challenger, today // DAYS_PER_WEEK)
            weeks = missing / pace if pace > 0 else None
            if weeks is not None and (nearest.weeks is None or weeks < nearest.weeks):
                nearest = FirstAnswer(attempts=ceil(missing), weeks=weeks)
    return nearest


def _coverage(tallies: Tallies, policy: Policy, today: int) -> Coverage:
    window_days = policy.learning.window_days
    rows = tallies.day > today - window_days if window_days is not None else tallies.day <= today
    labels = tallies.labels["keyword"]
    counts = np.bincount(tallies.codes["keyword"][rows], tallies.measures["attempts"][rows], len(labels))
    frequent = [label for label, count in zip(labels, counts, strict=True) if label and count >= FREQUENT_ATTEMPTS]
    covered = {
        keyword: any(has_rule(policy, keyword, complexity) for complexity in COMPLEXITIES) for keyword in frequent
    }
    return Coverage(
        with_rule=tuple(keyword for keyword in frequent if covered[keyword]),
        without_rule=tuple(keyword for keyword in frequent if not covered[keyword]),
    )


def _progress(every: Tallies, today: int) -> Progress:
    now = every.between(today - PROGRESS_DAYS + 1, today)
    before = every.between(today - 2 * PROGRESS_DAYS + 1, today - PROGRESS_DAYS)
    judged_now, judged_before = (
        sum(part.total(name) for name in ("successes", "partials", "failures")) for part in (now, before)
    )
    success_now = now.total("successes") / judged_now if judged_now else None
    success_before = before.total("successes") / judged_before if judged_before else None
    compared = success_now is not None and success_before is not None
    return Progress(
        attempts_now=round(judged_now),
        attempts_before=round(judged_before),
        success_now=success_now,
        success_before=success_before,
        change=success_now - success_before if success_now is not None and success_before is not None else None,
        change_interval=newcombe_interval(now.total("successes"), judged_now, before.total("successes"), judged_before)
        if compared
        else None,
        usd_per_success_now=_usd_per_success(now, success_now),
        usd_per_success_before=_usd_per_success(before, success_before),
    )


def _usd_per_success(part: Tallies, success_rate: float | None) -> float | None:
    known = part.total("cost_known")
    return part.total("cost_usd") / known / success_rate if known and success_rate else None
