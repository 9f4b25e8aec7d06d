"""What models.json says, once read: which model a task goes to, and how the rest of the house is to learn.

A `Policy` is the file at a moment, named by the hash of its bytes. It holds only what works: what does not is
described in `problems`, and the file itself, unknown keys and all, is in `data`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from modelmerit.policy.declared import choice, names, number, whole
from modelmerit.policy.names import ModelNames
from modelmerit.policy.rules import Condition
from modelmerit.records import Complexity, Task

if TYPE_CHECKING:
    from modelmerit.policy.conflicts import Conflict

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


_A_CENTURY_DAYS = 36_500
_A_YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """How evidence is displayed and judged; None for `window_days` or `half_life_days` means everything, undimmed."""

    window_days: float | None = field(
        default=90,
        metadata=number("How many days back reports look; null: over everything.", 1, _A_CENTURY_DAYS, null=True),
    )
    half_life_days: float | None = field(
        default=30,
        metadata=number(
            "After how many days an attempt counts half in what reports display; null: all count alike.",
            1,
            _A_CENTURY_DAYS,
            null=True,
        ),
    )
    min_sample_size: int = field(
        default=5, metadata=whole("How many attempts a figure needs before reports display it.", 1, 1_000_000)
    )
    min_confidence: float = field(
        default=0.70, metadata=number("The least probability of being right with which a suggestion may be applied.")
    )
    margin: float = field(
        default=0.10, metadata=number("How much success rate a cheaper model may cost: 0.10 is ten points.")
    )
    min_gain: float = field(
        default=0.05, metadata=number("How much success rate a dearer model must bring: 0.05 is five points.")
    )
    min_success_rate: float = field(
        default=0.70, metadata=number("The success rate below which a report calls a model underperforming.")
    )


@dataclass(frozen=True, slots=True)
class ExplorationSettings:
    """How often and among which models the policy is departed from.

    `interval` N explores every Nth task instead of a share `rate`. `candidates` are ids. In `exclude`, names of models
    are ids and anything else is as written. `token_budget_ratio` None means no budget.
    """

    mode: ExplorationMode = field(
        default="epsilon",
        metadata=choice(
            "Whether some tasks try another model than the rules name: none (off), a share of them (epsilon), or each "
            "task the one of `candidates` that succeeds most (adaptive).",
            get_args(ExplorationMode),
        ),
    )
    rate: float = field(default=0.10, metadata=number("The share of tasks that try another model: 0.10 is one in ten."))
    interval: int | None = field(
        default=None,
        metadata=whole("Try another model on every Nth task, instead of on a share of them.", 1, 1_000_000, null=True),
    )
    strategy: Strategy = field(
        default="thompson-sampling",
        metadata=choice("How the adaptive mode chooses among the candidates.", get_args(Strategy)),
    )
    candidates: tuple[str, ...] = field(
        default=(),
        metadata=names("The models to try, as ids, aliases or family words; empty: every model of the file."),
    )
    token_budget_ratio: float | None = field(
        default=0.10,
        metadata=number("The largest share of all tokens that tries with other models may take; null: any.", null=True),
    )
    cooldown_seconds: float = field(
        default=0,
        metadata=number("How many seconds must pass between one try and the next.", 0, _A_YEAR_SECONDS),
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata=names("Models that are never tried, as ids, aliases or family words.")
    )


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

    @property
    def conflicts(self) -> "tuple[Conflict, ...]":
        """Rules that never apply, change nothing, or contradict an earlier one; see `policy/conflicts.py`."""
        from modelmerit.policy.conflicts import conflicts  # it looks at policies, and only reviews ask for it

        return conflicts(self)

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
