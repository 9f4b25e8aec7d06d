"""What is settled about the models of each complexity, and what is not.

"Not enough evidence" and "no difference" are different answers: the first asks to wait, the second not to. Both are
told of all tasks of a complexity; kinds of task have suggestions and hints of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from modelmerit.learning.cases import Case, Situation
from modelmerit.learning.comparisons import LEAST_ATTEMPTS, Comparison, compare, probability_right
from modelmerit.learning.figures import percent
from modelmerit.learning.findings import Evidence
from modelmerit.learning.kind_effects import Judged
from modelmerit.learning.markdown import short
from modelmerit.learning.suggestion_text import points_of_success
from modelmerit.learning.telling import evidence_of, needs
from modelmerit.policy.schema import LearningSettings
from modelmerit.statistics.intervals import Interval

Verdict = Literal["suggested", "would do", "worse", "no difference", "missing outcomes", "not enough evidence"]

OPEN: tuple[Verdict, ...] = ("missing outcomes", "not enough evidence")
"""The verdicts that leave the question open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of a challenger against the default model of a complexity.

    With g the confidence that a suggestion needs and d the difference in success rate:

    - `suggested`: a suggestion says to use it;
    - `would do`: it passed its gate, but another model is suggested, or models.json cannot be changed so;
    - `worse`: P(d > -margin) is at most 1 - g, so it is shown to lose more success than the margin;
    - `no difference`: none that is worth a change. A model that is not cheaper is shown not to gain enough, as P(d >
      min_gain) is at most 1 - g; a cheaper one is shown to do as well and not to make a success cheaper;
    - `missing outcomes`: without those that are missing it would be another verdict;
    - `not enough evidence`: anything else, and anything with fewer attempts than a suggestion needs.

    d counts a partial result as no success. `difference` is what is believed of d, shrunken, with its 90 % `interval`.
    `more_attempts` of the challenger would settle it, in `weeks` at the pace of the last eight; None where it is
    settled, where more of the same would not settle it, and `weeks` where none are being made.
    """

    complexity: str
    incumbent: str
    challenger: str
    verdict: Verdict
    incumbent_attempts: int
    challenger_attempts: int
    difference: float
    interval: Interval
    more_attempts: int | None
    weeks: float | None
    words: str

    @property
    def settled(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.verdict not in OPEN

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, strings and lists."""
        return {
            "complexity": self.complexity,
            "incumbent": self.incumbent,
            "challenger": self.challenger,
            "verdict": self.verdict,
            "settled": self.settled,
            "incumbent_attempts": self.incumbent_attempts,
            "challenger_attempts": self.challenger_attempts,
            "difference": round(self.difference, 4),
            "interval": [round(end, 4) for end in self.interval],
            "more_attempts": self.more_attempts,
            "weeks": None if self.weeks is None else round(self.weeks, 1),
            "words": self.words,
        }


class _Said(NamedTuple):
    """A verdict in words; `counts` says whether more attempts would change it."""

    verdict: Verdict
    words: str
    counts: bool = False


def answers(
    situation: Situation, judged: Iterable[Judged], defaults: Iterable[Case], suggested: Sequence[Case]
) -> tuple[Answer, ...]:
    """An answer for each challenger that was tried, by complexity.

    `defaults` are the cases for each challenger as default, and `suggested` all cases that became suggestions.
    """
    found = {
        (comparison.complexity, comparison.challenger): (one, comparison)
        for one in judged
        for comparison in one.comparisons
    }
    whole = [case for case in suggested if case.type in ("change_default", "escalation")]
    made = []
    for case in defaults:
        complexity = case.scope["complexity"]
        one, comparison = found[complexity, case.challenger.model]
        taken = next((other for other in whole if other.scope["complexity"] == complexity), None)
        made.append(_answer(situation, case, one, comparison, taken))
    return tuple(made)


def _answer(situation: Situation, case: Case, one: Judged, comparison: Comparison, taken: Case | None) -> Answer:
    """The answer on one challenger; `taken` is what is suggested for the whole complexity, if anything is."""
    evidence = _to_settle(case, situation)
    said = _said(situation, case, one, comparison, evidence, taken)
    return Answer(
        complexity=comparison.complexity,
        incumbent=comparison.incumbent,
        challenger=comparison.challenger,
        verdict=said.verdict,
        incumbent_attempts=case.incumbent.attempts,
        challenger_attempts=case.challenger.attempts,
        difference=evidence.difference,
        interval=evidence.interval,
        more_attempts=evidence.attempts_to_settle if said.counts else None,
        weeks=evidence.weeks_to_settle if said.counts else None,
        words=said.words,
    )


def _to_settle(case: Case, situation: Situation) -> Evidence:
    """The evidence, with what it lacks: at least as many attempts as a suggestion needs."""
    evidence = evidence_of(case, situation, case.gate)
    lacking = LEAST_ATTEMPTS - case.challenger.attempts
    if evidence.attempts_to_settle is None or evidence.attempts_to_settle >= lacking:
        return evidence
    weeks = lacking / case.weekly_pace if case.weekly_pace > 0 else None
    return replace(evidence, attempts_to_settle=lacking, weeks_to_settle=weeks)


def _said(
    situation: Situation, case: Case, one: Judged, comparison: Comparison, evidence: Evidence, taken: Case | None
) -> _Said:
    settings, found = situation.policy.learning, points_of_success(evidence)
    if taken is not None and taken.challenger.model == comparison.challenger:
        first = "suggested to start with, climbing on failure" if taken.type == "escalation" else f"suggested: {found}"
        return _Said("suggested", first)
    verdict = _verdict(comparison, settings)
    if _rests_on_missing(situation, one, comparison, verdict):
        return _Said("missing outcomes", _missing(situation, evidence))
    match verdict:
        case "suggested" if taken is not None:
            return _Said("would do", f"would do too, but {short(situation.name(taken.challenger.model))} is suggested")
        case "suggested" if case.passes:
            return _Said("would do", "would do, but models.json cannot be changed so")
        case "suggested" if case.blocked:
            return _Said("not enough evidence", f"would do, but {case.blocked}")
        case "suggested":
            return _Said("not enough evidence", "would do, but a dearer model may be worth its price: that comes first")
        case "worse":
            return _Said(verdict, f"worse: {found}")
        case "no difference" if comparison.cheaper:
            return _Said(verdict, f"good enough, but a success costs no less: {found}")
        case "no difference":
            return _Said(verdict, f"no difference worth a change: {found}")
    return _not_enough(comparison, evidence)


def _verdict(comparison: Comparison, settings: LearningSettings) -> Verdict:
    """The verdict on a comparison by itself."""
    if comparison.passes:
        return "suggested"
    if comparison.attempts < LEAST_ATTEMPTS:
        return "not enough evidence"
    unlikely, belief = 1 - comparison.settled_at, comparison.belief
    suffices = belief.above(-settings.margin)
    if suffices <= unlikely:
        return "worse"
    if comparison.cheaper:
        right = probability_right(belief, comparison.limit, comparison.costs, comparison.incumbent_rate)
        shown = suffices >= comparison.settled_at and right <= unlikely
    else:
        shown = belief.above(settings.min_gain) <= unlikely
    return "no difference" if shown else "not enough evidence"


def _rests_on_missing(situation: Situation, one: Judged, comparison: Comparison, verdict: Verdict) -> bool:
    """Whether the verdict would be another one if no outcome were missing."""
    if not (comparison.missing_against or comparison.overturned):
        return False
    settings = situation.policy.learning
    unbound = replace(situation.method, missing_bound=False)
    without = compare(one.stratum, comparison.challenger, settings, unbound)
    asked = replace(without, challengers=comparison.challengers, stage=comparison.stage)
    return _verdict(asked, settings) != verdict


def _missing(situation: Situation, evidence: Evidence) -> str:
    shares = ", ".join(
        f"{percent(arm.missing_share)} of those of {short(situation.name(arm.model))}"
        for arm in (evidence.challenger, evidence.incumbent)
    )
    return f"the missing outcomes would decide it: {shares}"


def _not_enough(comparison: Comparison, evidence: Evidence) -> _Said:
    """What is not known yet: which of them succeeds more, or what else it depends on."""
    good_enough = comparison.belief.above(comparison.limit) >= comparison.gate
    if not good_enough or comparison.attempts < LEAST_ATTEMPTS:
        known = "" if evidence.attempts_to_settle is None else "not enough evidence: "
        return _Said("not enough evidence", f"{known}{needs(evidence)}", counts=True)
    right = probability_right(comparison.belief, comparison.limit, comparison.costs, comparison.incumbent_rate)
    if right < comparison.gate:
        return _Said("not enough evidence", "good enough; whether a success costs less is not clear yet")
    return _Said("not enough evidence", "it depends on what a partial result is worth")
