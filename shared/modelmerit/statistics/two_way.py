"""A table of success rates, kinds of task by models, and how far its cells are to be believed.

Each cell is expected to be its row's difficulty plus its model's ability. How much cells depart from that is estimated
from all of them: not at all where they scatter no more than chance, so that nothing is left to find. Cells are drawn
towards what is expected of them in proportion (B. Efron and C. Morris 1975, J. Amer. Stat. Assoc. 70, 311-319).
"""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from modelmerit.statistics.arrays import Floats

_LEAST_RATE = 0.05
_PRIOR_MASS = 2.0


@dataclass(frozen=True, eq=False)
class TwoWay:
    """What is believed of each cell: its rate and the variance of that. Rows are kinds, columns models.

    `abilities` is what each model does in all rows alike, up to a constant. `p_value` is the probability that chance
    alone makes the cells depart from rows plus columns as much as they do.
    """

    rates: Floats
    variances: Floats
    abilities: Floats
    p_value: float

    def difference(self, row: int, column: int, other: int) -> tuple[float, float]:
        """How much better one column is than another in a row, and the standard deviation of that."""
        return (
            float(self.rates[row, column] - self.rates[row, other]),
            sqrt(float(self.variances[row, column] + self.variances[row, other])),
        )


def two_way(attempts: Floats, successes: Floats, *, shrinks: bool = True) -> TwoWay | None:
    """The table of these counts, which may be weighted ones; None where rows or columns are too few to tell.

    The variance between cells is that of R. DerSimonian and N. Laird (1986), with the degrees of freedom that rows and
    columns leave. Without `shrinks` each cell is believed as it is.
    """
    used = attempts > 0
    rows, columns = attempts.shape
    freedom = int(used.sum()) - rows - columns + 1
    if min(rows, columns) < 2 or freedom < 1 or not (used.any(axis=0).all() and used.any(axis=1).all()):
        return None
    observed = np.divide(successes, attempts, out=np.zeros_like(attempts), where=used)
    overall = successes.sum() / attempts.sum()
    by_row, by_column = (
        (successes.sum(axis=axis, keepdims=True) + _PRIOR_MASS * overall)
        / (attempts.sum(axis=axis, keepdims=True) + _PRIOR_MASS)
        for axis in (1, 0)
    )
    expected = by_row + by_column - overall
    row, column = _additive(observed, _precision(expected, attempts))
    precision = _precision(row + column, attempts)
    row, column = _additive(observed, precision)
    expected = row + column
    excess = float((precision * (observed - expected) ** 2).sum())
    scale = precision.sum() - (precision**2).sum() / precision.sum()
    between = max(0.0, (excess - freedom) / float(scale))
    variance = np.divide(1.0, precision, out=np.full_like(precision, np.inf), where=used)
    row, column = _additive(observed, np.where(used, 1.0 / (between + variance), 0.0))
    expected, abilities = row + column, column[0]
    p_value = _upper_tail(excess, freedom)
    if not shrinks:
        return TwoWay(np.where(used, observed, expected), np.where(used, variance, 1.0), abilities, p_value)
    kept = between / (between + variance)
    own = np.where(used, kept * np.where(used, variance, 0.0), between)
    # The share of a cell's variance that fitting rows and columns leaves in what is expected of it.
    fitted = (rows + columns - 1) / (rows * columns)
    shared = np.where(used, (1 - kept) ** 2 * (between + np.where(used, variance, 0.0)) * fitted, fitted)
    return TwoWay(expected + kept * (observed - expected), own + shared, abilities, p_value)


def _precision(expected: Floats, attempts: Floats) -> Floats:
    rate = np.clip(expected, _LEAST_RATE, 1 - _LEAST_RATE)
    return np.asarray(attempts / (rate * (1 - rate)))


def _additive(observed: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """The weighted least-squares fit of a row's value plus a column's; the columns' values sum to 0.

    What is best for the rows follows from the columns, which leaves one equation for each column.
    """
    of_row, of_column = precision.sum(axis=1), precision.sum(axis=0)
    shared = precision / of_row[:, None]
    weighed = precision * observed
    equations = np.diag(of_column) - precision.T @ shared
    column = np.linalg.lstsq(equations, weighed.sum(axis=0) - shared.T @ weighed.sum(axis=1), rcond=None)[0]
    column -= column.mean()
    row = (weighed - precision * column).sum(axis=1) / of_row
    return row[:, None], column[None, :]


def _upper_tail(value: float, freedom: int) -> float:
    """P(chi-squared > value), by E. B. Wilson and M. M. Hilferty (1931), Proc. Natl. Acad. Sci. 17, 684-688."""
    share = 2.0 / (9.0 * freedom)
    return 0.5 * erfc(((max(value, 0.0) / freedom) ** (1 / 3) - (1 - share)) / sqrt(2.0 * share))
