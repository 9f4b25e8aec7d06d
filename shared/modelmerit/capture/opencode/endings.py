"""How a run ended, and whose fault it was where it did not end well."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelmerit.capture.opencode.events import ABORTED
from modelmerit.capture.opencode.threads import Message, ToolUse
from modelmerit.capture.runs import RunState
from modelmerit.records import ErrorType

LONGEST_ERROR = 500

_UNFINISHED = frozenset({"tool-calls", "unknown"})
"""How an answer ends that the client lets another one follow."""
_THE_MODELS = frozenset({"ContentFilterError", "MessageOutputLengthError", "StructuredOutputError"})
_THE_PROVIDERS = frozenset({"APIError", "ProviderAuthError"})
_BY_STATUS: dict[int, ErrorType] = {408: "timeout", 429: "rate_limit", 504: "timeout"}
_NETWORK = ("connect", "econn", "network", "fetch failed", "socket")


@dataclass(frozen=True, slots=True)
class Ending:
    """The state that a run is in and, where it failed or was stopped, why."""

    state: RunState
    error_type: ErrorType | None = None
    error: str | None = None


def ending_of(messages: Sequence[Message], call: ToolUse | None) -> Ending:
    """How the run that these messages make up stands; `call` is the use of the tool that called it, if one did."""
    last = next((message for message in reversed(messages) if message.role == "assistant"), None)
    if last is not None and last.error is not None:
        return _stopped(_type_of(last), last.error_text)
    if call is not None and call.status == "error":
        stopped = call.interrupted or (call.error or "").startswith("Task cancelled")
        return _stopped("cancelled" if stopped else "harness", call.error)
    if call is not None and call.status == "completed" and not call.background:
        return Ending("finished")
    if last is not None and last.completed and last.finish is not None and last.finish not in _UNFINISHED:
        return Ending("finished")
    return Ending("running")


def _stopped(error_type: ErrorType, text: str | None) -> Ending:
    state: RunState = "cancelled" if error_type == "cancelled" else "failed"
    return Ending(state, error_type, text[:LONGEST_ERROR] if text else None)


def _type_of(message: Message) -> ErrorType:
    if message.error == ABORTED:
        return "cancelled"
    if message.error_status in _BY_STATUS:
        return _BY_STATUS[message.error_status]
    if message.error in _THE_MODELS:
        return "model"
    said = (message.error_text or "").lower()
    if message.error in _THE_PROVIDERS or any(word in said for word in _NETWORK):
        return "rate_limit" if "rate limit" in said else "provider"
    return "harness"
