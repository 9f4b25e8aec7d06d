"""Strata: the attempts within which chance alone decided between the arms.

A stratum is one complexity under one incumbent, which is what the policy recommended. Only comparable tallies enter.
Counts are kept by model and week, in weeks since 1970; those of a keyword, or of all keywords for one model, are added
up when they are asked for. Each count exists twice: as it is, to be shown, and weighed, to be compared.

An attempt without an outcome is pending for a day and missing after that. Because a tally knows only the day, an
attempt of yesterday is pending still.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from modelmerit.learning.circumstances import USUAL, Circumstances
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.tallies import Codes, Sums, Tallies
from modelmerit.learning.tallying import DAYS_PER_WEEK
from modelmerit.learning.weighing import WEIGHED, weighed_measures
from modelmerit.statistics.arrays import Floats, Integers, Mask
from modelmerit.statistics.differences import Arms

PENDING_DAYS = 1
COMPARED = ("attempts", "successes", "partials", "failures", "checked", "implicit", "cost_usd", "cost_known")


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

    def tried(self, *, with_missing: bool) -> Floats:
        """Attempts with an outcome, and those whose outcome is missing if they are to be held against someone."""
        return self.attempts if with_missing else self.attempts - self.missing


@dataclass(frozen=True, eq=False)
class ShownCounts(Counts):
    """Counts as they are, with how many of the outcomes were `checked` and how many are `implicit`."""

    checked: Floats
    implicit: Floats


@dataclass(frozen=True, eq=False)
class _Rows:
    """Tallies of keywords: each row's place among the keywords, models and weeks, and its measures.

    The rows of each model stand together, those of the i-th from `starts[i]` to before `starts[i + 1]`, so that they
    are read without being copied.
    """

    keyword: Codes
    model: Codes
    week: Codes
    measures: Mapping[str, Sums]
    starts: Integers

    def part(self, rows: Mask | slice) -> Mapping[str, Sums]:
        return {name: column[rows] for name, column in self.measures.items()}


@dataclass(frozen=True, eq=False)
class Stratum:
    """Counts of one complexity under one incumbent: those of all its tasks by model and week, and of each keyword.

    `keywords` are keywords and groups, such as `workspace=web`. `all_tasks` is to be shown, `weighed` to be compared.
    """

    complexity: str
    incumbent: str
    keywords: tuple[str, ...]
    models: tuple[str, ...]
    weeks: Integers
    all_tasks: ShownCounts
    weighed: Counts
    _worth: Floats
    _keyword_rows: _Rows

    @property
    def challengers(self) -> tuple[str, ...]:
        """The models that were tried instead of the incumbent."""
        return tuple(model for model in self.models if model != self.incumbent)

    def index(self, model: str) -> int:
        """The model's place in the arrays, or -1 if it never ran here."""
        return self.models.index(model) if model in self.models else -1

    def of_keyword(self, keyword: str | None) -> ShownCounts:
        """The counts of a keyword's tasks, or of all tasks, by model and week, as they are."""
        if keyword is None:
            return self.all_tasks
        rows = self._keyword_rows
        own = rows.keyword == self.keywords.index(keyword)
        return _shown(rows.part(own), rows.model[own], rows.week[own], (len(self.models), len(self.weeks)))

    def of_model(self, model: str) -> Counts:
        """The counts of one model, by keyword and week, weighed."""
        rows, at = self._keyword_rows, self.index(model)
        own = slice(rows.starts[at], rows.starts[at + 1])
        shape = (len(self.keywords), len(self.weeks))
        return _weighed(rows.part(own), rows.keyword[own], rows.week[own], shape, self._worth[at])

    def arms(self, challenger: str, partial_credit: float, *, against: bool) -> Arms:
        """Weekly counts of a challenger against the incumbent.

        `partial_credit` is what a partial result is worth. Where an outcome is missing, the challenger failed and the
        incumbent succeeded if that is to be held `against` the challenger; else it is left out.
        """
        own, other = self.index(challenger), self.index(self.incumbent)
        counts = self.weighed
        good, tried = counts.good(partial_credit), counts.tried(with_missing=against)
        nothing = np.zeros(len(self.weeks))
        return Arms(
            weeks=self.weeks,
            challenger_attempts=tried[own],
            challenger_successes=good[own],
            incumbent_attempts=tried[other] if other >= 0 else nothing,
            incumbent_successes=good[other] + against * counts.missing[other] if other >= 0 else nothing,
        )


def comparable_tallies(
    tallies: Tallies,
    today: int,
    last_day: int,
    circumstances: Circumstances = USUAL,
    method: Method = COMPLETE,
) -> Tallies:
    """The tallies that comparisons rest on, up to `last_day`, without what is pending on `today`, weighed."""
    used = (tallies.chance > 0) & (tallies.day <= last_day)
    if circumstances.unreliable:
        doubted = [tallies.code("assumed", client) for client in sorted(circumstances.unreliable)]
        used &= ~np.isin(tallies.codes["assumed"], doubted)
    rows = tallies.where(used, COMPARED)
    judged = rows.measures["successes"] + rows.measures["partials"] + rows.measures["failures"]
    rows = rows.with_measures(attempts=np.where(rows.day >= today - PENDING_DAYS, judged, rows.measures["attempts"]))
    return rows.with_measures(**weighed_measures(rows, circumstances.sameness, method))


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
    measures = {name: column[overall] for name, column in own.measures.items()}
    shape = (len(models), len(weeks))
    worth = _worth(measures, model[overall], len(models))
    return Stratum(
        complexity=complexity,
        incumbent=incumbent,
        keywords=keywords,
        models=models,
        weeks=weeks.astype(np.int64),
        all_tasks=_shown(measures, model[overall], week[overall], shape),
        weighed=_weighed(measures, model[overall], week[overall], shape, worth[:, None]),
        _worth=worth,
        _keyword_rows=_by_model(keyword, model[~overall], week[~overall], rows.measures, len(models)),
    )


def _by_model(keyword: Codes, model: Codes, week: Codes, measures: Mapping[str, Sums], models: int) -> _Rows:
    """Rows in the order of their models."""
    order = np.argsort(model, kind="stable")
    own = model[order]
    return _Rows(
        keyword=keyword[order],
        model=own,
        week=week[order],
        measures={name: column[order] for name, column in measures.items()},
        starts=np.searchsorted(own, np.arange(models + 1)).astype(np.int64),
    )


def _shown(measures: Mapping[str, Sums], place: Codes, week: Codes, shape: tuple[int, int]) -> ShownCounts:
    sums = _sums(measures, COMPARED, place, week, shape)
    failures = sums.pop("failures")
    missing = sums["attempts"] - sums["successes"] - sums["partials"] - failures
    return ShownCounts(**sums, missing=missing)


def _worth(measures: Mapping[str, Sums], model: Codes, models: int) -> Floats:
    """For each model, how many like attempts a unit of weight is worth.

    Attempts of the weights w tell as much as (sum w)^2 / sum w^2 alike ones (L. Kish 1965, Survey Sampling, 11.7).
    """
    weight, squares = (np.bincount(model, measures[name], models) for name in ("weight", "weight_squares"))
    return np.divide(weight, squares, out=np.zeros(models), where=squares > 0)


def _weighed(measures: Mapping[str, Sums], place: Codes, week: Codes, shape: tuple[int, int], worth: Floats) -> Counts:
    """Weighed counts: the weights of what was counted, times what a unit of weight is worth."""
    sums = _sums(measures, WEIGHED, place, week, shape)
    scaled = {name.removeprefix("weighed_"): worth * column for name, column in sums.items()}
    return Counts(attempts=scaled.pop("weight"), **scaled)


def _sums(
    measures: Mapping[str, Sums], names: tuple[str, ...], place: Codes, week: Codes, shape: tuple[int, int]
) -> dict[str, Floats]:
    cell = place.astype(np.int64) * shape[1] + week
    size = shape[0] * shape[1]
    return {name: np.bincount(cell, measures[name], size).reshape(shape).astype(np.float64) for name in names}


def _present(tallies: Tallies, column: str) -> tuple[tuple[str, ...], Codes]:
    """The labels that occur, in order, and each row's place among them."""
    present, places = _distinct(tallies.codes[column])
    return tuple(tallies.labels[column][code] for code in present), places


def _distinct(values: Codes) -> tuple[Codes, Codes]:
    """The values that occur, in order, and each one's place among them."""
    present, places = np.unique(values, return_inverse=True)
    return present, places.astype(np.int32)
