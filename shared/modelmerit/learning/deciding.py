"""What is decided at a moment: the changes that passed their gate, and the hints that have not.

Broad findings come before narrow ones: a default before a rule, a table of rules before single ones, and nothing nested
in a finding. Decisions rest on the evidence up to the latest planned look, so they stay the same between two looks
however often somebody asks.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from modelmerit.learning.answers import Answer, answers
from modelmerit.learning.cases import LEAST_HINT, Case, Situation, best
from modelmerit.learning.circumstances import USUAL, Circumstances
from modelmerit.learning.comparisons import compare_all
from modelmerit.learning.default_changes import default_cases
from modelmerit.learning.escalation import escalation_cases
from modelmerit.learning.findings import Hint, Look, Suggestion, whole_bundles
from modelmerit.learning.holding_back import held_back
from modelmerit.learning.kind_effects import Judged
from modelmerit.learning.kind_rules import kind_cases
from modelmerit.learning.kind_tables import table_cases
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.rule_review import rule_cases
from modelmerit.learning.strata import comparable_tallies, explored_by_day, stratum
from modelmerit.learning.sufficiency import Verdicts, verdicts
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.learning.telling import hint, suggestion
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES
from modelmerit.statistics.planning import last_look

LEAST_HINT_ATTEMPTS = 15
MOSTLY_UNLABELLED = 0.95
"""Where more of the tasks than this come without a complexity, rules do not ask for one."""

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Suggestions and hints, surest first, and the planned look they were decided at, None before the first.

    Members of a bundle stand together. `answers` works out, when asked, what is settled of the challengers of each
    default, and `sufficiency` is what was shown of the models that the policy uses.
    """

    suggestions: tuple[Suggestion, ...] = ()
    hints: tuple[Hint, ...] = ()
    look: Look | None = None
    answers: Callable[[], tuple[Answer, ...]] = tuple
    sufficiency: Verdicts = field(default_factory=dict)


def decide(
    tallies: Tallies,
    policy: Policy,
    as_of: datetime,
    circumstances: Circumstances = USUAL,
    method: Method = COMPLETE,
) -> Decisions:
    """The decisions of the latest planned look."""
    today = day_number(as_of)
    all_tasks = tallies.where(tallies.rows_of(keyword=""))
    planned = last_look(*explored_by_day(comparable_tallies(all_tasks, today, today)))
    if planned is None:
        return Decisions()
    look = Look(
        number=planned.number,
        day=EPOCH + timedelta(days=planned.day),
        explored_attempts=round(planned.evidence),
    )
    routed = tallies.as_routed()
    evidence = comparable_tallies(routed, today, planned.day, circumstances, method)
    situation = Situation(
        policy=policy,
        tallies=routed,
        today=today,
        look=look,
        labelled=_labelled(all_tasks),
        circumstances=circumstances,
        method=method,
    )
    judged = []
    for complexity in COMPLEXITIES:
        own = stratum(evidence, complexity, policy.defaults[complexity])
        judged.append(Judged(own, compare_all(own, policy.learning, method, look.stage)))
    defaults = default_cases(situation, judged)
    cases = held_back(_cases(situation, judged, evidence, defaults), circumstances.mismatches)
    made = [(case, found) for case in cases if case.passes and (found := suggestion(case, situation)) is not None]
    suggestions = whole_bundles(found for _, found in made)
    hints = [hint(case, situation) for case in cases if not case.passes and _is_hint(case)]
    return Decisions(
        suggestions=tuple(sorted(suggestions, key=_surest)),
        hints=tuple(sorted(hints, key=lambda one: (-round(one.confidence, 9), one.id))),
        look=look,
        answers=partial(
            answers,
            situation,
            judged,
            held_back(defaults, circumstances.mismatches),
            [case for case, _ in made],
        ),
        sufficiency=verdicts(cases),
    )


def _surest(one: Suggestion) -> tuple[float, str, float, str]:
    bundle = "" if one.bundle is None else one.bundle.id
    return -round(one.confidence_to_approve, 9), bundle, -round(one.confidence, 9), one.id


def _cases(situation: Situation, judged: list[Judged], evidence: Tallies, defaults: list[Case]) -> list[Case]:
    settled = frozenset(case.scope["complexity"] for case in defaults if case.passes)
    tables = table_cases(situation, judged, settled)
    tabled = {_place(case) for case in tables}
    return [
        *(_best_of(defaults, complexity) for complexity in sorted(settled)),
        *(case for case in defaults if case.scope["complexity"] not in settled),
        *tables,
        *(case for case in kind_cases(situation, judged, settled) if _place(case) not in tabled),
        *rule_cases(situation, evidence),
        *escalation_cases(situation, judged, settled),
    ]


def _place(case: Case) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(case.scope.items()))


def _labelled(all_tasks: Tallies) -> bool:
    """Whether tasks come with a complexity, all but a few."""
    total = all_tasks.total("attempts")
    return all_tasks.total("attempts", all_tasks.rows_of(complexity="")) <= MOSTLY_UNLABELLED * total


def _best_of(cases: list[Case], complexity: str) -> Case:
    return best([case for case in cases if case.passes and case.scope["complexity"] == complexity])


def _is_hint(case: Case) -> bool:
    enough = case.challenger.attempts >= LEAST_HINT_ATTEMPTS or "keyword" in case.scope
    return case.confidence >= LEAST_HINT and enough
