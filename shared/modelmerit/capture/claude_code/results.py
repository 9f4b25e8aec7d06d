"""How a tool's use ended, in the client's account of it: a mapping, or a plain string where it failed."""

import re
from collections.abc import Container
from dataclasses import dataclass

from modelmerit.capture.claude_code.lines import Record, mapping_of, text_of, texts_of
from modelmerit.capture.claude_code.prompts import INTERRUPTED

CALLS = frozenset({"Agent", "Task"})
COMMANDS = frozenset({"Bash", "PowerShell"})
EDITS = frozenset({"Edit", "MultiEdit", "NotebookEdit", "Write"})

_TAIL = 4_000
_LONGEST_ERROR = 500
_REFUSED = ("The user doesn't want to", "User rejected tool use", "Error: User rejected tool use")
_INSTEAD = "the user said:"
_USE_ID = re.compile(rb'"tool_use_id"\s*:\s*"([^"\\]*)"')


@dataclass(frozen=True, slots=True)
class Result:
    """An ending. `status` is the client's word, such as completed, async_launched or killed."""

    agent_id: str | None = None
    status: str | None = None
    call_id: str | None = None
    role: str | None = None
    model: str | None = None
    failed: bool = False
    refused: bool = False
    """The human did not let it begin; `words` is what they said instead."""
    words: str | None = None
    interrupted: bool = False
    error: str | None = None
    stopped_by_caller: bool = False
    """The agent that called it stopped it, not the human."""


def wanted_results(raw: bytes, tools: Container[str]) -> bool:
    """Whether a line has the result of one of the tools."""
    return any(found.decode(errors="replace") in tools for found in _USE_ID.findall(raw))


def result_of(record: Record, block: Record) -> Result:
    """The ending that a result tells of."""
    told, failed = record.get("toolUseResult"), block.get("is_error") is True
    account = mapping_of(told)
    text = told if isinstance(told, str) else ""
    said = text_of("\n".join(texts_of(block.get("content")))) or ""
    refused = failed and (text.startswith(_REFUSED) or said.startswith(_REFUSED))
    return Result(
        agent_id=text_of(account.get("agentId")),
        status=text_of(account.get("status")),
        role=text_of(account.get("agentType")),
        model=text_of(account.get("resolvedModel")),
        failed=failed or isinstance(told, str),
        refused=refused,
        words=text_of(said.partition(_INSTEAD)[2].strip()) if refused else None,
        interrupted=INTERRUPTED in text or said.startswith(INTERRUPTED) or account.get("wasInterrupted") is True,
        error=(text_of(text) or said)[:_LONGEST_ERROR] if failed or text else None,
    )


def command_of(record: Record, block: Record) -> tuple[str, bool | None]:
    """The tail of a command's output, and whether it failed; None where it went on in the background or was stopped."""
    account = mapping_of(record.get("toolUseResult"))
    printed = [text for name in ("stdout", "stderr") if (text := text_of(account.get(name)))]
    output = "\n".join(printed or texts_of(block.get("content")))[-_TAIL:]
    if block.get("is_error") is True:
        return output, True
    open_ended = account.get("interrupted") is True or account.get("backgroundTaskId") is not None
    return output, None if open_ended else False
