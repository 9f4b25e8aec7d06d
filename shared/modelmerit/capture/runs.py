"""What is read out of a client's own records: a run of an agent, its tokens, and what was seen during and after it.

Texts here are as the client keeps them, secrets included: they live in memory only, and are redacted before anything is
stored.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, Self

from modelmerit.records import ErrorType

RunKind = Literal["sub-agent", "turn"]
RunState = Literal["running", "finished", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Counts of tokens by kind; none is part of another, so that `total` is their sum."""

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, kind.name) for kind in fields(self))

    def __add__(self, other: Self) -> "Tokens":
        """Kind by kind."""
        return Tokens(*(getattr(self, kind.name) + getattr(other, kind.name) for kind in fields(self)))


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What one model did in a run, `fast` or at its usual speed.

    `cost_usd` is the client's own figure, None where it has none.
    """

    model: str
    tokens: Tokens
    requests: int = 1
    provider: str | None = None
    cost_usd: float | None = None
    fast: bool = False


@dataclass(frozen=True, slots=True)
class FileEdited:
    """A file was written or edited."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CommandRan:
    """A shell command ended. `failed` is what the client says, None where it does not; `output` is its tail."""

    at: datetime
    command: str
    output: str
    failed: bool | None = None


@dataclass(frozen=True, slots=True)
class HumanSpoke:
    """The human wrote something."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The human stopped the agent."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AgentCalled:
    """Another sub-agent was given a task."""

    at: datetime
    task: str
    run_id: str | None = None


Event = FileEdited | CommandRan | HumanSpoke | Interrupted | AgentCalled


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """One task given to one agent, from the call to its end.

    `run_id` is unique within the client: the agent's id, the child session's, or that of the human's message for a
    turn of the main thread. `session_id` is the session it was called from, `call_id` the call's id there,
    `parent_run_id` the run that called it, None in the main thread. `asked_model` is what the call named, in the
    client's words. `usage` has the model with most output first; `resolved_model` is what the client says it took,
    which matters where no usage is left. `error` is the client's own words for what went wrong.
    `during` are the run's own events and `after` those of the thread that called it, from its end up to and including
    the first thing the human says, or does and says right after; both in order of time. `active_at` is the last
    moment at which the run's own records show it at work, as far as they were read.
    """

    client: str
    run_id: str
    session_id: str
    kind: RunKind
    task: str
    started_at: datetime
    ended_at: datetime | None = None
    state: RunState = "finished"
    description: str | None = None
    role: str | None = None
    asked_model: str | None = None
    call_id: str | None = None
    parent_run_id: str | None = None
    usage: tuple[ModelUsage, ...] = ()
    tool_calls: int | None = None
    workspace_path: str | None = None
    error_type: ErrorType | None = None
    error: str | None = None
    during: tuple[Event, ...] = ()
    after: tuple[Event, ...] = ()
    resolved_model: str | None = None
    active_at: datetime | None = None

    @property
    def executed_model(self) -> str | None:
        """The model that did most of it; without any usage the one the client says it took, None if it says none."""
        return self.usage[0].model if self.usage else self.resolved_model

    @property
    def tokens(self) -> Tokens | None:
        """All its tokens; None if none were counted."""
        return sum((one.tokens for one in self.usage), Tokens()) if self.usage else None
