"""What learning hands over: suggestions a person may approve, hints that cannot be applied, and their evidence.

A `Suggestion` holds an exact change to models.json and the numbers it rests on. A `Hint` is a weaker finding: it has
no change. Confidence is the probability that the change is right: for a cheaper arm, that success falls by at most
the margin and cost per success falls; for a dearer one, that success rises by at least the minimal gain.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from modelmerit.policy.changes import Change
from modelmerit.statistics.intervals import Interval
from modelmerit.statistics.planning import stage

SuggestionType = Literal["new_rule", "modify_rule", "remove_rule", "change_default", "upgrade_complexity", "escalation"]
Grade = Literal["hint", "suggest", "strong"]

MOSTLY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmEvidence:
    """What is known of one arm in a comparison. `attempts` counts those a day or more old, harness errors left out.

    `missing` of them never got an outcome. `usd_per_success` includes what the failures cost. Of the outcomes,
    `checked` were decided by a person or by tests, and `implicit` are successes that nobody reported; None where that
    was not kept.
    """

    model: str
    attempts: int
    successes: int
    partials: int
    missing: int
    usd_per_success: float | None
    checked: int | None = None
    implicit: int | None = None

    @property
    def success_rate(self) -> float | None:
        """Successes among the attempts with an outcome; a partial result is no success."""
        return self.successes / self.outcomes if self.outcomes else None

    @property
    def outcomes(self) -> int:
        """Attempts with an outcome."""
        return self.attempts - self.missing

    @property
    def checked_share(self) -> float | None:
        """Share of the outcomes that a person or tests decided; None where there are none, or nobody knows."""
        return self.checked / self.outcomes if self.checked is not None and self.outcomes else None

    @property
    def implicit_share(self) -> float | None:
        """Share of the successes that nobody reported; None where there are none, or nobody knows."""
        return self.implicit / self.successes if self.implicit is not None and self.successes else None

    @property
    def missing_share(self) -> float:
        """Share of the attempts that never got an outcome."""
        return self.missing / self.attempts if self.attempts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The planned look a decision was made at: its number, its last day, and the explored attempts by then."""

    number: int
    day: date
    explored_attempts: int

    @property
    def stage(self) -> float:
        """How far the plan of looks has come."""
        return stage(self.number, self.explored_attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The numbers a finding rests on.

    `difference` is challenger minus incumbent in success rate, shrunken, with its 90 % interval. `limit` is what it
    must stay above: minus the margin for a cheaper arm, the minimal gain for a dearer one. `saving` is the share of
    the cost per success that is saved (negative: it costs more). `attempts_to_settle` is how many more attempts of
    the challenger would decide the question; None where more of the same would not.
    """

    incumbent: ArmEvidence
    challenger: ArmEvidence
    difference: float
    interval: Interval
    limit: float
    saving: float | None
    saving_interval: Interval | None
    attempts_to_settle: int | None
    weeks_to_settle: float | None
    look: Look

    @property
    def checked_share(self) -> float | None:
        """Share of the outcomes of both arms that a person or tests decided; None where nobody knows."""
        arms = (self.incumbent, self.challenger)
        outcomes = sum(arm.outcomes for arm in arms)
        checked = [arm.checked for arm in arms if arm.checked is not None]
        return sum(checked) / outcomes if len(checked) == len(arms) and outcomes else None

    @property
    def mostly_implied(self) -> bool:
        """Whether nobody reported most of the successes of one of the arms."""
        return any((arm.implicit_share or 0.0) > MOSTLY for arm in (self.incumbent, self.challenger))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, strings and dictionaries."""
        arms = {
            name: {
                **asdict(arm),
                "success_rate": _rounded(arm.success_rate),
                "missing_share": _rounded(arm.missing_share),
                "usd_per_success": _rounded(arm.usd_per_success, 5),
                "checked_share": _rounded(arm.checked_share),
                "implicit_share": _rounded(arm.implicit_share),
            }
            for name, arm in (("incumbent", self.incumbent), ("challenger", self.challenger))
        }
        return {
            **arms,
            "difference": _rounded(self.difference),
            "interval": [_rounded(end) for end in self.interval],
            "limit": self.limit,
            "saving": _rounded(self.saving),
            "saving_interval": None if self.saving_interval is None else [_rounded(x) for x in self.saving_interval],
            "attempts_to_settle": self.attempts_to_settle,
            "weeks_to_settle": _rounded(self.weeks_to_settle, 1),
            "checked_share": _rounded(self.checked_share),
            "look": {
                "number": self.look.number,
                "day": self.look.day.isoformat(),
                "explored_attempts": self.look.explored_attempts,
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Suggestions that are sure only together share one, and are approved as one."""

    id: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a suggestion and a hint have in common. `scope` may name a complexity, a keyword, a condition."""

    id: str
    type: SuggestionType
    scope: Mapping[str, str]
    from_model: str | None
    to_model: str | None
    confidence: float
    reason: str
    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        """The finding as tools and files hand it out."""
        return {
            "id": self.id,
            "type": self.type,
            "scope": dict(self.scope),
            "from_model": self.from_model,
            "to_model": self.to_model,
            "confidence": round(self.confidence, 3),
            "reason": self.reason,
            "evidence": self.evidence.to_dict(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion(Finding):
    """A change whose evidence passed the gate. `counterfactual` says what it would have done, had it been in force."""

    change: Change
    counterfactual: str
    grade: Grade = "suggest"
    bundle: Bundle | None = None

    @property
    def confidence_to_approve(self) -> float:
        """The confidence in all that one approval changes: the bundle's, where there is one."""
        return self.confidence if self.bundle is None else self.bundle.confidence

    def to_dict(self) -> dict[str, Any]:
        """The suggestion as tools and files hand it out; `change` is the one line a person approves."""
        return {
            **Finding.to_dict(self),
            "change": self.change.summary,
            "counterfactual": self.counterfactual,
            "grade": self.grade,
            "bundle": None if self.bundle is None else {"id": self.bundle.id, "confidence": self.bundle.confidence},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint(Finding):
    """A finding that has not passed the gate; `needs` says in words what it would take."""

    needs: str

    def to_dict(self) -> dict[str, Any]:
        """The hint as tools and files hand it out."""
        return {**Finding.to_dict(self), "grade": "hint", "needs": self.needs}


def finding_id(kind: SuggestionType, scope: Mapping[str, str], from_model: str | None, to_model: str | None) -> str:
    """An id that is the same whenever the same change is found again."""
    text = "\x1f".join([kind, *(f"{k}={scope[k]}" for k in sorted(scope)), from_model or "", to_model or ""])
    return f"s-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def bundle_id(ids: Iterable[str]) -> str:
    """The id of the bundle of the suggestions with these ids."""
    return f"b-{hashlib.sha256(' '.join(sorted(ids)).encode()).hexdigest()[:10]}"


def whole_bundles(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """The suggestions without those of a bundle of which a member is missing: nobody could approve them."""
    some = list(suggestions)
    members: dict[str, list[str]] = defaultdict(list)
    for one in some:
        if one.bundle is not None:
            members[one.bundle.id].append(one.id)
    return [one for one in some if one.bundle is None or bundle_id(members[one.bundle.id]) == one.bundle.id]


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
