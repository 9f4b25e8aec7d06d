"""The applied changes, out of what the store kept of them, and how they stand."""

from collections.abc import Iterable, Iterator

from modelmerit.errors import ChangeDoesNotApply
from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.learning.applied_changes import Applied, AppliedChange, applied_changes
from modelmerit.learning.since_applied import first_day_needed
from modelmerit.learning.tallying import day_number
from modelmerit.services.analysing import Findings
from modelmerit.services.recalling import recalled


def standing(findings: Findings) -> tuple[AppliedChange, ...]:
    """How the changes that were applied stand, the most urgent first."""
    proposed = {suggestion.id for suggestion in findings.proposed}
    return applied_changes(
        list(_applied(findings.suggestions)),
        findings.tallies,
        findings.policy.policy,
        findings.analysis.as_of,
        suggestions=[found for found in findings.analysis.suggestions if found.id in proposed],
        circumstances=findings.circumstances,
    )


def first_day_of_reviews(suggestions: Iterable[StoredSuggestion], today: int) -> int:
    """The first day, since 1970, of which the review of what is in force must know; `today` if there is nothing."""
    days = [day_number(one.updated_at) for one in suggestions if one.status == "applied"]
    return min((first_day_needed(day, today) for day in days), default=today)


def _applied(suggestions: Iterable[StoredSuggestion]) -> Iterator[Applied]:
    for stored in suggestions:
        if stored.status != "applied":
            continue
        try:
            suggestion = recalled(stored)
        except ChangeDoesNotApply:
            continue  # kept by a release that knew other kinds of edits; `changes` still lists it
        yield Applied(suggestion=suggestion, applied_at=stored.updated_at, change_id=stored.change_id)
