"""New rules for keywords, and keywords whose tasks are labelled too low.

Where tasks with a keyword need the model of a higher complexity, the label was too low: that is an
`upgrade_complexity`. Everything else is a `new_rule`. One rule serves several complexities where it is right in each
of them that it would change.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from modelmerit.learning.cases import Case, Situation, arm_evidence, best, merged, weekly_pace, without_rash_savings
from modelmerit.learning.findings import SuggestionType
from modelmerit.learning.keyword_effects import Judged, KeywordEffect, keyword_effects
from modelmerit.learning.strata import Stratum
from modelmerit.policy.changes import add_rule
from modelmerit.policy.rules import quoted
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES, Complexity, Task


def keyword_cases(situation: Situation, judged: Sequence[Judged], settled: frozenset[str]) -> list[Case]:
    """The best case for each keyword and complexity, merged where one rule serves several.

    Complexities whose default is about to change are `settled`: nothing nested in a finding is a finding.
    """
    policy = situation.policy
    strata = {one.stratum.complexity: one.stratum for one in judged}
    by_place: dict[tuple[str, str], list[Case]] = defaultdict(list)

    def wanted(keyword: str, complexity: str) -> bool:
        return complexity not in settled and not has_rule(policy, keyword, complexity)

    for effect in keyword_effects(judged, policy.learning, wanted):
        complexity = effect.comparison.complexity
        by_place[effect.keyword, complexity].append(_case(situation, strata[complexity], effect))
    chosen: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for (keyword, _), found in by_place.items():
        cases = without_rash_savings(found)
        passing = [case for case in cases if case.passes]
        case = best(passing) if passing else max(cases, key=lambda one: (one.confidence, one.challenger.model))
        chosen[keyword, case.challenger.model].append(case)
    return [case for (keyword, model), cases in chosen.items() for case in _joined(policy, keyword, model, cases)]


def has_rule(policy: Policy, keyword: str, complexity: str) -> bool:
    """Whether a rule, rather than the complexity, already decides about tasks with this keyword."""
    label: Complexity | None = next((known for known in COMPLEXITIES if known == complexity), None)
    return policy.recommend(Task(text=keyword, keywords=(keyword,), complexity=label)).rule is not None


def _case(situation: Situation, stratum: Stratum, effect: KeywordEffect) -> Case:
    comparison = effect.comparison
    condition = f"keyword is {quoted(effect.keyword)} and complexity is {comparison.complexity}"
    return Case(
        type=_kind(situation.policy, comparison.challenger, [comparison.complexity], comparison.cheaper),
        scope={"complexity": comparison.complexity, "keyword": effect.keyword},
        words=f"{comparison.complexity} tasks with keyword {quoted(effect.keyword)}",
        incumbent=arm_evidence(stratum, comparison.incumbent, effect.keyword, comparison.first_week),
        challenger=arm_evidence(stratum, comparison.challenger, effect.keyword, comparison.first_week),
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
            keyword=effect.keyword,
            incumbent=comparison.incumbent,
        ),
        weekly_pace=weekly_pace(stratum, comparison.challenger, situation.look_week, effect.keyword),
        build=partial(add_rule, situation.policy, condition, comparison.challenger),
        note=f", with {effect.pooled_attempts:.0f} explored attempts at this keyword in all",
    )


def _joined(policy: Policy, keyword: str, model: str, cases: list[Case]) -> list[Case]:
    """One case for all complexities if it passed in each that one rule for all would change, else the single ones."""
    complexities = [case.scope["complexity"] for case in cases]
    changed = {complexity for complexity in COMPLEXITIES if policy.defaults[complexity] != model}
    if len(cases) < 2 or set(complexities) != changed or not all(case.passes for case in cases):
        return cases
    cheaper = all(case.cheaper for case in cases)
    return [
        merged(
            cases,
            kind=_kind(policy, model, complexities, cheaper),
            scope={"keyword": keyword},
            words=f"tasks with keyword {quoted(keyword)}",
            build=partial(add_rule, policy, f"keyword is {quoted(keyword)}", model),
        )
    ]


def _kind(policy: Policy, model: str, complexities: Sequence[str], cheaper: bool) -> SuggestionType:
    levels: dict[Complexity, int] = {complexity: level for level, complexity in enumerate(COMPLEXITIES)}
    highest = max(levels[known] for known in COMPLEXITIES if known in complexities)
    above = any(policy.defaults[known] == model and level > highest for known, level in levels.items())
    return "upgrade_complexity" if above and not cheaper else "new_rule"
