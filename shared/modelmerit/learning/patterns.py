"""Patterns: how each model does at each kind of task, for people to read.

A pattern describes; it decides nothing. It covers what happened in the last `window_days`, weighs an attempt half
after each `half_life_days`, and counts every attempt, explored or not. That is why two patterns must not be compared
to choose a model: the cheap model may have got the easy tasks.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np

from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.policy.schema import Policy
from modelmerit.statistics.arrays import Floats

HIGH_SAMPLE_SIZE = 50
MEDIUM_SAMPLE_SIZE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One model at one kind of task. `sample_size` counts attempts with an outcome, and rates and means are over them;
    `recent_success_rate` weighs them by half-life, so that it shows where things are going.

    `keyword` is None for all tasks of a complexity. `confidence` speaks of the sample size alone. `usd_per_success`
    includes what the failures cost; it is None where no cost is known or nothing has succeeded.
    """

    pattern_id: str
    trigger: str
    complexity: str | None
    keyword: str | None
    model: str
    success_rate: float
    recent_success_rate: float
    sample_size: int
    avg_tokens: float | None
    avg_execution_time_seconds: float | None
    usd_per_success: float | None
    confidence: Literal["high", "medium", "low"]
    suggestion: str

    def to_dict(self) -> dict[str, Any]:
        """The pattern as model-learning.json holds it."""
        return {
            **asdict(self),
            "success_rate": round(self.success_rate, 4),
            "recent_success_rate": round(self.recent_success_rate, 4),
            "avg_tokens": _rounded(self.avg_tokens, 0),
            "avg_execution_time_seconds": _rounded(self.avg_execution_time_seconds, 1),
            "usd_per_success": _rounded(self.usd_per_success, 5),
        }


OUTCOME_COUNTS = ("successes", "partials", "failures")


def find_patterns(
    tallies: Tallies,
    policy: Policy,
    as_of: datetime,
    *,
    min_sample_size: int | None = None,
    since: datetime | None = None,
) -> tuple[Pattern, ...]:
    """The patterns of the window, those of whole complexities first, then by keyword.

    `min_sample_size` and `since` default to the policy's `learning` settings.
    """
    settings = policy.learning
    least = settings.min_sample_size if min_sample_size is None else min_sample_size
    today = day_number(as_of)
    if since is not None:
        first = day_number(since)
    else:
        first = 0 if settings.window_days is None else today - int(settings.window_days) + 1
    window = tallies.between(first, today)
    if not len(window):
        return ()
    sums = _sums_by_pattern(window)
    recent = _sums_by_pattern(window, _weights(window, today, settings.half_life_days))
    counted = np.nonzero(sums["judged"] >= max(1, least))[0]
    shape = tuple(len(window.labels[name]) for name in ("keyword", "complexity", "model"))
    patterns = []
    for cell in counted:
        keyword, complexity, model = np.unravel_index(cell, shape)
        patterns.append(
            _pattern(
                window.labels["complexity"][complexity],
                window.labels["keyword"][keyword],
                window.labels["model"][model],
                {name: float(column[cell]) for name, column in sums.items()},
                _success_rate({name: float(column[cell]) for name, column in recent.items()}),
                policy,
            )
        )
    return tuple(sorted(patterns, key=lambda p: (p.keyword or "", p.complexity or "~", p.model)))


def _weights(tallies: Tallies, today: int, half_life_days: float | None) -> Floats:
    if half_life_days is None:
        return np.ones(len(tallies))
    return np.exp2(-(today - tallies.day) / half_life_days)


def _sums_by_pattern(tallies: Tallies, weights: Floats | None = None) -> dict[str, Floats]:
    """Sums of each measure per (keyword, complexity, model), weighted if asked, and of the attempts with an outcome."""
    sizes = {name: len(tallies.labels[name]) for name in ("keyword", "complexity", "model")}
    cell = (tallies.codes["keyword"].astype(np.int64) * sizes["complexity"] + tallies.codes["complexity"]) * sizes[
        "model"
    ] + tallies.codes["model"]
    cells = sizes["keyword"] * sizes["complexity"] * sizes["model"]
    judged = np.sum([tallies.measures[name] for name in OUTCOME_COUNTS], axis=0)
    measures = {**tallies.measures, "judged": judged}
    return {
        name: np.bincount(cell, column if weights is None else weights * column, cells).astype(np.float64)
        for name, column in measures.items()
    }


def _success_rate(sums: Mapping[str, float]) -> float:
    return sums["successes"] / sums["judged"]


def _pattern(
    complexity: str, keyword: str, model: str, sums: Mapping[str, float], recently: float, policy: Policy
) -> Pattern:
    success_rate = _success_rate(sums)
    sample_size = round(sums["judged"])
    cost = _mean(sums["cost_usd"], sums["cost_known"])
    return Pattern(
        pattern_id="/".join(part for part in (keyword, complexity or "unlabelled", model) if part),
        trigger=" and ".join(
            part
            for part in (
                f"keyword is '{keyword}'" if keyword else "",
                f"complexity is {complexity}" if complexity else "no complexity given",
            )
            if part
        ),
        complexity=complexity or None,
        keyword=keyword or None,
        model=model,
        success_rate=success_rate,
        recent_success_rate=recently,
        sample_size=sample_size,
        avg_tokens=_mean(sums["tokens"], sums["tokens_known"]),
        avg_execution_time_seconds=_mean(sums["seconds"], sums["seconds_known"]),
        usd_per_success=cost / success_rate if cost is not None and success_rate > 0 else None,
        confidence=_confidence(sample_size),
        suggestion=_advice(success_rate, sample_size, policy),
    )


def _mean(total: float, known: float) -> float | None:
    return total / known if known > 0 else None


def _confidence(sample_size: int) -> Literal["high", "medium", "low"]:
    if sample_size >= HIGH_SAMPLE_SIZE:
        return "high"
    return "medium" if sample_size >= MEDIUM_SAMPLE_SIZE else "low"


def _advice(success_rate: float, sample_size: int, policy: Policy) -> str:
    if success_rate < policy.learning.min_success_rate:
        return f"underperforming: {success_rate:.0%} of {sample_size} succeeded; see the suggestions and hints"
    return "doing well; no change asked for by this figure alone"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
