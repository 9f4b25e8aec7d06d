"""What an outcome report makes of an attempt: which of two reports stands, and what becomes of a possible retry."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from modelmerit.errors import InvalidReport
from modelmerit.records import EVIDENCE_KINDS, LARGEST_FIGURE, Attempt, ErrorType, Evidence, Outcome, Status

Source = Literal["told", "seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReport:
    """What somebody, or something, says came of an attempt. Whatever is None was not said.

    `provider` is that of the executed model, where models.json names one. Counts of tokens are by kind, none a part of
    another. `source` is "told" by an agent or a human, or "seen" in the records of a client.
    """

    outcome: Outcome
    evidence: Evidence = "reported"
    error_type: ErrorType | None = None
    execution_time_seconds: float | None = None
    tokens_used: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    executed_model: str | None = None
    provider: str | None = None
    notes: str | None = None
    reasoning_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    tool_calls: int | None = None
    source: Source = "told"

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            InvalidReport: If a figure is negative or absurd, or a success comes with an error type.
        """
        if self.outcome == "success" and self.error_type is not None:
            raise InvalidReport(
                f"outcome 'success' came with error_type {self.error_type!r}; leave error_type out, "
                "or report 'failure' or 'partial'."
            )
        figures = {name: getattr(self, name) for name in FIGURES}
        figures["input_tokens + output_tokens"] = (self.input_tokens or 0) + (self.output_tokens or 0)
        for name, value in figures.items():
            if value is not None and not 0 <= value <= LARGEST_FIGURE:
                raise InvalidReport(
                    f"{name} is {value!r}; expected a number from 0 to {LARGEST_FIGURE:.0e}, or nothing if unknown."
                )

    @property
    def fingerprint(self) -> str:
        """Equal for equal reports, whenever they are made."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The report as canonical JSON: 2 seconds and 2.0 seconds are the same."""
        amounts = {name: float(value) for name in AMOUNTS if (value := getattr(self, name)) is not None}
        said = asdict(self) | amounts
        # Reports that say none of it look as they did before it could be said, so that they are known again.
        for name, unsaid in ADDED.items():
            if said[name] == unsaid:
                del said[name]
        return json.dumps(said, sort_keys=True)


AMOUNTS = ("execution_time_seconds", "cost_usd")
TOKEN_KINDS = (
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
)
FIGURES = (*AMOUNTS, "tokens_used", *TOKEN_KINDS, "tool_calls")
MEASURED = (*FIGURES, "executed_model", "notes")
ADDED = {**dict.fromkeys((*TOKEN_KINDS[2:], "tool_calls")), "source": "told"}
"""Fields that reports did not have from the first, and what stands there where nothing is said."""


def is_at_least_as_strong(new: Evidence, standing: Evidence | None) -> bool:
    """Whether a report of kind `new` replaces one of kind `standing`; nothing standing is the weakest."""
    return standing is None or EVIDENCE_KINDS.index(new) <= EVIDENCE_KINDS.index(standing)


def with_report(attempt: Attempt, report: OutcomeReport, now: datetime) -> Attempt:
    """The attempt as it stands after the report; what was seen of it is left to `sightings`.

    A report whose evidence is weaker than what stands only fills what is still unknown. Figures that were not said
    keep their earlier value.
    """
    said = {name: value for name in MEASURED if (value := getattr(report, name)) is not None}
    if report.tokens_used is None and report.input_tokens is not None and report.output_tokens is not None:
        said["tokens_used"] = sum(said[kind] for kind in TOKEN_KINDS if kind in said)
    outranked = attempt.outcome is not None and not is_at_least_as_strong(report.evidence, attempt.evidence)
    if outranked:
        said = {name: value for name, value in said.items() if getattr(attempt, name) is None}
        if not said:
            return attempt
    if "executed_model" in said and report.provider is not None:
        said["provider"] = report.provider
    if outranked:
        return replace(attempt, updated_at=now, **said)
    return replace(
        attempt,
        outcome=report.outcome,
        evidence=report.evidence,
        error_type=report.error_type,
        status=status_after(report.outcome, report.error_type),
        updated_at=now,
        **said,
    )


def status_after(outcome: Outcome, error_type: ErrorType | None) -> Status:
    """Completed with a success or a part of one, cancelled, or failed."""
    if error_type == "cancelled":
        return "cancelled"
    return "failed" if outcome == "failure" else "completed"
