"""What models.json says, once read: which model a task goes to, and how the rest of the house is to learn.

A `Policy` is the file at a moment, named by the hash of its bytes. It holds only what works: what does not is
described in `problems`, and the file itself, unknown keys and all, is in `data`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from modelmerit.policy.names import ModelNames
from modelmerit.policy.rules import Condition
from modelmerit.records import Complexity, Task

ExplorationMode = Literal["off", "epsilon", "adaptive"]
Strategy = Literal["thompson-sampling", "ucb"]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One entry of the `models` block.

    `use_as` is what clients call the model: one name for all of them, or a name per client. `prices` are in USD per
    million tokens, by kind: input, output, cache_read, cache_write_5m, cache_write_1h and whatever else the file has.
    """

    alias: str
    id: str
    provider: str | None = None
    use_as: Mapping[str, str] | str = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One working rule. `number` is its 1-based place in the file, `use` as written, `model` the id that means."""

    number: int
    condition_text: str
    condition: Condition
    use: str
    model: str


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """How evidence is displayed and judged; None for `window_days` or `half_life_days` means everything, undimmed."""

    window_days: float | None = 90
    half_life_days: float | None = 30
    min_sample_size: int = 5
    min_confidence: float = 0.70
    margin: float = 0.10
    min_gain: float = 0.05
    min_success_rate: float = 0.70


@dataclass(frozen=True, slots=True)
class ExplorationSettings:
    """How often and among which models the policy is departed from.

    `interval` N explores every Nth task instead of a share `rate`. `candidates` are ids. In `exclude`, names of models
    are ids and anything else is as written. `token_budget_ratio` None means no budget.
    """

    mode: ExplorationMode = "epsilon"
    rate: float = 0.10
    interval: int | None = None
    strategy: Strategy = "thompson-sampling"
    candidates: tuple[str, ...] = ()
    token_budget_ratio: float | None = 0.10
    cooldown_seconds: float = 0
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The model the policy gives a task, in one line why, and the number of the rule if one decided."""

    model: str
    reason: str
    rule: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """models.json at a moment.

    `escalation` is the ladder a retry climbs, from cheap to dear; empty where the file has none. `problems` are
    one-line descriptions of what in the file does not work.
    """

    defaults: Mapping[Complexity, str]
    rules: tuple[Rule, ...]
    models: tuple[ModelEntry, ...]
    learning: LearningSettings
    exploration: ExplorationSettings
    escalation: tuple[str, ...]
    problems: tuple[str, ...]
    hash: str
    names: ModelNames
    data: Mapping[str, Any]

    @property
    def model_ids(self) -> tuple[str, ...]:
        """Every model id of the file, once, in the file's order."""
        return self.names.ids

    def resolve(self, name: str) -> str:
        """The id that an id, an alias or a family word stands for.

        Raises:
            UnknownModel: If it stands for none, or for more than one; the message lists the candidates.
        """
        return self.names.resolve(name)

    def entry_of(self, model: str) -> ModelEntry | None:
        """The first entry of the `models` block with this id."""
        return next((entry for entry in self.models if entry.id == model), None)

    def provider_of(self, model: str) -> str | None:
        """Who serves the model, where the file says so."""
        entry = self.entry_of(model)
        return entry.provider if entry else None

    def use_as(self, model: str, client: str | None) -> str:
        """What `client` calls the model: `haiku`, an agent's name; the id where the file does not say."""
        entry = self.entry_of(model)
        if entry is None:
            return model
        if isinstance(entry.use_as, str):
            return entry.use_as
        return entry.use_as.get(client or "", model)

    def preferred_name(self, model: str) -> str:
        """What a person of this file would write: the alias if there is one, else the id."""
        entry = self.entry_of(model)
        return entry.alias if entry else model

    def recommend(self, task: Task) -> Recommendation:
        """The first matching rule's model, else the default of the task's complexity; medium where that is unknown."""
        for rule in self.rules:
            if rule.condition.matches(task):
                return Recommendation(rule.model, f"rule {rule.number}: {rule.condition.reason(task)}", rule.number)
        if task.complexity is None:
            return Recommendation(self.defaults["medium"], "complexity medium (not given)", None)
        return Recommendation(self.defaults[task.complexity], f"complexity {task.complexity}", None)
