"""Which of possibly thousands of patterns tell a person something: whole complexities, and what departs from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelmerit.learning.patterns import Pattern
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES, Complexity, Task
from modelmerit.statistics.intervals import Z_95, wilson_interval
from modelmerit.statistics.normal import normal_quantile

FALSE_ALARMS = 0.05
"""How many keywords may look odd in a report where none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Underperformer:
    """A pattern under the policy's `min_success_rate`.

    `in_use`: the policy gives such tasks to this model, which is otherwise only tried at them. `nested`: the model
    underperforms at the whole complexity, not only at this keyword.
    """

    pattern: Pattern
    in_use: bool
    could_be_chance: bool
    nested: bool

    def to_dict(self) -> dict[str, Any]:
        """The pattern's id and what is said of it, as JSON values."""
        return {
            "pattern_id": self.pattern.pattern_id,
            "in_use": self.in_use,
            "could_be_chance": self.could_be_chance,
            "nested": self.nested,
        }


def successes_of(pattern: Pattern) -> int:
    """How many of the pattern's attempts succeeded."""
    return round(pattern.success_rate * pattern.sample_size)


def whole_patterns(patterns: Sequence[Pattern]) -> list[Pattern]:
    """The patterns of whole complexities, those seen most first."""
    return sorted((one for one in patterns if one.keyword is None), key=_seen_most)


def departures(patterns: Sequence[Pattern]) -> list[Pattern]:
    """The keywords at which a model clearly does better or worse than at the whole complexity, those seen most first.

    Among many keywords some look odd by chance, so the more there are, the more it takes.
    """
    wholes = _wholes(patterns)
    z = _keyword_z(patterns)
    found = []
    for one in patterns:
        if one.keyword is None or (one.complexity, one.model) not in wholes:
            continue
        low, high = wilson_interval(successes_of(one), one.sample_size, z)
        if not low <= wholes[one.complexity, one.model].success_rate <= high:
            found.append(one)
    return sorted(found, key=_seen_most)


def underperformers(patterns: Sequence[Pattern], policy: Policy) -> tuple[Underperformer, ...]:
    """The patterns under `min_success_rate`: first what the policy uses, what is no chance, and what costs most."""
    least = policy.learning.min_success_rate
    wholes = _wholes(patterns)
    z = _keyword_z(patterns)
    under = [one for one in patterns if one.success_rate < least]
    used = {place: _recommended(policy, *place) for place in {(one.complexity, one.keyword) for one in under}}
    found = []
    for one in under:
        whole = wholes.get((one.complexity, one.model)) if one.keyword is not None else None
        _, high = wilson_interval(successes_of(one), one.sample_size, Z_95 if one.keyword is None else z)
        found.append(
            Underperformer(
                pattern=one,
                in_use=used[one.complexity, one.keyword] == one.model,
                could_be_chance=high >= least,
                nested=whole is not None and whole.success_rate < least,
            )
        )

    def order(one: Underperformer) -> tuple[bool, bool, bool, float, str]:
        lost = (least - one.pattern.success_rate) * one.pattern.sample_size
        return one.nested, not one.in_use, one.could_be_chance, -lost, one.pattern.pattern_id

    return tuple(sorted(found, key=order))


def _keyword_z(patterns: Sequence[Pattern]) -> float:
    """How many standard deviations off is no chance, among so many keywords."""
    keywords = sum(one.keyword is not None for one in patterns)
    return normal_quantile(1 - FALSE_ALARMS / (2 * max(1, keywords)))


def _wholes(patterns: Sequence[Pattern]) -> Mapping[tuple[str | None, str], Pattern]:
    return {(one.complexity, one.model): one for one in patterns if one.keyword is None}


def _recommended(policy: Policy, complexity: str | None, keyword: str | None) -> str:
    label: Complexity | None = next((known for known in COMPLEXITIES if known == complexity), None)
    keywords = () if keyword is None else (keyword,)
    return policy.recommend(Task(text=keyword or "", keywords=keywords, complexity=label)).model


def _seen_most(pattern: Pattern) -> tuple[int, str]:
    return -pattern.sample_size, pattern.pattern_id
