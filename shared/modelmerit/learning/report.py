"""The report: what a person reads once a week, as data. `report_text` puts it into words.

Everything that tallies can tell is worked out by the files named here. What needs single attempts is handed in as
`AttemptFacts`, which the store fills.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from modelmerit.learning.analysis import Analysis
from modelmerit.learning.answers import Answer
from modelmerit.learning.applied_changes import AppliedChange
from modelmerit.learning.attempt_facts import AttemptFacts
from modelmerit.learning.coverage import Coverage, coverage
from modelmerit.learning.findings import Hint, Look, Suggestion
from modelmerit.learning.first_answer import FirstAnswer, first_answer
from modelmerit.learning.mismatches import Assignment, in_force
from modelmerit.learning.patterns import Pattern
from modelmerit.learning.progress import PROGRESS_DAYS, Progress, progress
from modelmerit.learning.since_applied import Stretch
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import UNNAMED_CLIENT, day_number
from modelmerit.learning.telling_patterns import Underperformer, successes_of, underperformers
from modelmerit.learning.volume import Volume, volume
from modelmerit.policy.conflicts import Conflict, conflicts
from modelmerit.policy.schema import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the weekly report says.

    `attempts` counts all there ever were, errors included. `look` is the planned look that suggestions and hints were
    decided at, None before the first; `first_answer` is None once there can be one. `answers` says what is settled of
    the models that were tried. `names` is what models.json calls the models, by id, `warnings` what is wrong with it,
    and `conflicts` which of its rules get in each other's way. `mismatches` are tasks at which the models were not
    chosen as their logged chances say. `unreliable` are the clients that are not believed where nobody saw what ran,
    "" those nobody named.
    """

    as_of: datetime
    window_days: float | None
    min_success_rate: float
    attempts: int
    volume: Volume
    look: Look | None
    first_answer: FirstAnswer | None
    suggestions: tuple[Suggestion, ...]
    hints: tuple[Hint, ...]
    patterns: tuple[Pattern, ...]
    underperforming: tuple[Underperformer, ...]
    coverage: Coverage
    progress: Progress
    facts: AttemptFacts = field(default_factory=AttemptFacts)
    names: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    applied: tuple[AppliedChange, ...] = ()
    answers: tuple[Answer, ...] = ()
    mismatches: tuple[Assignment, ...] = ()
    unreliable: tuple[str, ...] = ()

    def name(self, model: str) -> str:
        """What models.json calls the model; its id where it does not say."""
        return self.names.get(model, model)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        window, facts = self.volume, self.facts
        rates = {"success_now": self.progress.success_now, "success_before": self.progress.success_before}
        return {
            "as_of": self.as_of.isoformat(),
            "attempts": self.attempts,
            "window": {
                "days": self.window_days,
                **_json(window),
                "with_outcome_share": window.with_outcome / window.attempts if window.attempts else None,
            },
            "warnings": list(self.warnings),
            "mismatches": [_json(one) for one in self.mismatches],
            "unreliable_clients": list(self.unreliable),
            "conflicts": [_json(conflict) for conflict in self.conflicts],
            "look": None if self.look is None else _json(self.look),
            "first_answer": None if self.first_answer is None else _json(self.first_answer),
            "suggestions": [suggestion.to_dict() for suggestion in self.suggestions],
            "hints": [hint.to_dict() for hint in self.hints],
            "answers": [answer.to_dict() for answer in self.answers],
            "applied_changes": [_applied_json(change) for change in self.applied],
            "patterns": [{**pattern.to_dict(), "successes": successes_of(pattern)} for pattern in self.patterns],
            "min_success_rate": self.min_success_rate,
            "underperforming": [found.to_dict() for found in self.underperforming],
            "coverage": {**_json(self.coverage), "frequent": self.coverage.frequent, "share": self.coverage.share},
            "progress": {"days": PROGRESS_DAYS, **_json(self.progress), **rates},
            "facts": {
                **_json(facts),
                "followed_share": facts.followed_share,
                "executed_otherwise_share": facts.executed_otherwise_share,
                "checked_share": facts.checked_share,
                "clients": [
                    {**_json(one), "with_outcome_share": one.with_outcome_share, "followed_share": one.followed_share}
                    for one in facts.clients
                ],
                "frequent_retries": [{**_json(one), "share": one.share} for one in facts.frequent_retries],
                "unusual_attempts": [
                    {**_json(one), "contradicts_success": one.contradicts_success} for one in facts.unusual_attempts
                ],
            },
            "names": dict(self.names),
        }


def report(
    analysis: Analysis,
    tallies: Tallies,
    policy: Policy,
    facts: AttemptFacts | None = None,
    warnings: Sequence[str] = (),
    applied: Sequence[AppliedChange] = (),
    mismatches: Sequence[Assignment] = (),
    unreliable: Iterable[str] = (),
) -> Report:
    """The report of an analysis and the tallies it was made from; `warnings` are about models.json.

    `applied` is how the applied changes stand, the most urgent first. `mismatches` says where the models were not
    chosen as their logged chances say, and `unreliable` which clients are not believed where nobody saw what ran.
    """
    today = day_number(analysis.as_of)
    window_days = policy.learning.window_days
    since = None if window_days is None else max(0, today - int(window_days) + 1)
    every = tallies.where(tallies.rows_of(keyword=""))
    told = volume(every, since, today)
    return Report(
        as_of=analysis.as_of,
        window_days=window_days,
        min_success_rate=policy.learning.min_success_rate,
        attempts=analysis.attempts,
        volume=told,
        look=analysis.look,
        first_answer=first_answer(every, policy, today),
        suggestions=analysis.suggestions,
        hints=analysis.hints,
        patterns=analysis.patterns,
        underperforming=underperformers(analysis.patterns, policy),
        coverage=coverage(tallies, since or 0, today, policy),
        progress=progress(every, today),
        facts=facts or AttemptFacts(),
        names={model: policy.preferred_name(model) for model in tallies.labels["model"]},
        warnings=tuple(warnings),
        conflicts=conflicts(policy),
        applied=tuple(applied),
        answers=analysis.answers,
        mismatches=in_force(mismatches, policy),
        unreliable=tuple(sorted("" if name == UNNAMED_CLIENT else name for name in unreliable)),
    )


def _applied_json(change: AppliedChange) -> dict[str, Any]:
    stretches = {"before": change.before, "since": change.since}
    return {
        **_json(change),
        "promised": change.promised.to_dict(),
        **{name: None if one is None else _stretch_json(one) for name, one in stretches.items()},
    }


def _stretch_json(stretch: Stretch) -> dict[str, Any]:
    days = (stretch.last_day - stretch.first_day).days + 1
    return {**_json(stretch), "days": days, "success_rate": stretch.success_rate}


def _json(record: Any) -> dict[str, Any]:
    """A dataclass of plain values as JSON values."""
    return {name: _json_value(value) for name, value in asdict(record).items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _json_value(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(part) for part in value]
    return value
