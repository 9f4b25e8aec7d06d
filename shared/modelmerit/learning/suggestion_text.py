"""A suggestion, or a hint, in the few lines a busy person judges it by.

A suggestion takes six: the change, what it should bring, on what evidence, what it would have done, what could make it
wrong, and what would settle it.
"""

from collections.abc import Callable, Sequence

from modelmerit.learning.figures import at_your_pace, count, counted, percent, points
from modelmerit.learning.findings import Evidence, Finding, Hint, Suggestion
from modelmerit.learning.markdown import TableOfText, short
from modelmerit.statistics.intervals import Interval

FEW_ATTEMPTS = 30


def suggestion_lines(suggestion: Suggestion) -> tuple[str, ...]:
    """What there is to say of a suggestion after its change: five lines of plain text."""
    evidence = suggestion.evidence
    return (
        f"Should bring {_gain(evidence, 'task' if suggestion.type == 'escalation' else 'success')}.",
        f"Evidence: {suggestion.reason}; explored attempts up to {evidence.look.day.isoformat()}.",
        suggestion.counterfactual,
        _doubt(suggestion),
        _settles(evidence),
    )


def suggestion_mark(suggestion: Suggestion) -> str:
    """How sure a suggestion is, and the id by which it is applied."""
    together = "" if suggestion.bundle is None else f", approved as one with bundle {suggestion.bundle.id}"
    return f"confidence {percent(suggestion.confidence)}, id {suggestion.id}{together}"


def hint_line(hint: Hint) -> str:
    """A hint: what was found, how sure that is, and what it would take."""
    return f"{hint.reason}. Confidence {percent(hint.confidence)}; {hint.needs}."


def hint_table(hints: Sequence[Hint], name: Callable[[str], str]) -> TableOfText:
    """Hints to compare, as a table; `name` is what a person calls a model."""
    rows = [
        [
            percent(hint.confidence),
            tasks_of(hint),
            f"{short(name(hint.from_model or ''))} -> {short(name(hint.to_model or ''))}",
            brief(hint.evidence),
            hint.needs.removeprefix("needs "),
        ]
        for hint in hints
    ]
    return ["confidence", "tasks", "change", "evidence", "needs"], rows


def tasks_of(finding: Finding) -> str:
    """The tasks a finding is about: `medium`, `medium: docs`."""
    scope = finding.scope
    what = scope.get("keyword") or scope.get("condition")
    parts = [part for part in (scope.get("complexity"), what and short(what)) if part]
    return ": ".join(parts) or "all"


def brief(evidence: Evidence) -> str:
    """What a finding rests on, in half a line."""
    tried, present = (
        f"{count(arm.successes)} of {count(arm.attempts)}" for arm in (evidence.challenger, evidence.incumbent)
    )
    return f"{_points_of_success(evidence)}, {tried} against {present}"


def _points_of_success(evidence: Evidence) -> str:
    low, high = evidence.interval
    return f"{points(evidence.difference)} points of success ({points(low)} to {points(high)})"


def _gain(evidence: Evidence, unit: str) -> str:
    """What a change should bring; `unit` is what its saving is counted in."""
    success = _points_of_success(evidence)
    if evidence.saving is None or evidence.saving_interval is None:
        return f"{success}; what it costs is not known"
    return f"{success}; a {unit} costs {less(evidence.saving, evidence.saving_interval)}"


def less(saving: float, interval: Interval) -> str:
    """By how much a cost is less, with its interval: `62 % less (53 to 70 %)`; a saving under 0 makes it more."""
    low, high = interval
    if low < 0 < high:
        return f"{_less_or_more(saving)} ({_less_or_more(low)} to {_less_or_more(high)})"
    if saving >= 0:
        return f"{percent(saving)} less ({100 * low:.0f} to {percent(high)})"
    return f"{percent(-saving)} more ({100 * -high:.0f} to {percent(-low)})"


def _less_or_more(saving: float) -> str:
    return f"{percent(abs(saving))} {'less' if saving >= 0 else 'more'}"


def _doubt(suggestion: Suggestion) -> str:
    evidence = suggestion.evidence
    doubts = []
    if evidence.challenger.attempts < FEW_ATTEMPTS:
        doubts.append(
            f"the {counted(evidence.challenger.attempts, 'attempt')} of the new model were luckier than usual"
        )
    if evidence.saving is None:
        doubts.append("the new model costs more than it is worth")
    if suggestion.type == "escalation":
        doubts.append("failures go unnoticed more often than so far")
    doubts.append("the tasks ahead differ from those so far, or outcomes were reported too kindly")
    missing = max(evidence.challenger.missing_share, evidence.incumbent.missing_share)
    counted_against = f" The {percent(missing)} without an outcome already count against it." if missing else ""
    return f"Could be wrong if {'; or '.join(doubts)}.{counted_against}"


def _settles(evidence: Evidence) -> str:
    if evidence.attempts_to_settle == 0:
        return "Settled as far as attempts can settle it."
    if evidence.attempts_to_settle is None:
        return "Hardly any number of further attempts would make it surer."
    more = f"Would be settled by about {counted(evidence.attempts_to_settle, 'more explored attempt')}"
    if evidence.weeks_to_settle is None:
        return f"{more}; none are being made at present."
    return f"{more}, {at_your_pace(evidence.weeks_to_settle)}."
