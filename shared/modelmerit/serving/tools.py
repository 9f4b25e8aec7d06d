"""Tools with strict arguments, small schemas, and errors that an agent can act on.

The SDK ignores arguments it does not know, reads JSON out of texts, publishes a title for every field, and hides the
text of every exception but its own `ToolError`. Here unknown arguments are refused, a text is a text, schemas say only
what a caller needs, and a `ModelmeritError` keeps its words.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, get_args, get_type_hints

from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict

from modelmerit.errors import ModelmeritError
from modelmerit.serving.escaping import visible, visible_values

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class _Metadata(FuncMetadata):
    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        """The arguments as they are: no tool takes lists or objects, and a note may well be a piece of JSON."""
        return data


def tool(
    function: Callable[..., Awaitable[CallToolResult]],
    *,
    title: str,
    read_only: bool = False,
    destructive: bool = False,
    idempotent: bool = False,
) -> Tool:
    """The function as a tool; its docstring is what agents read of it, its return annotation the output schema."""
    made = Tool.from_function(
        readable_errors(function),
        title=title,
        annotations=ToolAnnotations(
            read_only_hint=read_only,
            destructive_hint=destructive,
            idempotent_hint=idempotent or read_only,
            open_world_hint=False,
        ),
        structured_output=False,
    )
    base = made.fn_metadata.arg_model
    config = ConfigDict(extra="forbid", allow_inf_nan=False)
    strict: type[ArgModelBase] = type(base.__name__, (base,), {"model_config": config, "__module__": __name__})
    _, output_model = get_args(get_type_hints(function, include_extras=True)["return"])
    made.fn_metadata = _Metadata(arg_model=strict, output_model=output_model)
    made.fn_metadata.output_schema = compact(made.fn_metadata.output_schema)
    made.parameters = compact(strict.model_json_schema())
    return made


def readable_errors(
    function: Callable[Parameters, Awaitable[Result]],
) -> Callable[Parameters, Awaitable[Result]]:
    """The function, with every anticipated failure as a `ToolError` that keeps its words."""

    @functools.wraps(function)
    async def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return await function(*args, **kwargs)
        except ModelmeritError as error:
            raise ToolError(str(error)) from error

    return wrapper


def answer(text: str, content: BaseModel) -> CallToolResult:
    """A result whose text suffices alone, with the same facts as structured content; what is None is left out.

    What came out of the store is data: nothing invisible in it reaches a model.
    """
    return CallToolResult(
        content=[TextContent(type="text", text=visible(text))],
        structured_content=visible_values(content.model_dump(mode="json", exclude_none=True)),
    )


def compact(schema: Any) -> Any:
    """The JSON schema without titles, and with "X or null, default null" said as "X, may be left out"."""
    if isinstance(schema, list):
        return [compact(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: value for key, value in schema.items() if key != "title"}
    if plain.get("default", ...) is None:
        del plain["default"]
        options = [option for option in plain.get("anyOf", []) if option != {"type": "null"}]
        if len(options) == 1:
            del plain["anyOf"]
            plain = options[0] | plain
    result = {}
    for key, value in plain.items():
        if key in ("properties", "$defs"):
            result[key] = {name: compact(part) for name, part in value.items()}
        elif key in ("enum", "required", "const", "default"):
            result[key] = value
        else:
            result[key] = compact(value)
    return result
