"""The tools of `model-learning-analyzer`: read the arguments, one call to the core, shape the answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated

from anyio import CancelScope, Lock
from mcp.server.mcpserver import AcceptedElicitation, Elicit, ElicitationResult, Resolve
from mcp.types import CallToolResult
from pydantic import Field

from model_learning_analyzer.answers import (
    AnalysisAnswer,
    ChangesAnswer,
    DecisionAnswer,
    RejectionAnswer,
    SuggestionsAnswer,
    analysis_answer,
    awaiting_answer,
    changes_answer,
    decision_answer,
    rejection_answer,
    suggestions_answer,
)
from modelmerit.services.proposals import Decision
from modelmerit.serving.asking import Answer, Approval, Found, NotAsked, ask, settle
from modelmerit.serving.progress import progress_to
from modelmerit.serving.running import AppContext, app_of, client_name
from modelmerit.serving.tools import answer, readable_errors, tool

Identifier = Annotated[str, Field(min_length=1, max_length=100)]
ChangeLine = Annotated[
    str | None,
    Field(max_length=10_000, description="The exact one-line change the human said yes to, if this client cannot ask"),
]
Reason = Annotated[str | None, Field(max_length=2_000)]


async def analyze_model_performance(
    context: AppContext,
    min_sample_size: Annotated[int | None, Field(ge=1, le=10**6)] = None,
    since_date: Annotated[date | None, Field(description="YYYY-MM-DD")] = None,
) -> Annotated[CallToolResult, AnalysisAnswer]:
    """How each model has done on each kind of task, from the recorded outcomes."""
    since = None if since_date is None else datetime(since_date.year, since_date.month, since_date.day, tzinfo=UTC)
    tell = progress_to(context)
    await app_of(context).capturing.catch_up()
    findings = await app_of(context).analysing.analyse(min_sample_size=min_sample_size, since=since, progress=tell)
    await tell("telling what was found", 1.0)
    return answer(*analysis_answer(findings))


async def suggest_model_rules(
    context: AppContext,
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.0,
) -> Annotated[CallToolResult, SuggestionsAnswer]:
    """The report to show the human: what was learned, which changes to models.json it supports, what is still open."""
    tell = progress_to(context)
    await app_of(context).capturing.catch_up()
    report, findings = await app_of(context).analysing.report(min_confidence=min_confidence, progress=tell)
    await tell("telling what was found", 1.0)
    return answer(*suggestions_answer(report, findings, min_confidence=min_confidence))


@readable_errors
async def find_suggestion(suggestion_id: str, context: AppContext) -> Found:
    """What applying the suggestion would do now."""
    async with _one_decision:
        return Found(await app_of(context).approving.propose(suggestion_id))


@readable_errors
async def find_change(change_id: str | None, context: AppContext) -> Found:
    """What taking the change back would do now."""
    async with _one_decision:
        return Found(await app_of(context).approving.propose_rollback(change_id))


async def ask_to_apply(
    found: Annotated[Found, Resolve(find_suggestion)], context: AppContext
) -> NotAsked | Elicit[Approval]:
    """Ask the human about a suggestion."""
    return ask(found, context)


async def ask_to_roll_back(
    found: Annotated[Found, Resolve(find_change)], context: AppContext
) -> NotAsked | Elicit[Approval]:
    """Ask the human about a rollback."""
    return ask(found, context)


async def apply_model_suggestion(
    context: AppContext,
    suggestion_id: Identifier,
    found: Annotated[Found, Resolve(find_suggestion)],
    answered: Annotated[ElicitationResult[Approval | NotAsked], Resolve(ask_to_apply)],
    change: ChangeLine = None,
) -> Annotated[CallToolResult, DecisionAnswer]:
    """Change models.json as a suggestion says. The human is asked, or this answers what to show them first."""
    if isinstance(found.outcome, Decision):
        return answer(*decision_answer(found.outcome))
    settled = settle(found.outcome, answered, change, _shown)
    if settled is None:
        again = f"apply_model_suggestion again with suggestion_id {suggestion_id!r}"
        return answer(*awaiting_answer(found.outcome, again))
    if isinstance(settled, str):
        async with _to_the_end():
            approving = app_of(context).approving
            settled = await approving.apply(suggestion_id, approved=settled, who=_who(context, answered))
    return answer(*decision_answer(settled))


async def reject_model_suggestion(
    context: AppContext, suggestion_id: Identifier, reason: Reason = None
) -> Annotated[CallToolResult, RejectionAnswer]:
    """Only when the human says no for good: it does not come back until its evidence has doubled."""
    approving = app_of(context).approving
    stored = await approving.reject(suggestion_id, who=_client(context), reason=reason or "")
    return answer(*rejection_answer(stored))


async def rollback_model_change(
    context: AppContext,
    found: Annotated[Found, Resolve(find_change)],
    answered: Annotated[ElicitationResult[Approval | NotAsked], Resolve(ask_to_roll_back)],
    change_id: Annotated[Identifier | None, Field(description="Left out: the newest")] = None,
    change: ChangeLine = None,
) -> Annotated[CallToolResult, DecisionAnswer]:
    """Take back a change to models.json. Asks the human as apply_model_suggestion does."""
    if isinstance(found.outcome, Decision):
        return answer(*decision_answer(found.outcome))
    settled = settle(found.outcome, answered, change, _shown)
    if settled is None:
        named = "" if change_id is None else f" with change_id {change_id!r}"
        return answer(*awaiting_answer(found.outcome, f"rollback_model_change again{named}"))
    if isinstance(settled, str):
        async with _to_the_end():
            approving = app_of(context).approving
            settled = await approving.roll_back(change_id, approved=settled, who=_who(context, answered))
    return answer(*decision_answer(settled))


async def list_model_changes(context: AppContext) -> Annotated[CallToolResult, ChangesAnswer]:
    """Every change made to models.json, newest first, with who approved it and why."""
    app = app_of(context)
    return answer(*changes_answer(app.approving.changes(), edited_outside=app.policy_file.edited_outside()))


_shown: set[str] = set()
"""The changes this process has answered with their diff, to be shown to a human where the client has no form."""


_one_decision = Lock()
"""Held while models.json is changed, and while it is worked out what to change: no call looks at another half done."""


@asynccontextmanager
async def _to_the_end() -> AsyncIterator[None]:
    """A decision that is carried out to its end, file and store, even if its call is cancelled meanwhile."""
    async with _one_decision:
        with CancelScope(shield=True):
            yield


def _client(context: AppContext) -> str:
    return client_name(context) or "an unnamed client"


def _who(context: AppContext, answered: Answer) -> str:
    if isinstance(answered, AcceptedElicitation) and isinstance(answered.data, Approval):
        return f"a human, asked in {_client(context)}"
    return f"repeated by the agent in {_client(context)}"


TOOLS = (
    tool(analyze_model_performance, title="Analyse performance", idempotent=True),
    tool(suggest_model_rules, title="Suggest rules", idempotent=True),
    tool(apply_model_suggestion, title="Apply a suggestion", destructive=True, idempotent=True),
    tool(reject_model_suggestion, title="Reject a suggestion", idempotent=True),
    tool(rollback_model_change, title="Roll back a change", destructive=True, idempotent=True),
    tool(list_model_changes, title="List changes", read_only=True),
)
