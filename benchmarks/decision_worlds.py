"""Simulated users whose truth is known, so that a suggestion can be called right or wrong.

A world is one person's work: how often each kind of task comes, how likely each model is to succeed at it, what an
attempt costs, which models.json is in force, and how the person and the router behave. `decision_families.py` makes
worlds, `decision_histories.py` draws a year of attempts from one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import exp, log
from typing import Any, NamedTuple

from modelmerit.records import Complexity, Evidence

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 364
FAILURE_COST = 1.9
"""What a failed attempt costs against a successful one."""

LEAST_RATE, MOST_RATE = 0.02, 0.985


class Kind(NamedTuple):
    """A kind of task: all that its record says of it."""

    complexity: Complexity
    keywords: tuple[str, ...]
    workspace: str


class Departure(NamedTuple):
    """Success rates, by complexity and model, that hold instead of the table's: at a keyword or from a day on."""

    rates: Mapping[tuple[Complexity, str], float]
    keyword: str | None = None
    since_day: int = 0


class Target(NamedTuple):
    """What there is to find: the models that are right instead of the policy's, by complexity."""

    models: Mapping[Complexity, str]
    keyword: str | None = None
    since_day: int = 0


class Truth(NamedTuple):
    """What the tasks of a scope really come to: their success rate and the mean cost of an attempt."""

    success: float
    cost_usd: float

    @property
    def usd_per_success(self) -> float:
        """Mean cost of a success, what the failures cost included."""
        return self.cost_usd / self.success


class Outage(NamedTuple):
    """Days, first and last, on which a share of one model's attempts is broken off by the harness."""

    model: str
    days: tuple[int, int]
    share: float


class Season(NamedTuple):
    """Days on which every task is harder, by `shift` log-odds, and models are explored more or less than else."""

    days: tuple[int, int]
    shift: float
    exploration: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the person, the harness and the router behave; none of it changes what is true.

    `overrides` is the share of the visibly easy tasks that people give to the cheapest model themselves.
    `partials` is the share of a model's misses that are partial results. `unreported` is the share of successes and
    of misses whose outcome nobody reports, by model. With `lures`, a router explores a workspace that many times as
    often, and a challenger the more the better it has done so far.
    """

    tasks_per_day: float
    exploration_rate: float
    evidence: Mapping[Evidence, float]
    overrides: float = 0.0
    partials: Mapping[str, float] = field(default_factory=dict)
    unreported: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    lures: Mapping[str, float] = field(default_factory=dict)
    outage: Outage | None = None
    season: Season | None = None


@dataclass(frozen=True, kw_only=True)
class World:
    """One person's work and the truth about it.

    `models` are ordered by price, the cheapest first; `prices` are the mean cost of a success in USD. `difficulty`
    is what a keyword or workspace adds to the log-odds of success, for every model alike. `moods` are the shares of
    tasks that are easier or harder by some log-odds in a way no record tells. `gains_only`: where better success is
    what there is to find, a saving that is merely no mistake does not count as finding it.
    """

    family: str
    seed: int
    models: tuple[str, ...]
    prices: Mapping[str, float]
    defaults: Mapping[Complexity, str]
    shares: Mapping[Kind, float]
    rates: Mapping[tuple[Complexity, str], float]
    difficulty: Mapping[str, float]
    habits: Habits
    departures: tuple[Departure, ...] = ()
    moods: tuple[tuple[float, float], ...] = ((1.0, 0.0),)
    targets: tuple[Target, ...] = ()
    gains_only: bool = False

    def chance(self, model: str, kind: Kind, day: float, shift: float = 0.0) -> float:
        """The probability that a model succeeds at one task of a kind, made easier by `shift` log-odds."""
        rate = self.rates[kind.complexity, model]
        for departure in self.departures:
            if day >= departure.since_day and departure.keyword in (None, *kind.keywords):
                rate = departure.rates.get((kind.complexity, model), rate)
        harder = sum(self.difficulty.get(name, 0.0) for name in (*kind.keywords, kind.workspace))
        odds = log(rate / (1.0 - rate)) + harder + shift
        return min(MOST_RATE, max(LEAST_RATE, 1.0 / (1.0 + exp(-odds))))

    def truth(self, scope: Mapping[str, str], model: str | None, at: datetime) -> Truth:
        """What the tasks of a scope come to from `at` on if all of them go to `model`; None: to the policy's models.

        A scope may name a complexity, a keyword and a workspace. One that holds no task raises ZeroDivisionError,
        one that names anything else ValueError.
        """
        day = (at - START) / timedelta(days=1)
        phase = sum(day >= departure.since_day for departure in self.departures)
        key = (frozenset(scope.items()), model, phase)
        if key not in self._known:
            self._known[key] = self._truth(scope, model, day)
        return self._known[key]

    def touched(self, scope: Mapping[str, str]) -> list[Complexity]:
        """The complexities of the tasks in a scope, in order."""
        return sorted({kind.complexity for kind in self.shares if _inside(kind, scope)})

    @property
    def policy(self) -> dict[str, Any]:
        """The models.json in force."""
        return {
            "task_complexity": {complexity: {"model": model} for complexity, model in self.defaults.items()},
            "rules": [],
            "models": {model: {"id": model} for model in self.models},
            "exploration": {"rate": round(self.habits.exploration_rate, 4)},
        }

    @property
    def first_day(self) -> int:
        """The first day on which there is something to find; 0 where there never is."""
        return min((target.since_day for target in self.targets), default=0)

    def _truth(self, scope: Mapping[str, str], model: str | None, day: float) -> Truth:
        success = cost = weight = 0.0
        for kind, share in self.shares.items():
            if not _inside(kind, scope):
                continue
            used = model or self.defaults[kind.complexity]
            rate = sum(part * self.chance(used, kind, day, shift) for part, shift in self.moods)
            success += share * rate
            cost += share * self.prices[used] * (rate + FAILURE_COST * (1.0 - rate))
            weight += share
        return Truth(success / weight, cost / weight)

    @cached_property
    def _known(self) -> dict[tuple[frozenset[tuple[str, str]], str | None, int], Truth]:
        return {}


def _inside(kind: Kind, scope: Mapping[str, str]) -> bool:
    if not scope.keys() <= {"complexity", "keyword", "workspace"}:
        raise ValueError(f"no world knows the tasks of {dict(scope)}")
    return (
        scope.get("complexity", kind.complexity) == kind.complexity
        and ("keyword" not in scope or scope["keyword"] in kind.keywords)
        and scope.get("workspace", kind.workspace) == kind.workspace
    )
