"""The `task-dispatcher` server: its instructions, tools, prompt and resources."""

from collections.abc import Iterable

from mcp.server.mcpserver import UserMessage

from modelmerit.app import App
from modelmerit.evidence.dispatch_log import record_from_attempt
from modelmerit.records import Attempt
from modelmerit.serving.completing import LOOKED_AT, add_completion
from modelmerit.serving.escaping import quoted, visible, visible_json
from modelmerit.serving.policy_resources import add_policy_resources
from modelmerit.serving.running import make_server
from task_dispatcher.tools import TOOLS

INSTRUCTIONS = """\
Chooses the model for each coding task and learns from what comes of it.
Before you hand a task to a sub-agent, call dispatch_task with the task's text, the project's name and how complex you
judge it (without a complexity nothing is learned of it), and run the sub-agent with the model it answers (`use_as` is
what you call it here).
When the work is done or has failed, call update_task_outcome with the task_id: always, failures too. Say evidence
"tests" if tests decided it, "human" if the human said so. If a provider error, a rate limit or a cancellation
stopped the work, set error_type: that does not count against the model.
If it has to be tried again, dispatch it again: the retry is recognised, and may get a stronger model.
Set `model` only when the human asked for that model.
"""

MISSING_OUTCOMES = """\
Some dispatched tasks{where} may still be without an outcome, and what nobody reports teaches nothing. List those that
are pending and those that are running with list_dispatched_tasks. For each that you know the end of, from this
conversation or the repository, call update_task_outcome and say how you know. Ask me about the others, a few at a time;
what I tell you is evidence "human". Leave alone what is still being worked on.
"""

server, opened = make_server("task-dispatcher", "Task dispatcher", INSTRUCTIONS, TOOLS, draining=True)
add_policy_resources(server, opened)


@server.prompt(title="Report missing outcomes")
def missing_outcomes(workspace: str = "") -> list[UserMessage]:
    """Go through the dispatched tasks of a workspace, or of all, that nobody has reported an outcome of."""
    where = f" in the workspace {visible(quoted(workspace))}" if workspace else ""
    return [UserMessage(MISSING_OUTCOMES.format(where=where))]


@server.resource("modelmerit://task/{task_id}", name="task", title="A dispatched task", mime_type="application/json")
async def task(task_id: str) -> str:
    """Everything recorded of one dispatched task."""
    return visible_json(record_from_attempt(await opened().dispatching.status(task_id)))


async def newest_attempts(app: App) -> list[Attempt]:
    """As many of the newest attempts as are looked at for a completion."""
    return await app.dispatching.recent(workspace=None, status=None, limit=LOOKED_AT)


async def task_ids(app: App) -> Iterable[str]:
    """The ids of the newest tasks."""
    return [attempt.id for attempt in await newest_attempts(app)]


async def workspaces(app: App) -> Iterable[str]:
    """The workspaces of the newest tasks."""
    return [attempt.workspace or "" for attempt in await newest_attempts(app)]


add_completion(
    server,
    opened,
    {"missing_outcomes": {"workspace": workspaces}, "modelmerit://task/{task_id}": {"task_id": task_ids}},
)
