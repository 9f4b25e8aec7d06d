"""Sample ratio mismatch: whether an arm was chosen as often as its logged chances say.

Where it was not, something else than that chance decided, or decided what got into the log; and whatever is compared
then may compare unlike tasks (A. Fabijan et al. 2019, Diagnosing Sample Ratio Mismatch in Online Controlled
Experiments, KDD, 2156-2164).
"""

from math import erfc, sqrt


def standard_deviations_off(chosen: int, expected: float, variance: float) -> float:
    """How far an arm's count is from the sum of its chances, in standard deviations; 0 where nothing was open.

    `expected` adds up its chances p and `variance` p (1 - p), over the same attempts; they may differ from one to the
    next. Small counts have a long tail. They are allowed for as in S. Bernstein's inequality, which puts v + d / 3 in
    the place of the variance v at a departure of d (S. Boucheron, G. Lugosi and P. Massart 2013, Concentration
    Inequalities, 2.10).
    """
    departure = abs(chosen - expected)
    allowed = max(0.0, variance) + departure / 3.0
    return departure / sqrt(allowed) if allowed > 0 else 0.0


def mismatch_p_value(standard_deviations: float) -> float:
    """The probability that chance departs as far from what is expected, to either side."""
    return erfc(standard_deviations / sqrt(2.0))
