"""A case: one change that the evidence speaks to, whatever kind of change it is.

Whoever looks for changes makes cases. A case that passed its gate becomes a suggestion, one that is probably right a
hint, and any other nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from modelmerit.learning.circumstances import USUAL, Circumstances
from modelmerit.learning.comparisons import LIKELIER, Comparison
from modelmerit.learning.findings import ArmEvidence, Bundle, Look, SuggestionType
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.strata import Stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import DAYS_PER_WEEK
from modelmerit.policy.changes import Change
from modelmerit.policy.schema import Policy
from modelmerit.statistics.arrays import Mask
from modelmerit.statistics.costs import CostRatio
from modelmerit.statistics.intervals import Interval
from modelmerit.statistics.posterior import Posterior

LEAST_HINT = 0.70
"""Below this a finding that has just come up is noise more often than its confidence says."""

LEAST_RIVAL_ATTEMPTS = 8
ALIKE = 0.05
"""Success rates closer than this are as good as each other: the price decides."""

BLOCKED_BY_MISSING = "its missing outcomes could overturn it: reporting them would settle it"
PACE_WEEKS = 8
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Situation:
    """What all cases of an analysis share. `tallies` are all, not only the comparable ones.

    `labelled` says whether tasks come with a complexity; where none does, rules must not ask for one.
    """

    policy: Policy
    tallies: Tallies
    today: int
    look: Look
    labelled: bool = True
    circumstances: Circumstances = USUAL
    method: Method = COMPLETE

    @property
    def look_week(self) -> int:
        """The week of the look, in weeks since 1970: the last one with evidence."""
        return (self.look.day - EPOCH).days // DAYS_PER_WEEK

    def named(self, complexity: str) -> str | None:
        """The complexity as scopes and rules name it; None where tasks come without one."""
        return complexity if self.labelled else None

    def name(self, model: str) -> str:
        """What a person calls the model."""
        return self.policy.preferred_name(model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a change should bring where that is not simply the difference between its arms, and the reason in words.

    `saved` is the share of a task's cost that is saved, with its interval.
    """

    difference: float
    interval: Interval
    saved: tuple[float, Interval]
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A change from `incumbent` to `challenger` within `scope`, and what is believed of it.

    `covered` marks the tallies of the tasks it touches, and `build` makes the change; both are called only for
    suggestions. `blocked` says what stands in the way of a change that is sure enough.
    """

    type: SuggestionType
    scope: Mapping[str, str]
    words: str
    incumbent: ArmEvidence
    challenger: ArmEvidence
    belief: Posterior
    incumbent_rate: float
    costs: CostRatio | None
    limit: float
    confidence: float
    gate: float
    passes: bool
    covered: Callable[[], Mask]
    weekly_pace: float
    build: Callable[[], Change]
    note: str = ""
    blocked: str = ""
    parts: tuple["Case", ...] = ()
    outlook: Outlook | None = None
    bundle: Bundle | None = None

    @property
    def cheaper(self) -> bool:
        """Whether an attempt of the challenger costs less."""
        return self.costs is not None and self.costs.log_ratio < 0

    @property
    def expected_rate(self) -> float:
        """The success rate the challenger is believed to have."""
        return min(1.0, max(0.0, self.incumbent_rate + self.belief.mean))


def arm_evidence(
    stratum: Stratum, model: str, keyword: str | None = None, first_week: int | None = None
) -> ArmEvidence:
    """The counts of one arm in a stratum, at a keyword or over all tasks, from `first_week` on."""
    counts = stratum.of_keyword(keyword)
    at = stratum.index(model)
    used = stratum.weeks >= (first_week if first_week is not None else 0)
    successes = float(counts.successes[at, used].sum())
    known = float(counts.cost_known[at, used].sum())
    attempts = float(counts.attempts[at, used].sum())
    mean_cost = float(counts.cost_usd[at, used].sum()) / known if known else None
    return ArmEvidence(
        model=model,
        attempts=round(attempts),
        successes=round(successes),
        partials=round(float(counts.partials[at, used].sum())),
        missing=round(float(counts.missing[at, used].sum())),
        usd_per_success=mean_cost * attempts / successes if mean_cost is not None and successes else None,
        checked=round(float(counts.checked[at, used].sum())),
        implicit=round(float(counts.implicit[at, used].sum())),
    )


def weekly_pace(stratum: Stratum, model: str, last_week: int, keyword: str | None = None) -> float:
    """Attempts of a model a week, over the last eight weeks or as many as there are."""
    recent = stratum.weeks > last_week - PACE_WEEKS
    weeks = min(PACE_WEEKS, last_week - int(stratum.weeks[0]) + 1) if len(stratum.weeks) else 1
    attempts = stratum.of_keyword(keyword).attempts[stratum.index(model), recent]
    return float(attempts.sum()) / max(1, weeks)


def whole_case(
    situation: Situation,
    stratum: Stratum,
    comparison: Comparison,
    *,
    kind: SuggestionType,
    scope: Mapping[str, str],
    words: str,
    covered: Callable[[], Mask],
    build: Callable[[], Change],
) -> Case:
    """The case for a change that concerns all tasks of a stratum."""
    return Case(
        type=kind,
        scope=scope,
        words=words,
        incumbent=arm_evidence(stratum, comparison.incumbent, first_week=comparison.first_week),
        challenger=arm_evidence(stratum, comparison.challenger, first_week=comparison.first_week),
        belief=comparison.belief,
        incumbent_rate=comparison.incumbent_rate,
        costs=comparison.costs,
        limit=comparison.limit,
        confidence=comparison.confidence,
        gate=comparison.gate,
        passes=comparison.passes,
        covered=covered,
        weekly_pace=weekly_pace(stratum, comparison.challenger, situation.look_week),
        build=build,
        blocked=BLOCKED_BY_MISSING if comparison.overturned else "",
    )


def best(cases: list[Case]) -> Case:
    """The case to put forward: the cheapest arm among those that succeed about as often as the best one."""
    top = max(case.expected_rate for case in cases)
    good = [case for case in cases if case.expected_rate >= top - ALIKE]
    return min(good, key=lambda case: (case.costs.log_ratio if case.costs else 0.0, case.challenger.model))


def without_rash_savings(cases: list[Case]) -> list[Case]:
    """The cases of one scope; a saving waits where a better model is likelier than not to be worth its price.

    Whoever is offered a cheaper model that does as badly as the present one is offered the wrong thing.
    """
    better = [
        case.expected_rate
        for case in cases
        if not case.cheaper and case.confidence >= LIKELIER and case.challenger.attempts >= LEAST_RIVAL_ATTEMPTS
    ]
    best_rate = max(better, default=0.0)
    return [
        replace(case, passes=False) if case.cheaper and best_rate > case.expected_rate + ALIKE else case
        for case in cases
    ]


def merged(
    cases: list[Case], *, kind: SuggestionType, scope: Mapping[str, str], words: str, build: Callable[[], Change]
) -> Case:
    """Cases that are made by one change, as one: as sure as the least sure of them."""
    weakest = min(cases, key=lambda case: (case.confidence, sorted(case.scope.items())))
    return replace(weakest, type=kind, scope=scope, words=words, build=build, parts=tuple(cases))
