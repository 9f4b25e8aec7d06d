"""The normal distribution, for numbers and for arrays."""

from math import erf, sqrt
from statistics import NormalDist

import numpy as np

from modelmerit.statistics.arrays import Floats

_STANDARD = NormalDist()
_erf = np.frompyfunc(erf, 1, 1)


def normal_cdf(values: Floats) -> Floats:
    """Standard normal distribution function of each value."""
    return np.asarray(0.5 * (1.0 + _erf(values / sqrt(2.0))), dtype=np.float64)


def normal_quantile(probability: float) -> float:
    """The value below which a standard normal variable lies with `probability`, which must be inside (0, 1)."""
    return _STANDARD.inv_cdf(probability)
