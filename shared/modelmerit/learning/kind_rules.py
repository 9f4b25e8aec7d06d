"""New rules for kinds of task, and keywords whose tasks are labelled too low.

Where tasks of a kind need the model of a higher complexity, the label was too low: that is an `upgrade_complexity`.
Everything else is a `new_rule`. One rule serves several complexities where it is right in each of them that it would
change.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from modelmerit.learning.cases import Case, Situation, arm_evidence, best, merged, weekly_pace, without_rash_savings
from modelmerit.learning.findings import SuggestionType
from modelmerit.learning.kind_effects import Judged, KindEffect, kind_effects
from modelmerit.learning.kinds import DIMENSIONS, Kind
from modelmerit.learning.strata import Stratum
from modelmerit.policy.changes import Change, add_rule
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES, Complexity


def kind_cases(situation: Situation, judged: Sequence[Judged], settled: frozenset[str]) -> list[Case]:
    """The best case for each kind and complexity, merged where one rule serves several.

    Complexities whose default is about to change are `settled`: nothing nested in a finding is a finding.
    """
    policy = situation.policy
    strata = {one.stratum.complexity: one.stratum for one in judged}
    by_place: dict[tuple[Kind, str], list[Case]] = defaultdict(list)

    def wanted(kind: Kind, complexity: str) -> bool:
        return complexity not in settled and not kind.has_rule(policy, complexity)

    for dimension in DIMENSIONS:
        for effect in kind_effects(judged, dimension, policy.learning, wanted, situation.method):
            complexity = effect.comparison.complexity
            by_place[effect.kind, complexity].append(_case(situation, strata[complexity], effect))
    chosen: dict[tuple[Kind, str], list[Case]] = defaultdict(list)
    for (kind, _), found in by_place.items():
        cases = without_rash_savings(found)
        passing = [case for case in cases if case.passes]
        case = best(passing) if passing else max(cases, key=lambda one: (one.confidence, one.challenger.model))
        chosen[kind, case.challenger.model].append(case)
    return [case for (kind, model), cases in chosen.items() for case in _joined(situation, kind, model, cases)]


def _case(situation: Situation, stratum: Stratum, effect: KindEffect) -> Case:
    comparison, kind = effect.comparison, effect.kind
    named = situation.named(comparison.complexity)
    return Case(
        type=_type(situation.policy, comparison.challenger, [comparison.complexity], comparison.cheaper),
        scope=kind.scope(named),
        words=kind.words(named),
        incumbent=arm_evidence(stratum, comparison.incumbent, kind.label, comparison.first_week),
        challenger=arm_evidence(stratum, comparison.challenger, kind.label, comparison.first_week),
        belief=effect.belief,
        incumbent_rate=effect.incumbent_rate,
        costs=comparison.costs,
        limit=comparison.limit,
        confidence=effect.confidence,
        gate=effect.gate,
        passes=effect.passes,
        covered=partial(
            situation.tallies.rows_of,
            complexity=comparison.complexity,
            keyword=kind.label,
            incumbent=comparison.incumbent,
        ),
        weekly_pace=weekly_pace(stratum, comparison.challenger, situation.look_week, kind.label),
        build=partial(rule_for, situation.policy, kind, named, comparison.challenger),
        note=f", with {effect.pooled_attempts:.0f} explored attempts of this kind in all",
    )


def rule_for(policy: Policy, kind: Kind, complexity: str | None, model: str) -> Change:
    """The change that adds a rule for a kind of task, in one complexity or in all.

    Raises:
        PolicyError: If the policy cannot be changed so.
    """
    return add_rule(policy, kind.condition(complexity), model)


def _joined(situation: Situation, kind: Kind, model: str, cases: list[Case]) -> list[Case]:
    """One case for all complexities if it passed in each that one rule for all would change, else the single ones."""
    policy = situation.policy
    if not situation.labelled:
        return cases
    complexities = [case.scope["complexity"] for case in cases]
    changed = {complexity for complexity in COMPLEXITIES if policy.defaults[complexity] != model}
    if len(cases) < 2 or set(complexities) != changed or not all(case.passes for case in cases):
        return cases
    cheaper = all(case.cheaper for case in cases)
    return [
        merged(
            cases,
            kind=_type(policy, model, complexities, cheaper),
            scope=kind.scope(None),
            words=kind.words(None),
            build=partial(rule_for, policy, kind, None, model),
        )
    ]


def _type(policy: Policy, model: str, complexities: Sequence[str], cheaper: bool) -> SuggestionType:
    levels: dict[Complexity, int] = {complexity: level for level, complexity in enumerate(COMPLEXITIES)}
    highest = max(levels[known] for known in COMPLEXITIES if known in complexities)
    above = any(policy.defaults[known] == model and level > highest for known, level in levels.items())
    return "upgrade_complexity" if above and not cheaper else "new_rule"
