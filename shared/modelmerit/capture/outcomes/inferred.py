"""An outcome that nobody reported."""

from dataclasses import dataclass

from modelmerit.records import ErrorType, Evidence, Outcome


@dataclass(frozen=True, slots=True)
class Inferred:
    """An outcome, what shows it, and why in one short line without anything that people wrote.

    A failure with an `error_type` of `NOT_THE_MODELS_FAULT` is kept, and left out of the model's rate.
    """

    outcome: Outcome
    evidence: Evidence
    error_type: ErrorType | None
    reason: str
