"""Keywords at which another model is right than for the rest of their complexity.

A keyword whose tasks are simply harder is no reason for a rule. So the challenger is expected to do at a keyword what
the incumbent does there, plus their difference over all tasks; only what departs from that counts, pooled over the
complexities, as one of a few explanations: only the policy's model finds the keyword hard (all challengers do there
what they do elsewhere), the next cheaper model is enough there (no difference is left), or one model is specially good
or bad at it. The first two say how large the departure is, which makes them easy to tell from chance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
    worths = PARTIAL_CREDITS[: 2 if any(one.stratum.partials.any() for one in judged) else 1]
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
    keywords = sorted({keyword for column in columns for keyword in column.keywords})
    asked: list[tuple[str, list[tuple[_Cells, int]]]] = []
    for keyword in keywords:
        places = [(column, column.keywords.index(keyword)) for column in columns if keyword in column.keywords]
        places = [(column, at) for column, at in places if column.attempts[at] > 0]
        if sum(column.attempts[at] for column, at in places) >= LEAST_ATTEMPTS:
            asked.append((keyword, places))
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

    def told(members: Sequence[int], predicted: Floats, sd: float) -> Explanation:
        mean = float(attempts[members] @ predicted[members] / attempts[members].sum())
        return Explanation(frozenset(members), -mean, sd, 1.0)

    every = range(len(places))
    cheaper = [at for at in every if comparisons[at].next_cheaper]
    by_complexity = [
        [at for at in every if comparisons[at].complexity == complexity]
        for complexity in sorted({comparison.complexity for comparison in comparisons})
    ]
    by_model = [
        [at for at in every if comparisons[at].challenger == model]
        for model in sorted({comparison.challenger for comparison in comparisons})
    ]
    nothing = np.zeros(len(places))
    kinds = [
        ([told(every, harder, SHARP_SD)], [told(members, harder, SHARP_SD) for members in by_complexity]),
        ([told(cheaper, ahead, SHARP_SD)] if cheaper else [], [told([at], ahead, SHARP_SD) for at in cheaper]),
        ([told(members, nothing, VAGUE_SD) for members in by_model], [told([at], nothing, VAGUE_SD) for at in every]),
    ]
    shared = [replace(one, share=1.0 / len(same)) for wide, narrow in kinds for same in (wide, narrow) for one in same]
    total = sum(one.share for one in shared)
    return [replace(one, share=one.share / total) for one in shared]


def _cells(stratum: Stratum, comparison: Comparison, credit: float) -> _Cells:
    own, other = stratum.index(comparison.challenger), stratum.index(stratum.incumbent)
    used = stratum.weeks >= (comparison.first_week if comparison.first_week is not None else stratum.weeks[0])
    good = stratum.successes + credit * stratum.partials
    tried = stratum.attempts[1:, other][:, used]
    solved = (good + stratum.missing)[1:, other][:, used]
    overall, _ = reference_rate(
        stratum.weeks[used],
        stratum.attempts[0, other, used],
        (good + stratum.missing)[0, other, used],
    )
    total = tried.sum(axis=1)
    harder = np.divide((solved - tried * overall).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    spread = max(0.05, float((overall * (1 - overall)).mean()))
    variance = np.divide(spread, total, out=np.full_like(total, np.inf), where=total > 0)
    between = variance_between(harder, variance)
    difficulty = shrunken(harder, variance)
    known = np.isfinite(variance) & (between > 0)
    left = np.where(known, between * np.where(known, variance, 0.0) / np.where(known, between + variance, 1.0), between)
    attempts = stratum.attempts[1:, own][:, used]
    count = attempts.sum(axis=1)
    around = np.divide(attempts @ overall, count, out=np.full_like(count, overall.mean()), where=count > 0)
    rate = np.clip(around + difficulty, 0.02, 0.98)
    successes = good[1:, own][:, used].sum(axis=1)
    departure = successes - count * (rate + comparison.belief.mean)
    others = np.maximum(float(stratum.attempts[0, own, used].sum()) - count, 1.0)
    elsewhere = np.clip(-departure / others, -MOST_ELSEWHERE, MOST_ELSEWHERE)
    return _Cells(
        comparison=comparison,
        keywords=stratum.keywords[1:],
        attempts=count,
        successes=successes,
        difficulty=difficulty,
        elsewhere=elsewhere,
        expected=np.clip(rate + comparison.belief.mean + elsewhere, 0.02, 0.98),
        expected_sd=np.sqrt(left + comparison.belief.sd**2),
        incumbent_rate=rate,
    )
