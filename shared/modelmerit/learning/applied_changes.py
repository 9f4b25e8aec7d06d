"""Applied changes: what each one promised, what it has brought since, and whether it should be looked at again.

A change is `reopened` where models.json no longer uses its model for these tasks, or where what is known since says
that it is more probably wrong than right. Whatever would be better there comes up as a suggestion by itself. A review
is due where its day has come, or its model has come to do worse, and what is known since does not settle it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np

from modelmerit.learning.circumstances import Circumstances
from modelmerit.learning.comparisons import CHEAPER_GATE, DEARER_GATE
from modelmerit.learning.findings import Evidence, Suggestion, SuggestionType
from modelmerit.learning.review_dates import REVIEW_TASKS, latest_review
from modelmerit.learning.scope_rows import rows_of_scope, scope_of
from modelmerit.learning.scopes import models_in_use
from modelmerit.learning.since_applied import EPOCH, Compared, Stretch, Swap, before_and_since, compared_since
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.policy.schema import Policy

State = Literal["reopened", "review due", "holding", "too early"]
URGENCY: dict[State, int] = {"reopened": 0, "review due": 1, "holding": 2, "too early": 3}
Cause = Literal["the model changed", "the evidence", "a fall", "the review", "the first days"]

SETTLING_DAYS = 7
"""The days of a week differ: before all have been seen nothing is called holding or due."""

MORE_WRONG_THAN_RIGHT = 0.5
REMEMBERED_DAYS = 30
"""For so long a model that models.json has stopped using for some tasks is told of; whoever did it knows by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A suggestion that is in force, as it was when it was applied."""

    suggestion: Suggestion
    applied_at: datetime
    change_id: str | None

    @property
    def to_model(self) -> str:
        """The model the tasks go to, to begin with."""
        return self.suggestion.to_model or self.suggestion.evidence.challenger.model

    @property
    def from_model(self) -> str:
        """The model they went to before."""
        return self.suggestion.from_model or self.suggestion.evidence.incumbent.model


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedChange:
    """An applied change and how it stands.

    `promised` is the evidence it was approved on, with a difference and a saving; `compared` and `before`, `since` are
    what came of it, None where that cannot be told. `review_on` is 90 days after it was applied, or the day on which
    200 tasks had gone through it. `cause` is why it is in its `state`, `in_use` the models that models.json gives its
    tasks to now, and `remedy` the id of a suggestion that would put right what was reopened.
    """

    id: str
    change: str
    change_id: str | None
    type: SuggestionType
    from_model: str
    to_model: str
    applied_on: date
    promised: Evidence
    promised_confidence: float
    compared: Compared | None
    before: Stretch | None
    since: Stretch | None
    review_on: date
    state: State
    cause: Cause
    in_use: tuple[str, ...]
    remedy: str | None


def applied_changes(
    applied: Sequence[Applied],
    tallies: Tallies,
    policy: Policy,
    as_of: datetime,
    *,
    suggestions: Sequence[Suggestion],
    circumstances: Circumstances,
) -> tuple[AppliedChange, ...]:
    """How the applied changes stand at `as_of`, the most urgent first, then the newest.

    `suggestions` are those that are open. What a later applied change has replaced is not told of.
    """
    routed = tallies.as_routed()
    standing = [one for one in applied if not any(_replaced_by(one, other) for other in applied)]
    found = [_judged(one, routed, policy, day_number(as_of), suggestions, circumstances) for one in standing]
    told = [one for one in found if one is not None]
    return tuple(sorted(told, key=lambda one: (URGENCY[one.state], -one.applied_on.toordinal(), one.id)))


def _replaced_by(one: Applied, other: Applied) -> bool:
    same_tasks = scope_of(one.suggestion) == scope_of(other.suggestion)
    return same_tasks and other.applied_at > one.applied_at


def _judged(
    one: Applied,
    tallies: Tallies,
    policy: Policy,
    today: int,
    suggestions: Sequence[Suggestion],
    circumstances: Circumstances,
) -> AppliedChange | None:
    """How one change stands; None if models.json has been using another model for so long that it is no news."""
    suggestion, scope = one.suggestion, scope_of(one.suggestion)
    day = day_number(one.applied_at)
    swap = Swap(scope=scope, from_model=one.from_model, to_model=one.to_model, limit=suggestion.evidence.limit, day=day)
    through = rows_of_scope(tallies, policy, scope, one.to_model) & (tallies.day >= day)
    in_use = models_in_use(policy, scope)
    if one.to_model not in in_use and today - int(tallies.day[through].max(initial=day)) > REMEMBERED_DAYS:
        return None
    # A ladder's first try may fail more often: its worth is that the second costs less than always starting there.
    fair = suggestion.type != "escalation"
    compared = compared_since(tallies, policy, swap, today, circumstances) if fair else None
    stretches = before_and_since(tallies, policy, swap, today)
    review_on = _review_on(tallies.where(through, ("attempts",)), day)
    state, cause = _state(one, compared, in_use, review_on, today)
    return AppliedChange(
        id=suggestion.id,
        change=suggestion.change.summary,
        change_id=one.change_id,
        type=suggestion.type,
        from_model=one.from_model,
        to_model=one.to_model,
        applied_on=_date(day),
        promised=suggestion.evidence,
        promised_confidence=suggestion.confidence,
        compared=compared,
        before=stretches[0] if stretches else None,
        since=stretches[1] if stretches else None,
        review_on=review_on,
        state=state,
        cause=cause,
        in_use=in_use,
        remedy=_remedy(one, suggestions) if state == "reopened" else None,
    )


def _state(
    one: Applied, compared: Compared | None, in_use: Sequence[str], review_on: date, today: int
) -> tuple[State, Cause]:
    if one.to_model not in in_use:
        return "reopened", "the model changed"
    confidence = compared.confidence if compared is not None and compared.tells else None
    if confidence is not None and confidence < MORE_WRONG_THAN_RIGHT:
        return "reopened", "the evidence"
    if today - day_number(one.applied_at) < SETTLING_DAYS:
        return "too early", "the first days"
    gate = CHEAPER_GATE if one.suggestion.evidence.limit < 0 else DEARER_GATE
    confirmed = confidence is not None and confidence >= gate
    if compared is not None and compared.fall is not None and not confirmed:
        return "review due", "a fall"
    if _date(today) >= review_on:
        return ("holding" if confirmed else "review due"), "the review"
    return ("too early", "the evidence") if confidence is None else ("holding", "the evidence")


def _review_on(through: Tallies, day: int) -> date:
    """The review's day, not among the first days; `through` are the tallies of what has gone through the change."""
    order = np.argsort(through.day, kind="stable")
    gone = np.cumsum(through.measures["attempts"][order], dtype=np.float64)
    reached = int(np.searchsorted(gone, REVIEW_TASKS))
    latest = latest_review(_date(day))
    if reached == len(gone):
        return latest
    return min(latest, _date(max(int(through.day[order][reached]), day + SETTLING_DAYS)))


def _remedy(one: Applied, suggestions: Sequence[Suggestion]) -> str | None:
    """The open suggestion that takes these tasks away from the change's model again."""
    scope = scope_of(one.suggestion)
    found = (other for other in suggestions if other.from_model == one.to_model and scope_of(other) == scope)
    return next((other.id for other in found), None)


def _date(day: int) -> date:
    return EPOCH + timedelta(days=day)
