"""Recorded outcomes of many models on the same tasks, and dispatch logs drawn from them.

Success is a share from 0 to 1 in some sources: 1 is a success, 0 a failure, anything between is partial. The sources
were graded by running checks, so the evidence is `tests`. They know no complexity; every task is called medium.
"""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from modelmerit.evidence.keywords import extract_keywords
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt, Task

SIX_MODELS = (
    "Claude 4.5 Opus medium (20251101)",
    "Gemini 3 Pro Preview (2025-11-18)",
    "Claude 4.5 Sonnet (20250929)",
    "GPT-5 (2025-08-07) (medium reasoning)",
    "GPT-5 mini (2025-08-07) (medium reasoning)",
    "DeepSeek V3.2 Reasoner",
)
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 90


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """A task of the data. `kind` is its repository or its type, `keywords` are those its text has."""

    id: str
    text: str
    kind: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What one model made of a task: its share of success, and what it cost, None where nobody recorded it."""

    success: float
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Worked:
    """The mean success, and the mean cost where costs are recorded, of tasks given to the models a policy says."""

    success: float
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A source: its tasks, its models, and each model's result on each task."""

    name: str
    tasks: tuple[RecordedTask, ...]
    models: tuple[str, ...]
    results: Mapping[tuple[str, str], Result]

    def worked(self, kinds: str, policy: Policy, tasks: Sequence[RecordedTask]) -> Worked:
        """What would have come of these tasks under the policy."""
        chosen = [self.results[task.id, policy.recommend(as_task(task, kinds)).model] for task in tasks]
        costs = [result.cost_usd for result in chosen if result.cost_usd is not None]
        return Worked(mean(result.success for result in chosen), mean(costs) if costs else None)


@lru_cache(maxsize=4)
def recorded(folder: Path, source: str, models: tuple[str, ...] = ()) -> Recorded:
    """The recorded outcomes of a source, of all its models or only of these."""
    with gzip.open(folder / f"{source}.tasks.jsonl.gz", "rt", encoding="utf-8") as file:
        tasks = [json.loads(line) for line in file]
    with gzip.open(folder / f"{source}.outcomes.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not models or row["model"] in models]
    return Recorded(
        name=source,
        tasks=tuple(_task(task) for task in tasks),
        models=models or tuple(sorted({row["model"] for row in rows})),
        results={
            (row["task_id"], row["model"]): Result(
                float(row["success"]), float(row["cost_usd"]) if row["cost_usd"] else None
            )
            for row in rows
        },
    )


def drawn_log(
    data: Recorded, tasks: Sequence[RecordedTask], kinds: str, entries: int, rng: Random
) -> Iterator[Attempt]:
    """A log of so many entries, oldest first: each draws a task, then one of the models, all alike.

    Who was to be tried in whose place is not said yet: `under` says it.
    """
    for number in range(entries):
        task, model = rng.choice(tasks), rng.choice(data.models)
        created_at = START + timedelta(days=DAYS) * number / entries
        result = data.results[task.id, model]
        seen = as_task(task, kinds)
        yield Attempt(
            id=f"{data.name}-{number}",
            task=seen.text,
            task_keywords=seen.keywords,
            workspace=seen.workspace,
            complexity="medium",
            model=model,
            executed_model=model,
            propensities=dict.fromkeys(data.models, 1 / len(data.models)),
            outcome={1.0: "success", 0.0: "failure"}.get(result.success, "partial"),
            evidence="tests",
            cost_usd=result.cost_usd,
            created_at=created_at,
            updated_at=created_at + timedelta(minutes=1),
        )


def under(incumbent: str, log: Sequence[Attempt]) -> list[Attempt]:
    """The log as it would be, had the policy said `incumbent` for everything."""
    return [
        replace(one, recommended_model=incumbent, selection="policy" if one.model == incumbent else "explored")
        for one in log
    ]


def best_in(log: Sequence[Attempt]) -> str:
    """The model that succeeds most often in the log."""
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for attempt in log:
        outcomes[attempt.model].append(attempt.outcome == "success")
    return max(sorted(outcomes), key=lambda model: mean(outcomes[model]))


def as_task(task: RecordedTask, kinds: str) -> Task:
    """The task as a rule sees it: `kinds` says whether its repository, its keywords or its type is known."""
    return Task(
        text=task.text,
        complexity="medium",
        keywords={"keyword": task.keywords, "task type": (task.kind,)}.get(kinds, ()),
        workspace=task.kind if kinds == "repository" else None,
    )


def policy_text(incumbent: str, models: Sequence[str]) -> str:
    """The models.json that gives everything to one model and tries all others evenly."""
    return json.dumps(
        {
            "task_complexity": {level: {"model": incumbent} for level in ("simple", "medium", "complex")},
            "rules": [],
            "models": {f"model-{number}": {"id": model} for number, model in enumerate(models, start=1)},
            "exploration": {"rate": 1 - 1 / len(models)},
        },
        indent=2,
    )


def _task(row: Mapping[str, Any]) -> RecordedTask:
    return RecordedTask(row["task_id"], row["text"], row.get("repo") or row["category"], extract_keywords(row["text"]))
