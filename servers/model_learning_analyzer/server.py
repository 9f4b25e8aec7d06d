"""The `model-learning-analyzer` server: its instructions, tools, prompt and resources."""

from mcp.server.mcpserver import UserMessage

from model_learning_analyzer.tools import TOOLS
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

server, opened = make_server("model-learning-analyzer", "Model learning analyzer", INSTRUCTIONS, TOOLS)


@server.prompt(title="Weekly model review")
def weekly_review() -> list[UserMessage]:
    """Go through what was learned this week, and decide on each suggestion."""
    return [UserMessage(WEEKLY_REVIEW)]


@server.resource("modelmerit://report", name="report", title="Weekly report", mime_type="text/markdown")
async def report() -> str:
    """What was learned: suggestions, hints, patterns and figures, in words."""
    from modelmerit.learning.report_text import report_markdown

    return report_markdown((await opened().analysing.report())[0])


@server.resource("modelmerit://policy", name="policy", title="models.json", mime_type="application/json")
async def policy() -> str:
    """The rules in force: which model each kind of task goes to."""
    return opened().policy_file.current().text
