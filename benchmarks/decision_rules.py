"""Other rules of decision, on the same histories and in the same form as ours: looks of suggestions.

- `plain formula`: success rates as they are; confidence = min(n / 20, 1). Where a model of the policy is under 0.70
  with n >= 8, at a complexity or a keyword, the next dearer one takes over; a cheaper one within 0.05 of the policy's,
  n >= 5 each, takes over at a complexity.
- `LiteLLM Auto gate`: at each complexity, lower bounds mean - 1.96 standard errors, floored at 0; of the models within
  0.07 of the best one ("Balanced") the one with the fewest dollars per completed task.
  Source: https://github.com/BerriAI/litellm/pull/39658 (closed; "What 'best' means"). There the scores are a
  benchmark's, of many tasks each; here a model needs 20 attempts, because a few alike outcomes have no standard error.
- `Bayesian A/B at 95 %`: flat Beta priors; whatever is better with probability 0.95 has won, at a complexity or a
  keyword within one. Source: GrowthBook, https://docs.growthbook.io/app/experiments ("Anything above 95% is
  highlighted green indicating a very clear winner") and https://docs.growthbook.io/statistics/overview (the default
  prior is uninformative). "Better" is asked as we ask it, a cheaper model may lose 0.10 and a dearer one must gain
  0.05, and both arms need 20 attempts, so that only the inference differs.

They look every week at every attempt that has an outcome, whoever chose its model. What the harness broke off is a
failure to the plain formula, whose log has no field for it, and is left out for the others.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import product
from math import sqrt
from typing import Any

import numpy as np

from decision_scoring import MARGIN, MIN_GAIN, Look
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES, NOT_THE_MODELS_FAULT, Attempt, Complexity

EVERY_DAYS = 7
LEAST_ATTEMPTS = 20
GATE_WIDTH = 0.07
WON = 0.95
GRID = np.linspace(0.0, 1.0, 401)


@dataclass(slots=True)
class Cell:
    """What is known of a model at some tasks."""

    attempts: int = 0
    successes: int = 0
    cost_usd: float = 0.0
    cost_known: int = 0

    @property
    def rate(self) -> float:
        """Success rate so far; there must be an attempt."""
        return self.successes / self.attempts

    @property
    def mean_cost_usd(self) -> float | None:
        """Mean cost of an attempt; None where none is known."""
        return self.cost_usd / self.cost_known if self.cost_known else None


@dataclass(frozen=True, slots=True)
class Known:
    """A log at a moment. Cells are by (complexity, keyword, model); "" stands for all of them."""

    cells: Mapping[tuple[str, str, str], Cell]
    policy: Policy
    models: tuple[str, ...]
    """Cheapest first, as far as the log tells."""

    def at(self, model: str, complexity: str = "", keyword: str = "") -> Cell:
        """The cell of a model; an empty one where it never ran."""
        return self.cells.get((complexity, keyword, model), Cell())

    @property
    def keywords(self) -> list[str]:
        """The keywords seen so far, in order."""
        return sorted({keyword for _, keyword, _ in self.cells if keyword})


Suggestions = Iterator[dict[str, Any]]


def plain_formula(known: Known) -> Suggestions:
    """Success rates taken at their face value."""
    models = sorted(set(known.policy.defaults.values()))
    used: list[tuple[dict[str, str], str]] = [
        ({"complexity": complexity}, model) for complexity, model in known.policy.defaults.items()
    ]
    used += [({"keyword": keyword}, model) for keyword in known.keywords for model in models]
    for scope, model in used:
        cell = known.at(model, **scope)
        if cell.attempts >= 8 and cell.rate < 0.70 and model != known.models[-1]:
            dearer = known.models[known.models.index(model) + 1]
            yield _suggestion(scope, dearer, min(cell.attempts / 20, 1.0))
    for complexity, cheaper in _cheaper(known):
        own, other = known.at(known.policy.defaults[complexity], complexity), known.at(cheaper, complexity)
        fewest = min(own.attempts, other.attempts)
        if fewest >= 5 and other.rate >= own.rate - 0.05:
            yield _suggestion({"complexity": complexity}, cheaper, min(fewest / 20, 1.0))


def litellm_gate(known: Known) -> Suggestions:
    """The cheapest model, per success, whose lower bound is near the best one."""
    for complexity in COMPLEXITIES:
        cells = {model: known.at(model, complexity) for model in known.models}
        tried = {model: cell for model, cell in cells.items() if cell.attempts >= LEAST_ATTEMPTS and cell.successes}
        default = known.policy.defaults[complexity]
        if default not in tried:
            continue
        lowest = {model: max(0.0, cell.rate - 1.96 * _standard_error(cell)) for model, cell in tried.items()}
        near = [model for model in tried if lowest[model] >= max(lowest.values()) - GATE_WIDTH]
        chosen = min(near, key=lambda model: (tried[model].mean_cost_usd or 0.0) / tried[model].rate)
        if chosen != default:
            yield _suggestion({"complexity": complexity}, chosen, None)


def bayesian_ab(known: Known) -> Suggestions:
    """Whatever is good enough with probability 0.95, under flat priors."""
    for complexity, keyword in product(COMPLEXITIES, ("", *known.keywords)):
        default = known.policy.defaults[complexity]
        own = known.at(default, complexity, keyword)
        for model in known.models:
            other = known.at(model, complexity, keyword)
            if model == default or min(own.attempts, other.attempts) < LEAST_ATTEMPTS:
                continue
            cheaper = known.models.index(model) < known.models.index(default)
            chance = chance_above(other, own, -MARGIN if cheaper else MIN_GAIN)
            if chance >= WON:
                scope = {"complexity": complexity, **({"keyword": keyword} if keyword else {})}
                yield _suggestion(scope, model, chance)


def chance_above(one: Cell, other: Cell, limit: float) -> float:
    """The probability that one rate is more than `limit` above the other, with flat priors, on a grid of 400 cells."""
    middles = (GRID[1:] + GRID[:-1]) / 2
    weights = _beta(middles, one.successes, one.attempts)
    below = np.concatenate([[0.0], np.cumsum(_beta(middles, other.successes, other.attempts))])
    return float(weights @ np.interp(middles - limit, GRID, below))


OTHER_RULES: Mapping[str, tuple[Callable[[Known], Suggestions], bool]] = {
    "plain formula": (plain_formula, True),
    "LiteLLM Auto gate": (litellm_gate, False),
    "Bayesian A/B at 95 %": (bayesian_ab, False),
}
"""Each rule, and whether it takes what the harness broke off for a failure."""


def weekly_looks(name: str, attempts: Sequence[Attempt], policy: Policy) -> list[Look]:
    """What the rule of this name would have suggested every week, with what was known then."""
    rule, counts_errors = OTHER_RULES[name]
    reported = sorted(
        (one for one in attempts if one.outcome and (counts_errors or one.error_type not in NOT_THE_MODELS_FAULT)),
        key=lambda one: one.updated_at,
    )
    start = min(one.created_at for one in attempts).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = max(one.updated_at for one in attempts)
    cells: dict[tuple[str, str, str], Cell] = defaultdict(Cell)
    looks: list[Look] = []
    done, as_of = 0, start
    while as_of < end:
        as_of += timedelta(days=EVERY_DAYS)
        while done < len(reported) and reported[done].updated_at <= as_of:
            _count(cells, reported[done])
            done += 1
        found = list(rule(Known(cells, policy, _by_price(cells))))
        looks.append({"as_of": as_of.isoformat(), "suggestions": found, "hints": []})
    return looks


def _count(cells: dict[tuple[str, str, str], Cell], attempt: Attempt) -> None:
    for complexity, keyword in product(("", attempt.complexity or ""), ("", *attempt.task_keywords)):
        cell = cells[complexity, keyword, attempt.arm.model]
        cell.attempts += 1
        cell.successes += attempt.outcome == "success"
        if attempt.cost_usd is not None:
            cell.cost_usd += attempt.cost_usd
            cell.cost_known += 1


def _by_price(cells: Mapping[tuple[str, str, str], Cell]) -> tuple[str, ...]:
    means = {model: cell.mean_cost_usd or 0.0 for (level, keyword, model), cell in cells.items() if not level + keyword}
    return tuple(sorted(means, key=lambda model: means[model]))


def _cheaper(known: Known) -> Iterator[tuple[Complexity, str]]:
    for complexity in COMPLEXITIES:
        default = known.policy.defaults[complexity]
        if default in known.models:
            for model in known.models[: known.models.index(default)]:
                yield complexity, model


def _suggestion(scope: Mapping[str, str], to_model: str, confidence: float | None) -> dict[str, Any]:
    return {"type": "new_rule", "scope": dict(scope), "to_model": to_model, "confidence": confidence}


def _standard_error(cell: Cell) -> float:
    return sqrt(cell.rate * (1.0 - cell.rate) / cell.attempts)


def _beta(middles: np.ndarray[Any, np.dtype[np.float64]], successes: int, attempts: int) -> Any:
    log_weights = successes * np.log(middles) + (attempts - successes) * np.log1p(-middles)
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()
