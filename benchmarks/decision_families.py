"""Families of worlds: each tempts whoever looks at the log into another mistake, or holds something to find.

All start from a world in which the policy is right (`decision_plain_world.py`), and change one thing about it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from decision_plain_world import plain_world
from decision_worlds import DAYS, Departure, Outage, Season, Target, World
from modelmerit.records import COMPLEXITIES, Complexity


def make_world(family: str, seed: int) -> World:
    """The world of this family and seed; the same one every time."""
    rng = Random(f"{family} {seed}")
    return FAMILIES[family](plain_world(rng, family, seed), rng)


def _keywords(world: World) -> list[str]:
    """The world's keywords, the most frequent first."""
    return list(dict.fromkeys(keyword for kind in world.shares for keyword in kind.keywords))


def _place(world: World, complexity: Complexity) -> int:
    return world.models.index(world.defaults[complexity])


def _with_cheaper(world: World) -> list[Complexity]:
    """The complexities for which there is a cheaper model than the policy's."""
    return [complexity for complexity in COMPLEXITIES if _place(world, complexity) > 0]


def _with_dearer(world: World) -> list[Complexity]:
    return [complexity for complexity in COMPLEXITIES if _place(world, complexity) < len(world.models) - 1]


def _cheaper_suffices(world: World, complexity: Complexity, rng: Random) -> tuple[str, float]:
    """The next cheaper model, and a rate at which it does as well as the policy's."""
    model = world.models[_place(world, complexity) - 1]
    return model, world.rates[complexity, world.defaults[complexity]] - rng.uniform(0.0, 0.02)


def _policy_fails(world: World, complexity: Complexity, rng: Random) -> dict[tuple[Complexity, str], float]:
    """Rates at which the policy's model, and those below it, do far worse than the next dearer one."""
    own, gap = _place(world, complexity), rng.uniform(0.22, 0.36)
    return {(complexity, model): max(0.05, world.rates[complexity, model] - gap) for model in world.models[: own + 1]}


def _quiet(world: World, rng: Random) -> World:
    return replace(world, habits=replace(world.habits, tasks_per_day=rng.uniform(2, 5)))


def _hard(world: World, rng: Random) -> World:
    hard = rng.sample(_keywords(world)[:8], 2)
    return replace(world, difficulty={**world.difficulty, **{keyword: -rng.uniform(1.2, 1.8) for keyword in hard}})


def _confounded(world: World, rng: Random) -> World:
    easy = rng.uniform(0.25, 0.40)
    habits = replace(world.habits, overrides=rng.uniform(0.4, 0.8))
    return replace(world, moods=((easy, 2.0), (1 - easy, -0.6)), habits=habits)


def _outage(world: World, rng: Random) -> World:
    first = rng.randrange(40, 250)
    outage = Outage(
        rng.choice(list(world.defaults.values())), (first, first + rng.randrange(14, 29)), rng.uniform(0.3, 0.7)
    )
    return replace(world, habits=replace(world.habits, outage=outage))


def _default(world: World, rng: Random) -> World:
    complexity = rng.choice(_with_cheaper(world))
    model, rate = _cheaper_suffices(world, complexity, rng)
    return replace(world, rates={**world.rates, (complexity, model): rate}, targets=(Target({complexity: model}),))


def _weak(world: World, rng: Random) -> World:
    complexity = rng.choice(_with_dearer(world))
    dearer = world.models[_place(world, complexity) + 1]
    return replace(
        world,
        rates={**world.rates, **_policy_fails(world, complexity, rng)},
        targets=(Target({complexity: dearer}),),
        gains_only=True,
    )


def _keyword(world: World, rng: Random) -> World:
    easy, tough = rng.sample(_keywords(world)[:6], 2)
    suffices: dict[Complexity, tuple[str, float]] = {
        complexity: _cheaper_suffices(world, complexity, rng) for complexity in _with_cheaper(world)
    }
    dearer: dict[Complexity, str] = {
        complexity: world.models[_place(world, complexity) + 1] for complexity in _with_dearer(world)
    }
    fails = {key: rate for complexity in dearer for key, rate in _policy_fails(world, complexity, rng).items()}
    return replace(
        world,
        departures=(
            Departure({(complexity, model): rate for complexity, (model, rate) in suffices.items()}, keyword=easy),
            Departure(fails, keyword=tough),
        ),
        targets=(
            Target({complexity: model for complexity, (model, _) in suffices.items()}, keyword=easy),
            Target(dearer, keyword=tough),
        ),
    )


def _drift(world: World, rng: Random) -> World:
    complexity, day = rng.choice(_with_cheaper(world)), rng.randrange(150, 211)
    model, rate = _cheaper_suffices(world, complexity, rng)
    return replace(
        world,
        departures=(Departure({(complexity, model): rate}, since_day=day),),
        targets=(Target({complexity: model}, since_day=day),),
    )


def _adaptive(world: World, rng: Random) -> World:
    """Where tasks are easy the router explores a lot, where they are hard hardly at all."""
    workspaces = sorted({kind.workspace for kind in world.shares})
    hard = rng.sample(workspaces, max(1, len(workspaces) // 2))
    return replace(
        world,
        difficulty={**world.difficulty, **{name: -1.4 if name in hard else 0.4 for name in workspaces}},
        habits=replace(world.habits, lures={name: 0.3 if name in hard else 3.0 for name in workspaces}),
    )


def _silent(world: World, rng: Random) -> World:
    model = world.models[_place(world, rng.choice(_with_cheaper(world))) - 1]
    unreported = {**world.habits.unreported, model: (0.05, rng.uniform(0.6, 0.85))}
    return replace(world, habits=replace(world.habits, unreported=unreported))


def _season(world: World, rng: Random) -> World:
    """One model is tried four times as often in the hard weeks, the others hardly at all."""
    first, tried = rng.randrange(20, 200), rng.choice(world.models)
    season = Season(
        (first, min(DAYS, first + rng.randrange(28, 50))),
        shift=-1.6,
        exploration={model: 4.0 if model == tried else 0.1 for model in world.models},
    )
    return replace(world, habits=replace(world.habits, season=season))


def _partials(world: World, rng: Random) -> World:
    """Half the credit for its many partial results would make a cheaper model look good enough."""
    model = world.models[_place(world, rng.choice(_with_cheaper(world))) - 1]
    partials = {**dict.fromkeys(world.models, 0.25), model: rng.uniform(0.8, 0.95)}
    return replace(world, habits=replace(world.habits, partials=partials))


FAMILIES: Mapping[str, Callable[[World, Random], World]] = {
    "null": lambda world, _: world,
    "quiet": _quiet,
    "hard": _hard,
    "confounded": _confounded,
    "outage": _outage,
    "adaptive": _adaptive,
    "silent": _silent,
    "season": _season,
    "partials": _partials,
    "default": _default,
    "weak": _weak,
    "keyword": _keyword,
    "drift": _drift,
}

MEANINGS: Mapping[str, str] = {
    "null": "the policy is right: every suggestion is a false one",
    "quiet": "null, with two to five tasks a day",
    "hard": "null; two keywords are hard for every model",
    "confounded": "null; people hand easy tasks to the cheapest model themselves, and no record says which were easy",
    "outage": "null; for some weeks one model's runs are broken off by the harness",
    "adaptive": "null; the router explores where tasks are easy, and more whatever has done well; its odds are logged",
    "silent": "null; most failures of one cheap model are never reported",
    "season": "null; some hard weeks for all, in which one model is explored far more and the others far less",
    "partials": "null; a cheap model leaves many partial results",
    "default": "at one complexity the next cheaper model does as well",
    "weak": "at one complexity the policy's model does far worse than the next dearer one",
    "keyword": "at one keyword the next cheaper model does as well, at another the policy's model fails",
    "drift": "half way through the year a cheaper model becomes as good as the policy's",
}
