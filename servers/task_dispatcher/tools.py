"""The tools of `task-dispatcher`: read the arguments, one call to the core, shape the answer."""

from typing import Annotated

from mcp.types import CallToolResult
from pydantic import AwareDatetime, Field

from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.records import Complexity, ErrorType, Evidence, Outcome, Priority, Status
from modelmerit.services.dispatching import TaskRequest
from modelmerit.serving.running import AppContext, app_of, client_name
from modelmerit.serving.tools import answer, tool
from task_dispatcher.answers import (
    DispatchAnswer,
    OutcomeAnswer,
    RecommendAnswer,
    TaskAnswer,
    TasksAnswer,
    dispatch_answer,
    outcome_answer,
    recommend_answer,
    task_answer,
    tasks_answer,
)

TaskText = Annotated[str, Field(min_length=1, max_length=200_000, pattern=r"\S")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
LongName = Annotated[str, Field(max_length=4096)]
Files = Annotated[int, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Amount = Annotated[float, Field(ge=0, le=10**9)]


async def dispatch_task(
    context: AppContext,
    task: Annotated[TaskText, Field(description="The task, as it will be given to the model")],
    workspace: Annotated[Name, Field(description="Project name")],
    workspace_path: LongName | None = None,
    complexity: Annotated[Complexity | None, Field(description="Your judgement; leave out if unsure")] = None,
    priority: Priority | None = None,
    role: Annotated[Name | None, Field(description="Kind of agent")] = None,
    estimated_files: Annotated[Files | None, Field(description="Files it will touch")] = None,
    model: Annotated[Name | None, Field(description="Only if the human named one")] = None,
    explore: Annotated[bool, Field(description="False: never try another model")] = True,
) -> Annotated[CallToolResult, DispatchAnswer]:
    """Before handing a task to a sub-agent: answers the model to use and records the attempt."""
    request = TaskRequest(
        task=task,
        workspace=workspace,
        workspace_path=workspace_path,
        complexity=complexity,
        priority=priority,
        role=role,
        estimated_files=estimated_files,
    )
    dispatched = await app_of(context).dispatching.dispatch(
        request, model=model, explore=explore, client=client_name(context)
    )
    return answer(*dispatch_answer(dispatched))


async def update_task_outcome(
    context: AppContext,
    task_id: Name,
    outcome: Outcome,
    execution_time_seconds: Amount | None = None,
    tokens_used: Count | None = None,
    input_tokens: Count | None = None,
    output_tokens: Count | None = None,
    cost_usd: Amount | None = None,
    error_type: Annotated[
        ErrorType | None, Field(description="Why it failed; only 'model' counts against the model")
    ] = None,
    evidence: Annotated[
        Evidence, Field(description="Who says so: the human, tests that ran, or you (reported)")
    ] = "reported",
    executed_model: Annotated[Name | None, Field(description="The model that really ran")] = None,
    notes: Annotated[str | None, Field(max_length=10_000)] = None,
) -> Annotated[CallToolResult, OutcomeAnswer]:
    """When a dispatched task is done or has failed: record what came of it."""
    said = OutcomeReport(
        outcome=outcome,
        evidence=evidence,
        error_type=error_type,
        execution_time_seconds=execution_time_seconds,
        tokens_used=tokens_used,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost_usd=cost_usd,
        executed_model=executed_model,
        notes=notes,
    )
    attempt, changed = await app_of(context).dispatching.report(task_id, said)
    return answer(*outcome_answer(attempt, changed=changed))


async def get_task_status(context: AppContext, task_id: Name) -> Annotated[CallToolResult, TaskAnswer]:
    """Everything recorded of one task."""
    return answer(*task_answer(await app_of(context).dispatching.status(task_id)))


async def list_dispatched_tasks(
    context: AppContext,
    workspace: Name | None = None,
    status: Status | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 20,
    before: Annotated[AwareDatetime | None, Field(description="Only older ones; for the next page")] = None,
) -> Annotated[CallToolResult, TasksAnswer]:
    """The newest dispatched tasks, to find a task_id or see what is still open."""
    attempts = await app_of(context).dispatching.recent(workspace=workspace, status=status, limit=limit, before=before)
    return answer(*tasks_answer(attempts, limit=limit))


async def recommend_model(
    context: AppContext,
    task: TaskText,
    workspace: Name | None = None,
    complexity: Complexity | None = None,
    priority: Priority | None = None,
    role: Name | None = None,
    estimated_files: Files | None = None,
) -> Annotated[CallToolResult, RecommendAnswer]:
    """Which model the rules give a task; records nothing. To hand the task over, use dispatch_task."""
    request = TaskRequest(
        task=task,
        workspace=workspace,
        complexity=complexity,
        priority=priority,
        role=role,
        estimated_files=estimated_files,
    )
    routed = app_of(context).dispatching.recommend(request, client=client_name(context))
    return answer(*recommend_answer(routed))


TOOLS = (
    tool(dispatch_task, title="Dispatch a task"),
    tool(update_task_outcome, title="Report an outcome", idempotent=True),
    tool(get_task_status, title="Look up a task", read_only=True),
    tool(list_dispatched_tasks, title="List tasks", read_only=True),
    tool(recommend_model, title="Recommend a model", read_only=True),
)
