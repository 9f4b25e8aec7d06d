"""Dispatch logs drawn from recorded outcomes of many models on the same tasks, as if a policy had explored evenly.

Each entry draws a task, then one of the models, all alike: the outcome is the recorded one of that model on that task.
The data has no complexity; every task is called medium. Success is a share from 0 to 1 in some sources: 1 is a
success, 0 a failure, anything between is partial and keeps its share as `quality_score`. Both sources were graded by
running checks, so the evidence is `tests`.
"""

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

DAYS = 90


@dataclass(frozen=True, slots=True)
class Source:
    """One data set of outcomes. `incumbent` is the model the policy would have used for everything."""

    name: str
    incumbent: str
    challengers: Sequence[str]

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are drawn from, the incumbent first."""
        return (self.incumbent, *self.challengers)


SOURCES = (
    # The incumbent is the dearest of the six by the recorded cost.
    Source(
        "swebench_verified",
        "Claude 4.5 Opus medium (20251101)",
        (
            "Gemini 3 Pro Preview (2025-11-18)",
            "Claude 4.5 Sonnet (20250929)",
            "GPT-5 (2025-08-07) (medium reasoning)",
            "GPT-5 mini (2025-08-07) (medium reasoning)",
            "DeepSeek V3.2 Reasoner",
        ),
    ),
    # No cost is recorded; the incumbent has the most parameters.
    Source(
        "ulab",
        "llama-3.1-nemotron-51b-instruct",
        (
            "llama-3.3-nemotron-super-49b-v1",
            "gemma-2-9b-it",
            "llama-3.1-8b-instruct",
            "qwen2.5-7b-instruct",
            "codegemma-7b",
        ),
    ),
)


def drawn_records(folder: Path, source: Source, count: int, until: datetime, rng: Random) -> Iterator[dict[str, Any]]:
    """`count` records, oldest first, over the 90 days before `until`."""
    with gzip.open(folder / f"{source.name}.tasks.jsonl.gz", "rt", encoding="utf-8") as file:
        tasks = [json.loads(line) for line in file]
    outcomes = _outcomes(folder / f"{source.name}.outcomes.csv.gz")
    for number in range(count):
        task, model = rng.choice(tasks), rng.choice(source.models)
        row = outcomes[task["task_id"], model]
        created_at = until - timedelta(days=DAYS) * (1 - number / count)
        seconds = _number(row["seconds"])
        success = float(row["success"])
        outcome = {1.0: "success", 0.0: "failure"}.get(success, "partial")
        yield {
            "id": f"{source.name}-{number}",
            "workspace": task.get("repo") or task["category"],
            "task": task["text"],
            "complexity": "medium",
            "task_category": task["category"],
            "model": model,
            "executed_model": model,
            "recommended_model": source.incumbent,
            "selection": "policy" if model == source.incumbent else "explored",
            "propensities": dict.fromkeys(source.models, 1 / len(source.models)),
            "status": "failed" if outcome == "failure" else "completed",
            "outcome": outcome,
            "quality_score": success,
            "evidence": "tests",
            "created_at": created_at.isoformat(),
            "updated_at": (created_at + timedelta(seconds=seconds or 0)).isoformat(),
            "execution_time_seconds": seconds,
            "cost_usd": _number(row["cost_usd"]),
            "input_tokens": _number(row["tokens_in"]),
            "output_tokens": _number(row["tokens_out"]),
        }


def policy_of(source: Source) -> dict[str, Any]:
    """The models.json such a history comes from: the incumbent for everything, the others explored evenly."""
    return {
        "task_complexity": {level: {"model": source.incumbent} for level in ("simple", "medium", "complex")},
        "rules": [],
        "models": {f"model-{number}": {"id": model} for number, model in enumerate(source.models, start=1)},
        "exploration": {"rate": 1 - 1 / len(source.models)},
    }


def _outcomes(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return {(row["task_id"], row["model"]): row for row in csv.DictReader(file)}


def _number(text: str) -> float | None:
    return float(text) if text else None
