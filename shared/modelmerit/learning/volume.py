"""How much there is to learn from: what was attempted in the window, with which models, and how much of it is known."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from modelmerit.learning.progress import OUTCOMES
from modelmerit.learning.strata import comparable_tallies, explored_by_day
from modelmerit.learning.tallies import Tallies

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What one model was given in the window. `errors` are not its fault and not among its `attempts`."""

    model: str
    attempts: int
    with_outcome: int
    successes: int
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Counts over the window, from `since` to the day of the report.

    `since` is the first day the window reaches back to, None where it reaches back to the first attempt. `errors` were
    not the model's fault and are not among `attempts`. `ahead` are dated after the day of the report and counted in
    nothing else.
    """

    since: date | None
    first_day: date | None
    last_day: date | None
    attempts: int
    with_outcome: int
    errors: int
    explored: int
    ahead: int
    models: tuple[ModelUse, ...]


def volume(every: Tallies, since: int | None, today: int) -> Volume:
    """The volume of the tallies of all tasks; `since` and `today` count days since 1970."""
    past = every.where(every.day <= today)
    window = past if since is None else past.where(past.day >= since)
    uses = _uses(window)
    _, explored = explored_by_day(comparable_tallies(window, today, today))
    return Volume(
        since=None if since is None else _date(since),
        first_day=_date(int(past.day.min())) if len(past) else None,
        last_day=_date(int(past.day.max())) if len(past) else None,
        attempts=sum(use.attempts for use in uses),
        with_outcome=sum(use.with_outcome for use in uses),
        errors=sum(use.errors for use in uses),
        explored=round(float(explored.sum())),
        ahead=round(sum(every.total(name, every.day > today) for name in ("attempts", "errors"))),
        models=uses,
    )


def _uses(window: Tallies) -> tuple[ModelUse, ...]:
    """The models of the window, those given most first."""
    labels = window.labels["model"]
    sums = {
        name: np.bincount(window.codes["model"], window.measures[name], len(labels))
        for name in ("attempts", "errors", *OUTCOMES)
    }
    uses = [
        ModelUse(
            model=model,
            attempts=round(float(sums["attempts"][at])),
            with_outcome=round(float(sum(sums[name][at] for name in OUTCOMES))),
            successes=round(float(sums["successes"][at])),
            errors=round(float(sums["errors"][at])),
        )
        for at, model in enumerate(labels)
        if sums["attempts"][at] + sums["errors"][at] > 0
    ]
    return tuple(sorted(uses, key=lambda use: (-use.attempts - use.errors, use.model)))


def _date(day: int) -> date:
    return EPOCH + timedelta(days=day)
