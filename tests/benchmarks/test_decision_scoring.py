from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from decision_scoring import Call, Score, calibration, is_right, largest_gap, score, summary
from decision_worlds import START, Departure, Habits, Kind, Target, World

WORLD = World(
    family="by hand",
    seed=1,
    models=("cheap", "dear", "best"),
    prices={"cheap": 0.01, "dear": 0.10, "best": 0.30},
    defaults={"simple": "cheap", "medium": "dear", "complex": "dear"},
    shares={
        Kind("simple", ("docs",), "web"): 0.25,
        Kind("medium", ("docs",), "web"): 0.25,
        Kind("medium", ("api",), "web"): 0.25,
        Kind("complex", ("api", "docs"), "web"): 0.25,
    },
    rates={
        ("simple", "cheap"): 0.60,
        ("simple", "dear"): 0.88,
        ("simple", "best"): 0.88,
        ("medium", "cheap"): 0.81,
        ("medium", "dear"): 0.88,
        ("medium", "best"): 0.90,
        ("complex", "cheap"): 0.60,
        ("complex", "dear"): 0.85,
        ("complex", "best"): 0.89,
    },
    difficulty={},
    habits=Habits(tasks_per_day=1, exploration_rate=0.1, evidence={"tests": 1.0}),
)
SIMPLE, MEDIUM, COMPLEX = ({"complexity": name} for name in ("simple", "medium", "complex"))


def finding(scope: Mapping[str, str], to_model: str, confidence: float | None = 0.9, kind: str = "new_rule") -> Any:
    return {"type": kind, "scope": scope, "to_model": to_model, "confidence": confidence}


def look(day: int, suggestions: list[Any], hints: list[Any] | None = None) -> Any:
    return {
        "as_of": (START + timedelta(days=day)).isoformat(),
        "suggestions": suggestions,
        "hints": hints or [],
    }


def test_a_scope_comes_to_the_mean_of_its_tasks_and_failures_cost_more() -> None:
    # Simple and medium docs tasks in equal parts, all to `dear`: 0.88; complex ones have docs too: (0.88*2 + 0.85) / 3.
    truth = WORLD.truth({"keyword": "docs"}, "dear", START)
    assert truth.success == pytest.approx((0.88 * 2 + 0.85) / 3)
    # 0.88 succeed at 0.10, 0.12 fail at 0.19.
    medium = WORLD.truth(MEDIUM, None, START)
    assert medium.cost_usd == pytest.approx(0.88 * 0.10 + 0.12 * 0.19)
    assert medium.usd_per_success == pytest.approx((0.88 * 0.10 + 0.12 * 0.19) / 0.88)


@pytest.mark.parametrize(
    ("scope", "to_model", "verdict"),
    [
        (MEDIUM, "cheap", True),  # -0.07 at a tenth of the price
        (SIMPLE, "dear", True),  # +0.28
        (COMPLEX, "cheap", False),  # -0.25
        (MEDIUM, "best", False),  # +0.02 at three times the price
        (COMPLEX, "best", None),  # +0.04, within 0.02 of +0.05
        ({}, "cheap", False),  # right for medium, wrong for complex tasks
        ({"keyword": "docs"}, "dear", True),  # changes simple tasks only
        (SIMPLE, "cheap", False),  # changes nothing
    ],
)
def test_a_suggestion_is_right_only_where_every_complexity_it_changes_gains(
    scope: Mapping[str, str], to_model: str, verdict: bool | None
) -> None:
    assert is_right(WORLD, scope, to_model, START) is verdict


def test_where_gains_are_sought_a_saving_is_neither_found_nor_wrong() -> None:
    sought = replace(WORLD, gains_only=True)
    assert is_right(sought, MEDIUM, "cheap", START) is None
    assert is_right(sought, SIMPLE, "dear", START) is True
    assert is_right(sought, COMPLEX, "cheap", START) is False


def test_a_suggestion_counts_once_and_what_is_nested_in_it_not_at_all() -> None:
    world = replace(WORLD, targets=(Target({"medium": "cheap"}),))
    standing = [finding(MEDIUM, "cheap", 0.95), finding(COMPLEX, "cheap", 0.9)]
    made = score(
        world,
        [
            look(7, [standing[1]], [finding(MEDIUM, "best", 0.6)]),
            look(14, standing, [finding(MEDIUM, "best", 0.7)]),
            look(
                21, [*standing, finding({**MEDIUM, "keyword": "docs"}, "cheap"), finding({}, "best", 1, "escalation")]
            ),
        ],
    )
    assert (made.right, made.wrong, made.too_close) == (1, 1, 0)
    assert made.calls == (
        Call(7, COMPLEX, "cheap", 0.9, False),
        Call(7, MEDIUM, "best", 0.6, False, hint=True),
        Call(14, MEDIUM, "cheap", 0.95, True),
    )
    assert made.found_after_days == 14


def test_a_standing_suggestion_that_becomes_right_counts_as_found_from_then_on() -> None:
    """From day 100 on `cheap` does complex tasks as well; a suggestion of day 7 was wrong when it was made."""
    world = replace(
        WORLD,
        departures=(Departure({("complex", "cheap"): 0.84}, since_day=100),),
        targets=(Target({"complex": "cheap"}, since_day=100),),
    )
    made = score(world, [look(day, [finding(COMPLEX, "cheap")]) for day in (7, 98, 105, 112)])
    assert (made.right, made.wrong, made.found_after_days) == (0, 1, 5)


def test_sums_tell_false_worlds_from_missed_ones() -> None:
    full = replace(WORLD, targets=(Target({"medium": "cheap"}),))
    quiet, right, wrong = [], [look(21, [finding(MEDIUM, "cheap")])], [look(7, [finding(COMPLEX, "cheap")])]
    total = summary([score(WORLD, wrong), score(WORLD, quiet), score(full, right), score(full, quiet)])
    assert (total.empty_worlds, total.false_worlds) == (2, 1)
    assert (total.full_worlds, total.found_worlds, total.missed_worlds) == (2, 1, 1)
    assert (total.wrong_share, total.median_days) == (0.5, 21)


def test_calibration_compares_what_was_stated_with_what_was_right() -> None:
    # 20 calls at 0.84, 15 of them right: a gap of 0.84 - 0.75. One at 1.0 joins the last bin, too few to count.
    calls = [Call(7, MEDIUM, "cheap", 0.84, number < 15, hint=number % 2 == 0) for number in range(20)]
    ignored = [Call(7, MEDIUM, "best", None, False), Call(7, COMPLEX, "best", 0.5, None)]
    world = Score(
        family="by hand",
        seed=1,
        something_to_find=False,
        explored_at_targets=0,
        calls=(*calls, *ignored, Call(7, SIMPLE, "dear", 1.0, False)),
        found_after_days=None,
    )
    low, high = calibration([world])
    assert (low.low, low.count, low.right) == (0.8, 20, 15)
    assert low.gap == pytest.approx(0.09)
    assert (high.low, high.count, high.right) == (0.9, 1, 0)
    assert largest_gap([low, high]) == pytest.approx(0.09)
    assert largest_gap([high]) is None
