"""models.json as both servers show it: the file's own text, and beside it what is wrong with it."""

from collections.abc import Callable

from modelmerit.app import App
from modelmerit.serving.escaping import visible
from modelmerit.serving.server import Server


def add_policy_resources(server: Server, opened: Callable[[], App]) -> None:
    """Let the policy and its problems be read."""

    @server.resource("modelmerit://policy", name="policy", title="models.json", mime_type="application/json")
    async def policy() -> str:
        """The rules in force: which model each kind of task goes to."""
        return opened().policy_file.current().text

    @server.resource(
        "modelmerit://policy/problems", name="policy-problems", title="Problems of models.json", mime_type="text/plain"
    )
    async def problems() -> str:
        """What is wrong with models.json, a line each: rules that cannot be read, a file that could not be used."""
        warnings = opened().policy_file.current().warnings
        return "\n".join(visible(warning) for warning in warnings) or "None: every rule is in force."
