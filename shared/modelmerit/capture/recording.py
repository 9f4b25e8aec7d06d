"""From a run that was read to what is recorded of it: redacted, named as models.json names it, and priced.

Pure: no clock, and nothing is read or written. Of texts, only the task and the few words of its call go on, without
their secrets.
"""

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from modelmerit.capture.outcomes.inferred import Inferred
from modelmerit.capture.runs import AgentRun, ModelUsage, RunState
from modelmerit.errors import UnknownModel
from modelmerit.evidence.captures import Captured
from modelmerit.evidence.keywords import extract_keywords
from modelmerit.evidence.outcomes import OutcomeReport, status_after
from modelmerit.evidence.prices import cost_usd
from modelmerit.evidence.redaction import redact, without_secrets
from modelmerit.policy.document import ModelEntry, Policy
from modelmerit.records import LARGEST_FIGURE, Attempt, Status, Task
from modelmerit.routing import router

LONGEST_TASK = 200_000
"""Characters of a task that are kept, as many as the servers take."""
UNKNOWN_MODEL = "unknown"
"""Stands for the model of a run that ended before any answered, where its call named none."""
TURN = "turn"
"""The task category of what the human asked of the main thread; an agent's run has its role, and no category."""

STATUS: dict[RunState, Status] = {
    "running": "running",
    "finished": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}


def captured(run: AgentRun, inferred: Inferred | None, *, policy: Policy, now: datetime, live: bool) -> Captured:
    """What is recorded of a run and of what became of it; None is inferred of a run that goes on.

    `live` is what happens now, under the policy in force: it is known what that would have said. Of history it is not.
    No run began after `now`: a clock was wrong then.
    """
    task_text = run.task[:LONGEST_TASK]
    task = Task(
        text=redact(task_text).text,
        # From the text as it was, as a dispatch reads them.
        keywords=extract_keywords(task_text),
        workspace=without_secrets(_folder(run.workspace_path)),
        role=without_secrets(run.role) if run.kind == "sub-agent" else None,
    )
    asked = _model(policy, run.asked_model, run.client)
    executed = without_secrets(run.executed_model)
    provider = run.usage[0].provider if run.usage else None
    unpriced, figures = _figures(run, policy)
    began = min(run.started_at, now)
    attempt = Attempt(
        id=f"{run.client}-{run.run_id}",
        task=task.text,
        model=executed or asked or UNKNOWN_MODEL,
        created_at=began,
        updated_at=max([began, *_moments(run)]),
        workspace=task.workspace,
        workspace_path=without_secrets(run.workspace_path),
        status=STATUS[run.state] if inferred is None else status_after(inferred.outcome, inferred.error_type),
        task_keywords=task.keywords,
        recommended_model=router.recommend(policy, task).model if live else None,
        policy_hash=policy.hash if live else None,
        executed_model=executed,
        provider=provider or (policy.provider_of(executed) if executed else None),
        selection="override" if live else "imported",
        role=task.role,
        task_category=TURN if run.kind == "turn" else None,
        client=run.client,
        session_id=run.session_id,
        notes=None if inferred is None else without_secrets(inferred.reason),
        **figures,
    )
    return Captured(
        client=run.client,
        run_id=run.run_id,
        attempt=attempt,
        report=None if inferred is None else _report(attempt, inferred, figures),
        session_id=run.session_id,
        call_id=run.call_id,
        asked_model=asked,
        description=without_secrets(run.description),
        called=run.kind == "sub-agent",
        unpriced=unpriced,
    )


def _report(attempt: Attempt, inferred: Inferred, figures: dict[str, Any]) -> OutcomeReport:
    return OutcomeReport(
        outcome=inferred.outcome,
        evidence=inferred.evidence,
        error_type=inferred.error_type,
        executed_model=attempt.executed_model,
        provider=attempt.provider,
        notes=attempt.notes,
        source="seen",
        **figures,
    )


def _figures(run: AgentRun, policy: Policy) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The models without a price, and the measured fields of the attempt; what cannot be is left out."""
    figures: dict[str, Any] = {"tool_calls": run.tool_calls}
    if run.ended_at is not None:
        figures["execution_time_seconds"] = max(0.0, (run.ended_at - run.started_at) / timedelta(seconds=1))
    unpriced: tuple[str, ...] = ()
    if run.tokens is not None and run.tokens.total <= LARGEST_FIGURE:
        figures["tokens_used"] = run.tokens.total
        figures |= {f"{kind.name}_tokens": getattr(run.tokens, kind.name) for kind in fields(run.tokens)}
        # Clients that do not tell reasoning from output count none.
        figures["reasoning_tokens"] = run.tokens.reasoning or None
        costs = [(usage, _cost_usd(usage, run.started_at, policy)) for usage in run.usage]
        unpriced = tuple(redact(_priced_name(usage)).text for usage, cost in costs if cost is None)
        if not unpriced:
            figures["cost_usd"] = sum(cost for _, cost in costs if cost is not None)
    return unpriced, {name: value for name, value in figures.items() if value is None or 0 <= value <= LARGEST_FIGURE}


def _cost_usd(usage: ModelUsage, at: datetime, policy: Policy) -> float | None:
    """By the prices of models.json and those published; where nobody knows them, the client's own figure.

    A client's zero says that it knows no price, or that a subscription paid.
    """
    entry = _entry(policy, usage)
    cost = cost_usd(
        usage.model,
        usage.provider or (entry.provider if entry else None),
        asdict(usage.tokens),
        at,
        entry.prices if entry else {},
        requests=usage.requests,
        fast=usage.fast,
    )
    return cost if cost is not None else usage.cost_usd or None


def _priced_name(usage: ModelUsage) -> str:
    """The model as it is told of one without a price; what it does fast has another price."""
    return f"{usage.model}-fast" if usage.fast else usage.model


def _entry(policy: Policy, usage: ModelUsage) -> ModelEntry | None:
    entries = [one for one in policy.models if one.id == usage.model]
    return next((one for one in entries if one.provider == usage.provider), entries[0] if entries else None)


def _model(policy: Policy, asked: str | None, client: str) -> str | None:
    """The id of the model that the call named, in its client's words or in those of models.json, if that knows it."""
    if asked is None:
        return None
    called_so = [model for model in policy.model_ids if policy.use_as(model, client) == asked]
    if len(called_so) == 1:
        return called_so[0]
    try:
        return policy.resolve(asked)
    except UnknownModel:
        return without_secrets(asked)


def _folder(path: str | None) -> str | None:
    return (PurePath(path).name or None) if path else None


def _moments(run: AgentRun) -> Iterator[datetime]:
    if run.ended_at is not None:
        yield run.ended_at
    yield from (event.at for event in (*run.during, *run.after))
