"""Tallies as columns: a million rows in some seventy megabytes, and no Python per row once they are loaded.

Labels (models, keywords, ...) are kept once, in sorted order, and the rows hold their codes; so the answer of an
analysis does not depend on the order in which the rows came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmerit.learning.tallying import Measures, TallyKey, is_group, keys_of, measures_of
from modelmerit.records import Attempt
from modelmerit.statistics.arrays import Mask

CHUNK_ROWS = 1024
GROWTH = 1.25
LABELLED = ("complexity", "keyword", "incumbent", "provider", "model", "assumed")

Codes = NDArray[np.integer]
"""Whole numbers, in the smallest type that holds them all: there may be a million of them."""

Sums = NDArray[np.float32]
"""One cell's sums: single precision holds them to one part in ten million. Whatever adds them up does so in double."""


@dataclass(frozen=True, eq=False)
class Tallies:
    """Columns of equal length: where attempts were counted, and what was counted there.

    `labels[column][code]` is the label of a code in `codes[column]`; `measures` holds one column for each field of
    `Measures`. `day`, `chance` and `repeat` are those of `TallyKey`.
    """

    day: Codes
    chance: Codes
    repeat: Codes
    codes: Mapping[str, Codes]
    labels: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, Sums]

    def __len__(self) -> int:
        return len(self.day)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[Any, ...]]) -> "Tallies":
        """Columns of rows that hold the fields of `TallyKey`, then those of `Measures`, in their order."""
        books: dict[str, dict[str, int]] = {name: {} for name in LABELLED}
        columns = {name: _Column(dtype) for name, dtype in DTYPES.items()}
        source = iter(rows)
        while chunk := list(islice(source, CHUNK_ROWS)):
            for (name, column), values in zip(columns.items(), zip(*chunk, strict=True), strict=True):
                book = books.get(name)
                column.add(values if book is None else [book.setdefault(label, len(book)) for label in values])
        labels = {name: tuple(sorted(book)) for name, book in books.items()}
        return cls(
            day=columns["day"].finished(),
            chance=columns["chance"].finished(),
            repeat=columns["repeat"].finished(),
            codes={name: _recoded(columns[name].finished(), books[name], labels[name]) for name in LABELLED},
            labels=labels,
            measures={name: columns[name].finished() for name in Measures._fields},
        )

    @classmethod
    def from_attempts(cls, attempts: Iterable[Attempt]) -> "Tallies":
        """Columns of attempts, as the store would have tallied them."""
        return cls.from_rows((*key, *measures_of(attempt)) for attempt in attempts for key in keys_of(attempt))

    def where(self, rows: Mask, measures: Sequence[str] | None = None) -> "Tallies":
        """Only the rows marked true, with these measures or all there are."""
        return Tallies(
            self.day[rows],
            self.chance[rows],
            self.repeat[rows],
            {name: column[rows] for name, column in self.codes.items()},
            self.labels,
            {name: column[rows] for name, column in self.measures.items() if measures is None or name in measures},
        )

    def with_measures(self, **measures: Sums) -> "Tallies":
        """The same rows, with these measures added or replaced."""
        return Tallies(self.day, self.chance, self.repeat, self.codes, self.labels, {**self.measures, **measures})

    def between(self, first_day: int, last_day: int) -> "Tallies":
        """Only the rows of these days, both included."""
        return self.where((self.day >= first_day) & (self.day <= last_day))

    def code(self, column: str, label: str) -> int:
        """The code of a label, or -1, which no row has, for one that was never seen."""
        try:
            return self.labels[column].index(label)
        except ValueError:
            return -1

    def rows_of(self, **wanted: str) -> Mask:
        """Marks the rows whose labels are the wanted ones."""
        rows = np.ones(len(self), dtype=np.bool_)
        for column, label in wanted.items():
            rows &= self.codes[column] == self.code(column, label)
        return rows

    def as_routed(self) -> "Tallies":
        """The same rows, those of tasks without a complexity as medium ones: that is how they are routed."""
        labels = self.labels["complexity"]
        if "" not in labels:
            return self
        names = tuple(dict.fromkeys(label or "medium" for label in labels))
        places = np.array([names.index(label or "medium") for label in labels], dtype=np.int16)
        codes = {**self.codes, "complexity": places[self.codes["complexity"]]}
        return Tallies(self.day, self.chance, self.repeat, codes, {**self.labels, "complexity": names}, self.measures)

    def without_groups(self) -> "Tallies":
        """Only the rows of all tasks and of keywords, not those of workspaces and roles."""
        groups = [code for code, label in enumerate(self.labels["keyword"]) if is_group(label)]
        return self.where(~np.isin(self.codes["keyword"], groups)) if groups else self

    def total(self, measure: str, rows: Mask | None = None) -> float:
        """Sum of a measure, over the marked rows or all of them."""
        column = self.measures[measure]
        return float((column if rows is None else column[rows]).sum(dtype=np.float64))


DTYPES: Mapping[str, type[np.generic]] = {
    **dict.fromkeys(TallyKey._fields, np.int32),
    "chance": np.int16,
    "repeat": np.int8,
    **dict.fromkeys(Measures._fields, np.float32),
}


class _Column:
    """A column that grows in place, so that no second copy of it is ever needed."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._values: NDArray[Any] = np.empty(CHUNK_ROWS, dtype=dtype)
        self._length = 0

    def add(self, values: Sequence[Any]) -> None:
        end = self._length + len(values)
        if end > len(self._values):
            self._values.resize(max(end, int(GROWTH * len(self._values))), refcheck=False)
        self._values[self._length : end] = values
        self._length = end

    def finished(self) -> NDArray[Any]:
        self._values.resize(self._length, refcheck=False)
        return self._values


def _recoded(codes: Codes, book: Mapping[str, int], labels: Sequence[str]) -> Codes:
    """The codes as places among the sorted labels, instead of the order in which labels came."""
    ranks = {label: rank for rank, label in enumerate(labels)}
    dtype = np.int16 if len(labels) <= np.iinfo(np.int16).max else np.int32
    places: Codes = np.array([ranks[label] for label in book], dtype=dtype)
    return places[codes]
