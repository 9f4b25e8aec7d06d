"""Changes of a complexity's default model: the cheaper arm that suffices, or the dearer one that is needed."""

from collections.abc import Sequence
from functools import partial
from typing import cast

from modelmerit.learning.cases import Case, Situation, whole_case, without_rash_savings
from modelmerit.learning.comparisons import Comparison
from modelmerit.learning.kind_effects import Judged
from modelmerit.policy.changes import set_default
from modelmerit.records import Complexity


def default_cases(situation: Situation, judged: Sequence[Judged]) -> list[Case]:
    """A case for each challenger of each complexity's default."""
    found = []
    for one in judged:
        found += without_rash_savings([_case(situation, one, comparison) for comparison in one.comparisons])
    return found


def _case(situation: Situation, one: Judged, comparison: Comparison) -> Case:
    complexity = cast(Complexity, comparison.complexity)
    return whole_case(
        situation,
        one.stratum,
        comparison,
        kind="change_default",
        scope={"complexity": complexity},
        words=f"{complexity} tasks",
        covered=partial(situation.tallies.rows_of, complexity=complexity, keyword="", incumbent=comparison.incumbent),
        build=partial(set_default, situation.policy, complexity, comparison.challenger),
    )
