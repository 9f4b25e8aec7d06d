"""What was suggested, and what a human said to it, as the store keeps it.

A suggestion that an analysis no longer makes is superseded; one that a human rejected stays rejected until its
evidence has at least doubled. Functions here run inside one store transaction.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from modelmerit.errors import UnknownSuggestion
from modelmerit.evidence import queries
from modelmerit.evidence.rows import from_microseconds, to_microseconds
from modelmerit.evidence.store_errors import damaged
from modelmerit.learning.sufficiency import NOTHING_SHOWN, TaskKind, Verdicts

SuggestionStatus = Literal["proposed", "applied", "rejected", "superseded", "rolled back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSuggestion:
    """A suggestion and its fate.

    `change` is the one line a human approves, `payload` the whole suggestion as JSON values, `weight` the number of
    attempts its evidence rests on, and `decision_weight` that number when a human last decided. `proposed_at` is when
    it was first proposed since then.
    """

    id: str
    type: str
    change: str
    confidence: float
    weight: int
    payload: Mapping[str, Any]
    proposed_at: datetime
    updated_at: datetime
    status: SuggestionStatus = "proposed"
    decided_by: str | None = None
    decision_reason: str | None = None
    decision_weight: int | None = None
    change_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The suggestion with its status, as tools hand it out: without the edits that only the core needs."""
        return {name: value for name, value in self.payload.items() if name != "edits"} | {"status": self.status}


@dataclass(frozen=True, slots=True)
class AnalysisMark:
    """What an analysis had seen: the store's revision and the policy's hash."""

    analysed_at: datetime
    revision: int
    policy_hash: str


def find(connection: sqlite3.Connection, suggestion_id: str) -> StoredSuggestion | None:
    """The suggestion with this id, if there is one."""
    row = connection.execute(queries.SUGGESTION_BY_ID, {"id": suggestion_id}).fetchone()
    return None if row is None else _from_row(row)


def get(connection: sqlite3.Connection, suggestion_id: str) -> StoredSuggestion:
    """The suggestion with this id.

    Raises:
        UnknownSuggestion: If there is none.
    """
    suggestion = find(connection, suggestion_id)
    if suggestion is None:
        raise UnknownSuggestion(
            f"No suggestion has the id {suggestion_id!r}. "
            "suggest_model_rules, or `modelmerit suggest`, lists the ones there are."
        )
    return suggestion


def all_suggestions(connection: sqlite3.Connection) -> list[StoredSuggestion]:
    """Every suggestion ever made, most confident first."""
    return [_from_row(row) for row in connection.execute(queries.SUGGESTIONS)]


def save(connection: sqlite3.Connection, suggestion: StoredSuggestion) -> None:
    """Insert the suggestion, or replace what was known of it."""
    connection.execute(queries.SAVE_SUGGESTION, _to_row(suggestion))


def save_analysis(
    connection: sqlite3.Connection,
    found: Iterable[StoredSuggestion],
    mark: AnalysisMark,
    shown: Verdicts = NOTHING_SHOWN,
) -> list[StoredSuggestion]:
    """Record what an analysis found and has `shown`; answers every suggestion with its status after it."""
    made = {suggestion.id: suggestion for suggestion in found}
    known = {suggestion.id: suggestion for suggestion in all_suggestions(connection)}
    for suggestion in made.values():
        save(connection, renewed(suggestion, known.get(suggestion.id)))
    for suggestion in known.values():
        newer = suggestion.updated_at > mark.analysed_at
        if suggestion.id not in made and suggestion.status == "proposed" and not newer:
            save(connection, replace(suggestion, status="superseded", updated_at=mark.analysed_at))
    _save_sufficiency(connection, shown)
    connection.execute(
        queries.SAVE_ANALYSIS,
        {
            "analysed_us": to_microseconds(mark.analysed_at),
            "revision": mark.revision,
            "policy_hash": mark.policy_hash,
        },
    )
    return all_suggestions(connection)


def renewed(found: StoredSuggestion, known: StoredSuggestion | None) -> StoredSuggestion:
    """The suggestion as it stands when an analysis makes it again.

    What a human rejected, or rolled back, stays so until the evidence has at least doubled. What was decided, or found
    by another analysis, while this one was at work stands.
    """
    if known is None:
        return found
    if known.updated_at > found.updated_at:
        return known
    settled = known.status in ("rejected", "rolled back")
    if settled and found.weight < 2 * (known.decision_weight or known.weight):
        return replace(known, updated_at=found.updated_at)
    proposed_anew = known.status not in ("proposed", "superseded")
    return found if proposed_anew else replace(found, proposed_at=known.proposed_at)


def sufficiency(connection: sqlite3.Connection) -> Verdicts:
    """What is known of the models that kinds of tasks were given to."""
    return {TaskKind(*kind): bool(said) for *kind, said in connection.execute(queries.SUFFICIENCY)}


def _save_sufficiency(connection: sqlite3.Connection, shown: Verdicts) -> None:
    """Replace what was known of the models an analysis looked at; of one that is used no more it stays."""
    for complexity, model in {(kind.complexity, kind.model) for kind in shown}:
        connection.execute(queries.DROP_SUFFICIENCY, {"complexity": complexity, "model": model})
    decided = [{**kind._asdict(), "sufficient": int(said)} for kind, said in shown.items() if said is not None]
    connection.executemany(queries.SAVE_SUFFICIENCY, decided)


def latest_analysis(connection: sqlite3.Connection) -> AnalysisMark | None:
    """What the last analysis had seen, or None before the first."""
    row = connection.execute(queries.LATEST_ANALYSIS).fetchone()
    return None if row is None else AnalysisMark(from_microseconds(row[0]), row[1], row[2])


def _to_row(suggestion: StoredSuggestion) -> dict[str, Any]:
    row = {column: getattr(suggestion, column, None) for column in queries.SUGGESTION_COLUMNS}
    row["payload"] = json.dumps(dict(suggestion.payload), ensure_ascii=False)
    row["proposed_us"] = to_microseconds(suggestion.proposed_at)
    row["updated_us"] = to_microseconds(suggestion.updated_at)
    return row


def _from_row(row: tuple[Any, ...]) -> StoredSuggestion:
    values: dict[str, Any] = dict(zip(queries.SUGGESTION_COLUMNS, row, strict=True))
    try:
        values["payload"] = json.loads(values["payload"])
        values["proposed_at"] = from_microseconds(values.pop("proposed_us"))
        values["updated_at"] = from_microseconds(values.pop("updated_us"))
    except (ValueError, TypeError, OverflowError) as error:
        raise damaged(f"The suggestion {row[0]!r}", error) from error
    return StoredSuggestion(**values)
