"""Existing rules: which use the wrong model, and which do no better than having no rule.

The tasks of a rule are those for which the policy recommended the rule's model. For `keyword is 'x'`, with or without
`complexity is y`, they are the tallies of that keyword with that incumbent; likewise for a workspace and a role. For
any other rule they are identified only if no other rule uses its model: then it is the only way that model is
recommended where it is not the default. To keep apart what an earlier default recommended, only weeks count in which
the present default was recommended too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from modelmerit.learning.cases import Case, Situation, best, whole_case
from modelmerit.learning.comparisons import compare_all
from modelmerit.learning.kinds import DIMENSIONS, Kind
from modelmerit.learning.strata import whole_stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import DAYS_PER_WEEK
from modelmerit.policy.changes import modify_rule, remove_rule
from modelmerit.policy.rules import And, Comparison, Node
from modelmerit.policy.schema import Policy, Rule
from modelmerit.records import COMPLEXITIES, Complexity
from modelmerit.statistics.arrays import Mask

MOSTLY = 0.9
"""The share of a rule's tasks that must have one and the same default for "no rule" to be one model."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The tasks of a rule, as far as tallies can tell: a kind, or None for "by its model alone"."""

    kind: Kind | None
    complexities: tuple[Complexity, ...]


def rule_cases(situation: Situation, evidence: Tallies) -> list[Case]:
    """The best case against each rule whose tasks can be identified; `evidence` are comparable tallies."""
    found = []
    for rule in situation.policy.rules:
        reach = reach_of(situation.policy, rule)
        cases = list(_cases(situation, evidence, rule, reach)) if reach else []
        passing = [case for case in cases if case.passes]
        if cases:
            found.append(best(passing) if passing else max(cases, key=lambda case: case.confidence))
    return found


def reach_of(policy: Policy, rule: Rule) -> Reach | None:
    """The tasks of a rule, None where they cannot be told from others."""
    kind, complexities = _kind_and_complexities(rule.condition.root)
    if kind is not None:
        return Reach(kind, complexities)
    alone = sum(other.model == rule.model for other in policy.rules) == 1
    others: tuple[Complexity, ...] = tuple(
        complexity for complexity in complexities if policy.defaults[complexity] != rule.model
    )
    return Reach(None, others) if alone and others else None


def _kind_and_complexities(root: Node) -> tuple[Kind | None, tuple[Complexity, ...]]:
    """The one kind of task a condition asks for, if that is all it asks for, and the complexities it leaves."""
    parts = root.parts if isinstance(root, And) else (root,)
    kinds: list[Kind] = []
    complexities: tuple[Complexity, ...] = COMPLEXITIES
    plain = True
    for part in parts:
        if isinstance(part, Comparison) and part.field == "complexity":
            complexities = tuple(known for known in complexities if known in part.values)
        elif isinstance(part, Comparison) and part.field in DIMENSIONS and len(part.values) == 1:
            kinds.append(Kind(part.field, part.values[0]))
        else:
            plain = False
    return (kinds[0] if plain and len(kinds) == 1 else None), complexities


def _cases(situation: Situation, evidence: Tallies, rule: Rule, reach: Reach) -> Iterator[Case]:
    policy = situation.policy
    own = evidence.where(_covered(policy, evidence, rule, reach))
    stratum = whole_stratum(own, rule.model)
    default = _default_instead(policy, own, reach)
    scope = reach.kind.scope(None) if reach.kind else {"condition": rule.condition_text}
    if len(reach.complexities) == 1:
        scope["complexity"] = reach.complexities[0]
    words = reach.kind.words(None) if reach.kind else f"tasks of rule {rule.number}"
    for comparison in compare_all(stratum, policy.learning, situation.method, situation.look.stage):
        is_default = comparison.challenger == default
        yield whole_case(
            situation,
            stratum,
            comparison,
            kind="remove_rule" if is_default else "modify_rule",
            scope=scope,
            words=words,
            covered=partial(_covered, policy, situation.tallies, rule, reach),
            build=partial(remove_rule, policy, rule.number)
            if is_default
            else partial(modify_rule, policy, rule.number, comparison.challenger),
        )


def _covered(policy: Policy, tallies: Tallies, rule: Rule, reach: Reach) -> Mask:
    """Marks the tallies of the rule's tasks."""
    rows = np.zeros(len(tallies), dtype=np.bool_)
    weeks = tallies.day // DAYS_PER_WEEK
    for complexity in reach.complexities:
        if reach.kind is not None:
            rows |= tallies.rows_of(complexity=complexity, keyword=reach.kind.label, incumbent=rule.model)
            continue
        of_rule = tallies.rows_of(complexity=complexity, keyword="", incumbent=rule.model)
        of_default = tallies.rows_of(complexity=complexity, keyword="", incumbent=policy.defaults[complexity])
        rows |= of_rule & np.isin(weeks, np.unique(weeks[of_default]))
    return rows


def _default_instead(policy: Policy, own: Tallies, reach: Reach) -> str | None:
    """The model that (almost) all of the rule's tasks would get without it, if that is one."""
    counts: dict[str, float] = {}
    for complexity in reach.complexities:
        model = policy.defaults[complexity]
        counts[model] = counts.get(model, 0.0) + own.total("attempts", own.rows_of(complexity=complexity))
    total = sum(counts.values())
    return next((model for model, count in counts.items() if total and count >= MOSTLY * total), None)
