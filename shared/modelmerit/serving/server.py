"""The SDK's server, with what it leaves unanswered answered, and its errors in words that say what to do."""

from collections.abc import Iterable
from typing import Any

from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import (
    ResourceError,
    ResourceNotFoundError,
    ToolError,
    UnexpectedResourceError,
    UnexpectedToolError,
)
from mcp.types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from pydantic import ValidationError

from modelmerit.app import App
from modelmerit.errors import ModelmeritError, UnknownChange, UnknownSuggestion, UnknownTask
from modelmerit.serving.arguments import faults, listed, shown, told, unknown_or_of_the_wrong_kind
from modelmerit.serving.escaping import visible
from modelmerit.serving.stdio import serve_stdio

LONGEST_NAME = 1_000
"""Characters of what a prompt or a resource is asked for by; nothing has a longer one."""


class Server(MCPServer[App]):
    """A server over one opened `App`."""

    async def run_stdio_async(self) -> None:
        """Serve on standard input and output until the input closes."""
        await serve_stdio(self._lowlevel_server)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[App, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: If there is no such tool, its arguments are wrong, or it fails as anticipated.
        """
        tool = self._tool_manager.get_tool(name)
        if tool is None:
            names = [tool.name for tool in self._tool_manager.list_tools()]
            raise ToolError(f"There is no tool {visible(shown(name))}; expected {listed(names, 'or')}.")
        wrong = unknown_or_of_the_wrong_kind(arguments, tool.parameters)
        if wrong:
            raise ToolError(visible(told(wrong)))
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            # Around the reason, which is all that matters to the caller, are words of the SDK's own.
            reason = error.__cause__
            text = told(faults(reason, tool.parameters)) if isinstance(reason, ValidationError) else str(reason)
            raise ToolError(visible(text)) from reason

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[App, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Get a prompt.

        Raises:
            MCPError: If there is no such prompt, or its arguments are not the ones it takes.
        """
        prompt = self._prompt_manager.get_prompt(name)
        if prompt is None:
            names = [prompt.name for prompt in self._prompt_manager.list_prompts()]
            raise _invalid(f"There is no prompt {shown(name)}; expected {listed(names, 'or')}.")
        given = arguments or {}
        required = {argument.name: argument.required for argument in prompt.arguments or []}
        wrong = [f"there is no {shown(argument)}" for argument in given if argument not in required]
        wrong += [f"{argument} is missing" for argument in required if required[argument] and argument not in given]
        wrong += [f"{argument} is {shown(value)}" for argument, value in given.items() if len(value) > LONGEST_NAME]
        if wrong:
            raise _invalid(f"{name} takes {listed(list(required), 'and') or 'no arguments'}; {wrong[0]}.")
        try:
            return await super().get_prompt(name, arguments, context)
        except ValueError as error:
            # The SDK wraps what a prompt raises, twice.
            reason = error.__cause__.__cause__ if error.__cause__ else None
            if isinstance(reason, ModelmeritError):
                raise _invalid(str(reason)) from reason
            raise

    async def read_resource(
        self, uri: Any, context: Context[App, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource.

        Raises:
            ResourceNotFoundError: If there is no such resource, or nothing has the id in its address.
            ResourceError: If reading it fails as anticipated.
        """
        try:
            if len(str(uri)) > LONGEST_NAME:
                raise ResourceNotFoundError
            return await super().read_resource(uri, context)
        except UnexpectedResourceError as error:
            reason = error.__cause__
            if isinstance(reason, UnknownTask | UnknownSuggestion | UnknownChange):
                raise ResourceNotFoundError(visible(str(reason))) from reason
            if isinstance(reason, ModelmeritError):
                raise ResourceError(visible(str(reason))) from reason
            raise
        except ResourceNotFoundError as error:
            raise ResourceNotFoundError(
                f"There is no resource {visible(shown(str(uri)))}. resources/list and resources/templates/list tell "
                "which there are."
            ) from error


def _invalid(message: str) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=visible(message))
