"""What only single attempts can tell, for the report: the store fills it, because tallies have no memory of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequentRetry:
    """A kind of task that is often tried again after a model had it. `examples` are ids of attempts."""

    complexity: str | None
    model: str
    attempts: int
    retried: int
    examples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the attempts that were tried again."""
        return self.retried / self.attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualAttempt:
    """An attempt whose time or token count is far from what its model usually takes at this complexity."""

    id: str
    model: str
    complexity: str | None
    figure: Literal["execution_time_seconds", "tokens_used"]
    value: float
    typical: float
    outcome: str | None

    @property
    def contradicts_success(self) -> bool:
        """Whether a success was reported after far less work than such a task usually takes."""
        return self.outcome == "success" and self.value < self.typical


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """How well a client tells what came of its attempts; "" is a client that nobody named.

    Of the `with_outcome` attempts, so many outcomes rest on each kind of evidence. The rest is as in `AttemptFacts`.
    """

    client: str
    attempts: int
    with_outcome: int
    human: int
    tests: int
    reported: int
    implicit: int
    recommended: int
    followed: int
    executions_known: int
    executed_otherwise: int

    @property
    def with_outcome_share(self) -> float:
        """Share of the attempts whose outcome is known."""
        return self.with_outcome / self.attempts

    @property
    def followed_share(self) -> float | None:
        """Share of the attempts that ran on the recommended model; None where no recommendation is known."""
        return self.followed / self.recommended if self.recommended else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """What the single attempts tell: retries and unusual figures of `recent_days`, all else over the report's window.

    Of the `with_outcome` attempts, `checked` were decided by a person or tests. `executions_known` counts the attempts
    whose executed model was seen, `executed_otherwise` those among them where it was not the answered one. Of the
    `recommended`, `followed` ran on the model that the policy alone would have said. `clients` tells much of this by
    client, the busiest first.
    """

    recommended: int = 0
    followed: int = 0
    executions_known: int = 0
    executed_otherwise: int = 0
    with_outcome: int = 0
    checked: int = 0
    recent_days: int = 30
    frequent_retries: Sequence[FrequentRetry] = ()
    unusual_attempts: Sequence[UnusualAttempt] = ()
    clients: Sequence[ClientFacts] = ()

    @property
    def checked_share(self) -> float:
        """Share of the outcomes that a person or tests decided; 0 without outcomes."""
        return self.checked / self.with_outcome if self.with_outcome else 0.0

    @property
    def followed_share(self) -> float | None:
        """Share of the attempts that ran on the recommended model; None where no recommendation is known."""
        return self.followed / self.recommended if self.recommended else None

    @property
    def executed_otherwise_share(self) -> float | None:
        """Share that ran on another model than was answered; None where nobody saw what ran."""
        return self.executed_otherwise / self.executions_known if self.executions_known else None
