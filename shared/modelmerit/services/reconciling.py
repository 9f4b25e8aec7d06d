"""Squares what the store says of suggestions with what the change log says was done to models.json.

models.json and its log are written first and the store after them, so a process killed in between leaves a suggestion
that is in force and does not say so, or one that is taken back and still says it is applied. The log is right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.policy.changelog import LogEntry, rolled_back_by

Settled = Literal["applied", "rolled back"]


def corrected(suggestions: Sequence[StoredSuggestion], entries: Sequence[LogEntry]) -> Iterator[StoredSuggestion]:
    """The suggestions whose status the log contradicts, as it should be; `entries` are oldest first."""
    by_id = {entry.id: entry for entry in entries}
    for suggestion in suggestions:
        change = by_id.get(suggestion.change_id or "")
        if change is not None and suggestion.status in ("applied", "rolled back"):
            status: Settled = "applied" if rolled_back_by(entries, change.id) is None else "rolled back"
            if suggestion.status != status:
                # A rollback, and the rollback of one, name the suggestion they are about.
                latest = next(entry for entry in reversed(entries) if entry.suggestion_id == change.suggestion_id)
                yield _decided(suggestion, status, latest, change.id)
        elif suggestion.status in ("proposed", "superseded"):
            applied = _applied_unheard(suggestion, suggestions, entries)
            if applied is not None:
                yield _decided(suggestion, "applied", applied, applied.id)


def _applied_unheard(
    suggestion: StoredSuggestion, suggestions: Sequence[StoredSuggestion], entries: Sequence[LogEntry]
) -> LogEntry | None:
    """The standing change that applied the suggestion, or the bundle it is part of, since it was last proposed."""
    bundle = _bundle(suggestion)
    together = {other.id for other in suggestions if bundle and _bundle(other) == bundle} | {suggestion.id}
    for entry in reversed(entries):
        if entry.kind == "apply" and entry.suggestion_id in together and rolled_back_by(entries, entry.id) is None:
            # What was applied before it was proposed anew has been taken back by hand since.
            return entry if _moment(entry) >= suggestion.proposed_at else None
    return None


def _bundle(suggestion: StoredSuggestion) -> str | None:
    bundle = suggestion.payload.get("bundle")
    return bundle["id"] if bundle else None


def _moment(entry: LogEntry) -> datetime:
    try:
        moment = datetime.fromisoformat(entry.when)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _decided(suggestion: StoredSuggestion, status: Settled, entry: LogEntry, change_id: str) -> StoredSuggestion:
    return replace(
        suggestion,
        status=status,
        updated_at=max(suggestion.updated_at, _moment(entry)),
        decided_by=entry.who,
        decision_reason=entry.why or None,
        decision_weight=suggestion.weight,
        change_id=change_id,
    )
