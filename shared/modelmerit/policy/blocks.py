"""Reading the optional blocks of models.json, value by value.

A value that cannot be used costs only itself: its default stands in, and a problem says where and what was expected.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

from modelmerit.policy.schema import ExplorationMode, ExplorationSettings, LearningSettings, ModelEntry, Strategy

Chosen = TypeVar("Chosen", bound=str)


class Block:
    """One JSON object of the file, the place it has there, and where its problems are noted."""

    def __init__(self, place: str, values: Mapping[str, Any], problems: list[str]) -> None:
        self.place = place
        self.values = values
        self.problems = problems

    def number(self, key: str, default: float, low: float = 0, high: float = float("inf")) -> float:
        """The number at `key`, within `low` and `high`, else the default."""
        value = self.values.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return value
        limits = f"from {low:g} to {high:g}" if high != float("inf") else f"of at least {low:g}"
        self._problem(key, f"a number {limits}", default)
        return default

    def number_or_null(self, key: str, default: float | None, low: float = 0) -> float | None:
        """The number at `key`, None for an explicit null, else the default."""
        if key not in self.values:
            return default
        return None if self.values[key] is None else self.number(key, default or low, low)

    def whole(self, key: str, default: int, low: int = 1) -> int:
        """The whole number at `key`, at least `low`, else the default."""
        value = self.values.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= low:
            return value
        self._problem(key, f"a whole number of at least {low}", default)
        return default

    def choice(self, key: str, default: Chosen, choices: tuple[Chosen, ...]) -> Chosen:
        """The value at `key` if it is one of `choices`, else the default."""
        value = self.values.get(key, default)
        for chosen in choices:
            if value == chosen:
                return chosen
        self._problem(key, f"one of {', '.join(choices)}", default)
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """The strings of the list at `key`; none where there is no such list."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self._problem(key, "a list of names", [])
            return ()
        if not all(isinstance(item, str) for item in value):
            self.problems.append(
                f"{self.place}.{key} has an entry that is no text, expected names only: it is left out"
            )
        return tuple(item for item in value if isinstance(item, str))

    def _problem(self, key: str, expected: str, default: object) -> None:
        self.problems.append(f"{self.place}.{key} is {self.values[key]!r}, expected {expected}: {default!r} is used")


def read_models(values: Mapping[str, Any], problems: list[str]) -> tuple[ModelEntry, ...]:
    """The `models` block: an id, or an object, by alias. An object without an `id` is named by its alias."""
    entries = []
    for alias, value in values.items():
        if isinstance(value, str) and value:
            entries.append(ModelEntry(alias, value))
        elif isinstance(value, dict):
            entries.append(_model_entry(alias, value, problems))
        else:
            problems.append(
                f"models.{alias} is {value!r}, expected a model id or an object with an `id`: it is left out"
            )
    return tuple(entries)


def _model_entry(alias: str, value: Mapping[str, Any], problems: list[str]) -> ModelEntry:
    place = f"models.{alias}"

    def kept(key: str, expected: str, fits: Callable[[Any], bool]) -> Any:
        found = value.get(key)
        if found is None or fits(found):
            return found
        problems.append(f"{place}.{key} is {found!r}, expected {expected}: it is ignored")
        return None

    model = kept("id", "a model id", lambda found: isinstance(found, str) and found != "")
    provider = kept("provider", "a provider's name", lambda found: isinstance(found, str))
    use_as = kept("use_as", "a name, or a name by client", _is_use_as)
    prices = kept("prices", "USD per million tokens by kind", _is_prices)
    return ModelEntry(alias, model or alias, provider, use_as or {}, prices or {})


def _is_use_as(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and all(isinstance(name, str) for name in value.values()))


def _is_prices(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(price, int | float) and not isinstance(price, bool) and price >= 0 for price in value.values()
    )


def read_learning(values: Mapping[str, Any], problems: list[str]) -> LearningSettings:
    """The `learning` block."""
    block, default = Block("learning", values, problems), LearningSettings()
    return LearningSettings(
        window_days=block.number_or_null("window_days", default.window_days, 1),
        half_life_days=block.number_or_null("half_life_days", default.half_life_days, 1),
        min_sample_size=block.whole("min_sample_size", default.min_sample_size),
        min_confidence=block.number("min_confidence", default.min_confidence, 0, 1),
        margin=block.number("margin", default.margin, 0, 1),
        min_gain=block.number("min_gain", default.min_gain, 0, 1),
        min_success_rate=block.number("min_success_rate", default.min_success_rate, 0, 1),
    )


def read_exploration(
    values: Mapping[str, Any], problems: list[str], resolve_all: Callable[[str, tuple[str, ...]], tuple[str, ...]]
) -> ExplorationSettings:
    """The `exploration` block; `resolve_all` turns the names at a place into ids and notes those it cannot."""
    block, default = Block("exploration", values, problems), ExplorationSettings()
    mode: ExplorationMode = block.choice("mode", default.mode, get_args(ExplorationMode))
    strategy: Strategy = block.choice("strategy", default.strategy, get_args(Strategy))
    candidates = resolve_all("exploration.candidates", block.texts("candidates"))
    if mode == "adaptive":
        problems.append(
            "exploration.mode 'adaptive' is not available yet, expected 'off' or 'epsilon': 'epsilon' is used"
        )
        mode = "epsilon"
    return ExplorationSettings(
        mode=mode,
        rate=block.number("rate", default.rate, 0, 1),
        interval=None if values.get("interval") is None else block.whole("interval", 10),
        strategy=strategy,
        candidates=candidates,
        token_budget_ratio=block.number_or_null("token_budget_ratio", default.token_budget_ratio),
        cooldown_seconds=block.number("cooldown_seconds", default.cooldown_seconds),
        exclude=block.texts("exclude"),
    )
