"""Suggestions that are sure only together: which they are, and whether they can still be approved as one."""

from collections.abc import Iterable, Sequence

from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.learning.findings import bundle_id


def bundle_of(suggestion: StoredSuggestion) -> str | None:
    """The id of the bundle that a suggestion is part of, if it is part of one."""
    bundle = suggestion.payload.get("bundle")
    return bundle["id"] if bundle else None


def together_with(suggestion: StoredSuggestion, others: Iterable[StoredSuggestion]) -> tuple[StoredSuggestion, ...]:
    """The members of a suggestion's bundle that wait for a human, among `others`; without one, itself."""
    bundle = bundle_of(suggestion)
    if bundle is None:
        return (suggestion,)
    return tuple(other for other in others if other.status == "proposed" and bundle_of(other) == bundle)


def is_whole(members: Sequence[StoredSuggestion]) -> bool:
    """Whether these are all members of their bundle, whose id is made of theirs; true of a suggestion without one."""
    bundle = bundle_of(members[0])
    return bundle is None or bundle_id(member.id for member in members) == bundle


def confidence_to_approve(suggestion: StoredSuggestion) -> float:
    """The confidence in all that one approval changes: the bundle's, where there is one."""
    return suggestion.payload["bundle"]["confidence"] if bundle_of(suggestion) else suggestion.confidence
