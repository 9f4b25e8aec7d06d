"""Timings in one line each: the same few figures in every benchmark."""

from collections.abc import Sequence
from statistics import median, quantiles


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of a hundred values do not exceed, between 1 and 99; needs two values or more."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def milliseconds(seconds: Sequence[float]) -> str:
    """Minimum, median and 95th percentile of some timings, in milliseconds."""
    low, middle, high = (value * 1e3 for value in (min(seconds), median(seconds), percentile(seconds, 95)))
    return f"min {low:7.2f}  median {middle:7.2f}  p95 {high:7.2f} ms"


def ratio_of_medians(seconds: Sequence[float], yardstick: Sequence[float]) -> float:
    """How many times the yardstick's median the median is."""
    return median(seconds) / median(yardstick)


def verdict(ratio: float, goal: float) -> str:
    """A ratio beside its goal."""
    return f"{ratio:.2f} x (goal: within {goal:g} x: {'met' if ratio <= goal else 'NOT met'})"
