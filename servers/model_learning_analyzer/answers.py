"""What the tools of `model-learning-analyzer` answer: the structured content, and the text that suffices alone."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.policy.changelog import LogEntry
from modelmerit.services.analysing import Findings
from modelmerit.services.bundles import confidence_to_approve
from modelmerit.services.proposals import Decision, Proposal, standing_line
from modelmerit.serving.asking import proposal_text

if TYPE_CHECKING:
    from modelmerit.learning.report import Report


MOST_PATTERNS = 200
"""Patterns beyond these are only counted: an answer is for a chat. `model-learning.json` holds all of them."""
WORDED_PATTERNS = 12


class AnalysisAnswer(BaseModel):
    """What an analysis found, in numbers; `patterns` are those with the most attempts."""

    as_of: str
    attempts: int
    patterns: list[dict[str, Any]]
    patterns_in_all: int
    suggestions: int
    hints: int
    warnings: list[str] | None = None


class SuggestionsAnswer(BaseModel):
    """What waits for a human, weaker findings that cannot be applied, and what is settled."""

    suggestions: list[dict[str, Any]]
    hints: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    warnings: list[str] | None = None


class DecisionAnswer(BaseModel):
    """Where an apply or a rollback stands."""

    state: str
    message: str
    change: str
    diff: str
    change_id: str | None = None
    review_on: str | None = None
    superseded_by: str | None = None
    warnings: list[str] | None = None


class RejectionAnswer(BaseModel):
    """How a suggestion stands after a rejection."""

    id: str
    status: str


class ChangesAnswer(BaseModel):
    """The changes made to models.json, newest first."""

    changes: list[dict[str, Any]]
    edited_outside: bool


def analysis_answer(findings: Findings) -> tuple[str, AnalysisAnswer]:
    """The answer to an analysis: the patterns with the most attempts, a few in words and many as data."""
    analysis = findings.analysis
    patterns = sorted(analysis.patterns, key=lambda pattern: (-pattern.sample_size, pattern.pattern_id))
    content = AnalysisAnswer(
        as_of=analysis.as_of.isoformat(),
        attempts=analysis.attempts,
        patterns=[pattern.to_dict() for pattern in patterns[:MOST_PATTERNS]],
        patterns_in_all=len(patterns),
        suggestions=len(findings.proposed),
        hints=len(analysis.hints),
        warnings=list(findings.policy.warnings) or None,
    )
    counts = f"{len(patterns)} patterns, {len(findings.proposed)} suggestions, {len(analysis.hints)} hints"
    lines = [f"{analysis.attempts} attempts in all: {counts}."]
    lines += [
        f"{pattern.trigger}: {pattern.model} {pattern.success_rate:.0%} of {pattern.sample_size}"
        for pattern in patterns[:WORDED_PATTERNS]
    ]
    lines.append("suggest_model_rules tells what follows from it.")
    return "\n".join(lines + [f"warning: {warning}" for warning in findings.policy.warnings]), content


def suggestions_answer(report: "Report", findings: Findings, *, min_confidence: float) -> tuple[str, SuggestionsAnswer]:
    """The answer to a request for suggestions: the report in words, suggestions and hints as data."""
    from modelmerit.learning.report_text import report_markdown

    shown = [one for one in findings.proposed if confidence_to_approve(one) >= min_confidence]
    order = {suggestion.id: place for place, suggestion in enumerate(findings.analysis.suggestions)}
    shown.sort(key=lambda one: order.get(one.id, len(order)))
    content = SuggestionsAnswer(
        suggestions=[suggestion.to_dict() for suggestion in shown],
        hints=[hint.to_dict() for hint in findings.analysis.hints],
        answers=[answer.to_dict() for answer in findings.analysis.answers],
        warnings=list(findings.policy.warnings) or None,
    )
    text = report_markdown(report)
    if shown:
        text += "\nShow the human a change and what speaks for it, then call apply_model_suggestion."
    return text, content


def decision_answer(decision: Decision) -> tuple[str, DecisionAnswer]:
    """The answer to an apply or a rollback."""
    content = DecisionAnswer(
        state=decision.state,
        message=decision.message,
        change=decision.change,
        diff=decision.diff,
        change_id=decision.change_id,
        review_on=None if decision.review_on is None else decision.review_on.isoformat(),
        superseded_by=decision.superseded_by,
        warnings=list(decision.warnings) or None,
    )
    parts = [f"{decision.state}: {decision.message}", decision.change, decision.diff.rstrip()]
    parts += [f"warning: {warning}" for warning in decision.warnings]
    return "\n\n".join(part for part in parts if part), content


def awaiting_answer(proposal: Proposal, again: str) -> tuple[str, DecisionAnswer]:
    """The answer where the client cannot ask: what to show the human, and how to go on after their yes."""
    message = (
        f"Nothing is changed yet. Show the human this change and its evidence. Only after their explicit yes, call "
        f"{again} and `change` set to exactly: {proposal.change}"
    )
    decision = Decision(state="awaiting_approval", message=message, change=proposal.change, diff=proposal.diff)
    _, content = decision_answer(decision)
    return f"awaiting_approval: {message}\n\n{proposal_text(proposal)}", content


def rejection_answer(stored: StoredSuggestion) -> tuple[str, RejectionAnswer]:
    """The answer to a rejection; with a member of a bundle the others are rejected too."""
    return standing_line(stored), RejectionAnswer(id=stored.id, status=stored.status)


def changes_answer(changes: list[LogEntry], *, edited_outside: bool) -> tuple[str, ChangesAnswer]:
    """The change log, newest first."""
    newest_first = list(reversed(changes))
    lines = [f"{change.id}  {change.when}  {change.kind}  {change.summary}  by {change.who}" for change in newest_first]
    if edited_outside:
        lines.append("models.json was edited outside modelmerit since the last of these.")
    content = ChangesAnswer(changes=[change.to_dict() for change in newest_first], edited_outside=edited_outside)
    return "\n".join(lines) or "No changes yet.", content
