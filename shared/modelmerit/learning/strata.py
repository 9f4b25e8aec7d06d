"""Strata: the attempts within which chance alone decided between the arms.

A stratum is one complexity under one incumbent, which is what the policy recommended. Only `comparable` tallies
enter. Counts are kept by model and week, in weeks since 1970; those of a keyword, or of all keywords for one model, are
added up when they are asked for.

An attempt without an outcome is pending for a day and missing after that. Because a tally knows only the day, an
attempt of yesterday is pending still.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from modelmerit.learning.tallies import Codes, Sums, Tallies
from modelmerit.learning.tallying import DAYS_PER_WEEK
from modelmerit.statistics.arrays import Floats, Integers, Mask
from modelmerit.statistics.differences import Arms

PENDING_DAYS = 1
COMPARED = ("attempts", "successes", "partials", "failures", "cost_usd", "cost_known")


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts in arrays of one shape, whose last axis is the week."""

    attempts: Floats
    successes: Floats
    partials: Floats
    missing: Floats
    cost_usd: Floats
    cost_known: Floats

    def good(self, partial_credit: float) -> Floats:
        """Successes, and what partial results are worth."""
        return self.successes + partial_credit * self.partials


@dataclass(frozen=True, eq=False)
class _Rows:
    """Tallies of keywords: each row's place among the keywords, models and weeks, and its counts."""

    keyword: Codes
    model: Codes
    week: Codes
    counts: Mapping[str, Sums]

    def added_up(self, rows: Mask, place: Codes, shape: tuple[int, int]) -> Counts:
        counts = {name: column[rows] for name, column in self.counts.items()}
        return _added_up(place[rows], self.week[rows], counts, shape)


@dataclass(frozen=True, eq=False)
class Stratum:
    """Counts of one complexity under one incumbent: `all_tasks` by model and week, and those of each keyword."""

    complexity: str
    incumbent: str
    keywords: tuple[str, ...]
    models: tuple[str, ...]
    weeks: Integers
    all_tasks: Counts
    _keyword_rows: _Rows

    @property
    def challengers(self) -> tuple[str, ...]:
        """The models that were tried instead of the incumbent."""
        return tuple(model for model in self.models if model != self.incumbent)

    def index(self, model: str) -> int:
        """The model's place in the arrays, or -1 if it never ran here."""
        return self.models.index(model) if model in self.models else -1

    def of_keyword(self, keyword: str | None) -> Counts:
        """The counts of a keyword's tasks, or of all tasks, by model and week."""
        if keyword is None:
            return self.all_tasks
        rows = self._keyword_rows
        own = rows.keyword == self.keywords.index(keyword)
        return rows.added_up(own, rows.model, (len(self.models), len(self.weeks)))

    def of_model(self, model: str) -> Counts:
        """The counts of one model, by keyword and week."""
        rows = self._keyword_rows
        return rows.added_up(rows.model == self.index(model), rows.keyword, (len(self.keywords), len(self.weeks)))

    def arms(self, challenger: str, partial_credit: float) -> Arms:
        """Weekly counts of a challenger against the incumbent; where outcomes are missing the challenger failed.

        `partial_credit` is what a partial result is worth.
        """
        own, other = self.index(challenger), self.index(self.incumbent)
        counts = self.all_tasks
        good = counts.good(partial_credit)
        nothing = np.zeros(len(self.weeks))
        return Arms(
            weeks=self.weeks,
            challenger_attempts=counts.attempts[own],
            challenger_successes=good[own],
            incumbent_attempts=counts.attempts[other] if other >= 0 else nothing,
            incumbent_successes=good[other] + counts.missing[other] if other >= 0 else nothing,
        )


def comparable_tallies(tallies: Tallies, today: int, last_day: int) -> Tallies:
    """The tallies that comparisons rest on, up to `last_day`, without what is pending on `today`."""
    rows = tallies.where(tallies.comparable & (tallies.day <= last_day), COMPARED)
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
    return _counted(own, complexity, incumbent, own.rows_of(keyword=""))


def whole_stratum(tallies: Tallies, incumbent: str) -> Stratum:
    """The counts of all these tallies as one stratum, whatever their complexity and keyword.

    Where the propensities do not depend on them, the arms have the same mix of tasks, but for chance.
    """
    return _counted(tallies, "", incumbent, np.ones(len(tallies), dtype=np.bool_))


def _counted(own: Tallies, complexity: str, incumbent: str, overall: Mask) -> Stratum:
    """A stratum whose `overall` rows are those of all tasks, and the others those of keywords."""
    models, model = _present(own, "model")
    weeks, week = _distinct(own.day // DAYS_PER_WEEK)
    rows = own.where(~overall)
    keywords, keyword = _present(rows, "keyword")
    counts = {name: own.measures[name][overall] for name in COMPARED}
    return Stratum(
        complexity=complexity,
        incumbent=incumbent,
        keywords=keywords,
        models=models,
        weeks=weeks.astype(np.int64),
        all_tasks=_added_up(model[overall], week[overall], counts, (len(models), len(weeks))),
        _keyword_rows=_Rows(keyword, model[~overall], week[~overall], rows.measures),
    )


def _added_up(place: Codes, week: Codes, counts: Mapping[str, Sums], shape: tuple[int, int]) -> Counts:
    cell = place.astype(np.int64) * shape[1] + week
    sums = {
        name: np.bincount(cell, counts[name], shape[0] * shape[1]).reshape(shape).astype(np.float64)
        for name in COMPARED
    }
    failures = sums.pop("failures")
    missing = sums["attempts"] - sums["successes"] - sums["partials"] - failures
    return Counts(**sums, missing=missing)


def _present(tallies: Tallies, column: str) -> tuple[tuple[str, ...], Codes]:
    """The labels that occur, in order, and each row's place among them."""
    present, places = _distinct(tallies.codes[column])
    return tuple(tallies.labels[column][code] for code in present), places


def _distinct(values: Codes) -> tuple[Codes, Codes]:
    """The values that occur, in order, and each one's place among them."""
    present, places = np.unique(values, return_inverse=True)
    return present, places.astype(np.int32)
