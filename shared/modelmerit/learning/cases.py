"""A case: one change that the evidence speaks to, whatever kind of change it is.

The rooms that look for changes make cases; here a case becomes a suggestion if it passed its gate, a hint if it is
likelier right than wrong, and nothing otherwise.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from modelmerit.errors import PolicyError
from modelmerit.learning.comparisons import Comparison
from modelmerit.learning.findings import ArmEvidence, Evidence, Hint, Look, Suggestion, SuggestionType, finding_id
from modelmerit.learning.strata import DAYS_PER_WEEK, Stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.changes import Change
from modelmerit.policy.schema import Policy
from modelmerit.statistics.arrays import Mask
from modelmerit.statistics.costs import CostRatio, saving
from modelmerit.statistics.planning import required_attempts
from modelmerit.statistics.posterior import Posterior

LEAST_HINT = 0.50
LEAST_RIVAL_ATTEMPTS = 8
ALIKE = 0.05
"""Success rates closer than this are as good as each other: the price decides."""

STRONG = 0.99
PACE_WEEKS = 8
LONG_WEEKS = 52
MOST_ATTEMPTS = 2000


@dataclass(frozen=True, eq=False, kw_only=True)
class Situation:
    """What all cases of an analysis share. `tallies` are all, not only the comparable ones."""

    policy: Policy
    tallies: Tallies
    today: int
    look: Look

    def name(self, model: str) -> str:
        """What a person calls the model."""
        return self.policy.preferred_name(model)


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A change from `incumbent` to `challenger` within `scope`, and what is believed of it.

    `covered` marks the tallies of the tasks it touches. `build` makes the change; it is called only for suggestions.
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
    covered: Mask
    weekly_pace: float
    build: Callable[[], Change]
    note: str = ""
    parts: tuple["Case", ...] = ()

    @property
    def cheaper(self) -> bool:
        """Whether an attempt of the challenger costs less."""
        return self.costs is not None and self.costs.log_ratio < 0

    @property
    def expected_rate(self) -> float:
        """The success rate the challenger is believed to have."""
        return min(1.0, max(0.0, self.incumbent_rate + self.belief.mean))


def arm_evidence(stratum: Stratum, model: str, keyword: int = 0, first_week: int | None = None) -> ArmEvidence:
    """The counts of one arm in a stratum, from `first_week` on."""
    at = stratum.index(model)
    used = stratum.weeks >= (first_week if first_week is not None else 0)
    successes = float(stratum.successes[keyword, at, used].sum())
    known = float(stratum.cost_known[keyword, at, used].sum())
    attempts = float(stratum.attempts[keyword, at, used].sum())
    mean_cost = float(stratum.cost_usd[keyword, at, used].sum()) / known if known else None
    return ArmEvidence(
        model=model,
        attempts=round(attempts),
        successes=round(successes),
        partials=round(float(stratum.partials[keyword, at, used].sum())),
        missing=round(float(stratum.missing[keyword, at, used].sum())),
        usd_per_success=mean_cost * attempts / successes if mean_cost is not None and successes else None,
    )


def weekly_pace(stratum: Stratum, model: str, last_week: int, keyword: int = 0) -> float:
    """Attempts of a model a week, over the last eight weeks or as many as there are."""
    recent = stratum.weeks > last_week - PACE_WEEKS
    weeks = min(PACE_WEEKS, last_week - int(stratum.weeks[0]) + 1) if len(stratum.weeks) else 1
    return float(stratum.attempts[keyword, stratum.index(model), recent].sum()) / max(1, weeks)


def whole_case(
    situation: Situation,
    stratum: Stratum,
    comparison: Comparison,
    *,
    kind: SuggestionType,
    scope: Mapping[str, str],
    words: str,
    covered: Mask,
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
        weekly_pace=weekly_pace(stratum, comparison.challenger, situation.today // DAYS_PER_WEEK),
        build=build,
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
        if not case.cheaper and case.confidence >= LEAST_HINT and case.challenger.attempts >= LEAST_RIVAL_ATTEMPTS
    ]
    best_rate = max(better, default=0.0)
    return [
        replace(case, passes=False) if case.cheaper and best_rate > case.expected_rate + ALIKE else case
        for case in cases
    ]


def suggestion(case: Case, situation: Situation) -> Suggestion | None:
    """The case as a suggestion; None if the policy cannot be changed so, because it says so already, for one."""
    try:
        change = case.build()
    except PolicyError:
        return None
    ladder = case.type == "escalation"
    return Suggestion(
        id=finding_id(case.type, case.scope, case.incumbent.model, case.challenger.model),
        type=case.type,
        scope={} if ladder else dict(case.scope),
        from_model=case.incumbent.model,
        to_model=None if ladder else case.challenger.model,
        change=change,
        confidence=case.confidence,
        reason=_reason(case, situation),
        evidence=evidence_of(case, situation, STRONG),
        counterfactual=counterfactual(case, situation),
        grade="strong" if case.confidence >= STRONG else "suggest",
    )


def hint(case: Case, situation: Situation) -> Hint:
    """The case as a hint."""
    evidence = evidence_of(case, situation, case.gate)
    return Hint(
        id=finding_id(case.type, case.scope, case.incumbent.model, case.challenger.model),
        type=case.type,
        scope=dict(case.scope),
        from_model=case.incumbent.model,
        to_model=case.challenger.model,
        confidence=case.confidence,
        reason=_reason(case, situation),
        evidence=evidence,
        needs=_needs(evidence),
    )


def evidence_of(case: Case, situation: Situation, confidence: float) -> Evidence:
    """The case in numbers; `confidence` is what would settle it."""
    saved = saving(case.costs, case.incumbent_rate, case.belief) if case.costs is not None else None
    more = 0 if case.passes and case.confidence >= confidence else _more_attempts(case, confidence)
    return Evidence(
        incumbent=case.incumbent,
        challenger=case.challenger,
        difference=case.belief.mean,
        interval=case.belief.interval(),
        limit=case.limit,
        saving=None if saved is None else saved[0],
        saving_interval=None if saved is None else saved[1],
        attempts_to_settle=more,
        weeks_to_settle=more / case.weekly_pace if more is not None and case.weekly_pace > 0 else None,
        look=situation.look,
    )


def _more_attempts(case: Case, confidence: float) -> int | None:
    """How many more attempts of the challenger would settle on which side of the limit the difference is.

    What is known already is worth as many attempts as would give the belief's spread; a possible recent change makes
    that fewer than were counted.
    """
    rate = case.expected_rate
    needed = required_attempts(
        rate,
        case.incumbent_rate,
        case.limit,
        incumbents_per_challenger=max(1.0, case.incumbent.attempts / max(1, case.challenger.attempts)),
        confidence=confidence,
    )
    if needed is None:
        return None
    known = min(float(case.challenger.attempts), max(rate * (1 - rate), 0.02) / max(case.belief.sd, 1e-3) ** 2)
    more = max(1, round(needed - known))
    return more if more <= MOST_ATTEMPTS else None


def _reason(case: Case, situation: Situation) -> str:
    low, high = (100 * end for end in case.belief.interval())
    old, new = situation.name(case.incumbent.model), situation.name(case.challenger.model)
    verdict = "does about as well as" if case.cheaper and case.belief.mean < 0.05 else "does better than"
    return (
        f"{new} {verdict} {old} on {case.words}: {100 * case.belief.mean:+.0f} points of success "
        f"({low:+.0f} to {high:+.0f}), {case.challenger.successes} of {case.challenger.attempts} "
        f"against {case.incumbent.successes} of {case.incumbent.attempts}{case.note}"
    )


def _needs(evidence: Evidence) -> str:
    if evidence.attempts_to_settle is None:
        return "too close to call: more attempts of the same kind would hardly settle it"
    if evidence.weeks_to_settle is None:
        return f"needs about {evidence.attempts_to_settle} more attempts, and is not being explored at present"
    weeks = max(1, round(evidence.weeks_to_settle))
    return f"needs about {evidence.attempts_to_settle} more attempts, some {weeks} week{'s' * (weeks > 1)} at your pace"


def counted(count: int, noun: str) -> str:
    """A number and its noun: `1 week`, `3 weeks`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def counterfactual(case: Case, situation: Situation) -> str:
    """What would have happened over the window, had the change been in force."""
    window = situation.policy.learning.window_days
    tallies = situation.tallies
    recent = tallies.day > situation.today - window if window is not None else np.ones(len(tallies), dtype=np.bool_)
    tasks = low = gained = high = spent = would_have_spent = 0.0
    for part in case.parts or (case,):
        rows = part.covered & recent & tallies.rows_of(model=part.incumbent.model)
        count, known = tallies.total("attempts", rows), tallies.total("cost_known", rows)
        tasks += count
        gained += count * part.belief.mean
        low += count * part.belief.interval().low
        high += count * part.belief.interval().high
        cost = tallies.total("cost_usd", rows) * count / known if part.costs is not None and known else math.nan
        spent += cost
        would_have_spent += cost * math.exp(part.costs.log_ratio) if part.costs is not None else math.nan
    over = "so far" if window is None else f"in the last {window:g} days"
    said = (
        f"Had it been in force {over}, {tasks:.0f} tasks would have gone to {situation.name(case.challenger.model)}: "
        f"{gained:+.0f} successes ({low:+.0f} to {high:+.0f})"
    )
    if math.isnan(spent):
        return f"{said}; what it would have cost is not known."
    return f"{said}, at about ${would_have_spent:.2f} instead of ${spent:.2f}."


def merged(
    cases: list[Case], *, kind: SuggestionType, scope: Mapping[str, str], words: str, build: Callable[[], Change]
) -> Case:
    """Cases that are made by one change, as one: as sure as the least sure of them."""
    weakest = min(cases, key=lambda case: (case.confidence, sorted(case.scope.items())))
    return replace(weakest, type=kind, scope=scope, words=words, build=build, parts=tuple(cases))
