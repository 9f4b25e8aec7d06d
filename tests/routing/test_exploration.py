"""When the policy may be departed from, and with what probability it then is."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.policy.document import ExplorationSettings
from modelmerit.records import Task
from modelmerit.routing.exploration import (
    ExplorationState,
    Spent,
    draw,
    is_allowed,
    left_to_chance,
    propensities,
    reason,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TASK = Task("Fix it")
ARMS = ("haiku", "sonnet", "opus")
NOTHING = Spent(0, 0, 0, 0, 0, 0)
DRAWS = 40_000


def state(*, last: timedelta | None = None, since: int = 0, spent: Spent = NOTHING) -> ExplorationState:
    return ExplorationState(None if last is None else NOW - last, since, spent)


@given(st.floats(0, 1), st.permutations(ARMS), st.sampled_from(ARMS))
def test_the_explored_share_is_exactly_the_rate_and_the_others_have_equal_parts(rate, arms, recommended):
    vector = propensities(ExplorationSettings(rate=rate), recommended, arms)

    assert sum(vector.values()) == pytest.approx(1)
    assert vector[recommended] == 1 - rate
    assert next(iter(vector)) == recommended
    assert {vector[arm] for arm in arms if arm != recommended} == {rate / 2}


def test_with_nothing_to_try_the_recommended_model_is_certain():
    assert propensities(ExplorationSettings(), "haiku", ()) == {"haiku": 1.0}
    assert propensities(ExplorationSettings(), "haiku", ("haiku",)) == {"haiku": 1.0}


@pytest.mark.parametrize(
    ("vector", "open_to_chance"),
    [({"haiku": 0.9, "opus": 0.1}, True), ({"haiku": 0.0, "opus": 1.0}, True), ({"haiku": 1.0}, False), (None, False)],
)
def test_chance_decides_where_more_than_one_arm_could_have_got_the_task(vector, open_to_chance):
    assert left_to_chance(vector) is open_to_chance


def test_a_recommended_model_that_is_no_candidate_keeps_its_share():
    assert propensities(ExplorationSettings(rate=0.2), "local", ("haiku",)) == {"local": 0.8, "haiku": 0.2}


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_drawn_agrees_with_the_probabilities(rate, seed):
    settings = ExplorationSettings(rate=rate)
    vector = propensities(settings, "sonnet", ARMS)
    rng = Random(seed)
    drawn = Counter(draw(settings, vector, state(), rng) for _ in range(DRAWS))

    for arm, p in vector.items():
        # The mean of 1{a}/p has expectation 1 and standard error sqrt((1 - p) / (p n)).
        assert abs(drawn[arm] / DRAWS / p - 1) < 3.5 * sqrt((1 - p) / (p * DRAWS))


@pytest.mark.parametrize(("rate", "always"), [(0.0, "sonnet"), (1.0, None)])
def test_a_rate_of_nothing_or_everything_is_taken_at_its_word(rate, always):
    settings = ExplorationSettings(rate=rate)
    drawn = {draw(settings, propensities(settings, "sonnet", ARMS), state(), Random(n)) for n in range(200)}

    assert drawn == ({always} if always else {"haiku", "opus"})


@pytest.mark.parametrize("interval", [1, 2, 10])
def test_with_an_interval_every_nth_task_is_explored(interval):
    settings = ExplorationSettings(interval=interval)
    vector = propensities(settings, "sonnet", ARMS)
    since, explored = 0, []
    for number in range(1, 61):
        deviates = draw(settings, vector, state(since=since), Random(number)) != "sonnet"
        since = 0 if deviates else since + 1
        explored += [number] if deviates else []

    assert explored == list(range(interval, 61, interval))
    assert vector["sonnet"] == 1 - 1 / interval


def test_critical_work_and_a_switched_off_exploration_stay_with_the_policy():
    assert is_allowed(ExplorationSettings(), TASK, state(), NOW)
    assert not is_allowed(ExplorationSettings(), replace(TASK, priority="critical"), state(), NOW)
    assert is_allowed(ExplorationSettings(), replace(TASK, priority="high"), state(), NOW)
    assert not is_allowed(ExplorationSettings(mode="off"), TASK, state(), NOW)


@pytest.mark.parametrize(
    ("cooldown", "last", "allowed"),
    [
        (60, None, True),
        (60, timedelta(seconds=59), False),
        (60, timedelta(seconds=60), True),
        (60, timedelta(seconds=-1), False),
        (0, timedelta(seconds=-1), True),
        (1e300, timedelta(days=9999), False),
    ],
)
def test_after_an_exploration_there_is_a_pause(cooldown, last, allowed):
    # Another dispatch may lie a second ahead: it was recorded while this one waited for its turn.
    assert is_allowed(ExplorationSettings(cooldown_seconds=cooldown), TASK, state(last=last), NOW) is allowed


@pytest.mark.parametrize(
    ("spent", "allowed"),
    [
        (Spent(19, 19, 1000, 19, 1000, 19), True),  # too few attempts to bind
        (Spent(20, 2, 1000, 20, 100, 2), False),  # a tenth is spent
        (Spent(20, 2, 1000, 20, 99, 2), True),
        # 10 known attempts with 100 tokens each and 10 unknown ones: 2000; explored 1 known of 100 and 1 unknown: 200.
        (Spent(20, 2, 1000, 10, 100, 1), False),
        (Spent(20, 1, 1000, 10, 0, 0), True),  # 100 of 2000
    ],
)
def test_the_token_budget_binds_from_twenty_attempts_on(spent, allowed):
    assert is_allowed(ExplorationSettings(), TASK, state(spent=spent), NOW) is allowed
    assert is_allowed(ExplorationSettings(token_budget_ratio=None), TASK, state(spent=spent), NOW)


def test_in_the_adaptive_mode_a_pause_holds_and_the_token_budget_does_not():
    spent = Spent(100, 90, 1000, 100, 900, 90)
    adaptive = ExplorationSettings(mode="adaptive", candidates=ARMS, cooldown_seconds=60)

    assert is_allowed(adaptive, TASK, state(spent=spent), NOW)
    assert not is_allowed(adaptive, TASK, state(last=timedelta(seconds=59)), NOW)
    assert not is_allowed(adaptive, replace(TASK, priority="critical"), state(), NOW)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (ExplorationSettings(), "explored: 1 in 10"),
        (ExplorationSettings(rate=0.02), "explored: 1 in 50"),
        (ExplorationSettings(rate=0.6), "explored: 60%"),
        (ExplorationSettings(interval=3), "explored: 1 in 3"),
    ],
)
def test_the_reason_says_how_often(settings, line):
    assert reason(settings) == line
