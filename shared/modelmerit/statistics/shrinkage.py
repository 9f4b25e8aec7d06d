"""Shrinkage whose strength the data choose: groups that differ only by chance are drawn together entirely."""

import numpy as np

from modelmerit.statistics.arrays import Floats


def variance_between(effects: Floats, variances: Floats) -> float:
    """How much the true effects of groups differ, beyond what their sampling variances explain; never negative.

    The method of moments of R. DerSimonian and N. Laird (1986), Controlled Clinical Trials 7, 177-188. Groups of
    infinite variance say nothing; with fewer than two others the answer is 0.
    """
    known = np.isfinite(variances) & (variances > 0)
    if known.sum() < 2:
        return 0.0
    precision = 1.0 / variances[known]
    effect = effects[known]
    mean = precision @ effect / precision.sum()
    excess = precision @ (effect - mean) ** 2 - (known.sum() - 1)
    return float(max(0.0, excess / (precision.sum() - (precision**2).sum() / precision.sum())))


def shrunken(effects: Floats, variances: Floats) -> Floats:
    """The effects of groups, drawn towards 0 by as much as chance can have moved them: e * t2 / (t2 + v)."""
    between = variance_between(effects, variances)
    factor = np.divide(
        between, between + variances, out=np.zeros_like(variances), where=np.isfinite(variances) & (between > 0)
    )
    return np.where(factor > 0, factor * np.where(np.isfinite(effects), effects, 0.0), 0.0)
