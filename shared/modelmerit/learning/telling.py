"""A case told: as a suggestion or a hint, with its evidence, its reason, and what it would have done."""

import math

import numpy as np

from modelmerit.errors import PolicyError
from modelmerit.learning.cases import ALIKE, Case, Situation
from modelmerit.learning.figures import at_your_pace, money, points
from modelmerit.learning.findings import Evidence, Hint, Suggestion, finding_id
from modelmerit.statistics.costs import saving
from modelmerit.statistics.planning import required_attempts

STRONG = 0.99
"""The confidence from which a suggestion counts as settled, and is called strong if somebody reported its successes."""

MOST_ATTEMPTS = 2000
"""More attempts than this are not worth naming: the question is too close to call."""


def suggestion(case: Case, situation: Situation) -> Suggestion | None:
    """The case as a suggestion; None if the policy cannot be changed so, because it says so already, for one."""
    try:
        change = case.build()
    except PolicyError:
        return None
    ladder = case.type == "escalation"
    evidence = evidence_of(case, situation, STRONG)
    return Suggestion(
        id=finding_id(case.type, case.scope, case.incumbent.model, case.challenger.model),
        type=case.type,
        scope={} if ladder else dict(case.scope),
        from_model=case.incumbent.model,
        to_model=None if ladder else case.challenger.model,
        change=change,
        confidence=case.confidence,
        reason=_reason(case, situation),
        evidence=evidence,
        counterfactual=counterfactual(case, situation),
        grade="strong" if case.confidence >= STRONG and not evidence.mostly_implied else "suggest",
        bundle=case.bundle,
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
        needs=case.blocked or needs(evidence),
    )


def evidence_of(case: Case, situation: Situation, confidence: float) -> Evidence:
    """The case in numbers; `confidence` is what would settle it."""
    saved = saving(case.costs, case.incumbent_rate, case.belief) if case.costs is not None else None
    difference, interval = case.belief.mean, case.belief.interval()
    if case.outlook is not None:
        difference, interval, saved = case.outlook.difference, case.outlook.interval, case.outlook.saved
    more = 0 if case.passes and case.confidence >= confidence else _more_attempts(case, confidence)
    return Evidence(
        incumbent=case.incumbent,
        challenger=case.challenger,
        difference=difference,
        interval=interval,
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
    if case.outlook is not None:
        return case.outlook.reason
    low, high = case.belief.interval()
    old, new = situation.name(case.incumbent.model), situation.name(case.challenger.model)
    verdict = _verdict(case)
    return (
        f"{new} {verdict} {old} on {case.words}: {points(case.belief.mean)} points of success "
        f"({points(low)} to {points(high)}), {case.challenger.successes} of {case.challenger.attempts} "
        f"against {case.incumbent.successes} of {case.incumbent.attempts}{case.note}"
    )


def _verdict(case: Case) -> str:
    if not case.cheaper or case.belief.mean >= ALIKE:
        return "does better than"
    return "does about as well as" if case.belief.mean > -ALIKE else "costs less and does not much worse than"


def needs(evidence: Evidence) -> str:
    """What it would take to settle a question that is open."""
    if evidence.attempts_to_settle is None:
        return "too close to call: more attempts of the same kind would hardly settle it"
    if evidence.weeks_to_settle is None:
        return f"needs about {evidence.attempts_to_settle} more attempts, and is not being explored at present"
    return f"needs about {evidence.attempts_to_settle} more attempts, {at_your_pace(evidence.weeks_to_settle)}"


def counterfactual(case: Case, situation: Situation) -> str:
    """What would have happened over the window, had the change been in force."""
    window = situation.policy.learning.window_days
    tallies = situation.tallies
    recent = tallies.day > situation.today - window if window is not None else np.ones(len(tallies), dtype=np.bool_)
    tasks = low = gained = high = spent = would_have_spent = 0.0
    for part in case.parts or (case,):
        rows = part.covered() & recent & tallies.rows_of(model=part.incumbent.model)
        count, known = tallies.total("attempts", rows), tallies.total("cost_known", rows)
        tasks += count
        outlook = part.outlook
        interval = part.belief.interval() if outlook is None else outlook.interval
        gained += count * (part.belief.mean if outlook is None else outlook.difference)
        low += count * interval.low
        high += count * interval.high
        cost = tallies.total("cost_usd", rows) * count / known if part.costs is not None and known else math.nan
        spent += cost
        would_have_spent += cost * _cost_factor(part)
    over = "so far" if window is None else f"in the last {window:g} days"
    said = (
        f"Had it been in force {over}, {tasks:.0f} tasks would have {_gone(case, situation)}: "
        f"{round(gained):+d} successes ({round(low):+d} to {round(high):+d})"
    )
    if math.isnan(spent):
        return f"{said}; what it would have cost is not known."
    return f"{said}, at about {money(would_have_spent)} instead of {money(spent)}."


def _gone(case: Case, situation: Situation) -> str:
    name = situation.name(case.challenger.model)
    return f"started with {name}" if case.type == "escalation" else f"gone to {name}"


def _cost_factor(case: Case) -> float:
    """What a task would cost after the change, as a multiple of what it costs now; NaN where costs are not known."""
    if case.outlook is not None:
        return 1 - case.outlook.saved[0]
    return math.exp(case.costs.log_ratio) if case.costs is not None else math.nan
