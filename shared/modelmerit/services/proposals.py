"""What a human is shown before they decide, and how a decision turned out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.learning.figures import percent
from modelmerit.learning.review_dates import latest_review
from modelmerit.policy.committing import Undo

State = Literal["applied", "rolled_back", "awaiting_approval", "declined", "cancelled", "superseded", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where an apply or a rollback stands. `message` says in words what happened and what to do next.

    `review_on` is the day an applied change is looked at again at the latest.
    """

    state: State
    message: str
    change: str = ""
    diff: str = ""
    change_id: str | None = None
    review_on: date | None = None
    superseded_by: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a human is asked to approve: the change in one line, its diff, what speaks for it, what it collides with."""

    change: str
    diff: str
    evidence: str
    conflicts: tuple[str, ...] = ()


def already_applied(suggestion: StoredSuggestion) -> Decision:
    """The decision on a suggestion that is in force."""
    return Decision(
        state="applied",
        message="It is already applied; nothing was changed.",
        change=suggestion.change,
        change_id=suggestion.change_id,
        review_on=latest_review(suggestion.updated_at.date()),
    )


def already_rolled_back(change: str, change_id: str | None) -> Decision:
    """The decision on a change that is taken back."""
    return Decision(
        state="rolled_back",
        message="It is already rolled back; nothing was changed.",
        change=change,
        change_id=change_id,
    )


def rollback_proposal(undo: Undo) -> Proposal:
    """What a human is asked to approve before a change is taken back."""
    how = "models.json will be exactly what it was." if undo.exact else "Later edits of the file stay."
    return Proposal(change=undo.summary, diff=undo.diff, evidence=f"Takes back change {undo.rolled_back}. {how}")


def evidence_line(suggestion: StoredSuggestion) -> str:
    """What speaks for a suggestion, in one or two lines."""
    payload = suggestion.payload
    return f"{payload['reason']}. Confidence {percent(suggestion.confidence)}. {payload['counterfactual']}"


def not_the_approved(proposal: Proposal) -> Decision:
    """The decision where what would be done is not what a human said yes to."""
    return Decision(
        state="awaiting_approval",
        message="The change is not, or no longer, the one that was approved. Show this one to the human.",
        change=proposal.change,
        diff=proposal.diff,
    )


def superseded(suggestion: StoredSuggestion, proposed: Iterable[StoredSuggestion]) -> Decision:
    """The decision on a suggestion that no longer stands; it names the one that took its place, if there is one."""
    scope = suggestion.payload["scope"]
    newer = next((other for other in proposed if other.payload["scope"] == scope), None)
    message = "Its evidence or models.json has changed since."
    if newer is not None:
        message += f" Suggestion {newer.id} took its place: {newer.change}"
    return Decision(
        state="superseded",
        message=message,
        change=suggestion.change,
        superseded_by=newer.id if newer else None,
    )
