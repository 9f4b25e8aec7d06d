"""Completing what a person types: ids for prompts and for the addresses of resources, the newest first."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import islice

from mcp import MCPError
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from modelmerit.app import App
from modelmerit.errors import ModelmeritError
from modelmerit.serving.arguments import shown
from modelmerit.serving.escaping import visible
from modelmerit.serving.server import Server

LOOKED_AT = 200
"""How many of the newest are looked through: a keystroke must not cost a walk through the whole store."""
OFFERED = 100
"""The most the protocol allows."""

Source = Callable[[App], Awaitable[Iterable[str]]]
"""Every value there is, the newest first; what is beyond `LOOKED_AT` is not asked for."""


def add_completion(server: Server, opened: Callable[[], App], sources: Mapping[str, Mapping[str, Source]]) -> None:
    """Complete arguments: `sources` are those of each prompt, by its name, and of each template, by its address."""

    async def complete(
        reference: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        _: CompletionContext | None,
    ) -> Completion:
        name = reference.name if isinstance(reference, PromptReference) else reference.uri
        if name not in sources:
            raise MCPError(
                code=INVALID_PARAMS,
                message=visible(f"There is no prompt or resource template {shown(name)} with arguments to complete."),
            )
        source = sources[name].get(argument.name)
        if source is None:
            return Completion(values=[], total=0, has_more=False)
        try:
            return offered(await source(opened()), argument.value)
        except ModelmeritError as error:
            raise MCPError(code=INTERNAL_ERROR, message=visible(str(error))) from error

    server.completion()(complete)  # type: ignore[no-untyped-call]


def offered(values: Iterable[str], typed: str) -> Completion:
    """The values that begin with what was typed, in their order, each once; a total only where all were looked at."""
    looked_at = list(islice(values, LOOKED_AT))
    begun = typed.casefold()
    matching = list(dict.fromkeys(value for value in looked_at if value.casefold().startswith(begun)))
    all_seen = len(looked_at) < LOOKED_AT
    return Completion(
        values=matching[:OFFERED],
        total=len(matching) if all_seen else None,
        has_more=len(matching) > OFFERED or not all_seen,
    )
