"""A few months of one person's work, made up: what they asked for, which model did it, and what came of it.

The person routes by complexity and lets one task in ten try another model. Their `medium` tasks go to a dear model
although a cheaper one does them as well, which is what there is to find. Nothing else is wrong with their policy.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from modelmerit.evidence.dispatch_log import iso

HAIKU = "claude-haiku-4-5-20251001"
SONNET = "claude-sonnet-4-5-20250929"
OPUS = "claude-opus-4-5-20251101"
MODELS = (HAIKU, SONNET, OPUS)
DEFAULTS = {"simple": HAIKU, "medium": OPUS, "complex": OPUS}
SHARES = {"simple": 0.3, "medium": 0.5, "complex": 0.2}
SUCCESS = {
    "simple": {HAIKU: 0.93, SONNET: 0.94, OPUS: 0.95},
    "medium": {HAIKU: 0.58, SONNET: 0.89, OPUS: 0.90},
    "complex": {HAIKU: 0.25, SONNET: 0.58, OPUS: 0.82},
}
TYPICAL_USD = {HAIKU: 0.04, SONNET: 0.15, OPUS: 0.45}
USD_PER_MTOK = {HAIKU: 2.0, SONNET: 6.0, OPUS: 12.0}
FAILURE_COSTS_TIMES = 1.9
LOG_COST_MEAN, LOG_COST_SPREAD = -0.2, 0.6
EXPLORATION_RATE = 0.10
DAYS = 120
TASKS_PER_DAY = 25

REQUESTS = (
    "Fix the bug in the {}",
    "Add tests for the {}",
    "Update the documentation of the {}",
    "Refactor the {}",
    "Extend the API endpoint of the {}",
    "Improve the performance of the {}",
    "Add logging to the {}",
    "Change the database query behind the {}",
    "Adjust the CSS of the {}",
)
THINGS = ("checkout page", "search index", "login form", "invoice export", "upload queue", "report builder", "calendar")
WORKSPACES = ("webshop", "billing", "mobile-app")


def truth(complexity: str, model: str) -> tuple[float, float]:
    """The success rate of a model on tasks of a complexity, and what a success costs in USD, failures included."""
    success = SUCCESS[complexity][model]
    mean = math.exp(LOG_COST_MEAN + LOG_COST_SPREAD**2 / 2)
    per_attempt = TYPICAL_USD[model] * mean * (success + FAILURE_COSTS_TIMES * (1 - success))
    return success, per_attempt / success


@dataclass(frozen=True, slots=True)
class Simulation:
    """A person's policy and their history under it. Attempts end on the evening before `today`."""

    seed: int
    today: datetime

    @property
    def policy(self) -> dict[str, Any]:
        """Their models.json."""
        return {
            "task_complexity": {
                "simple": {"model": HAIKU, "examples": ["update docs", "fix typo"]},
                "medium": {"model": OPUS, "examples": ["implement feature"]},
                "complex": {"model": OPUS, "examples": ["architecture change"]},
            },
            "rules": [{"if": "task contains 'architecture' or 'design'", "use": "opus"}],
            "models": {
                "haiku": {"id": HAIKU, "use_as": "haiku"},
                "sonnet": {"id": SONNET, "use_as": "sonnet"},
                "opus": {"id": OPUS, "use_as": "opus"},
            },
            "exploration": {"mode": "epsilon", "rate": EXPLORATION_RATE},
        }

    def records(self) -> Iterator[dict[str, Any]]:
        """Their dispatch log, oldest first."""
        rng = Random(self.seed)  # noqa: S311
        number = 0
        for day in range(DAYS):
            morning = self.today - timedelta(days=DAYS - day)
            times = sorted(rng.uniform(8, 19) for _ in range(rng.randint(TASKS_PER_DAY - 8, TASKS_PER_DAY + 8)))
            for hour in times:
                number += 1
                yield self._record(rng, number, morning + timedelta(hours=hour))

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write models.json and dispatches.json into a folder; answers both paths."""
        policy, history = folder / "models.json", folder / "dispatches.json"
        policy.write_text(json.dumps(self.policy, indent=2) + "\n", encoding="utf-8")
        history.write_text(json.dumps(list(self.records())), encoding="utf-8")
        return policy, history

    def _record(self, rng: Random, number: int, moment: datetime) -> dict[str, Any]:
        complexity = rng.choices(list(SHARES), list(SHARES.values()))[0]
        recommended = DEFAULTS[complexity]
        others = [model for model in MODELS if model != recommended]
        explored = rng.random() < EXPLORATION_RATE
        model = rng.choice(others) if explored else recommended
        succeeded = rng.random() < SUCCESS[complexity][model]
        cost_usd = (
            TYPICAL_USD[model]
            * rng.lognormvariate(LOG_COST_MEAN, LOG_COST_SPREAD)
            * (1 if succeeded else FAILURE_COSTS_TIMES)
        )
        moment = moment.replace(microsecond=0)
        return {
            "id": f"demo-{number:05d}",
            "workspace": rng.choice(WORKSPACES),
            "task": f"{rng.choice(REQUESTS).format(rng.choice(THINGS))} (ticket {number})",
            "complexity": complexity,
            "model": model,
            "recommended_model": recommended,
            "executed_model": model,
            "status": "completed" if succeeded else "failed",
            "created_at": iso(moment),
            "updated_at": iso(moment + timedelta(minutes=10)),
            "outcome": "success" if succeeded else "failure",
            "evidence": "reported",
            "execution_time_seconds": round(rng.lognormvariate(4.8, 0.5), 1),
            "tokens_used": int(cost_usd / USD_PER_MTOK[model] * 1e6),
            "cost_usd": round(cost_usd, 5),
            "selection": "explored" if explored else "policy",
            "propensities": {
                candidate: 1 - EXPLORATION_RATE if candidate == recommended else EXPLORATION_RATE / len(others)
                for candidate in MODELS
            },
        }
