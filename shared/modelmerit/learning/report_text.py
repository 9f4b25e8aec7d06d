"""The report in words: markdown that suffices alone in a chat.

A busy person judges a suggestion by six lines: the change, what it should bring, on what evidence, what it would have
done, what could make it wrong, and what would settle it.
"""

from modelmerit.learning.findings import Evidence, Hint, Suggestion
from modelmerit.learning.report import Report
from modelmerit.learning.telling import counted, points

SHOWN_PATTERNS = 8
SHOWN_HINTS = 8
FEW_ATTEMPTS = 30


def report_markdown(report: Report) -> str:
    """The report as markdown."""
    sections = [
        [f"# modelmerit report, {report.as_of.date().isoformat()}", "", *_overview(report)],
        _suggestions(report),
        _hints(report),
        _patterns(report),
        _practice(report),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def suggestion_lines(suggestion: Suggestion) -> list[str]:
    """A suggestion in at most six lines."""
    evidence = suggestion.evidence
    lines = [
        f"`{suggestion.change.summary}` (confidence {percent(suggestion.confidence)}, id {suggestion.id})",
        f"Should bring {_gain(evidence)}.",
        f"Evidence: {suggestion.reason}; explored attempts up to {evidence.look.day.isoformat()}.",
        suggestion.counterfactual,
        f"Could be wrong if {_doubt(evidence)}.",
        _settles(evidence),
    ]
    if suggestion.bundle is not None:
        lines[0] += f" Part of bundle {suggestion.bundle.id}, approved as one."
    return [lines[0], *(f"   - {line}" for line in lines[1:])]


def percent(share: float) -> str:
    """A share as a whole percentage; never a certainty that nobody has."""
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def _overview(report: Report) -> list[str]:
    over = "in all" if report.window_days is None else f"in the last {report.window_days:g} days"
    older = f" ({report.attempts} in all)" if report.attempts > report.attempts_in_window else ""
    attempts = counted(report.attempts_in_window, "attempt")
    lines = [f"{attempts} {over}{older}, {report.explored_in_window} of them explored."]
    if report.with_outcome_share is not None:
        lines.append(f"Outcomes are known of {percent(report.with_outcome_share)}.")
    progress = report.progress
    if progress.success_now is not None and progress.change is not None and progress.change_interval is not None:
        low, high = progress.change_interval
        lines.append(
            f"Success over the last 30 days: {percent(progress.success_now)}, "
            f"{points(progress.change)} points ({points(low)} to {points(high)}) against the 30 days before."
        )
    if progress.usd_per_success_now is not None:
        before = progress.usd_per_success_before
        compared = "" if before is None else f", before that ${before:.3f}"
        lines.append(f"A success cost ${progress.usd_per_success_now:.3f}{compared}.")
    return lines


def _suggestions(report: Report) -> list[str]:
    lines = ["## Suggestions", ""]
    if report.suggestions:
        for number, suggestion in enumerate(report.suggestions, start=1):
            change, *rest = suggestion_lines(suggestion)
            lines += [f"{number}. {change}", *rest]
        return lines
    first = report.first_answer
    if first is None:
        return [*lines, "None: nothing has enough evidence for a change. The policy stands."]
    if report.attempts == 0:
        needed = counted(first.attempts, "explored attempt")
        return [*lines, f"None yet: nothing is recorded. The first answer takes about {needed} of one model."]
    if first.weeks is None:
        lines.append("None yet: no attempt was explored lately, so no two models can be compared.")
        return [
            *lines,
            "Exploration makes it possible: `exploration.mode` in models.json, `epsilon` for one task in ten.",
        ]
    weeks = counted(max(1, round(first.weeks)), "week")
    attempts = counted(first.attempts, "more explored attempt")
    lines.append(f"None yet. The first answer can be expected in some {weeks}, after about {attempts} of one model.")
    return lines


def _hints(report: Report) -> list[str]:
    if not report.hints:
        return []
    return ["## Hints, not to be applied", "", *(_hint(hint) for hint in report.hints[:SHOWN_HINTS])]


def _hint(hint: Hint) -> str:
    return f"- {hint.reason}. Confidence {percent(hint.confidence)}; {hint.needs}."


def _patterns(report: Report) -> list[str]:
    if not report.patterns:
        return []
    shown = sorted(report.patterns, key=lambda pattern: (-pattern.sample_size, pattern.pattern_id))[:SHOWN_PATTERNS]
    lines = [
        "## What was seen most",
        "",
        "| tasks | model | success | attempts | $ per success |",
        "|---|---|---|---|---|",
    ]
    for pattern in shown:
        cost = "" if pattern.usd_per_success is None else f"{pattern.usd_per_success:.3f}"
        rate = percent(pattern.success_rate)
        recent = percent(pattern.recent_success_rate)
        lines.append(f"| {pattern.trigger} | {pattern.model} | {rate} | {recent} | {pattern.sample_size} | {cost} |")
    lines += [
        f"- underperforming: {pattern.model} where {pattern.trigger}, {percent(pattern.success_rate)} "
        f"of {pattern.sample_size}"
        for pattern in report.underperforming[:SHOWN_HINTS]
    ]
    return lines


def _practice(report: Report) -> list[str]:
    facts, coverage = report.facts, report.coverage
    lines = []
    if coverage.share is not None:
        rest = f"; none for {', '.join(coverage.without_rule)}" if coverage.without_rule else ""
        lines.append(f"- {percent(coverage.share)} of the frequent keywords have a rule{rest}")
    if facts.recommended:
        lines.append(f"- {facts.followed} of {facts.recommended} attempts went to the model the policy recommends")
    if facts.executions_known:
        lines.append(f"- {facts.executed_otherwise} of {facts.executions_known} ran on another model than was answered")
    for retry in facts.frequent_retries:
        where = f"{retry.complexity} tasks" if retry.complexity else "tasks without complexity"
        lines.append(f"- {retry.model} at {where}: {retry.retried} of {retry.attempts} were retried")
    for unusual in facts.unusual_attempts:
        despite = ", although it was reported a success" if unusual.outcome == "success" else ""
        figure = unusual.figure.replace("_", " ")
        lines.append(f"- {unusual.id}: {figure} {unusual.value:,.0f}, usually {unusual.typical:,.0f}{despite}")
    return ["## In practice", "", *lines] if lines else []


def _gain(evidence: Evidence) -> str:
    low, high = evidence.interval
    success = f"{points(evidence.difference)} points of success ({points(low)} to {points(high)})"
    if evidence.saving is None or evidence.saving_interval is None:
        return f"{success}; what it costs is not known"
    low, high = (100 * end for end in evidence.saving_interval)
    if evidence.saving >= 0:
        return f"{success}; a success costs {100 * evidence.saving:.0f} % less ({low:.0f} to {high:.0f} %)"
    return f"{success}; a success costs {-100 * evidence.saving:.0f} % more ({-high:.0f} to {-low:.0f} %)"


def _doubt(evidence: Evidence) -> str:
    doubts = []
    missing = max(evidence.challenger.missing_share, evidence.incumbent.missing_share)
    if missing > 0:
        doubts.append(
            f"the {percent(missing)} of attempts without an outcome went otherwise than the worst case assumed"
        )
    if evidence.challenger.attempts < FEW_ATTEMPTS:
        doubts.append(f"{counted(evidence.challenger.attempts, 'attempt')} of the new model were luckier than usual")
    if evidence.saving is None:
        doubts.append("the new model costs more than is worth it")
    doubts.append("the tasks ahead differ from those so far, or outcomes were reported too kindly")
    return "; or ".join(doubts)


def _settles(evidence: Evidence) -> str:
    if evidence.attempts_to_settle == 0:
        return "Settled as far as attempts can settle it."
    if evidence.attempts_to_settle is None:
        return "Hardly any number of further attempts would make it surer."
    return f"Would be settled by about {counted(evidence.attempts_to_settle, 'more explored attempt')}."
