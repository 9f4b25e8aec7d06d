"""The `task-dispatcher` server: its instructions, tools, prompt and resource."""

from modelmerit.serving.running import make_server
from task_dispatcher.tools import TOOLS

INSTRUCTIONS = """\
Chooses the model for each coding task and learns from what comes of it.
Before you hand a task to a sub-agent, call dispatch_task with the task's text and the project's name, and run the
sub-agent with the model it answers (`use_as` is what you call it here).
When the work is done or has failed, call update_task_outcome with the task_id: always, failures too. Say evidence
"tests" if tests decided it, "human" if the human said so. If a provider error, a rate limit or a cancellation
stopped the work, set error_type: that does not count against the model.
If it has to be tried again, dispatch it again: the retry is recognised, and may get a stronger model.
Set `model` only when the human asked for that model.
"""

server, opened = make_server("task-dispatcher", "Task dispatcher", INSTRUCTIONS, TOOLS)


@server.resource("modelmerit://policy", name="policy", title="models.json", mime_type="application/json")
async def policy() -> str:
    """The rules in force: which model each kind of task goes to."""
    return opened().policy_file.current().text
