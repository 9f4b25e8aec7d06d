"""What went wrong, in the client's own words, and whose fault it was."""

from dataclasses import dataclass

from modelmerit.capture.claude_code.lines import Record, mapping_of, text_of, texts_of
from modelmerit.records import ErrorType

_LONGEST = 500

_KINDS: tuple[tuple[ErrorType, tuple[str, ...]], ...] = (
    ("rate_limit", ("rate_limit", "rate limit", "429", "hit your limit", "usage limit", "limit reached")),
    ("timeout", ("timeout", "timed out")),
    ("harness", ("prompt is too long", "input is too long", "invalid_request")),
)
"""Words of the API's and the client's errors; the first kind that has one of them is meant."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that ended something."""

    error_type: ErrorType
    text: str


def fault_of_answer(record: Record) -> Fault:
    """The error in whose place the client wrote an answer: the provider's, unless it says otherwise."""
    text = "\n".join(texts_of(mapping_of(record.get("message")).get("content")))
    code = text_of(record.get("error")) or ""
    return _fault(code + " " + text, text or code, "provider")


def fault_of_call(text: str) -> Fault:
    """The error with which a call of an agent ended: the client's, unless it tells of the API."""
    return _fault(text, text, "provider" if "api error" in text.lower() else "harness")


def _fault(said: str, text: str, otherwise: ErrorType) -> Fault:
    lowered = said.lower()
    for kind, words in _KINDS:
        if any(word in lowered for word in words):
            return Fault(kind, text[:_LONGEST])
    return Fault(otherwise, text[:_LONGEST])
