"""Asking the human behind a client: through a form where the client has one, otherwise in two steps.

With a form, the server asks and the human's answer decides; an agent has no say. Without one, the first call answers
the change and its diff, and the second must repeat the one-line change, so that what stands in the client's
permission prompt is what is done.
"""

from dataclasses import dataclass
from typing import Any, Literal

from mcp.server.mcpserver import AcceptedElicitation, CancelledElicitation, Context, Elicit, ElicitationResult
from pydantic import BaseModel, Field

from modelmerit.services.proposals import Decision, Proposal
from modelmerit.serving.escaping import visible


class Approval(BaseModel):
    """The whole form: one yes or no."""

    approve: bool = Field(description="Make this change to models.json?")


class NotAsked(BaseModel):
    """Nobody was asked: there is nothing to approve, or the client has no form."""


Answer = ElicitationResult[Approval | NotAsked]


@dataclass(frozen=True, slots=True)
class Found:
    """What is to be approved, or what is already settled."""

    outcome: Proposal | Decision


def can_ask(context: Context[Any, Any]) -> bool:
    """Whether the client can show a form. An empty elicitation capability means forms and nothing else."""
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def ask(found: Found, context: Context[Any, Any]) -> NotAsked | Elicit[Approval]:
    """The form that shows the change, what speaks for it and the diff, where there is something to ask and a way to."""
    if isinstance(found.outcome, Decision) or not can_ask(context):
        return NotAsked()
    return Elicit(visible(proposal_text(found.outcome)), Approval)


def settle(proposal: Proposal, answered: Answer, repeated: str | None, shown: set[str]) -> str | Decision | None:
    """The one-line change that was approved, a decision that ends the matter, or None while approval is awaited.

    `repeated` is the change as the caller repeats it. It counts only where nobody could be asked, and only if an
    earlier call answered that very line with its diff. `shown` holds those lines, as they were answered; this one joins
    them if it is awaited.
    """
    match answered:
        case AcceptedElicitation(data=NotAsked()):
            line = visible(proposal.change)
            if repeated is not None and visible(repeated) in shown:
                return proposal.change if visible(repeated) == line else repeated
            shown.add(line)
            return None
        case AcceptedElicitation(data=Approval(approve=True)):
            return proposal.change
        case CancelledElicitation():
            return _not_done(proposal, "cancelled", "The human closed the question; it stays open.")
        case _:
            return _not_done(proposal, "declined", "The human said no; it stays proposed, reject it to end it.")


def proposal_text(proposal: Proposal) -> str:
    """What a human needs to see before they decide."""
    parts = [f"Change: {proposal.change}", proposal.evidence]
    parts += [f"Note: {conflict}" for conflict in proposal.conflicts]
    parts.append(proposal.diff.rstrip())
    return "\n\n".join(part for part in parts if part)


def _not_done(proposal: Proposal, state: Literal["declined", "cancelled"], message: str) -> Decision:
    return Decision(
        state=state,
        message=f"{message} Nothing was changed.",
        change=proposal.change,
        diff=proposal.diff,
    )
