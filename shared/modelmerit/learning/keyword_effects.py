"""Keywords at which another model is right than for the rest of their complexity.

A keyword whose tasks are simply harder is no reason for a rule. So the challenger is expected to do at a keyword what
the incumbent does there, plus their difference over all tasks; only what departs from that counts, pooled over the
complexities, as one of a few explanations: only the policy's model finds the keyword hard (all challengers do there
what they do elsewhere), the next cheaper model is enough there (no difference is left), or one model is specially good
or bad at it. The first two say how large the departure is, which makes them easy to tell from chance.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from modelmerit.learning.comparisons import PARTIAL_CREDITS, Comparison, probability_right
from modelmerit.learning.strata import Stratum
from modelmerit.policy.schema import LearningSettings
from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.differences import reference_rate
from modelmerit.statistics.interactions import Cell, Explanation, Kind, interactions
from modelmerit.statistics.posterior import Posterior
from modelmerit.statistics.shrinkage import shrunken, variance_between

LEAST_ATTEMPTS = 12
"""Explored attempts of a keyword, over all complexities and challengers, from which it is looked at."""

SHARP_SD = 0.10
"""How far a departure may be from what an explanation predicts."""

VAGUE_SD = 0.25
"""How large a departure may be that nothing predicts."""

MOST_ELSEWHERE = 0.10
"""How much a keyword's own attempts may be thought to have moved the difference over all tasks."""

LEAST_IN_CELL = 3
LEAST_INTERACTING = 0.5
CHEAPER_GATE = 0.87
DEARER_GATE = 0.87


@dataclass(frozen=True, eq=False)
class KeywordEffect:
    """A challenger at one keyword in one complexity.

    `interacting` is the probability that the keyword matters at all, `pooled_attempts` the explored attempts at it in
    all complexities.
    """

    keyword: str
    comparison: Comparison
    belief: Posterior
    incumbent_rate: float
    attempts: float
    pooled_attempts: float
    interacting: float
    confidence: float

    @property
    def gate(self) -> float:
        """The confidence that a suggestion needs."""
        return CHEAPER_GATE if self.comparison.cheaper else DEARER_GATE

    @property
    def passes(self) -> bool:
        """Whether the evidence suffices for a suggestion."""
        return self.confidence >= self.gate


@dataclass(frozen=True, eq=False)
class Judged:
    """A stratum and its comparisons, by challenger."""

    stratum: Stratum
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells of one comparison, one for each keyword of its stratum.

    `elsewhere` is what the comparison's difference gains if the keyword's own attempts are taken out of it.
    """

    comparison: Comparison
    keywords: tuple[str, ...]
    attempts: Floats
    successes: Floats
    difficulty: Floats
    elsewhere: Floats
    expected: Floats
    expected_sd: Floats
    incumbent_rate: Floats


def keyword_effects(
    judged: Sequence[Judged], settings: LearningSettings, wanted: Callable[[str, str], bool]
) -> list[KeywordEffect]:
    """The effects that are likelier than not, for each (keyword, complexity) that is `wanted`."""
    worths = PARTIAL_CREDITS[: 2 if any(one.stratum.all_tasks.partials.any() for one in judged) else 1]
    readings = [_effects(judged, settings, wanted, credit) for credit in worths]
    found = []
    for key, effect in readings[0].items():
        others = [reading[key] for reading in readings[1:] if key in reading]
        if len(others) + 1 == len(readings):
            found.append(min((effect, *others), key=lambda one: one.confidence))
    return found


def _effects(
    judged: Sequence[Judged], settings: LearningSettings, wanted: Callable[[str, str], bool], credit: float
) -> dict[tuple[str, str, str], KeywordEffect]:
    columns = [_cells(one.stratum, comparison, credit) for one in judged for comparison in one.comparisons]
    where: dict[str, list[tuple[_Cells, int]]] = defaultdict(list)
    for column in columns:
        for place, keyword in enumerate(column.keywords):
            if column.attempts[place] > 0:
                where[keyword].append((column, place))
    asked = [
        (keyword, places)
        for keyword, places in sorted(where.items())
        if sum(column.attempts[at] for column, at in places) >= LEAST_ATTEMPTS
    ]
    kinds = interactions(
        [
            (
                [
                    Cell(
                        float(column.attempts[at]),
                        float(column.successes[at]),
                        float(column.expected[at]),
                        float(column.expected_sd[at]),
                    )
                    for column, at in places
                ],
                _explanations(places),
            )
            for _, places in asked
        ]
    )
    found = {}
    for (keyword, places), kind in zip(asked, kinds, strict=True):
        if kind.interacting < LEAST_INTERACTING:
            continue
        pooled = float(sum(column.attempts[at] for column, at in places))
        for cell, (column, at) in enumerate(places):
            comparison = column.comparison
            if column.attempts[at] < LEAST_IN_CELL or not wanted(keyword, comparison.complexity):
                continue
            found[keyword, comparison.complexity, comparison.challenger] = _effect(
                keyword, column, at, kind, cell, pooled
            )
    return found


def _effect(keyword: str, column: _Cells, at: int, kind: Kind, cell: int, pooled: float) -> KeywordEffect:
    comparison = column.comparison
    belief = kind.total(cell, comparison.belief.shifted(float(column.elsewhere[at])))
    rate = float(column.incumbent_rate[at])
    return KeywordEffect(
        keyword=keyword,
        comparison=comparison,
        belief=belief,
        incumbent_rate=rate,
        attempts=float(column.attempts[at]),
        pooled_attempts=pooled,
        interacting=kind.interacting,
        confidence=probability_right(belief, comparison.limit, comparison.costs, rate),
    )


def _explanations(places: Sequence[tuple[_Cells, int]]) -> list[Explanation]:
    """What may explain a departure at one keyword.

    The three kinds of explanation have equal shares; half of each is for the one that holds in all complexities.
    """
    attempts = np.array([column.attempts[at] for column, at in places])
    harder = np.array([column.difficulty[at] for column, at in places])
    ahead = np.array([column.comparison.belief.mean + column.elsewhere[at] for column, at in places])
    comparisons = [column.comparison for column, _ in places]
    every = list(range(len(places)))
    cheaper = [at for at in every if comparisons[at].next_cheaper]
    by_complexity = _grouped([comparison.complexity for comparison in comparisons])
    by_model = _grouped([comparison.challenger for comparison in comparisons])
    nothing = np.zeros(len(places))
    groups = [
        ([every], harder, SHARP_SD),
        (by_complexity, harder, SHARP_SD),
        ([cheaper] if cheaper else [], ahead, SHARP_SD),
        ([[at] for at in cheaper], ahead, SHARP_SD),
        (by_model, nothing, VAGUE_SD),
        ([[at] for at in every], nothing, VAGUE_SD),
    ]
    conceivable = sum(1 for members, _, _ in groups if members)
    return [
        Explanation(
            tuple(members),
            mean=-float(attempts[members] @ predicted[members] / attempts[members].sum()),
            sd=sd,
            share=1.0 / (conceivable * len(group)),
        )
        for group, predicted, sd in groups
        for members in group
    ]


def _grouped(labels: Sequence[str]) -> list[list[int]]:
    """The places of each label, in the order of the labels."""
    return [[at for at, own in enumerate(labels) if own == label] for label in sorted(set(labels))]


def _cells(stratum: Stratum, comparison: Comparison, credit: float) -> _Cells:
    own, other = stratum.index(comparison.challenger), stratum.index(stratum.incumbent)
    used = stratum.weeks >= (comparison.first_week if comparison.first_week is not None else stratum.weeks[0])
    whole = stratum.all_tasks
    of_own, of_other = stratum.of_model(comparison.challenger), stratum.of_model(stratum.incumbent)
    tried = of_other.attempts[:, used]
    solved = (of_other.good(credit) + of_other.missing)[:, used]
    overall, _ = reference_rate(
        stratum.weeks[used],
        whole.attempts[other, used],
        (whole.good(credit) + whole.missing)[other, used],
    )
    total = tried.sum(axis=1)
    harder = np.divide((solved - tried * overall).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    spread = max(0.05, float((overall * (1 - overall)).mean()))
    variance = np.divide(spread, total, out=np.full_like(total, np.inf), where=total > 0)
    between = variance_between(harder, variance)
    difficulty = shrunken(harder, variance)
    known = np.isfinite(variance) & (between > 0)
    left = np.where(known, between * np.where(known, variance, 0.0) / np.where(known, between + variance, 1.0), between)
    attempts = of_own.attempts[:, used]
    count = attempts.sum(axis=1)
    around = np.divide(attempts @ overall, count, out=np.full_like(count, overall.mean()), where=count > 0)
    rate = np.clip(around + difficulty, 0.02, 0.98)
    successes = of_own.good(credit)[:, used].sum(axis=1)
    departure = successes - count * (rate + comparison.belief.mean)
    others = np.maximum(float(whole.attempts[own, used].sum()) - count, 1.0)
    elsewhere = np.clip(-departure / others, -MOST_ELSEWHERE, MOST_ELSEWHERE)
    return _Cells(
        comparison=comparison,
        keywords=stratum.keywords,
        attempts=count,
        successes=successes,
        difficulty=difficulty,
        elsewhere=elsewhere,
        expected=np.clip(rate + comparison.belief.mean + elsewhere, 0.02, 0.98),
        expected_sd=np.sqrt(left + comparison.belief.sd**2),
        incumbent_rate=rate,
    )
