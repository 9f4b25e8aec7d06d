"""Kinds of task at which another model is right than for the rest of their complexity.

A kind whose tasks are simply harder is no reason for a rule. So the challenger is expected to do at a kind what the
incumbent does there, plus their difference over all tasks; only what departs from that counts, pooled over the
complexities, as one of a few explanations: only the policy's model finds the kind hard (all challengers do there what
they do elsewhere), the next cheaper model is enough there (no difference is left), or one model is specially good or
bad at it. The first two say how large the departure is, which makes them easy to tell from chance.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from modelmerit.learning.comparisons import PARTIAL_CREDITS, Comparison, probability_right
from modelmerit.learning.kind_difficulty import difference_between_kinds, difficulty
from modelmerit.learning.kinds import Dimension, Kind
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.strata import Stratum
from modelmerit.policy.schema import LearningSettings
from modelmerit.statistics.arrays import Floats
from modelmerit.statistics.interactions import Cell, Explanation, Interaction, interactions
from modelmerit.statistics.posterior import Posterior

LEAST_ATTEMPTS = 25
"""Explored attempts of a kind, over all complexities and challengers, from which it is looked at."""

SHARP_SD = 0.10
"""How far a departure may be from what an explanation predicts."""

VAGUE_SD = 0.25
"""How large a departure may be that nothing predicts."""

CHEAPER_SHARE = 0.4
"""How likely it is that a kind needs only the next cheaper model, against another way to depart."""

MOST_ELSEWHERE = 0.10
"""How much a kind's own attempts may be thought to have moved the difference over all tasks."""

PRIOR_SHARES: Mapping[Dimension, float] = {"keyword": 0.25, "workspace": 0.05, "role": 0.05}
"""How many kinds are expected to need a model of their own. By repository, on 500 real issues, none did."""

LEAST_RATE = 0.02
LEAST_IN_CELL = 3
LEAST_INTERACTING = 0.5
GATE = 0.90


@dataclass(frozen=True, eq=False)
class KindEffect:
    """A challenger at one kind of task in one complexity.

    `interacting` is the probability that the kind matters at all, `pooled_attempts` the explored attempts at it in
    all complexities.
    """

    kind: Kind
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
        return GATE

    @property
    def passes(self) -> bool:
        """Whether the evidence suffices for a suggestion."""
        return self.confidence >= self.gate and not self.comparison.overturned


@dataclass(frozen=True, eq=False)
class Judged:
    """A stratum and its comparisons, by challenger."""

    stratum: Stratum
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells of one comparison, one for each kind in one dimension of its stratum.

    `place` is that of the stratum. `elsewhere` is what the comparison's difference gains if the kind's own attempts are
    taken out of it.
    """

    place: int
    comparison: Comparison
    kinds: tuple[Kind, ...]
    attempts: Floats
    successes: Floats
    difficulty: Floats
    elsewhere: Floats
    difficulty_sd: Floats
    expected: Floats
    incumbent_rate: Floats


def kind_effects(
    judged: Sequence[Judged],
    dimension: Dimension,
    settings: LearningSettings,
    wanted: Callable[[Kind, str], bool],
    method: Method = COMPLETE,
) -> list[KindEffect]:
    """The effects that are likelier than not, for each kind of a dimension and complexity that is `wanted`."""
    worths = PARTIAL_CREDITS[: 2 if any(one.stratum.weighed.partials.any() for one in judged) else 1]
    readings = [_effects(judged, dimension, settings, wanted, credit, method) for credit in worths]
    found = []
    for key, effect in readings[0].items():
        others = [reading[key] for reading in readings[1:] if key in reading]
        if len(others) + 1 == len(readings):
            found.append(min((effect, *others), key=lambda one: one.confidence))
    return found


def _effects(
    judged: Sequence[Judged],
    dimension: Dimension,
    settings: LearningSettings,
    wanted: Callable[[Kind, str], bool],
    credit: float,
    method: Method,
) -> dict[tuple[Kind, str, str], KindEffect]:
    columns = [cells for place, one in enumerate(judged) for cells in _cells(place, one, dimension, credit, method)]
    where: dict[Kind, list[tuple[_Cells, int]]] = defaultdict(list)
    for column in columns:
        for place, kind in enumerate(column.kinds):
            if column.attempts[place] > 0:
                where[kind].append((column, place))
    asked = [
        (kind, places)
        for kind, places in sorted(where.items(), key=lambda one: one[0].value)
        if sum(column.attempts[at] for column, at in places) >= LEAST_ATTEMPTS
    ]
    found_interactions = interactions(
        [
            (
                [
                    Cell(
                        float(column.attempts[at]),
                        float(column.successes[at]),
                        float(column.expected[at]),
                        float(column.comparison.steady.sd),
                        float(column.difficulty_sd[at]),
                        column.place,
                    )
                    for column, at in places
                ],
                _explanations(places),
            )
            for _, places in asked
        ],
        PRIOR_SHARES[dimension] if method.shrinkage else 1.0,
        learns_share=method.shrinkage,
    )
    found = {}
    for (kind, places), interaction in zip(asked, found_interactions, strict=True):
        if interaction.interacting < LEAST_INTERACTING:
            continue
        pooled = float(sum(column.attempts[at] for column, at in places))
        for cell, (column, at) in enumerate(places):
            comparison = column.comparison
            if column.attempts[at] < LEAST_IN_CELL or not wanted(kind, comparison.complexity):
                continue
            found[kind, comparison.complexity, comparison.challenger] = _effect(
                kind, column, at, interaction, cell, pooled
            )
    return found


def _effect(kind: Kind, column: _Cells, at: int, interaction: Interaction, cell: int, pooled: float) -> KindEffect:
    comparison = column.comparison
    rate = float(column.incumbent_rate[at])
    belief = interaction.total(cell, comparison.steady.shifted(float(column.elsewhere[at]))).within(-rate, 1 - rate)
    return KindEffect(
        kind=kind,
        comparison=comparison,
        belief=belief,
        incumbent_rate=rate,
        attempts=float(column.attempts[at]),
        pooled_attempts=pooled,
        interacting=interaction.interacting,
        confidence=probability_right(belief, comparison.limit, comparison.costs, rate),
    )


def _explanations(places: Sequence[tuple[_Cells, int]]) -> list[Explanation]:
    """What may explain a departure at one kind.

    Half of each explanation's share is for the one that holds in all complexities. That a cheaper model is enough gets
    less than the other two: whoever wrote the policy had a reason to pay more.
    """
    attempts = np.array([column.attempts[at] for column, at in places])
    harder = np.array([column.difficulty[at] for column, at in places])
    ahead = np.array([column.comparison.steady.mean + column.elsewhere[at] for column, at in places])
    comparisons = [column.comparison for column, _ in places]
    every = list(range(len(places)))
    cheaper = [at for at in every if comparisons[at].next_cheaper]
    by_complexity = _grouped([comparison.complexity for comparison in comparisons])
    by_model = _grouped([comparison.challenger for comparison in comparisons])
    nothing = np.zeros(len(places))
    groups = [
        (1.0, [every], harder, SHARP_SD),
        (1.0, by_complexity, harder, SHARP_SD),
        (CHEAPER_SHARE, [cheaper] if cheaper else [], ahead, SHARP_SD),
        (CHEAPER_SHARE, [[at] for at in cheaper], ahead, SHARP_SD),
        (1.0, by_model, nothing, VAGUE_SD),
        (1.0, [[at] for at in every], nothing, VAGUE_SD),
    ]
    conceivable = sum(weight for weight, members, _, _ in groups if members)
    return [
        Explanation(
            tuple(members),
            mean=-float(attempts[members] @ predicted[members] / attempts[members].sum()),
            sd=sd,
            share=weight / (conceivable * len(group)),
        )
        for weight, group, predicted, sd in groups
        for members in group
    ]


def _grouped(labels: Sequence[str]) -> list[list[int]]:
    """The places of each label, in the order of the labels."""
    return [[at for at, own in enumerate(labels) if own == label] for label in sorted(set(labels))]


def _cells(place: int, one: Judged, dimension: Dimension, credit: float, method: Method) -> Iterator[_Cells]:
    """The cells of each comparison of a stratum, which is the one at `place`."""
    stratum = one.stratum
    kinds = [Kind.of(label) for label in stratum.keywords]
    rows = np.flatnonzero([kind.dimension == dimension for kind in kinds])
    between = difference_between_kinds(stratum, one.comparisons, rows, credit)
    for comparison in one.comparisons:
        used = stratum.weeks >= (comparison.first_week if comparison.first_week is not None else stratum.weeks[0])
        against = comparison.missing_against
        found = difficulty(stratum, rows, used, credit, between, against=against, shrinks=method.shrinkage)
        counts = stratum.of_model(comparison.challenger)
        where = np.ix_(rows, np.flatnonzero(used))
        attempts, successes = counts.tried(with_missing=against)[where], counts.good(credit)[where].sum(axis=1)
        count = attempts.sum(axis=1)
        usual = float(found.overall.mean())
        around = np.divide(attempts @ found.overall, count, out=np.full_like(count, usual), where=count > 0)
        rate = np.clip(around + found.added, LEAST_RATE, 1 - LEAST_RATE)
        departure = successes - count * (rate + comparison.steady.mean)
        total = float(stratum.weighed.tried(with_missing=against)[stratum.index(comparison.challenger), used].sum())
        elsewhere = np.clip(-departure / np.maximum(total - count, 1.0), -MOST_ELSEWHERE, MOST_ELSEWHERE)
        yield _Cells(
            place=place,
            comparison=comparison,
            kinds=tuple(kinds[at] for at in rows),
            attempts=count,
            successes=successes,
            difficulty=found.added,
            difficulty_sd=found.sd,
            elsewhere=elsewhere,
            expected=np.clip(rate + comparison.steady.mean + elsewhere, LEAST_RATE, 1 - LEAST_RATE),
            incumbent_rate=rate,
        )
