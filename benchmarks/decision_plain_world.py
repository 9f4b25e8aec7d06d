"""A world in which the policy is right: the next cheaper model does clearly worse, dearer ones hardly better.

Models, prices, pace, exploration, keywords and kinds of evidence differ from one to the next.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import exp, log
from random import Random
from typing import TypeVar

from decision_worlds import Habits, Kind, World
from modelmerit.records import COMPLEXITIES, EVIDENCE_KINDS, Complexity

LADDER: tuple[str, ...] = ("wren-1", "hare-2", "lynx-2", "bear-3", "whale-4")
KEYWORDS = (
    "auth", "billing", "charts", "emails", "exports", "forms", "i18n", "invoices", "jobs", "maps",
    "metrics", "mobile", "onboarding", "payments", "plugins", "quotas", "search", "sync", "uploads", "webhooks",
)  # fmt: skip
WORKSPACES = ("atlas", "harbor", "mill", "quarry")
TOP_RATES: Mapping[Complexity, tuple[float, float]] = {
    "simple": (0.86, 0.95),
    "medium": (0.80, 0.92),
    "complex": (0.70, 0.86),
}
SECOND_KEYWORD = 0.2

Name = TypeVar("Name", bound=str)


def plain_world(rng: Random, family: str, seed: int) -> World:
    """A world of this name; the family then adds what is particular to it."""
    count = rng.randint(2, 5)
    models = tuple(sorted(rng.sample(LADDER, count), key=LADDER.index))
    steps = [rng.uniform(0.01, 0.06), *(rng.uniform(1.3, 4.0) for _ in models[1:])]
    prices = dict(zip(models, accumulate(steps, lambda price, step: price * step), strict=True))
    while len(set(places := sorted(rng.randrange(count) for _ in COMPLEXITIES))) == 1:
        pass
    places_of: dict[Complexity, int] = dict(zip(COMPLEXITIES, places, strict=True))
    rates: dict[tuple[Complexity, str], float] = {
        (complexity, model): rate
        for complexity, own in places_of.items()
        for model, rate in zip(models, _right_rates(rng, complexity, own, count), strict=True)
    }
    keywords = rng.sample(KEYWORDS, rng.randint(8, 14))
    workspaces = rng.sample(WORKSPACES, rng.randint(2, 4))
    return World(
        family=family,
        seed=seed,
        models=models,
        prices=prices,
        defaults={complexity: models[own] for complexity, own in places_of.items()},
        shares=_shares(rng, keywords, workspaces),
        rates=rates,
        difficulty={keyword: rng.gauss(0.0, 0.2) for keyword in keywords},
        habits=Habits(
            tasks_per_day=exp(rng.uniform(log(5), log(40))),
            exploration_rate=rng.uniform(0.05, 0.20),
            evidence={kind: rng.random() ** 2 for kind in EVIDENCE_KINDS},
            partials=dict.fromkeys(models, 0.1),
            unreported=dict.fromkeys(models, (0.05, 0.05)),
        ),
    )


def _right_rates(rng: Random, complexity: Complexity, own: int, count: int) -> list[float]:
    """Rates by model, cheapest first, among which the policy's model is the right one."""
    top = rng.uniform(*TOP_RATES[complexity])
    drops = [rng.uniform(0.16, 0.38), *(rng.uniform(0.04, 0.20) for _ in range(own - 1))][:own]
    below = [max(0.05, top - drop) for drop in accumulate(drops)]
    return [*reversed(below), top, *(top + rng.uniform(0.0, 0.015) for _ in range(count - own - 1))]


def _shares(rng: Random, keywords: Sequence[str], workspaces: Sequence[str]) -> dict[Kind, float]:
    """How often each kind of task comes: a few frequent keywords and many rare ones, one or two to a task."""
    of_complexity: dict[Complexity, float] = _normal({complexity: rng.uniform(0.5, 1.5) for complexity in COMPLEXITIES})
    of_workspace = _normal({workspace: rng.uniform(0.5, 1.5) for workspace in workspaces})
    of_keyword = _normal({keyword: 1 / (rank + 3) for rank, keyword in enumerate(keywords)})
    pairs: dict[tuple[str, ...], float] = {
        (first, second): SECOND_KEYWORD * share * of_keyword[second] / (1 - share)
        for first, share in of_keyword.items()
        for second in keywords
        if second != first
    }
    singles: dict[tuple[str, ...], float] = {
        (keyword,): (1 - SECOND_KEYWORD) * share for keyword, share in of_keyword.items()
    }
    return {
        Kind(complexity, named, workspace): one * two * three
        for complexity, one in of_complexity.items()
        for named, two in {**singles, **pairs}.items()
        for workspace, three in of_workspace.items()
    }


def _normal(weights: Mapping[Name, float]) -> dict[Name, float]:
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}
