"""A human's decisions on suggestions and changes: what would change, the change itself, and taking it back.

Nothing here asks anybody. A server or the command line shows a `Proposal`, gets the human's answer, and only then
calls `apply` or `roll_back` with the one-line change that the human saw: if what would be done is no longer that, it
is not done.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from modelmerit.errors import ChangeDoesNotApply, PolicyFileError
from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.evidence.redaction import redact
from modelmerit.evidence.store import Store
from modelmerit.learning.review_dates import REVIEW_TASKS, latest_review
from modelmerit.policy.changelog import LogEntry
from modelmerit.policy.changes import Change, combine, contradictions
from modelmerit.policy.committing import Undo
from modelmerit.policy.file import PolicyFile
from modelmerit.services.analysing import Analysing
from modelmerit.services.bundles import confidence_to_approve, is_whole, together_with
from modelmerit.services.proposals import (
    Decision,
    Proposal,
    already_applied,
    already_rolled_back,
    evidence_lines,
    incomplete,
    not_the_approved,
    rollback_proposal,
    superseded,
    unsure,
)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A proposal with what carrying it out takes: the change itself, and the suggestions it settles."""

    proposal: Proposal
    change: Change
    suggestions: tuple[StoredSuggestion, ...]


class Approving:
    """Applies what was approved, and remembers what was decided. Every decision can be repeated without harm."""

    def __init__(
        self, store: Store, policy_file: PolicyFile, analysing: Analysing, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._policy_file = policy_file
        self._analysing = analysing
        self._now = now

    async def propose(self, suggestion_id: str) -> Proposal | Decision:
        """What applying the suggestion would do now, or why there is nothing to approve.

        Raises:
            UnknownSuggestion: If there is no such suggestion.
        """
        prepared = await self._prepare(suggestion_id)
        return prepared if isinstance(prepared, Decision) else prepared.proposal

    async def _prepare(self, suggestion_id: str) -> _Prepared | Decision:
        await self._store.suggestion(suggestion_id)
        findings = await self._analysing.findings()
        current = {suggestion.id: suggestion for suggestion in findings.suggestions}[suggestion_id]
        if current.status == "applied":
            return already_applied(current)
        if current.status in ("rejected", "rolled back"):
            return Decision(
                state="refused",
                message=f"It was {current.status}. It is proposed again once its evidence has doubled.",
                change=current.change,
            )
        if current.status != "proposed":
            return superseded(current, findings.proposed)
        together = together_with(current, findings.proposed)
        if not is_whole(together):
            return incomplete(current)
        floor = findings.policy.policy.learning.min_confidence
        if confidence_to_approve(current) < floor:
            return unsure(current, floor)
        changes = [Change.from_dict(suggestion.payload["edits"]) for suggestion in together]
        try:
            change = combine(changes, findings.policy.policy)
            diff = await asyncio.to_thread(self._policy_file.preview, change)
        except ChangeDoesNotApply as error:
            # Another process may have applied this very suggestion since the findings were read.
            await self._analysing.reconcile()
            stored = await self._store.suggestion(suggestion_id)
            if stored.status == "applied":
                return already_applied(stored)
            return replace(superseded(current, findings.proposed), message=f"It no longer applies: {error}")
        except PolicyFileError as error:
            return Decision(state="refused", message=str(error), change=current.change)
        conflicts = contradictions(findings.policy.policy, change)
        proposal = Proposal(
            # A yes to the change is no yes to what it collides with, unless the line that is approved says so.
            change="; although ".join((change.summary, *conflicts)),
            diff=diff,
            evidence=evidence_lines(together),
            conflicts=conflicts,
        )
        return _Prepared(proposal, change, together)

    async def apply(self, suggestion_id: str, *, approved: str, who: str, why: str = "") -> Decision:
        """Apply the suggestion a human approved; `approved` is the one-line change that they saw.

        Raises:
            UnknownSuggestion: If there is no such suggestion.
            PolicyError: If models.json cannot be written.
        """
        prepared = await self._prepare(suggestion_id)
        if isinstance(prepared, Decision):
            return prepared
        proposal = prepared.proposal
        if proposal.change != approved:
            return not_the_approved(proposal)
        try:
            committed = await asyncio.to_thread(
                self._policy_file.commit,
                prepared.change,
                who=who,
                why=why or prepared.suggestions[0].payload["reason"],
                suggestion_id=suggestion_id,
                now=self._now(),
            )
        except ChangeDoesNotApply:
            overtaken = await self._prepare(suggestion_id)
            return overtaken if isinstance(overtaken, Decision) else not_the_approved(overtaken.proposal)
        for suggestion in prepared.suggestions:
            await self._store.decide(self._decided(suggestion, "applied", who, why, committed.change_id))
        review_on = latest_review(self._now().date())
        return Decision(
            state="applied",
            message=f"Applied as change {committed.change_id}; the next dispatch follows it. "
            f"What it brings is reviewed on {review_on}, or after {REVIEW_TASKS} tasks. "
            f"`rollback_model_change`, or `modelmerit rollback`, takes it back.",
            change=proposal.change,
            diff=committed.diff,
            change_id=committed.change_id,
            review_on=review_on,
            warnings=committed.warnings,
        )

    async def reject(self, suggestion_id: str, *, who: str, reason: str = "") -> StoredSuggestion:
        """Reject a proposed suggestion until its evidence has at least doubled; one applied stays applied.

        With a member of a bundle the whole bundle is rejected.

        Raises:
            UnknownSuggestion: If there is no such suggestion.
        """
        stored = await self._store.suggestion(suggestion_id)
        if stored.status != "proposed":
            return stored
        for member in together_with(stored, await self._store.suggestions()):
            await self._store.decide(self._decided(member, "rejected", who, redact(reason).text, None))
        return await self._store.suggestion(suggestion_id)

    def changes(self) -> list[LogEntry]:
        """Every change made to models.json through modelmerit, oldest first."""
        return self._policy_file.changes()

    async def propose_rollback(self, change_id: str | None) -> Proposal | Decision:
        """What taking a change back would do now; without an id, the newest change that is not taken back yet.

        Raises:
            UnknownChange: If there is no such change.
        """
        found = await self._undo(change_id)
        return found if isinstance(found, Decision) else rollback_proposal(found)

    async def _undo(self, change_id: str | None) -> Undo | Decision:
        try:
            undo = await asyncio.to_thread(self._policy_file.preview_rollback, change_id)
        except ChangeDoesNotApply as error:
            return Decision(state="refused", message=str(error))
        if undo.state == "nothing_to_roll_back":
            return Decision(state="refused", message="There is no change to take back.")
        if undo.state == "already_rolled_back":
            return already_rolled_back(undo.summary, undo.rolled_back)
        return undo

    async def roll_back(self, change_id: str | None, *, approved: str, who: str, why: str = "") -> Decision:
        """Take back the change a human agreed to take back; `approved` is the one line that they saw.

        Raises:
            UnknownChange: If there is no such change.
            PolicyError: If models.json cannot be written.
        """
        undo = await self._undo(change_id)
        if isinstance(undo, Decision):
            return undo
        proposal = rollback_proposal(undo)
        if proposal.change != approved:
            return not_the_approved(proposal)
        # By its id: "the newest change" may be another one by now.
        rolled = await asyncio.to_thread(
            self._policy_file.rollback, undo.rolled_back, who=who, why=why or "taken back", now=self._now()
        )
        if rolled.state != "rolled_back":
            return already_rolled_back(rolled.summary, rolled.rolled_back)
        await self._analysing.reconcile()
        return Decision(
            state="rolled_back",
            message=f"Rolled back as change {rolled.change_id}.",
            change=rolled.summary,
            diff=rolled.diff,
            change_id=rolled.change_id,
            warnings=rolled.warnings,
        )

    def _decided(
        self,
        suggestion: StoredSuggestion,
        status: Literal["applied", "rejected"],
        who: str,
        reason: str,
        change_id: str | None,
    ) -> StoredSuggestion:
        return replace(
            suggestion,
            status=status,
            updated_at=self._now(),
            decided_by=who,
            decision_reason=reason or None,
            decision_weight=suggestion.weight,
            change_id=change_id,
        )
