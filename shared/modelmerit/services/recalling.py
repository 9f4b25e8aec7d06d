"""A suggestion as learning made it, out of what the store kept of it: to tell one that is decided or superseded."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.learning.findings import ArmEvidence, Bundle, Evidence, Look, Suggestion
from modelmerit.policy.changes import Change
from modelmerit.statistics.intervals import Interval


def recalled(stored: StoredSuggestion) -> Suggestion:
    """The suggestion with its evidence; figures are as they were rounded to be kept.

    Raises:
        ChangeDoesNotApply: If its change was kept by a release that knew other kinds of edits.
    """
    payload = stored.payload
    names = ("scope", "from_model", "to_model", "reason", "counterfactual", "grade")
    bundle = payload["bundle"]
    return Suggestion(
        id=stored.id,
        type=payload["type"],
        confidence=stored.confidence,
        change=Change.from_dict(payload["edits"]),
        evidence=recalled_evidence(payload["evidence"]),
        bundle=None if bundle is None else Bundle(**bundle),
        **{name: payload[name] for name in names},
    )


def recalled_evidence(kept: Mapping[str, Any]) -> Evidence:
    """The evidence out of what was kept of it; what an earlier release did not keep is unknown."""
    saved = kept["saving_interval"]
    read = {
        "incumbent": _arm(kept["incumbent"]),
        "challenger": _arm(kept["challenger"]),
        "interval": Interval(*kept["interval"]),
        "saving_interval": None if saved is None else Interval(*saved),
        "look": Look(**{**kept["look"], "day": date.fromisoformat(kept["look"]["day"])}),
    }
    return Evidence(**{**_fields_of(Evidence, kept), **read})


def _arm(kept: Mapping[str, Any]) -> ArmEvidence:
    return ArmEvidence(**_fields_of(ArmEvidence, kept))


def _fields_of(record: type[ArmEvidence | Evidence], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept of the record's fields; the rest is worked out from them."""
    return {field.name: kept[field.name] for field in fields(record) if field.name in kept}
