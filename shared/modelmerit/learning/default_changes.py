"""Changes of a complexity's default model: the cheaper arm that suffices, or the dearer one that is needed."""

from collections.abc import Sequence
from functools import partial
from typing import cast

from modelmerit.learning.cases import Case, Situation, whole_case
from modelmerit.learning.keyword_effects import Judged
from modelmerit.policy.changes import set_default
from modelmerit.records import Complexity


def default_cases(situation: Situation, judged: Sequence[Judged]) -> list[Case]:
    """A case for each challenger of each complexity's default."""
    return [
        whole_case(
            situation,
            one.stratum,
            comparison,
            kind="change_default",
            scope={"complexity": comparison.complexity},
            words=f"{comparison.complexity} tasks",
            covered=situation.tallies.rows_of(
                complexity=comparison.complexity, keyword="", incumbent=comparison.incumbent
            ),
            build=partial(
                set_default, situation.policy, cast(Complexity, comparison.complexity), comparison.challenger
            ),
        )
        for one in judged
        for comparison in one.comparisons
    ]
