"""Histories with a known answer, made attempt by attempt."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from modelmerit.learning.report import Report
from modelmerit.policy.document import parse_policy
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

sys.path.append(str(Path(__file__).parent))  # the part of these tests that holds none

from report_making import FACTS, made_of

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
START = datetime(2026, 1, 5, tzinfo=UTC)
COST_USD = {HAIKU: 0.05, SONNET: 0.15, OPUS: 0.45}
DEFAULTS = {"simple": HAIKU, "medium": SONNET, "complex": OPUS}


def make_attempt(number: int = 0, **fields: Any) -> Attempt:
    """A medium task that went to sonnet by policy and succeeded, unless `fields` say otherwise."""
    created_at = fields.pop("created_at", START + timedelta(hours=9, seconds=number))
    model = fields.get("model", SONNET)
    return Attempt(
        **{
            "id": f"d-{number}",
            "task": f"Extend the parser ({number})",
            "model": model,
            "created_at": created_at,
            "updated_at": created_at + timedelta(minutes=9),
            "complexity": "medium",
            "outcome": "success",
            "recommended_model": SONNET,
            "executed_model": model,
            "propensities": {SONNET: 0.9, HAIKU: 0.05, OPUS: 0.05},
            "cost_usd": COST_USD.get(model),
            "tokens_used": 1000,
            "execution_time_seconds": 60.0,
            **fields,
        }
    )


@pytest.fixture(scope="session")
def attempt() -> Callable[..., Attempt]:
    """Makes one attempt; see `make_attempt`."""
    return make_attempt


@pytest.fixture(scope="session")
def policy() -> Callable[..., Policy]:
    """Makes a policy: haiku, sonnet and opus by complexity, and the rules and blocks asked for."""

    def make(rules: Iterable[tuple[str, str]] = (), **blocks: Any) -> Policy:
        return parse_policy(
            json.dumps(
                {
                    "task_complexity": {complexity: {"model": model} for complexity, model in DEFAULTS.items()},
                    "rules": [{"if": condition, "use": use} for condition, use in rules],
                    **blocks,
                }
            )
        )

    return make


@pytest.fixture(scope="session")
def history() -> Callable[..., list[Attempt]]:
    """Makes weeks of history.

    Each week has, for each `(complexity, keyword)`, 18 attempts of the incumbent and 2 of each challenger. Rates are by
    (model, complexity, keyword); outcomes are spread evenly, so that the observed rates are the given ones as nearly as
    whole attempts allow.
    """

    def make(
        weeks: int,
        rate: Callable[[str, str, str], float],
        kinds: Iterable[tuple[str, str]],
        incumbents: Mapping[tuple[str, str], str] | None = None,
        **fields: Any,
    ) -> list[Attempt]:
        made: list[Attempt] = []
        rng = Random(1)
        owed: dict[tuple[str, str, str], float] = {}
        kinds = list(kinds)
        for week in range(weeks):
            for complexity, keyword in kinds:
                incumbent = (incumbents or {}).get((complexity, keyword), DEFAULTS[complexity])
                for model in DEFAULTS.values():
                    for _ in range(18 if model == incumbent else 2):
                        cell = (model, complexity, keyword)
                        owed[cell] = owed.get(cell, 0.5) + rate(*cell)
                        solved = owed[cell] >= 1.0
                        owed[cell] -= solved
                        made.append(
                            make_attempt(
                                len(made),
                                created_at=START + timedelta(weeks=week, days=rng.randrange(7), hours=9),
                                model=model,
                                complexity=complexity,
                                task_keywords=(keyword,) if keyword else (),
                                recommended_model=incumbent,
                                selection="policy" if model == incumbent else "explored",
                                propensities={known: (18 if known == incumbent else 2) / 22 for known in COST_USD},
                                outcome="success" if solved else "failure",
                                **fields,
                            )
                        )
        return made

    return make


@pytest.fixture(scope="session")
def full(history: Callable[..., list[Attempt]], policy: Callable[..., Policy]) -> Report:
    """A report in which everything is said: haiku suffices for medium tasks, and is a hint at some of the others."""
    kinds = [("medium", "docs"), ("medium", "api"), ("complex", "ci")]
    attempts = history(26, lambda model, level, _: 0.9 if level == "medium" or model == OPUS else 0.6, kinds)
    some = made_of(attempts, policy(), attempts[-1].created_at + timedelta(days=1), FACTS)
    assert some.suggestions
    return replace(some, warnings=("rule 2, column 7: expected a word",))
