"""What a human is shown before they decide, and how a decision turned out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.learning.figures import percent
from modelmerit.learning.findings import Bundle
from modelmerit.learning.review_dates import latest_review
from modelmerit.learning.suggestion_text import strength, together
from modelmerit.policy.committing import Undo
from modelmerit.services.bundles import bundle_of, confidence_to_approve
from modelmerit.services.recalling import recalled_evidence

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


def evidence_lines(suggestions: Sequence[StoredSuggestion]) -> str:
    """What speaks for a suggestion, or for the members of a bundle, in a line or two for each."""
    lines = [_evidence_line(suggestion) for suggestion in suggestions]
    bundle = suggestions[0].payload.get("bundle")
    if bundle:
        lines.insert(0, f"{len(lines)} changes, {together(Bundle(**bundle))}.")
    return "\n".join(lines)


def _evidence_line(suggestion: StoredSuggestion) -> str:
    payload = suggestion.payload
    decided = strength(recalled_evidence(payload["evidence"]))
    told = f"{payload['reason']}; {decided}" if decided else payload["reason"]
    return f"{told}. Confidence {percent(suggestion.confidence)}. {payload['counterfactual']}"


def incomplete(suggestion: StoredSuggestion) -> Decision:
    """The decision on a member of a bundle of which another member was decided otherwise, or is no longer found."""
    return Decision(
        state="refused",
        message=f"It is sure only together with the other changes of bundle {bundle_of(suggestion)}, and not all of "
        "them are still proposed. It is proposed again once the evidence speaks for it alone, or for all of them anew.",
        change=suggestion.change,
    )


def unsure(suggestion: StoredSuggestion, floor: float) -> Decision:
    """The decision on what is less sure than the policy's floor."""
    whose = "Its" if bundle_of(suggestion) is None else "Its bundle's"
    return Decision(
        state="refused",
        message=f"{whose} confidence {confidence_to_approve(suggestion):.2f} is under learning.min_confidence "
        f"{floor:.2f}. Wait for more evidence, or lower that floor in models.json.",
        change=suggestion.change,
    )


def standing_line(suggestion: StoredSuggestion) -> str:
    """How a suggestion stands after somebody wanted to reject it."""
    line = f"{suggestion.id} is {suggestion.status}: {suggestion.change}"
    if suggestion.status == "rejected" and bundle_of(suggestion) is not None:
        line += f". The other changes of bundle {bundle_of(suggestion)} are rejected with it."
    return line


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
