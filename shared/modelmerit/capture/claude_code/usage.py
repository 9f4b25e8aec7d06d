"""The requests a transcript tells of, each counted once.

A response of the API is written as a line for each of its blocks, early ones with placeholders for the tokens;
resuming and forking copy lines into other files, and a side question copies the caller's responses under request ids of
its own. So lines are joined by the message's and the request's id, and within a session by the message's alone if one
of the two belongs to a side chain; a request is in each session that has a copy of it. Of such lines the main thread's
counts before a side chain's, then the one with more tokens, then the dearer one, then the first. These are the rules of
ccusage 20.0.24, found by experiment.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from modelmerit.capture.claude_code.lines import Record, mapping_of, objects_of, text_of, time_of
from modelmerit.capture.runs import ModelUsage, Tokens
from modelmerit.records import LARGEST_FIGURE

SYNTHETIC = "<synthetic>"
"""The model of lines that the client made up."""

_SPEEDS = (None, "standard", "fast")


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API. `model` is None where no model answered."""

    at: datetime
    message_id: str | None
    request_id: str | None
    session_id: str | None
    sidechain: bool
    model: str | None
    fast: bool
    tokens: Tokens


@dataclass(slots=True)
class _Kept:
    """A request that counts, and the sessions that it or a copy of it was seen in."""

    request: Request
    sessions: tuple[str | None, ...]

    def is_copied_by(self, other: Request) -> bool:
        """Whether a request is the same one under another id: repeated by, or in, a side chain."""
        return other.session_id in self.sessions and (self.request.sidechain or other.sidechain)


class Requests:
    """Requests without their copies."""

    def __init__(self) -> None:
        self._with_id: dict[str, list[_Kept]] = {}
        self._without_id: list[Request] = []
        self._last: object = None

    def read(self, record: Record, session_id: str | None = None) -> None:
        """Count what a record tells of; `session_id` is for records that name none."""
        message = mapping_of(record.get("message"))
        names = [record.get(name) for name in ("requestId", "sessionId", "isSidechain")]
        told = [message.get("id"), message.get("usage"), message.get("model"), names, session_id]
        if told[0] is None or told != self._last:  # most lines repeat the one before
            for request in requests_of(record, session_id):
                self.add(request)
                self._last = told

    def add(self, request: Request) -> None:
        """Count a request, unless a copy of it counts already."""
        if request.message_id is None:
            self._without_id.append(request)
            return
        kept = self._with_id.setdefault(request.message_id, [])
        same = next((one for one in kept if one.request.request_id == request.request_id), None)
        copied = same or next((one for one in kept if one.is_copied_by(request)), None)
        if copied is None:
            kept.append(_Kept(request, (request.session_id,)))
            return
        if request.session_id not in copied.sessions:
            copied.sessions += (request.session_id,)
        if _outranks(request, copied.request):
            copied.request = request

    def __iter__(self) -> Iterator[Request]:
        yield from self._without_id
        for kept in self._with_id.values():
            yield from (one.request for one in kept)

    def __contains__(self, message_id: str | None) -> bool:
        return message_id in self._with_id


def _outranks(request: Request, other: Request) -> bool:
    if request.tokens == other.tokens and request.sidechain == other.sidechain:  # nearly always
        return request.fast and not other.fast
    return _rank(request) > _rank(other)


def _rank(request: Request) -> tuple[bool, int, bool, int]:
    return not request.sidechain, request.tokens.total, request.fast, request.tokens.cache_write_1h


def requests_of(record: Record, session_id: str | None = None) -> Iterator[Request]:
    """The request that a record tells of, if its tokens are whole, and those to advisors within it.

    `session_id` is for records that name none.
    """
    message, at = mapping_of(record.get("message")), time_of(record.get("timestamp"))
    used = mapping_of(message.get("usage"))
    tokens = _tokens(used)
    if tokens is None or at is None or used.get("speed") not in _SPEEDS:
        return
    model = text_of(message.get("model"))
    request = Request(
        at=at,
        message_id=text_of(message.get("id")),
        request_id=text_of(record.get("requestId")),
        session_id=text_of(record.get("sessionId")) or session_id,
        sidechain=record.get("isSidechain") is True,
        model=None if model == SYNTHETIC else model,
        fast=used.get("speed") == "fast",
        tokens=tokens,
    )
    yield request
    for number, (advisor, its_tokens) in enumerate(_advisors(used)):
        its_id = request.message_id and f"{request.message_id} advisor {number}"
        yield replace(request, message_id=its_id, model=advisor, fast=False, tokens=its_tokens)


def usage_by_model(requests: list[Request]) -> tuple[ModelUsage, ...]:
    """What each model did, the one with most output first, and of each what it did fast apart from the rest."""
    sums: dict[tuple[str, bool], ModelUsage] = {}
    output: Counter[str] = Counter()
    for request in requests:
        if request.model is not None:
            output[request.model] += request.tokens.output
            none = ModelUsage(request.model, Tokens(), requests=0, fast=request.fast)
            before = sums.get((request.model, request.fast), none)
            tokens = before.tokens + request.tokens
            sums[request.model, request.fast] = replace(before, tokens=tokens, requests=before.requests + 1)
    return tuple(sorted(sums.values(), key=lambda one: (-output[one.model], -one.tokens.output)))


def _tokens(used: Record) -> Tokens | None:
    read, flat = used.get("cache_read_input_tokens", 0), used.get("cache_creation_input_tokens", 0)
    nested = used.get("cache_creation")
    five_minutes, hour = flat, 0
    if isinstance(nested, dict):
        five_minutes, hour = nested.get("ephemeral_5m_input_tokens", 0), nested.get("ephemeral_1h_input_tokens", 0)
    counts = (used.get("input_tokens"), used.get("output_tokens"), read, flat, five_minutes, hour)
    if not all(type(count) is int and 0 <= count <= LARGEST_FIGURE for count in counts):
        return None
    return Tokens(counts[0], counts[1], 0, read, five_minutes, hour)  # type: ignore[arg-type]


def _advisors(used: Record) -> list[tuple[str, Tokens]]:
    asked = [one for one in objects_of(used.get("iterations")) if one.get("type") == "advisor_message"]
    told = ((text_of(one.get("model")), _tokens(one)) for one in asked)
    return [(model, tokens) for model, tokens in told if model is not None and tokens is not None]
