"""What the tools of `task-dispatcher` answer: the structured content, and the text that suffices alone."""

from typing import Any

from pydantic import BaseModel

from modelmerit.evidence.dispatch_log import record_from_attempt
from modelmerit.records import Attempt
from modelmerit.services.dispatching import Dispatched, Routed
from modelmerit.serving.escaping import quoted


class DispatchAnswer(BaseModel):
    """A recorded dispatch."""

    task_id: str
    model: str
    use_as: str
    reason: str
    candidates: list[str]
    fallbacks: list[str]
    retry_of: str | None = None
    warnings: list[str] | None = None


class RecommendAnswer(BaseModel):
    """What the policy says, with nothing recorded."""

    model: str
    use_as: str
    reason: str
    fallbacks: list[str]
    warnings: list[str] | None = None


class OutcomeAnswer(BaseModel):
    """How an attempt stands after a report."""

    task_id: str
    status: str
    outcome: str | None = None
    evidence: str | None = None
    changed: bool


class TaskAnswer(BaseModel):
    """One attempt, as the dispatch log has it."""

    task: dict[str, Any]


class TasksAnswer(BaseModel):
    """The newest attempts first."""

    tasks: list[dict[str, Any]]
    next_before: str | None = None


def dispatch_answer(dispatched: Dispatched) -> tuple[str, DispatchAnswer]:
    """The answer to a dispatch."""
    content = DispatchAnswer(
        task_id=dispatched.attempt.id,
        model=dispatched.choice.model,
        use_as=dispatched.use_as,
        reason=dispatched.choice.reason,
        candidates=list(dispatched.choice.candidates),
        fallbacks=list(dispatched.choice.fallbacks),
        retry_of=dispatched.retry_of,
        warnings=list(dispatched.warnings) or None,
    )
    lines = [f"{_model_line(dispatched)}\ntask_id: {content.task_id}"]
    if content.retry_of:
        lines.append(f"retry of {quoted(content.retry_of)}")
    lines.append("When the work is done, call update_task_outcome with this task_id.")
    return "\n".join(lines + _warning_lines(dispatched)), content


def recommend_answer(routed: Routed) -> tuple[str, RecommendAnswer]:
    """The answer to a question that records nothing."""
    content = RecommendAnswer(
        model=routed.choice.model,
        use_as=routed.use_as,
        reason=routed.choice.reason,
        fallbacks=list(routed.choice.fallbacks),
        warnings=list(routed.warnings) or None,
    )
    return "\n".join([_model_line(routed), *_warning_lines(routed)]), content


def outcome_answer(attempt: Attempt, *, changed: bool) -> tuple[str, OutcomeAnswer]:
    """The answer to an outcome report."""
    content = OutcomeAnswer(
        task_id=attempt.id,
        status=attempt.status,
        outcome=attempt.outcome,
        evidence=attempt.evidence,
        changed=changed,
    )
    verb = "Recorded" if changed else "Nothing new"
    retried = "; it was retried since, so it counts as a failure" if attempt.retried else ""
    return f"{verb}: {quoted(attempt.id)} is {attempt.outcome} ({attempt.evidence}){retried}.", content


def task_answer(attempt: Attempt) -> tuple[str, TaskAnswer]:
    """One attempt in words and as a record."""
    record = {name: value for name, value in record_from_attempt(attempt).items() if value is not None}
    lines = [
        f"{quoted(name)}: {quoted(value) if isinstance(value, str) else value}"
        for name, value in record.items()
        if name != "task"
    ]
    return "\n".join([*lines, f"task: {attempt.task!r}"]), TaskAnswer(task=record)


def tasks_answer(attempts: list[Attempt], *, limit: int) -> tuple[str, TasksAnswer]:
    """A list of attempts, a line each."""
    records = [_summary(attempt) for attempt in attempts]
    next_before = records[-1]["created_at"] if len(attempts) == limit else None
    lines = [
        f"{quoted(record['task_id'])}  {record['created_at']}  {quoted(record['model'])}  {record['status']}"
        f"{'/' + record['outcome'] if record['outcome'] else ''}  {record['task']!r}"
        for record in records
    ]
    return "\n".join(lines) or "No tasks.", TasksAnswer(tasks=records, next_before=next_before)


def _summary(attempt: Attempt) -> dict[str, Any]:
    record = record_from_attempt(attempt)
    return {
        "task_id": attempt.id,
        "task": attempt.task[:120],
        **{name: record[name] for name in ("workspace", "complexity", "model", "status", "outcome", "created_at")},
    }


def _model_line(routed: Routed) -> str:
    name = f" (use it as {routed.use_as!r})" if routed.use_as != routed.choice.model else ""
    return f"model: {quoted(routed.choice.model)}{name}: {routed.choice.reason}"


def _warning_lines(routed: Routed) -> list[str]:
    return [f"warning: {warning}" for warning in routed.warnings]
