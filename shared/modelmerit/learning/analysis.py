"""One analysis: what the evidence says at a moment, under the policy in force at that moment.

Patterns describe the present. What is decided rests on the evidence up to the latest planned look.
"""

from dataclasses import dataclass
from datetime import datetime

from modelmerit.learning.answers import Answer
from modelmerit.learning.circumstances import USUAL, Circumstances
from modelmerit.learning.deciding import decide
from modelmerit.learning.findings import Hint, Look, Suggestion
from modelmerit.learning.patterns import Pattern, find_patterns
from modelmerit.learning.sufficiency import Verdicts
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Patterns to read, suggestions to decide on, hints to watch.

    `look` is the planned look the decisions were made at, None before the first. `attempts` counts all attempts ever
    tallied, errors included. `answers` says what is settled of the challengers of each default, and `sufficiency` is
    what was shown of the models that the policy uses.
    """

    as_of: datetime
    attempts: int
    look: Look | None
    patterns: tuple[Pattern, ...]
    suggestions: tuple[Suggestion, ...]
    hints: tuple[Hint, ...]
    answers: tuple[Answer, ...]
    sufficiency: Verdicts


def analyse(
    tallies: Tallies,
    policy: Policy,
    as_of: datetime,
    *,
    circumstances: Circumstances = USUAL,
    min_sample_size: int | None = None,
    since: datetime | None = None,
) -> Analysis:
    """Everything the tallies say at `as_of` about the policy.

    `min_sample_size` and `since` narrow what the patterns show, never what a decision rests on.
    """
    overall = tallies.rows_of(keyword="")
    decided = decide(tallies, policy, as_of, circumstances)
    return Analysis(
        as_of=as_of,
        attempts=round(tallies.total("attempts", overall) + tallies.total("errors", overall)),
        look=decided.look,
        patterns=find_patterns(tallies.without_groups(), policy, as_of, min_sample_size=min_sample_size, since=since),
        suggestions=decided.suggestions,
        hints=decided.hints,
        answers=decided.answers(),
        sufficiency=decided.sufficiency,
    )
