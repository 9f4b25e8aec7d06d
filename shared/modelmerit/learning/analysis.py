"""One analysis: what the evidence says at a moment, under the policy in force at that moment.

Patterns describe the present. Suggestions and hints are decided on the evidence up to the latest planned look, so
they stay the same between two looks however often somebody asks.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from modelmerit.learning.cases import LEAST_HINT, Case, Situation, best
from modelmerit.learning.comparisons import compare_all
from modelmerit.learning.default_changes import default_cases
from modelmerit.learning.escalation import escalation_cases
from modelmerit.learning.findings import Hint, Look, Suggestion
from modelmerit.learning.keyword_effects import Judged
from modelmerit.learning.keyword_rules import keyword_cases
from modelmerit.learning.patterns import Pattern, find_patterns
from modelmerit.learning.rule_review import rule_cases
from modelmerit.learning.strata import comparable_tallies, explored_by_day, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.learning.telling import hint, suggestion
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES
from modelmerit.statistics.planning import last_look

LEAST_HINT_ATTEMPTS = 15
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Patterns to read, suggestions to decide on, hints to watch.

    `look` is the planned look the decisions were made at, None before the first. `attempts` counts all attempts ever
    tallied, errors included.
    """

    as_of: datetime
    attempts: int
    look: Look | None
    patterns: tuple[Pattern, ...]
    suggestions: tuple[Suggestion, ...]
    hints: tuple[Hint, ...]


def analyse(
    tallies: Tallies,
    policy: Policy,
    as_of: datetime,
    *,
    checked_share: float = 0.0,
    min_sample_size: int | None = None,
    since: datetime | None = None,
) -> Analysis:
    """Everything the tallies say at `as_of` about the policy.

    `checked_share` is the share of outcomes that a person or a test reported: only where failures are detected can a
    cheap start with a climb on failure pay. `min_sample_size` and `since` narrow what the patterns show, never what
    a decision rests on.
    """
    overall = tallies.rows_of(keyword="")
    suggestions, hints, look = decide(tallies, policy, as_of, checked_share)
    return Analysis(
        as_of=as_of,
        attempts=round(tallies.total("attempts", overall) + tallies.total("errors", overall)),
        look=look,
        patterns=find_patterns(tallies, policy, as_of, min_sample_size=min_sample_size, since=since),
        suggestions=suggestions,
        hints=hints,
    )


def decide(
    tallies: Tallies, policy: Policy, as_of: datetime, checked_share: float = 0.0
) -> tuple[tuple[Suggestion, ...], tuple[Hint, ...], Look | None]:
    """The suggestions and hints of the latest planned look, surest first, and that look."""
    today = day_number(as_of)
    all_tasks = tallies.where(tallies.rows_of(keyword=""))
    planned = last_look(*explored_by_day(comparable_tallies(all_tasks, today, today)))
    if planned is None:
        return (), (), None
    look = Look(
        number=planned.number,
        day=EPOCH + timedelta(days=planned.day),
        explored_attempts=round(planned.evidence),
    )
    evidence = comparable_tallies(tallies, today, planned.day)
    situation = Situation(policy=policy, tallies=tallies, today=today, look=look)
    judged = []
    for complexity in COMPLEXITIES:
        own = stratum(evidence, complexity, policy.defaults[complexity])
        judged.append(Judged(own, compare_all(own, policy.learning)))
    defaults = default_cases(situation, judged)
    settled = frozenset(case.scope["complexity"] for case in defaults if case.passes)
    cases = [
        *(_best_of(defaults, complexity) for complexity in sorted(settled)),
        *(case for case in defaults if case.scope["complexity"] not in settled),
        *keyword_cases(situation, judged, settled),
        *rule_cases(situation, evidence),
        *escalation_cases(situation, judged, settled, checked_share),
    ]
    suggestions = [made for case in cases if case.passes and (made := suggestion(case, situation)) is not None]
    hints = [hint(case, situation) for case in cases if not case.passes and _is_hint(case)]
    return (
        tuple(sorted(suggestions, key=lambda one: (-round(one.confidence, 9), one.id))),
        tuple(sorted(hints, key=lambda one: (-round(one.confidence, 9), one.id))),
        look,
    )


def _best_of(cases: list[Case], complexity: str) -> Case:
    return best([case for case in cases if case.passes and case.scope["complexity"] == complexity])


def _is_hint(case: Case) -> bool:
    enough = case.challenger.attempts >= LEAST_HINT_ATTEMPTS or "keyword" in case.scope
    return case.confidence >= LEAST_HINT and enough
