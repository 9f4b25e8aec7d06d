"""How far the first answer still is: when two models will have enough attempts, given out by chance, to be compared."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, inf
from typing import Literal

from modelmerit.learning.comparisons import LEAST_ATTEMPTS
from modelmerit.learning.figures import FORESEEN_WEEKS
from modelmerit.learning.strata import Stratum, comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import DAYS_PER_WEEK
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES, Complexity

Obstacle = Literal["nothing recorded", "one model", "exploration off", "nothing explored"]

PACE_DAYS = 56
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswer:
    """What is missing until the comparison that will be ready first can be decided.

    `attempts` are those that `model` still needs at tasks of `complexity`. `weeks` are at the pace of the last eight;
    None where nothing comes in that would help. `expected_on` is None where that is more than a year off. `obstacle`
    says why nothing is under way.
    """

    attempts: int
    model: str | None
    complexity: Complexity | None
    weeks: float | None
    expected_on: date | None
    obstacle: Obstacle | None


def first_answer(every: Tallies, policy: Policy, today: int) -> FirstAnswer | None:
    """How far the first answer still is, from the tallies of all tasks; None once there can be one."""
    every = every.as_routed()
    evidence = comparable_tallies(every, today, today)
    recent, lately = (part.between(today - PACE_DAYS + 1, today) for part in (every, evidence))
    nearest: tuple[float, int, str, Complexity] | None = None
    explored = 0
    for complexity in COMPLEXITIES:
        default = policy.defaults[complexity]
        own, own_lately = (stratum(part, complexity, default) for part in (evidence, lately))
        others = _candidates(policy, default)
        attempts = recent.total("attempts", recent.rows_of(complexity=complexity))
        for model in dict.fromkeys((*own.challengers, *others)):
            tried = _attempts(own, model)
            if tried >= LEAST_ATTEMPTS:
                return None
            explored += tried
            share = _explored_share(policy) / len(others) if model in others else 0.0
            # What chance has given out so far is little; one week of what it should give out steadies it.
            expected = share * attempts / max(1 / DAYS_PER_WEEK, _weeks(recent, today))
            pace = (_attempts(own_lately, model) + expected) / (_weeks(lately, today) + 1) if expected else 0.0
            weeks = (LEAST_ATTEMPTS - tried) / pace if pace else inf
            if (tried or weeks < inf) and (nearest is None or (weeks, -tried) < nearest[:2]):
                nearest = (weeks, -tried, model, complexity)
    return _told(nearest, _obstacle(every, policy, explored), today)


def _told(nearest: tuple[float, int, str, Complexity] | None, obstacle: Obstacle | None, today: int) -> FirstAnswer:
    weeks, tried, model, complexity = nearest or (inf, 0, None, None)
    return FirstAnswer(
        attempts=LEAST_ATTEMPTS + tried,
        model=model,
        complexity=complexity,
        weeks=weeks if weeks < inf else None,
        expected_on=EPOCH + timedelta(days=today + ceil(weeks * DAYS_PER_WEEK)) if weeks <= FORESEEN_WEEKS else None,
        obstacle=obstacle,
    )


def _weeks(part: Tallies, today: int) -> float:
    """How long ago the first of the tallies is, with today; 0 if there are none."""
    return (today - int(part.day.min()) + 1) / DAYS_PER_WEEK if len(part) else 0.0


def _attempts(own: Stratum, model: str) -> int:
    at = own.index(model)
    return round(float(own.all_tasks.attempts[at].sum())) if at >= 0 else 0


def _candidates(policy: Policy, default: str) -> tuple[str, ...]:
    """The models that exploration may try in place of a default."""
    settings = policy.exploration
    listed = settings.candidates or policy.model_ids
    return tuple(model for model in listed if model not in settings.exclude and model != default)


def _explored_share(policy: Policy) -> float:
    settings = policy.exploration
    if settings.mode == "off":
        return 0.0
    return 1 / settings.interval if settings.interval else settings.rate


def _obstacle(every: Tallies, policy: Policy, explored: int) -> Obstacle | None:
    if not any(_candidates(policy, default) for default in policy.defaults.values()):
        return "one model"
    if _explored_share(policy) == 0:
        return "exploration off"
    if not len(every):
        return "nothing recorded"
    return None if explored else "nothing explored"
