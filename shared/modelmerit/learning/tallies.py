"""Tallies as columns: a million rows in a few dozen megabytes, and no Python per row once they are loaded.

Labels (models, keywords, ...) are kept once, in sorted order, and the rows hold their codes; so the answer of an
analysis does not depend on the order in which the rows came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmerit.learning.tallying import Measures, TallyKey, keys_of, measures_of
from modelmerit.records import Attempt
from modelmerit.statistics.arrays import Floats, Mask

CHUNK_ROWS = 65_536
LABELLED = ("complexity", "keyword", "incumbent", "provider", "model")

Codes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Tallies:
    """Columns of equal length: where attempts were counted, and what was counted there.

    `labels[column][code]` is the label of a code in `codes[column]`; `measures` holds one column for each field of
    `Measures`.
    """

    day: Codes
    comparable: Mask
    codes: Mapping[str, Codes]
    labels: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.day)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[Any, ...]]) -> "Tallies":
        """Columns of rows that hold the fields of `TallyKey`, then those of `Measures`, in their order."""
        books: dict[str, dict[str, int]] = {name: {} for name in LABELLED}
        chunks: list[dict[str, NDArray[Any]]] = []
        source = iter(rows)
        while chunk := list(islice(source, CHUNK_ROWS)):
            chunks.append(_columns(chunk, books))
        return cls._joined(chunks, books)

    @classmethod
    def from_attempts(cls, attempts: Iterable[Attempt]) -> "Tallies":
        """Columns of attempts, as the store would have tallied them."""
        return cls.from_rows((*key, *measures_of(attempt)) for attempt in attempts for key in keys_of(attempt))

    def where(self, rows: Mask) -> "Tallies":
        """Only the rows marked true."""
        return Tallies(
            self.day[rows],
            self.comparable[rows],
            {name: column[rows] for name, column in self.codes.items()},
            self.labels,
            {name: column[rows] for name, column in self.measures.items()},
        )

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

    def total(self, measure: str, rows: Mask | None = None) -> float:
        """Sum of a measure, over the marked rows or all of them."""
        column = self.measures[measure]
        return float(column.sum() if rows is None else column[rows].sum())

    @classmethod
    def _joined(cls, chunks: list[dict[str, NDArray[Any]]], books: dict[str, dict[str, int]]) -> "Tallies":
        def column(name: str, dtype: type) -> NDArray[Any]:
            return np.concatenate([chunk[name] for chunk in chunks]) if chunks else np.zeros(0, dtype=dtype)

        codes: dict[str, Codes] = {}
        labels: dict[str, tuple[str, ...]] = {}
        for name, book in books.items():
            labels[name] = tuple(sorted(book))
            ranks = {label: rank for rank, label in enumerate(labels[name])}
            rank_of = np.array([ranks[label] for label in book], dtype=np.int32)
            codes[name] = rank_of[column(name, np.int32)] if chunks else np.zeros(0, dtype=np.int32)
        return cls(
            day=column("day", np.int32),
            comparable=column("comparable", np.bool_),
            codes=codes,
            labels=labels,
            measures={name: column(name, np.float64) for name in Measures._fields},
        )


def _columns(chunk: list[tuple[Any, ...]], books: dict[str, dict[str, int]]) -> dict[str, NDArray[Any]]:
    """One chunk's columns, coding labels as they appear."""
    names = (*TallyKey._fields, *Measures._fields)
    columns: dict[str, NDArray[Any]] = {}
    for name, values in zip(names, zip(*chunk, strict=True), strict=True):
        if name in books:
            book = books[name]
            columns[name] = np.array([book.setdefault(label, len(book)) for label in values], dtype=np.int32)
        elif name == "day":
            columns[name] = np.array(values, dtype=np.int32)
        elif name == "comparable":
            columns[name] = np.array(values, dtype=np.bool_)
        else:
            columns[name] = np.array(values, dtype=np.float64)
    return columns
