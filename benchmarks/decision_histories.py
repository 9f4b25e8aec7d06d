"""A year of attempts, drawn from a world: what its log would say, and nothing that a log cannot know."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import accumulate
from random import Random

from decision_worlds import DAYS, FAILURE_COST, START, Habits, Kind, Outage, World
from modelmerit.records import Attempt, ErrorType, Outcome, Selection

TOKENS_PER_USD = 400_000
RETRIED = 0.25
"""The share of seen failures that are tried again, with the next dearer model."""

HARDER_AGAIN = -0.7
"""What the log-odds of success lose at a task that has just failed."""

MOST_EXPLORED = 0.6
LEAST_EXPLORED = 0.004
AFTER = timedelta(minutes=12)


@dataclass
class _Drawing:
    """The state of one year while it is drawn. `tried` holds each challenger's successes and attempts so far."""

    world: World
    rng: Random
    habits: Habits
    count: int = 0
    tried: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [2, 3]))

    def year(self) -> Iterator[Attempt]:
        world, rng = self.world, self.rng
        kinds, up_to = list(world.shares), list(accumulate(world.shares.values()))
        day = rng.expovariate(self.habits.tasks_per_day)
        while day < DAYS:
            kind = rng.choices(kinds, cum_weights=up_to)[0]
            mood = rng.choices(world.moods, [share for share, _ in world.moods])[0][1]
            first = self.attempt(kind, mood, day)
            again = first.outcome == "failure" and first.error_type is None and rng.random() < RETRIED
            yield replace(first, retried=True) if again else first
            if again:
                yield self.retry(first, kind, mood, day)
            day += rng.expovariate(self.habits.tasks_per_day)

    def attempt(self, kind: Kind, mood: float, day: float) -> Attempt:
        world, rng = self.world, self.rng
        default = world.defaults[kind.complexity]
        if mood > 0 and default != world.models[0] and rng.random() < self.habits.overrides:
            return self.recorded(kind, day, world.models[0], "override", None, mood)
        odds = self.propensities(kind, day)
        model = rng.choices(list(odds), list(odds.values()))[0]
        done = self.recorded(kind, day, model, "policy" if model == default else "explored", odds, mood)
        seen = self.tried[kind.complexity, model]
        seen[0] += done.outcome == "success"
        seen[1] += done.outcome is not None
        return done

    def propensities(self, kind: Kind, day: float) -> dict[str, float]:
        """The probability the router gives each model for this task."""
        world, habits = self.world, self.habits
        default = world.defaults[kind.complexity]
        others = [model for model in world.models if model != default]
        share = habits.exploration_rate / len(others)
        odds = {}
        for model in others:
            successes, attempts = self.tried[kind.complexity, model]
            lure = habits.lures[kind.workspace] * 2 * (successes / attempts) ** 2 if habits.lures else 1.0
            season = habits.season
            more = season.exploration[model] if season and _within(season.days, day) else 1.0
            odds[model] = max(LEAST_EXPLORED, share * lure * more)
        total = sum(odds.values())
        shrink = min(1.0, MOST_EXPLORED / total)
        return {default: 1.0 - total * shrink} | {model: value * shrink for model, value in odds.items()}

    def retry(self, first: Attempt, kind: Kind, mood: float, day: float) -> Attempt:
        models = self.world.models
        dearer = models[min(models.index(first.model) + 1, len(models) - 1)]
        made = self.recorded(kind, day, dearer, "escalated", None, mood + HARDER_AGAIN)
        created_at = first.updated_at + AFTER
        return replace(
            made,
            previous_dispatch_id=first.id,
            retry_count=1,
            created_at=created_at,
            updated_at=created_at + (made.updated_at - made.created_at),
        )

    def recorded(
        self,
        kind: Kind,
        day: float,
        model: str,
        selection: Selection,
        propensities: Mapping[str, float] | None,
        shift: float,
    ) -> Attempt:
        """The attempt with the outcome that was drawn for it; one that nobody reported has none."""
        rng, habits = self.rng, self.habits
        hard = habits.season.shift if habits.season and _within(habits.season.days, day) else 0.0
        solved = rng.random() < self.world.chance(model, kind, day, shift + hard)
        error = _error(rng, habits.outage, model, day)
        outcome = self.outcome(model, solved and error is None, broken=error is not None)
        cost = self.world.prices[model] * rng.lognormvariate(-0.18, 0.6) * (1.0 if solved else FAILURE_COST)
        created_at = START + timedelta(days=day)
        known = outcome is not None
        self.count += 1
        return Attempt(
            id=f"{self.world.family}-{self.world.seed}-{self.count}",
            task=f"Work on {' and '.join(kind.keywords)} ({self.count})",
            model=model,
            executed_model=model,
            recommended_model=self.world.defaults[kind.complexity],
            created_at=created_at,
            updated_at=created_at + AFTER if known else created_at,
            workspace=kind.workspace,
            complexity=kind.complexity,
            task_keywords=kind.keywords,
            selection=selection,
            propensities=propensities,
            status="running" if outcome is None else "failed" if outcome == "failure" else "completed",
            outcome=outcome,
            error_type=error,
            evidence=rng.choices(list(habits.evidence), list(habits.evidence.values()))[0] if known else None,
            cost_usd=round(cost, 6) if known else None,
            tokens_used=round(cost * TOKENS_PER_USD) if known else None,
            execution_time_seconds=round(rng.lognormvariate(5.0, 0.6), 1) if known else None,
        )

    def outcome(self, model: str, solved: bool, *, broken: bool) -> Outcome | None:
        """What is reported of an attempt. The harness reports by itself what it broke off."""
        rng, habits = self.rng, self.habits
        if broken:
            return "failure"
        if rng.random() < habits.unreported[model][0 if solved else 1]:
            return None
        if solved:
            return "success"
        return "partial" if rng.random() < habits.partials[model] else "failure"


def draw_history(world: World) -> list[Attempt]:
    """A year of attempts, oldest first; the same ones every time."""
    rng = Random(f"history of {world.family} {world.seed}")
    return list(_Drawing(world, rng, world.habits).year())


def explored_at_targets(world: World, attempts: list[Attempt]) -> int:
    """How many explored attempts speak to what there is to find; the most that one target has."""
    return max(
        (
            sum(
                one.selection == "explored"
                and one.complexity is not None
                and target.models.get(one.complexity) == one.model
                and target.keyword in (None, *one.task_keywords)
                and one.created_at >= START + timedelta(days=target.since_day)
                for one in attempts
            )
            for target in world.targets
        ),
        default=0,
    )


def _within(days: tuple[int, int], day: float) -> bool:
    return days[0] <= day <= days[1]


def _error(rng: Random, outage: Outage | None, model: str, day: float) -> ErrorType | None:
    if outage is None or model != outage.model or not _within(outage.days, day) or rng.random() >= outage.share:
        return None
    return rng.choice(("harness", "provider", "timeout", "rate_limit"))
