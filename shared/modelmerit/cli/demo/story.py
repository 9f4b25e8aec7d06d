"""The demo's story: one person's four months, what modelmerit finds in them, their yes, what follows, and the way back.

Both servers run as real processes and are spoken to by a real client over standard input and output, as a coding
agent would. The only thing played is the person, who says yes when asked.
"""

import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult, Implementation, TextContent
from rich.markdown import Markdown
from rich.panel import Panel

from modelmerit import __version__
from modelmerit.app import open_app
from modelmerit.cli.demo.simulation import DAYS, DEFAULTS, EXPLORATION_RATE, SHARES, Simulation, truth
from modelmerit.cli.terminal import console
from modelmerit.errors import ModelmeritError
from modelmerit.services.history import import_log
from modelmerit.settings import Settings

NEXT_TASK = "Add CSV download to the report builder"


async def tell(seed: int) -> None:
    """Tell the story in a temporary home, and remove it at the end."""
    clock = asyncio.get_running_loop()
    started = clock.time()
    with tempfile.TemporaryDirectory(prefix="modelmerit-demo-") as folder:
        home = Path(folder)
        policy = await _live_four_months(home, seed)
        before = policy.read_bytes()
        console.print("\nStarting task-dispatcher and model-learning-analyzer as real processes ...")
        async with (
            Client(_server("task_dispatcher", home), client_info=_client()) as dispatcher,
            Client(
                _server("model_learning_analyzer", home), client_info=_client(), elicitation_callback=_say_yes
            ) as analyzer,
        ):
            await _close_the_loop(dispatcher, analyzer)
            _heading("6. Taking it back")
            rolled_back = await _call(analyzer, "rollback_model_change")
            console.print(rolled_back["message"], highlight=False)
        same = "byte for byte what it was" if policy.read_bytes() == before else "not what it was"
        console.print(f"models.json is {same}.")
    console.print(
        f"\nThe whole loop took {clock.time() - started:.0f} seconds; its temporary home is gone again.\n"
        "The README says how to connect your own coding agent."
    )


async def _live_four_months(home: Path, seed: int) -> Path:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    simulation = Simulation(seed, today)
    policy, history = simulation.write(home)
    _heading("1. Four months of one person's work (simulated)")
    with console.status("Importing the history ..."):
        async with open_app(Settings(home=home, policy_path=policy)) as app:
            imported = await import_log(app.store, history)
    history.unlink()
    console.print(
        f"{imported.added} tasks in {DAYS} days, seed {seed}, exploration rate {EXPLORATION_RATE:.0%}. "
        "Their models.json says:",
        highlight=False,
    )
    for complexity, model in DEFAULTS.items():
        console.print(f"  {complexity:<8} tasks ({SHARES[complexity]:.0%} of them) go to {model}", highlight=False)
    console.print("They wonder whether they need the dear model that often.")
    return policy


async def _close_the_loop(dispatcher: Client, analyzer: Client) -> None:
    _heading("2. The agent asks where a task should go")
    before = await _call(dispatcher, "dispatch_task", **_next_task())
    _show_dispatch(before)

    _heading('3. "How are my models doing?" (suggest_model_rules, as seen in chat)')
    with console.status("Analysing ..."):
        answered = await analyzer.call_tool("suggest_model_rules", {})
    console.print(Panel(Markdown(_text(answered.content)), border_style="dim"))
    suggestions = (answered.structured_content or {})["suggestions"]
    if not suggestions:
        console.print("With this seed the evidence does not suffice yet, and so nothing is suggested. Try another one.")
        return
    best = suggestions[0]

    _heading("4. The agent wants to apply it; the person is asked")
    applied = await _call(analyzer, "apply_model_suggestion", suggestion_id=best["id"])
    console.print(applied["message"], highlight=False)

    _heading("5. The next dispatch follows it")
    _show_dispatch(await _call(dispatcher, "dispatch_task", **_next_task()))
    _show_saving(best)


def _show_saving(suggestion: dict[str, Any]) -> None:
    complexity = suggestion["scope"].get("complexity")
    if complexity is None:
        return
    success_before, cost_before = truth(complexity, suggestion["from_model"])
    success_after, cost_after = truth(complexity, suggestion["to_model"])
    console.print(
        f"As this world is simulated, the truth is known: {complexity} tasks now succeed {success_after:.0%} of the "
        f"time instead of {success_before:.0%}, and a success costs ${cost_after:.2f} instead of ${cost_before:.2f}.",
        highlight=False,
    )


def _show_dispatch(answer: dict[str, Any]) -> None:
    console.print(f'dispatch_task("{NEXT_TASK}", complexity="medium")', highlight=False, markup=False)
    console.print(f"  -> {answer['model']}   ({answer['reason']})", highlight=False)


def _next_task() -> dict[str, Any]:
    return {"task": NEXT_TASK, "workspace": "webshop", "complexity": "medium", "explore": False}


async def _say_yes(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    console.print(Panel(params.message, title="Approve this change?", border_style="yellow"), highlight=False)
    console.print("The person says yes.")
    return ElicitResult(action="accept", content={"approve": True})


async def _call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    if result.is_error or result.structured_content is None:
        raise ModelmeritError(f"{tool} failed: {_text(result.content)}")
    return dict(result.structured_content)


def _text(content: list[Any]) -> str:
    return "\n".join(block.text for block in content if isinstance(block, TextContent))


def _server(module: str, home: Path) -> StdioServerParameters:
    environment = {**os.environ, "MODELMERIT_HOME": str(home)}
    environment.pop("MODELMERIT_POLICY", None)
    return StdioServerParameters(command=sys.executable, args=["-m", module], env=environment)


def _client() -> Implementation:
    return Implementation(name="modelmerit-demo", version=__version__)


def _heading(text: str) -> None:
    console.print()
    console.rule(text, align="left")
