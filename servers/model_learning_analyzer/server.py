"""The `model-learning-analyzer` server: its instructions, tools, prompts and resources."""

import asyncio
from collections.abc import Iterable

from mcp.server.mcpserver import UserMessage

from model_learning_analyzer.tools import TOOLS
from modelmerit.app import App
from modelmerit.errors import UnknownChange
from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.serving.completing import add_completion
from modelmerit.serving.escaping import visible, visible_json
from modelmerit.serving.policy_resources import add_policy_resources
from modelmerit.serving.running import make_server

INSTRUCTIONS = """\
Learns from recorded outcomes which model each kind of coding task should go to, and proposes changes to models.json.
When the human asks how the models are doing, what they cost, or for the weekly review, call suggest_model_rules and
show them its report as it is, figures and doubts included.
Suggestions are for the human to decide. To apply one, call apply_model_suggestion: it asks the human, or answers the
exact change and diff to show them; repeat the change only after their explicit yes. Never say yes for them.
If they say no for good, call reject_model_suggestion; if they are unsure, leave it. Hints cannot be applied.
list_model_changes and rollback_model_change show and take back what was changed.
"""

WEEKLY_REVIEW = """\
Let us do the weekly model review. Call suggest_model_rules and show me the report. Then go through the suggestions
one by one, most confident first: tell me the change, what it should bring, on how much evidence, and what could make
it wrong. Ask me about each; apply it only when I say yes. Finish with the hints worth watching and when to look again.
"""

DECIDE_SUGGESTION = """\
Help me decide on suggestion {id}, which is {status}: {change}
{reason}. {counterfactual}
Tell me in plain words what would change, what it should bring, on how much evidence, what could make it wrong, and what
happens if I wait. Then ask me. Only if I say yes, call apply_model_suggestion; if I say no for good, call
reject_model_suggestion with my reason; if I am unsure, leave it.
"""

server, opened = make_server("model-learning-analyzer", "Model learning analyzer", INSTRUCTIONS, TOOLS)
add_policy_resources(server, opened)


@server.prompt(title="Weekly model review")
def weekly_review() -> list[UserMessage]:
    """Go through what was learned this week, and decide on each suggestion."""
    return [UserMessage(WEEKLY_REVIEW)]


@server.prompt(title="Decide on a suggestion")
async def decide_suggestion(suggestion_id: str) -> list[UserMessage]:
    """Have one suggestion explained, and decide on it."""
    found = await opened().store.suggestion(suggestion_id)
    told = {name: found.payload[name] for name in ("reason", "counterfactual")}
    return [
        UserMessage(visible(DECIDE_SUGGESTION.format(id=found.id, status=found.status, change=found.change, **told)))
    ]


@server.resource("modelmerit://report", name="report", title="Weekly report", mime_type="text/markdown")
async def report() -> str:
    """What was learned: suggestions, hints, patterns and figures, in words."""
    from modelmerit.learning.report_text import report_markdown

    await opened().capturing.catch_up()
    told, _ = await opened().analysing.report()
    return visible(report_markdown(told))


@server.resource(
    "modelmerit://suggestion/{suggestion_id}", name="suggestion", title="A suggestion", mime_type="application/json"
)
async def suggestion(suggestion_id: str) -> str:
    """A suggestion with its evidence in numbers, and what became of it."""
    found = await opened().store.suggestion(suggestion_id)
    decided = {"decided_by": found.decided_by, "decision_reason": found.decision_reason, "change_id": found.change_id}
    return visible_json(found.to_dict() | decided)


@server.resource(
    "modelmerit://change/{change_id}", name="change", title="A change to models.json", mime_type="application/json"
)
async def change(change_id: str) -> str:
    """A change to models.json: who made it, when and why, and what it changed."""
    for entry in await asyncio.to_thread(opened().policy_file.changes):
        if entry.id == change_id:
            return visible_json(entry.to_dict())
    raise UnknownChange(f"No change has the id {change_id!r}. list_model_changes lists the ones there are.")


async def newest_suggestions(app: App) -> list[StoredSuggestion]:
    """Every suggestion, the one that was proposed or decided last first."""
    return sorted(await app.store.suggestions(), key=lambda found: found.updated_at, reverse=True)


async def suggestion_ids(app: App) -> Iterable[str]:
    """The ids of all suggestions."""
    return [found.id for found in await newest_suggestions(app)]


async def undecided_ids(app: App) -> Iterable[str]:
    """The ids of the suggestions that wait for a human."""
    return [found.id for found in await newest_suggestions(app) if found.status == "proposed"]


async def change_ids(app: App) -> Iterable[str]:
    """The ids of all changes."""
    return [entry.id for entry in reversed(await asyncio.to_thread(app.policy_file.changes))]


add_completion(
    server,
    opened,
    {
        "decide_suggestion": {"suggestion_id": undecided_ids},
        "modelmerit://suggestion/{suggestion_id}": {"suggestion_id": suggestion_ids},
        "modelmerit://change/{change_id}": {"change_id": change_ids},
    },
)
