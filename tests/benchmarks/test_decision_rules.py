import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from decision_rules import Cell, chance_above, weekly_looks
from decision_worlds import START
from modelmerit.policy.document import parse_policy
from modelmerit.records import Attempt

POLICY = parse_policy(json.dumps({"task_complexity": {level: {"model": "dear"} for level in ("simple", "medium")}}))
PRICES = {"cheap": 0.01, "dear": 0.10, "best": 0.30}


def log(counts: Mapping[str, tuple[int, int]], **fields: Any) -> list[Attempt]:
    """Medium tasks of the first five days: successes and attempts by model."""
    return [
        Attempt(
            id=f"{model}-{number}",
            task="Extend the parser",
            model=model,
            created_at=START + timedelta(days=5 * number / attempts),
            complexity="medium",
            outcome="success" if number < successes else "failure",
            cost_usd=PRICES[model],
            **{"updated_at": START + timedelta(days=5 * number / attempts, minutes=9), **fields},
        )
        for model, (successes, attempts) in counts.items()
        for number in range(attempts)
    ]


def suggested(rule: str, attempts: list[Attempt]) -> list[tuple[dict[str, str], str, float | None]]:
    looks = weekly_looks(rule, attempts, POLICY)
    return [(one["scope"], one["to_model"], one["confidence"]) for one in looks[-1]["suggestions"]]


MEDIUM = {"complexity": "medium"}


def test_the_plain_formula_moves_a_model_below_70_percent_one_up() -> None:
    # 5 of 8 is 0.625, and 8 / 20 = 0.4.
    assert suggested("plain formula", log({"dear": (5, 8), "best": (8, 8)})) == [(MEDIUM, "best", 0.4)]
    assert suggested("plain formula", log({"dear": (4, 7), "best": (7, 7)})) == []


def test_the_plain_formula_takes_a_cheaper_model_within_five_points() -> None:
    assert suggested("plain formula", log({"dear": (17, 20), "cheap": (4, 5)})) == [(MEDIUM, "cheap", 0.25)]
    assert suggested("plain formula", log({"dear": (18, 20), "cheap": (4, 5)})) == []


def test_only_the_plain_formula_takes_a_broken_harness_for_a_failure() -> None:
    broken = log({"dear": (0, 30)}, error_type="harness")
    worked = log({"best": (30, 30)})
    assert suggested("plain formula", [*broken, *worked]) == [(MEDIUM, "best", 1.0)]
    assert suggested("LiteLLM Auto gate", [*broken, *worked]) == []


def test_the_gate_takes_the_cheapest_per_success_within_seven_points_of_the_best_lower_bound() -> None:
    # 0.90 - 1.96 * sqrt(0.90 * 0.10 / 100) = 0.841; 0.88 gives 0.816, within 0.07; 0.80 gives 0.722, outside.
    assert suggested("LiteLLM Auto gate", log({"dear": (90, 100), "cheap": (88, 100)})) == [(MEDIUM, "cheap", None)]
    assert suggested("LiteLLM Auto gate", log({"dear": (90, 100), "cheap": (80, 100)})) == []


def test_the_gate_leaves_a_model_that_is_not_near_the_best() -> None:
    assert suggested("LiteLLM Auto gate", log({"dear": (60, 100), "best": (95, 100)})) == [(MEDIUM, "best", None)]


def test_flat_priors_give_the_textbook_probabilities() -> None:
    # Two uniform rates: (1 - 0.1)^2 / 2 that one is more than 0.1 above the other. Beta(2, 1) beats a uniform: 2/3.
    assert chance_above(Cell(), Cell(), 0.0) == pytest.approx(0.5, abs=0.002)
    assert chance_above(Cell(), Cell(), 0.1) == pytest.approx(0.405, abs=0.002)
    assert chance_above(Cell(attempts=1, successes=1), Cell(), 0.0) == pytest.approx(2 / 3, abs=0.002)


def test_a_winner_is_called_at_95_percent() -> None:
    assert suggested("Bayesian A/B at 95 %", log({"dear": (60, 100), "best": (90, 100)}))[0][:2] == (MEDIUM, "best")
    assert suggested("Bayesian A/B at 95 %", log({"dear": (90, 100), "cheap": (20, 25)})) == []


def test_a_look_knows_only_what_was_reported_by_then() -> None:
    first = log({"dear": (60, 100)})
    late = log({"best": (90, 100)}, updated_at=START + timedelta(days=13))
    looks = weekly_looks("LiteLLM Auto gate", [*first, *late], POLICY)
    assert [len(one["suggestions"]) for one in looks] == [0, 1]
