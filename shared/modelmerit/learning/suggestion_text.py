"""A suggestion, or a hint, in the few lines a busy person judges it by.

A suggestion takes six: the change, what it should bring, on what evidence, what it would have done, what could make it
wrong, and what would settle it.
"""

from collections.abc import Callable, Sequence

from modelmerit.learning.figures import at_your_pace, count, counted, percent, points
from modelmerit.learning.findings import Bundle, Evidence, Finding, Hint, Suggestion
from modelmerit.learning.markdown import TableOfText, short
from modelmerit.statistics.intervals import Interval

FEW_ATTEMPTS = 30
MOSTLY_CHECKED = 0.8
"""The share of outcomes decided by tests or a person from which kind words are no worry."""


def suggestion_lines(suggestion: Suggestion) -> tuple[str, ...]:
    """What there is to say of a suggestion after its change: five lines of plain text."""
    evidence = suggestion.evidence
    seen = f"explored attempts up to {evidence.look.day.isoformat()}{_and(strength(evidence))}"
    return (
        f"Should bring {_gain(evidence, 'task' if suggestion.type == 'escalation' else 'success')}.",
        f"Evidence: {suggestion.reason}; {seen}.",
        suggestion.counterfactual,
        _doubt(suggestion),
        _settles(suggestion),
    )


def suggestion_mark(suggestion: Suggestion) -> str:
    """How sure a suggestion is, and the id by which it is applied."""
    mark = f"confidence {percent(suggestion.confidence)}, id {suggestion.id}"
    return mark if suggestion.bundle is None else f"{mark}; {together(suggestion.bundle)}"


def together(bundle: Bundle) -> str:
    """That the changes of a bundle are approved as one, and how sure they are together."""
    return f"approved as one with bundle {bundle.id}, together {percent(bundle.confidence)} sure"


def strength(evidence: Evidence) -> str:
    """Who decided the outcomes that a finding rests on; empty where nobody knows."""
    if evidence.mostly_implied:
        return "most successes are only implied, as nobody reported them"
    share = evidence.checked_share
    if share is None:
        return ""
    return f"{percent(share) if share else 'none'} of the outcomes were decided by tests or a person"


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
    return f"{points_of_success(evidence)}, {tried} against {present}"


def points_of_success(evidence: Evidence) -> str:
    """The difference in success with its interval."""
    low, high = evidence.interval
    return f"{points(evidence.difference)} points of success ({points(low)} to {points(high)})"


def _and(text: str) -> str:
    return f"; {text}" if text else ""


def _gain(evidence: Evidence, unit: str) -> str:
    """What a change should bring; `unit` is what its saving is counted in."""
    success = points_of_success(evidence)
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
    if evidence.mostly_implied:
        doubts.append("what nobody reported was no success")
    elif (evidence.checked_share or 0.0) < MOSTLY_CHECKED:
        doubts.append("outcomes were reported too kindly")
    missing = max(evidence.challenger.missing_share, evidence.incumbent.missing_share)
    bounded = suggestion.type in ("change_default", "modify_rule", "remove_rule")
    if missing and not bounded:
        doubts.append(f"the {percent(missing)} without an outcome speak against it")
    doubts.append("the tasks ahead differ from those so far")
    outweighed = f" The {percent(missing)} without an outcome would not overturn it." if missing and bounded else ""
    return f"Could be wrong if {'; or '.join(doubts)}.{outweighed}"


def _settles(suggestion: Suggestion) -> str:
    if suggestion.bundle is None:
        return _settled_by(suggestion.evidence, "Would")
    return f"Sure only together with its bundle. {_settled_by(suggestion.evidence, 'Alone it would')}"


def _settled_by(evidence: Evidence, would: str) -> str:
    if evidence.attempts_to_settle == 0:
        return "Settled as far as attempts can settle it."
    if evidence.attempts_to_settle is None:
        return "Hardly any number of further attempts would make it surer."
    more = f"{would} be settled by about {counted(evidence.attempts_to_settle, 'more explored attempt')}"
    if evidence.weeks_to_settle is None:
        return f"{more}; none are being made at present."
    return f"{more}, {at_your_pace(evidence.weeks_to_settle)}."
