"""Strata: the attempts within which chance alone decided between the arms.

A stratum is one complexity under one incumbent, which is what the policy recommended. Only `comparable` tallies
enter. Counts are kept by keyword, model and week, in weeks since 1970; row 0 of the keywords is all tasks.

An attempt without an outcome is pending for a day and missing after that. Because a tally knows only the day, an
attempt of yesterday is pending still.
"""

from dataclasses import dataclass

import numpy as np

from modelmerit.learning.tallies import Tallies
from modelmerit.statistics.arrays import Floats, Integers
from modelmerit.statistics.differences import Arms

DAYS_PER_WEEK = 7
PENDING_DAYS = 1


@dataclass(frozen=True, eq=False)
class Stratum:
    """Counts of one complexity under one incumbent, each an array of [keyword, model, week]."""

    complexity: str
    incumbent: str
    keywords: tuple[str, ...]
    models: tuple[str, ...]
    weeks: Integers
    attempts: Floats
    successes: Floats
    partials: Floats
    missing: Floats
    cost_usd: Floats
    cost_known: Floats

    @property
    def challengers(self) -> tuple[str, ...]:
        """The models that were tried instead of the incumbent."""
        return tuple(model for model in self.models if model != self.incumbent)

    def index(self, model: str) -> int:
        """The model's place in the arrays, or -1 if it never ran here."""
        return self.models.index(model) if model in self.models else -1

    def arms(self, challenger: str, partial_credit: float, keyword: int = 0, first_week: int | None = None) -> Arms:
        """Weekly counts of a challenger against the incumbent; where outcomes are missing the challenger failed.

        `partial_credit` is what a partial result is worth.
        """
        own, other = self.index(challenger), self.index(self.incumbent)
        rows = self.weeks >= first_week if first_week is not None else np.ones(len(self.weeks), dtype=np.bool_)
        good = self.successes[keyword] + partial_credit * self.partials[keyword]
        nothing = np.zeros(int(rows.sum()))
        return Arms(
            weeks=self.weeks[rows],
            challenger_attempts=self.attempts[keyword, own, rows],
            challenger_successes=good[own, rows],
            incumbent_attempts=self.attempts[keyword, other, rows] if other >= 0 else nothing,
            incumbent_successes=good[other, rows] + self.missing[keyword, other, rows] if other >= 0 else nothing,
        )


def comparable_tallies(tallies: Tallies, today: int, last_day: int) -> Tallies:
    """The tallies that comparisons rest on, up to `last_day`, without what is pending on `today`."""
    rows = tallies.where(tallies.comparable & (tallies.day <= last_day))
    judged = rows.measures["successes"] + rows.measures["partials"] + rows.measures["failures"]
    attempts = np.where(rows.day >= today - PENDING_DAYS, judged, rows.measures["attempts"])
    return Tallies(rows.day, rows.comparable, rows.codes, rows.labels, {**rows.measures, "attempts": attempts})


def explored_by_day(tallies: Tallies) -> tuple[Integers, Floats]:
    """The days with attempts of a challenger, and how many each had, from comparable tallies."""
    ranks = {label: rank for rank, label in enumerate(tallies.labels["model"])}
    model_of = np.array([ranks.get(label, -1) for label in tallies.labels["incumbent"]], dtype=np.int64)
    rows = tallies.rows_of(keyword="")
    if len(model_of):
        rows &= model_of[tallies.codes["incumbent"]] != tallies.codes["model"]
    days, day = np.unique(tallies.day[rows], return_inverse=True)
    return days.astype(np.int64), np.bincount(day, tallies.measures["attempts"][rows], len(days)).astype(np.float64)


def stratum(tallies: Tallies, complexity: str, incumbent: str) -> Stratum:
    """The counts of one complexity under one incumbent, by keyword, from comparable tallies."""
    own = tallies.where(tallies.rows_of(complexity=complexity, incumbent=incumbent))
    keywords, keyword = _present(own, "keyword")
    return _counted(own, complexity, incumbent, keywords, keyword)


def whole_stratum(tallies: Tallies, incumbent: str) -> Stratum:
    """The counts of all these tallies as one stratum, whatever their complexity and keyword.

    Where the propensities do not depend on them, the arms have the same mix of tasks, but for chance.
    """
    return _counted(tallies, "", incumbent, ("",), np.zeros(len(tallies), dtype=np.int64))


def _counted(own: Tallies, complexity: str, incumbent: str, keywords: tuple[str, ...], keyword: Integers) -> Stratum:
    models, model = _present(own, "model")
    weeks, week = np.unique(own.day // DAYS_PER_WEEK, return_inverse=True)
    shape = (len(keywords), len(models), len(weeks))
    cell = (keyword * shape[1] + model) * shape[2] + week

    def summed(column: Floats) -> Floats:
        return np.bincount(cell, column, int(np.prod(shape))).reshape(shape).astype(np.float64)

    counts = own.measures
    return Stratum(
        complexity=complexity,
        incumbent=incumbent,
        keywords=keywords,
        models=models,
        weeks=weeks.astype(np.int64),
        attempts=summed(counts["attempts"]),
        successes=summed(counts["successes"]),
        partials=summed(counts["partials"]),
        missing=summed(counts["attempts"] - counts["successes"] - counts["partials"] - counts["failures"]),
        cost_usd=summed(counts["cost_usd"]),
        cost_known=summed(counts["cost_known"]),
    )


def _present(tallies: Tallies, column: str) -> tuple[tuple[str, ...], Integers]:
    """The labels that occur, in order, and each row's place among them; "" is always there for keywords."""
    codes = tallies.codes[column].astype(np.int64)
    present = np.unique(codes)
    labels = tuple(tallies.labels[column][code] for code in present)
    if column == "keyword" and labels and labels[0] != "":
        labels, present = ("", *labels), np.concatenate([[-1], present])
    return labels, np.searchsorted(present, codes)
