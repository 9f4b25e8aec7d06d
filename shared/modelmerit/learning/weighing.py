"""How much each comparable attempt counts for: by how it was chosen, by who judged it, and by whether it is a repeat.

An attempt of an arm that had the probability p stands for 1 / p tasks: so arms are compared on the same mix of tasks
even where the router gave some kinds of tasks to one of them more often (D. G. Horvitz and D. J. Thompson 1952, J.
Amer. Stat. Assoc. 47, 663-685). Where p never changes, that changes nothing.

A success that nobody reported is weaker evidence than one that somebody saw. How much of an arm's successes is so weak
decides what the whole arm counts for, failures included, so that no rate is moved. Only differences count: where all
arms are as weak, a discount would delay every answer and correct none.
"""

from collections.abc import Mapping

import numpy as np

from modelmerit.learning.method import Method
from modelmerit.learning.tallies import Sums, Tallies
from modelmerit.statistics.arrays import Floats, Integers
from modelmerit.statistics.clusters import worth_of_repeats

IMPLICIT_STRENGTH = 0.4
"""What an attempt of an arm counts for whose successes nobody reported."""

WEIGHED = (
    "weight",
    "weighed_successes",
    "weighed_partials",
    "weighed_missing",
    "weighed_cost_usd",
    "weighed_cost_known",
)


def weighed_measures(tallies: Tallies, sameness: float, method: Method) -> Mapping[str, Sums]:
    """The measures named `WEIGHED` and the sums of squared weights, of comparable tallies.

    `sameness` is that of the outcomes of repeats, from 0 to 1.
    """
    measures = tallies.measures
    attempts = measures["attempts"].astype(np.float64)
    judged = measures["successes"] + measures["partials"] + measures["failures"]
    mass = _strength(tallies)
    if tallies.repeat.any():
        mass *= _worth(tallies, sameness)
    stands_for = 1000.0 / tallies.chance if method.propensities else np.ones(len(tallies))
    each = mass * stands_for
    missing = attempts - judged
    weighed = {
        "weight": attempts * each,
        "weight_squares": attempts * each * stands_for,
        "weighed_successes": measures["successes"] * each,
        "weighed_partials": measures["partials"] * each,
        "weighed_missing": missing * each,
        "weighed_cost_usd": measures["cost_usd"] * each,
        "weighed_cost_known": measures["cost_known"] * each,
    }
    return {name: column.astype(np.float32) for name, column in weighed.items()}


def _strength(tallies: Tallies) -> Floats:
    """What an attempt of each row counts for, by its arm in its complexity; 1 for those of usual strength or more."""
    arm, size = _arms(tallies)
    weak, good = (np.bincount(arm, tallies.measures[name], size) for name in ("implicit", "successes"))
    share = np.divide(weak, good, out=np.zeros(size), where=good > 0)
    usual = float(weak.sum() / good.sum()) if good.sum() else 0.0
    lost = 1 - IMPLICIT_STRENGTH
    return np.asarray(np.minimum(1.0, (1 - lost * share) / (1 - lost * usual))[arm])


def _worth(tallies: Tallies, sameness: float) -> Floats:
    """What an attempt of each row counts for by how often its arm has had its task."""
    arm, size = _arms(tallies)
    bits = int(tallies.repeat.max()) + 1
    overall = tallies.rows_of(keyword="")
    counts = np.bincount(
        arm[overall] * bits + tallies.repeat[overall], tallies.measures["attempts"][overall], size * bits
    )
    worth = np.array([worth_of_repeats(own, sameness) for own in counts.reshape(size, bits).astype(np.float64)])
    return np.asarray(worth[arm, tallies.repeat])


def _arms(tallies: Tallies) -> tuple[Integers, int]:
    """The number of each row's arm, by complexity and model, and how many there may be."""
    models = len(tallies.labels["model"])
    arm = tallies.codes["complexity"].astype(np.int64) * models + tallies.codes["model"]
    return arm, len(tallies.labels["complexity"]) * models
