"""The adaptive mode: what it gives each arm, and what that is worth over hundreds of tasks."""

from collections import Counter
from functools import cache
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.routing.adaptive import draw, propensities, reason
from modelmerit.routing.strategies import STRATEGIES, Belief, Results

HAIKU, SONNET, OPUS = ARMS = ("haiku", "sonnet", "opus")
SUCCESS = {OPUS: 0.85, SONNET: 0.70, HAIKU: 0.55}
TASKS = 500
COUNTS = st.integers(0, 10**6)

Step = tuple[str, dict[str, float]]


@cache
def simulated(strategy: str, seed: int) -> tuple[Step, ...]:
    """The arm and the probabilities of each task, its outcome being known before the next one."""
    rng = Random(seed)
    results: dict[str, Results] = {}
    steps = []
    for _ in range(TASKS):
        vector = propensities(strategy, HAIKU, ARMS, results)
        arm = draw(vector, rng)
        before = results.get(arm, Results())
        if rng.random() < SUCCESS[arm]:
            results[arm] = Results(before.successes + 1, before.failures)
        else:
            results[arm] = Results(before.successes, before.failures + 1)
        steps.append((arm, dict(vector)))
    return tuple(steps)


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(st.dictionaries(st.sampled_from("abcdefghijklmn"), st.builds(Results, COUNTS, COUNTS)), st.integers(1, 14))
def test_each_arm_has_its_strategys_share_and_the_floor(strategy, results, count):
    arms = tuple("abcdefghijklmn"[:count])
    vector = propensities(strategy, "a", arms, results)
    shares = STRATEGIES[strategy]([Belief.after(results.get(arm, Results())) for arm in arms])

    assert tuple(vector) == arms
    assert sum(vector.values()) == pytest.approx(1)
    # 2 % each up to ten arms, and a fifth of the tasks for all of them together from there on.
    mixed = min(0.02 * count, 0.2)
    for probability, share in zip(vector.values(), shares, strict=True):
        assert probability == pytest.approx((1 - mixed) * share + mixed / count)
        assert probability >= mixed / count
    assert vector == propensities(strategy, "a", arms, results)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_recommended_model_takes_part_unlisted_and_comes_first(strategy):
    assert tuple(propensities(strategy, OPUS, (HAIKU, SONNET), {})) == (OPUS, HAIKU, SONNET)
    assert tuple(propensities(strategy, OPUS, ARMS, {})) == (OPUS, HAIKU, SONNET)


def test_results_of_models_that_are_no_candidates_change_nothing():
    without = propensities("thompson-sampling", HAIKU, ARMS, {OPUS: Results(9, 1)})

    assert propensities("thompson-sampling", HAIKU, ARMS, {OPUS: Results(9, 1), "gone": Results(99, 1)}) == without


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_drawn_agrees_with_the_probabilities(seed):
    vector = {HAIKU: 0.02, SONNET: 0.35, OPUS: 0.63}
    rng, draws = Random(seed), 20_000
    drawn = Counter(draw(vector, rng) for _ in range(draws))

    for arm, p in vector.items():
        assert abs(drawn[arm] / draws - p) < 3.5 * sqrt(p * (1 - p) / draws)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_after_500_tasks_it_has_95_percent_of_the_best_models_successes(strategy):
    seeds = range(10)
    expected = [SUCCESS[arm] for seed in seeds for arm, _ in simulated(strategy, seed)]

    assert sum(expected) / len(expected) / max(SUCCESS.values()) >= 0.95


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("arm", ARMS)
def test_weighted_by_its_probability_every_arm_got_its_part_of_the_log(strategy, arm):
    log = [step for seed in range(10) for step in simulated(strategy, seed)]
    weighted = sum((got == arm) / vector[arm] for got, vector in log)
    # Whatever came before, 1{a}/p has expectation 1 and variance (1 - p)/p; so have such terms, added up.
    standard_error = sqrt(sum((1 - vector[arm]) / vector[arm] for _, vector in log)) / len(log)

    assert abs(weighted / len(log) - 1) < 3 * standard_error


@pytest.mark.parametrize(
    ("share", "complexity", "line"),
    [
        (0.6249, "medium", "adaptive: 62 % of such medium tasks go here"),
        (0.0201, "simple", "adaptive: 2 % of such simple tasks go here"),
        (0.96, None, "adaptive: 96 % of such tasks go here"),
    ],
)
def test_the_reason_says_how_many_of_such_tasks_go_there(share, complexity, line):
    assert reason(share, complexity) == line
