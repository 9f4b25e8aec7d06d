"""Whether a dispatch may deviate from the policy, and with what probability it goes to each arm.

A probability is a property of the policy and the arm, not of the branch taken: the whole vector is worked out before
anything is drawn, and is what gets logged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from modelmerit.policy.document import ExplorationSettings, Policy
from modelmerit.records import Task
from modelmerit.routing.strategies import Results

BUDGET_BINDS_FROM = 20
"""Attempts in the window below which the token budget is not enforced."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of the trailing window: all, and those of explored attempts; the `*_known` attempts have a count."""

    attempts: int
    explored: int
    tokens: int
    tokens_known: int
    explored_tokens: int
    explored_tokens_known: int

    @property
    def explored_share(self) -> float:
        """Explored tokens over all tokens, an unknown count standing as the mean of the known ones."""
        mean = self.tokens / self.tokens_known if self.tokens_known else 0.0
        explored_mean = self.explored_tokens / self.explored_tokens_known if self.explored_tokens_known else mean
        explored = self.explored_tokens + explored_mean * (self.explored - self.explored_tokens_known)
        total = self.tokens + mean * (self.attempts - self.tokens_known)
        return explored / total if total else 0.0


@dataclass(frozen=True, slots=True)
class ExplorationState:
    """What exploration must know of the past.

    `since_explored` counts the dispatches since the last explored one at which chance decided. A task that a person
    chose the model for, or that was not to be explored, is none of them: were it counted, the others would be explored
    more often than is logged. `results` are those of the task's complexity, by the model that the policy recommended
    and the one that got the task; only the adaptive mode asks for them.
    """

    last_explored: datetime | None
    since_explored: int
    spent: Spent
    results: Mapping[tuple[str, str], Results] = field(default_factory=dict)


def is_allowed(settings: ExplorationSettings, task: Task, state: ExplorationState, now: datetime) -> bool:
    """Whether this task may be explored on: not where it is critical, too soon, or over budget.

    The budget limits tries that nobody approved. In the adaptive mode the listed candidates are approved, so it does
    not bind there. A cool-down does: it holds only where a person asked for it.
    """
    if settings.mode == "off" or task.priority == "critical":
        return False
    if state.last_explored is not None:
        # The last one may lie a little ahead: it was recorded while this dispatch waited for its turn.
        passed_s = max(0.0, (now - state.last_explored).total_seconds())
        if passed_s < settings.cooldown_seconds:
            return False
    spent = state.spent
    if settings.token_budget_ratio is None or settings.mode == "adaptive":
        return True
    return spent.attempts < BUDGET_BINDS_FROM or spent.explored_share < settings.token_budget_ratio


def candidates(policy: Policy) -> tuple[str, ...]:
    """The models exploration may try: the listed ones, else every model of the file, without the excluded.

    In the adaptive mode none but listed ones, and none at all where only one is left: that is no choice.
    """
    settings = policy.exploration
    adaptive = settings.mode == "adaptive"
    listed = settings.candidates if adaptive else settings.candidates or policy.model_ids
    left = tuple(model for model in listed if model not in settings.exclude)
    return () if adaptive and len(left) == 1 else left


def propensities(settings: ExplorationSettings, recommended: str, arms: Sequence[str]) -> Mapping[str, float]:
    """The probability of each arm: `recommended` keeps all but the explored share, the others have equal parts of it.

    An explored attempt always deviates, so the share is exactly what models.json says. With `interval` N the share
    is 1/N: which task is the N-th of those left to chance has nothing to do with what the task is.
    """
    others = [arm for arm in arms if arm != recommended]
    if not others:
        return {recommended: 1.0}
    rate = 1 / settings.interval if settings.interval else settings.rate
    return {recommended: 1.0 - rate, **dict.fromkeys(others, rate / len(others))}


def left_to_chance(vector: Mapping[str, float] | None) -> bool:
    """Whether more than one arm could have got the task; None is what a person chose."""
    return vector is not None and len(vector) > 1


def draw(settings: ExplorationSettings, vector: Mapping[str, float], state: ExplorationState, rng: Random) -> str:
    """The arm that gets the task, the recommended one being the first of the vector."""
    recommended, *others = vector
    if not others:
        return recommended
    by_chance = rng.random() >= vector[recommended]
    due = state.since_explored >= settings.interval - 1 if settings.interval else by_chance
    return rng.choice(others) if due else recommended


def reason(settings: ExplorationSettings) -> str:
    """Why a task was explored, in one line."""
    if settings.interval:
        return f"explored: 1 in {settings.interval}"
    return f"explored: 1 in {1 / settings.rate:.0f}" if settings.rate < 0.5 else f"explored: {settings.rate:.0%}"
