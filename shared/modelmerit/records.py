"""The nouns: what an attempt is, and what a rule may ask about a task.

Field names of `Attempt` are those of the dispatch log people already have. Unknown is `None`: no measured field
has a default, because a made-up zero is worse evidence than none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

Complexity = Literal["simple", "medium", "complex"]
Priority = Literal["low", "medium", "high", "critical"]
Status = Literal["pending", "running", "completed", "failed", "cancelled"]
Outcome = Literal["success", "failure", "partial"]
Selection = Literal["policy", "explored", "escalated", "override", "imported"]
ErrorType = Literal["model", "harness", "provider", "rate_limit", "timeout", "cancelled"]
Evidence = Literal["human", "tests", "reported", "implicit"]

COMPLEXITIES: tuple[Complexity, ...] = get_args(Complexity)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
STATUSES: tuple[Status, ...] = get_args(Status)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
SELECTIONS: tuple[Selection, ...] = get_args(Selection)
ERROR_TYPES: tuple[ErrorType, ...] = get_args(ErrorType)
EVIDENCE_KINDS: tuple[Evidence, ...] = get_args(Evidence)
"""Strongest first."""

NOT_THE_MODELS_FAULT: frozenset[ErrorType] = frozenset({"harness", "provider", "rate_limit", "timeout", "cancelled"})
"""Error types that are kept and shown, but left out of a model's success rate."""

LARGEST_FIGURE = 10**12
"""No count of tokens and no amount of time or money is larger; sums of such figures fit a database's integers."""


class Arm(NamedTuple):
    """A model as a candidate. The same id at two providers is two arms; `provider` is None where nobody named one."""

    provider: str | None
    model: str


@dataclass(frozen=True, slots=True)
class Task:
    """What is known of a task before any model has seen it: all that a rule may ask about.

    `text` is the redacted task; `keywords` are canonical names, in order of appearance.
    """

    text: str
    keywords: tuple[str, ...] = ()
    workspace: str | None = None
    complexity: Complexity | None = None
    priority: Priority | None = None
    role: str | None = None
    estimated_files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One task given to one model, from dispatch to outcome.

    `recommended_model` is what the policy alone would have said, `model` what was answered, `executed_model` what
    really ran. `propensities` maps each candidate to the probability the policy in force gave it. `extra` holds
    fields of an imported record that we do not know, so that an export gives them back.
    """

    id: str
    task: str
    model: str
    created_at: datetime
    updated_at: datetime
    workspace: str | None = None
    workspace_path: str | None = None
    complexity: Complexity | None = None
    priority: Priority | None = None
    status: Status = "pending"
    outcome: Outcome | None = None
    retry_count: int = 0
    execution_time_seconds: float | None = None
    tokens_used: int | None = None
    task_keywords: tuple[str, ...] = ()
    model_was_sufficient: bool | None = None
    notes: str | None = None
    previous_dispatch_id: str | None = None
    recommended_model: str | None = None
    executed_model: str | None = None
    provider: str | None = None
    selection: Selection = "policy"
    propensities: Mapping[str, float] | None = None
    policy_hash: str | None = None
    error_type: ErrorType | None = None
    evidence: Evidence | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    cost_usd: float | None = None
    ttft_ms: float | None = None
    tool_calls: int | None = None
    quality_score: float | None = None
    estimated_files: int | None = None
    role: str | None = None
    task_category: str | None = None
    client: str | None = None
    session_id: str | None = None
    retried: bool = False
    repeat_number: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arm(self) -> Arm:
        """The arm that ran, or the answered one where nobody saw what ran."""
        return Arm(self.provider, self.executed_model or self.model)

    @property
    def task_features(self) -> Task:
        """The attempt's task as a rule sees it."""
        return Task(
            self.task,
            self.task_keywords,
            self.workspace,
            self.complexity,
            self.priority,
            self.role,
            self.estimated_files,
        )

    @property
    def judged_outcome(self) -> Outcome | None:
        """The outcome as learning counts it: whatever was retried has failed, even if it was reported a success."""
        return "failure" if self.retried else self.outcome
