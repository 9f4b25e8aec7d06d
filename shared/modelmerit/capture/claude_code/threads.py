"""One transcript read through: what its thread called, saw, was told and used, in the order of the file."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from modelmerit.capture.claude_code.faults import Fault, fault_of_answer
from modelmerit.capture.claude_code.lines import (
    Record,
    Transcript,
    mapping_of,
    objects_of,
    text_of,
    time_of,
)
from modelmerit.capture.claude_code.prompts import (
    is_interruption,
    notices,
    prompt_text,
    queued_text,
)
from modelmerit.capture.claude_code.results import (
    CALLS,
    COMMANDS,
    EDITS,
    Result,
    command_of,
    result_of,
    wanted_results,
)
from modelmerit.capture.claude_code.usage import SYNTHETIC, Requests
from modelmerit.capture.runs import AgentCalled, CommandRan, Event, FileEdited, HumanSpoke, Interrupted

_NEWS = (b"queued_command", b"<task-notification>")


@dataclass(slots=True)
class Stretch:
    """What one prompt led to. `begins` is the number of the thread's events before it, `ends` with it."""

    prompt_id: str | None
    text: str | None
    session_id: str | None
    copied: bool
    begins: int
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ends: int = 0
    requests: Requests = field(default_factory=Requests)
    tool_calls: int = 0
    last: Literal["asked", "working", "said", "interrupted"] = "asked"
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an agent; `copied` where the client says that the line is a copy of another session's."""

    call_id: str
    at: datetime
    session_id: str | None
    copied: bool
    cwd: str | None
    task: str | None
    description: str | None
    role: str | None
    asked_model: str | None


@dataclass(frozen=True, slots=True)
class News:
    """How a call ended, or what was heard of its agent; `position` is the number of the thread's events before it."""

    at: datetime
    position: int
    result: Result


@dataclass(slots=True)
class Thread:
    """A main thread, with a stretch for each of the human's prompts, or an agent's, which is one stretch."""

    stretches: list[Stretch]
    events: list[Event] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)
    results: dict[str, News] = field(default_factory=dict)
    """By the call's id."""
    notices: dict[str, News] = field(default_factory=dict)
    """The latest by the agent's id."""
    session_id: str | None = None
    """The one named last."""
    cwd: str | None = None
    broken_lines: int = 0


def read_thread(path: Path, *, main: bool) -> Thread:
    """Read a transcript, that of a main thread or an agent's."""
    reader = _Reader(main)
    transcript = Transcript(path, reader.wants)
    for record in transcript:
        reader.read(record)
    thread = reader.thread
    thread.broken_lines = transcript.broken_lines
    for stretch in thread.stretches:
        stretch.ends = stretch.ends or len(thread.events)
    return thread


class _Reader:
    def __init__(self, main: bool) -> None:
        self._main = main
        self._tools: dict[str, tuple[str, str]] = {}
        """The calls of tools whose results matter: the tool's name, and the command of a shell's."""
        self._used_ids: set[str] = set()
        self.thread = Thread([Stretch(None, None, None, False, 0)])

    def wants(self, raw: bytes) -> bool:
        """Whether a line may matter, by its bytes: results of tools are most of a transcript, and few of them do."""
        if b'"tool_use_id"' in raw:
            return b'"assistant"' in raw or wanted_results(raw, self._tools)
        return b'"assistant"' in raw or b'"user"' in raw or any(news in raw for news in _NEWS)

    def read(self, record: Record) -> None:
        at = time_of(record.get("timestamp"))
        if at is None or (self._main and record.get("isSidechain") is True):
            return
        thread = self.thread
        thread.session_id = text_of(record.get("sessionId")) or thread.session_id
        thread.cwd = thread.cwd or text_of(record.get("cwd"))
        kind = record.get("type")
        if kind == "assistant":
            self._answered(record, at)
        elif kind == "user":
            self._told(record, at)
        elif kind in ("queue-operation", "attachment"):
            self._noticed(record, at)
            text = queued_text(record) if self._main else None
            if text is not None:
                thread.events.append(HumanSpoke(at, text))

    def _answered(self, record: Record, at: datetime) -> None:
        stretch, message = self._stretch(at), mapping_of(record.get("message"))
        if record.get("isApiErrorMessage") is True or message.get("model") == SYNTHETIC:
            stretch.fault = fault_of_answer(record)
            return
        stretch.requests.read(record)
        stretch.fault = None
        stretch.last = "working" if message.get("stop_reason") == "tool_use" else "said"
        for block in objects_of(message.get("content")):
            if block.get("type") == "tool_use":
                stretch.last = "working"
                self._used(record, block, at)

    def _used(self, record: Record, block: Record, at: datetime) -> None:
        name, call_id = text_of(block.get("name")), text_of(block.get("id"))
        given = mapping_of(block.get("input"))
        if name is None or call_id is None or call_id in self._used_ids:
            return
        self._used_ids.add(call_id)
        self._stretch(at).tool_calls += 1
        if name in CALLS:
            self._called(record, given, call_id, at)
        elif name not in EDITS and name not in COMMANDS:
            return
        self._tools[call_id] = name, text_of(given.get("command")) or ""

    def _called(self, record: Record, given: Record, call_id: str, at: datetime) -> None:
        call = Call(
            call_id=call_id,
            at=at,
            session_id=text_of(record.get("sessionId")),
            copied="forkedFrom" in record,
            cwd=text_of(record.get("cwd")),
            task=text_of(given.get("prompt")),
            description=text_of(given.get("description")),
            role=text_of(given.get("subagent_type")),
            asked_model=text_of(given.get("model")),
        )
        self.thread.calls[call_id] = call
        self.thread.events.append(AgentCalled(at, call.task or call.description or ""))

    def _told(self, record: Record, at: datetime) -> None:
        content = mapping_of(record.get("message")).get("content")
        results = [block for block in objects_of(content) if block.get("type") == "tool_result"]
        for block in results:
            self._ended(record, block, at)
        self._noticed(record, at)
        if is_interruption(record) and not results:
            stretch = self._stretch(at)
            if stretch.last != "interrupted":
                self.thread.events.append(Interrupted(at))
            stretch.last = "interrupted"
        elif (text := prompt_text(record)) is not None:
            if self._main:
                self._prompted(record, text, at)
            else:
                self._asked(text, at)

    def _ended(self, record: Record, block: Record, at: datetime) -> None:
        self._stretch(at).last = "asked"
        call_id = text_of(block.get("tool_use_id"))
        name, command = self._tools.get(call_id or "", ("", ""))
        result = result_of(record, block)
        if self._main and result.words is not None:
            self.thread.events.append(HumanSpoke(at, result.words))
        if call_id is not None and name in CALLS:
            self.thread.results[call_id] = News(at, len(self.thread.events), result)
        elif name in COMMANDS and not result.refused:
            output, failed = command_of(record, block)
            self.thread.events.append(CommandRan(at, command, output, failed))
        elif name in EDITS and not result.failed:
            self.thread.events.append(FileEdited(at))

    def _noticed(self, record: Record, at: datetime) -> None:
        for notice in notices(record):
            result = Result(
                agent_id=notice.agent_id,
                status=notice.status,
                call_id=notice.call_id,
                stopped_by_caller=notice.stopped_by_caller,
            )
            self.thread.notices[notice.agent_id] = News(at, len(self.thread.events), result)

    def _prompted(self, record: Record, text: str, at: datetime) -> None:
        """The human spoke in the main thread: what follows is another turn."""
        thread = self.thread
        thread.stretches[-1].ends = len(thread.events)
        thread.events.append(HumanSpoke(at, text))
        session_id, copied = text_of(record.get("sessionId")), "forkedFrom" in record
        begun = Stretch(text_of(record.get("uuid")), text, session_id, copied, len(thread.events), at, at)
        thread.stretches.append(begun)

    def _asked(self, text: str, at: datetime) -> None:
        """An agent is given its task, or woken with another message."""
        stretch = self._stretch(at)
        stretch.text = stretch.text or text
        stretch.last, stretch.fault = "asked", None

    def _stretch(self, at: datetime) -> Stretch:
        stretch = self.thread.stretches[-1]
        stretch.started_at = stretch.started_at or at
        stretch.ended_at = max(at, stretch.ended_at or at)
        return stretch
