"""Tables of rules: kinds of task that differ in which model is right, each a little unsure, together sure.

Where the models' successes over all kinds of a dimension depart from "hard or easy kind" plus "strong or weak model" by
more than chance does, each kind may have its own best model. The cells where another model is expected to gain enough
form one bundle, if their gain all together is nearly certain; singly most of them would wait for years.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt

import numpy as np

from modelmerit.learning.cases import Case, Situation, arm_evidence, weekly_pace
from modelmerit.learning.comparisons import PARTIAL_CREDITS, Comparison, probability_right
from modelmerit.learning.findings import Bundle, bundle_id, finding_id
from modelmerit.learning.kind_effects import Judged
from modelmerit.learning.kind_rules import rule_for
from modelmerit.learning.kinds import DIMENSIONS, Dimension, Kind
from modelmerit.learning.strata import Stratum
from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.normal import normal_cdf
from modelmerit.statistics.posterior import normal_belief
from modelmerit.statistics.two_way import TwoWay, two_way

SURELY_DIFFERENT = 0.01
"""How improbable it must be that chance alone made the kinds differ."""

LIKELY_GAIN = 0.70
"""How probable a gain must be for a cell to be part of a table."""

TOGETHER_SURE = 0.98
"""How probable it must be that a table gains in all."""

LEAST_CELLS = 2
"""A bundle has at least this many changes."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """The model to use for a kind: how much it gains over the incumbent, in the worse reading of partial results."""

    kind: Kind
    comparison: Comparison
    gain: float
    error: float
    incumbent_rate: float
    share: float


def table_cases(situation: Situation, judged: Sequence[Judged], settled: frozenset[str]) -> list[Case]:
    """The changes of all tables, each marked with its bundle; none in complexities whose default is about to change."""
    cases = []
    for one in judged:
        if one.stratum.complexity in settled:
            continue
        for dimension in DIMENSIONS:
            choices = _choices(situation, one, dimension)
            confidence = _gains_in_all(choices)
            if len(choices) >= LEAST_CELLS and confidence >= TOGETHER_SURE:
                cases += _bundled([_case(situation, one.stratum, choice) for choice in choices], confidence)
    return cases


def _choices(situation: Situation, one: Judged, dimension: Dimension) -> list[_Choice]:
    """The best model of each kind, where it is expected to gain enough in either reading of partial results."""
    comparisons = {comparison.challenger: comparison for comparison in one.comparisons}
    tried = one.stratum.all_tasks.attempts.sum(axis=1)
    models = [model for model, count in zip(one.stratum.models, tried, strict=True) if count > 0]
    models = [model for model in models if model == one.stratum.incumbent or model in comparisons]
    if one.stratum.incumbent not in models:
        return []
    # A kind or a model whose every attempt was lost to the harness, or is pending, has no place in a table.
    known = np.sum([one.stratum.of_model(model).attempts for model in models], axis=(0, 2))
    kinds = [kind for kind, count in zip(map(Kind.of, one.stratum.keywords), known, strict=True) if count > 0]
    kinds = [kind for kind in kinds if kind.dimension == dimension]
    policy, complexity = situation.policy, one.stratum.complexity
    worths = PARTIAL_CREDITS[: 2 if one.stratum.weighed.partials.any() else 1]
    readings = [_table(one.stratum, models, kinds, credit, situation) for credit in worths]
    incumbent = models.index(one.stratum.incumbent)
    chosen = []
    for row, kind in enumerate(kinds):
        if kind.has_rule(policy, complexity):
            continue
        picked = [_best_column(table, row, incumbent) for table, _ in readings if table is not None]
        if len(picked) < len(readings) or len({column for column, _, _ in picked}) > 1 or picked[0][0] == incumbent:
            continue
        column, gain, error = min(picked, key=lambda one: one[1])
        if gain >= policy.learning.min_gain and float(normal_cdf(np.array([gain / error]))[0]) >= LIKELY_GAIN:
            table, attempts = readings[0]
            assert table is not None
            chosen.append(
                _Choice(
                    kind=kind,
                    comparison=comparisons[models[column]],
                    gain=gain,
                    error=error,
                    incumbent_rate=float(np.clip(table.rates[row, incumbent], 0.0, 1.0)),
                    share=float(attempts[row].sum() / attempts.sum()),
                )
            )
    return chosen


def _table(
    stratum: Stratum, models: Sequence[str], kinds: Sequence[Kind], credit: float, situation: Situation
) -> tuple[TwoWay | None, Floats]:
    """The table of these kinds and models, None if chance alone may have made it; and the attempts in each cell."""
    rows = [stratum.keywords.index(kind.label) for kind in kinds]
    columns = []
    bound = situation.method.missing_bound
    for model in models:
        counts = stratum.of_model(model)
        good = counts.good(credit) + bound * (counts.missing if model == stratum.incumbent else 0.0)
        columns.append((counts.tried(with_missing=bound)[rows].sum(axis=1), good[rows].sum(axis=1)))
    attempts, successes = (np.array(column).T for column in zip(*columns, strict=True))
    table = two_way(attempts, successes, shrinks=situation.method.shrinkage)
    sure = table is not None and (table.p_value < SURELY_DIFFERENT or not situation.method.shrinkage)
    return (table if sure else None), attempts


def _best_column(table: TwoWay, row: int, incumbent: int) -> tuple[int, float, float]:
    """The model with the highest rate in a row, its gain over the incumbent, and the gain's standard deviation.

    What it gains in all rows alike is none of this row's: that would be a reason to change the default.
    """
    column = int(table.rates[row].argmax())
    gain, error = table.difference(row, column, incumbent)
    return column, gain - max(0.0, float(table.abilities[column] - table.abilities[incumbent])), error


def _gains_in_all(choices: Sequence[_Choice]) -> float:
    """The probability that the choices gain success all together."""
    gain = sum(choice.share * choice.gain for choice in choices)
    error = sqrt(sum((choice.share * choice.error) ** 2 for choice in choices))
    return float(normal_cdf(np.array([gain / error]))[0]) if error else 0.0


def _case(situation: Situation, stratum: Stratum, choice: _Choice) -> Case:
    comparison, kind = choice.comparison, choice.kind
    named = situation.named(stratum.complexity)
    belief = normal_belief(choice.gain, choice.error)
    return Case(
        type="new_rule",
        scope=kind.scope(named),
        words=kind.words(named),
        incumbent=arm_evidence(stratum, comparison.incumbent, kind.label),
        challenger=arm_evidence(stratum, comparison.challenger, kind.label),
        belief=belief,
        incumbent_rate=choice.incumbent_rate,
        costs=comparison.costs,
        limit=comparison.limit,
        confidence=probability_right(belief, comparison.limit, comparison.costs, choice.incumbent_rate),
        gate=TOGETHER_SURE,
        passes=True,
        covered=partial(
            situation.tallies.rows_of,
            complexity=stratum.complexity,
            keyword=kind.label,
            incumbent=comparison.incumbent,
        ),
        weekly_pace=weekly_pace(stratum, comparison.challenger, situation.look_week, kind.label),
        build=partial(rule_for, situation.policy, kind, named, comparison.challenger),
    )


def _bundled(cases: Sequence[Case], confidence: float) -> list[Case]:
    ids = [finding_id(case.type, case.scope, case.incumbent.model, case.challenger.model) for case in cases]
    bundle = Bundle(id=bundle_id(ids), confidence=confidence)
    return [replace(case, bundle=bundle) for case in cases]
