"""The report in words: markdown that suffices alone in a chat, and is never long.

What matters most comes first in each section; what does not fit is counted.
"""

from collections.abc import Sequence

from modelmerit.learning.answers_text import answer_table, open_first
from modelmerit.learning.applied_changes import AppliedChange
from modelmerit.learning.applied_text import before_and_since, promised_and_brought, standing
from modelmerit.learning.clients_text import EVIDENCE, SHOWN_CLIENTS, client_table, named_clients
from modelmerit.learning.figures import count, percent
from modelmerit.learning.findings import Suggestion
from modelmerit.learning.markdown import code, escaped, list_item, one_line, table
from modelmerit.learning.overview_text import nothing_suggested, overview
from modelmerit.learning.pattern_text import in_order, pattern_table, telling, underperforming_lines
from modelmerit.learning.practice_text import practice
from modelmerit.learning.report import Report
from modelmerit.learning.suggestion_text import brief, hint_line, suggestion_lines, suggestion_mark

LONGEST = 8000
"""Characters of the whole report. Each section has its room; suggestions have what the others leave."""

HEAD_ROOM = 1400
WARNINGS_ROOM = 500
CONFLICTS_ROOM = 600
APPLIED_ROOM = 1200
HINTS_ROOM = 700
ANSWERS_ROOM = 800
PATTERNS_ROOM = 1000
UNDERPERFORMING_ROOM = 400
PRACTICE_ROOM = 800
LONGEST_LINE = 400
LONGEST_CHANGE = 600
LONGEST_APPLIED = 240
IN_FULL = 5
"""Suggestions told in six lines; more than these nobody judges at one sitting."""

LEGEND = (
    "Explored: chance gave the task to another model than models.json says, to compare the two. Ranges in brackets "
    "hold the truth 9 times in 10, those about the last 30 days 19 times in 20."
)
RATES = (
    "Lately counts recent attempts more. Rates alone do not say which model is better, as models get different tasks; "
    "suggestions compare like with like."
)
YOURS_TO_DECIDE = "Nothing changes without your yes, in chat or by modelmerit apply ID."


def report_markdown(report: Report) -> str:
    """The report as markdown of at most `LONGEST` characters."""
    overviewed = _fitting([_said(*said) for said in overview(report)], HEAD_ROOM)
    before = [
        [f"# modelmerit report, {report.as_of.date()}", "", *overviewed],
        _section("Warnings", report.warnings, WARNINGS_ROOM),
        _section("Rules in each other's way", [one.message for one in report.conflicts], CONFLICTS_ROOM),
    ]
    after = [
        _applied(report),
        _section("Hints, not to be applied yet", [hint_line(hint) for hint in report.hints], HINTS_ROOM),
        _answers(report),
        _patterns(report),
        _underperforming(report),
        _practice(report),
        _clients(report),
        [f"_{LEGEND}_"] if report.volume.explored else [],
    ]
    return _joined([*before, _suggestions(report, LONGEST - len(_joined([*before, *after]))), *after])


def _suggestions(report: Report, room: int) -> list[str]:
    heading = ["## Suggestions", ""]
    numbered = list(enumerate(report.suggestions, start=1))
    if not numbered:
        return [*heading, escaped(nothing_suggested(report))]
    room -= len(_joined([heading, [_and_more(len(numbered), "suggest"), "", YOURS_TO_DECIDE]]))
    full = _fitting([_in_full(*one) for one in numbered[:IN_FULL]], room)
    brief = _fitting([_in_brief(*one) for one in numbered[len(full) :]], room - len("\n".join([*full, ""])))
    rest = len(numbered) - len(full) - len(brief)
    return [*heading, *full, *brief, *([_and_more(rest, "suggest")] if rest else []), "", YOURS_TO_DECIDE]


def _in_full(number: int, suggestion: Suggestion) -> str:
    lines = [escaped(one_line(line, LONGEST_LINE)) for line in suggestion_lines(suggestion)]
    return "\n".join([_change(number, suggestion), *(f"   - {line}" for line in lines)])


def _in_brief(number: int, suggestion: Suggestion) -> str:
    return f"{_change(number, suggestion)}: {escaped(brief(suggestion.evidence))}"


def _change(number: int, suggestion: Suggestion) -> str:
    change = code(one_line(suggestion.change.summary, LONGEST_CHANGE))
    return f"{number}. {change} ({escaped(suggestion_mark(suggestion))})"


def _applied(report: Report) -> list[str]:
    if not report.applied:
        return []
    full = _fitting([_applied_change(report, change, in_full=True) for change in report.applied], APPLIED_ROOM)
    rest = [_applied_change(report, change, in_full=False) for change in report.applied[len(full) :]]
    brief = _fitting(rest, APPLIED_ROOM - len("\n".join([*full, ""])))
    return ["## Applied changes", "", *full, *brief, *_and_rest(len(rest) - len(brief))]


def _applied_change(report: Report, change: AppliedChange, *, in_full: bool) -> str:
    lines = [promised_and_brought(change, report.name), before_and_since(change) if in_full else None]
    head = f"- {code(one_line(change.change, LONGEST_APPLIED))} {_applied_line(standing(change, report.name))}"
    return "\n".join([head, *(f"   - {_applied_line(line)}" for line in lines if line is not None)])


def _applied_line(text: str) -> str:
    return escaped(one_line(text, LONGEST_APPLIED))


def _answers(report: Report) -> list[str]:
    chosen = open_first(report.answers)
    for shown in range(len(chosen), 0, -1):
        lines = table(*answer_table(chosen[:shown], report.name))
        if _fits(lines, ANSWERS_ROOM) or shown == 1:
            rest = len(chosen) - shown
            more = ["", _and_more(rest, "report")] if rest else []
            return ["## What is settled, and what is not", "", *lines, *more]
    return []


def _patterns(report: Report) -> list[str]:
    chosen = telling(report)
    for shown in range(len(chosen), 0, -1):
        lines = table(*pattern_table(in_order(chosen[:shown]), report.name))
        if _fits(lines, PATTERNS_ROOM) or shown == 1:
            rest = len(report.patterns) - shown
            more = ["", _and_more(rest, "analyze")] if rest else []
            return ["## How the models do", "", *lines, *more, "", RATES]
    return []


def _underperforming(report: Report) -> list[str]:
    title = f"Underperforming: under {percent(report.min_success_rate)}"
    return _section(title, underperforming_lines(report), UNDERPERFORMING_ROOM, of=len(report.underperforming))


def _practice(report: Report) -> list[str]:
    said = practice(report)
    shown = _fitting([_said(*one) for one in said], PRACTICE_ROOM)
    return ["## In practice", "", *shown, *_and_rest(len(said) - len(shown))] if said else []


def _clients(report: Report) -> list[str]:
    clients = named_clients(report.facts.clients)
    if not clients:
        return []
    lines = table(*client_table(clients[:SHOWN_CLIENTS], wide=True))
    rest = [_and_more(len(clients) - SHOWN_CLIENTS, "report --json")] if len(clients) > SHOWN_CLIENTS else []
    return ["## What each client tells", "", *lines, *(["", *rest] if rest else []), "", EVIDENCE]


def _section(title: str, lines: Sequence[str], room: int, of: int | None = None) -> list[str]:
    """The lines that fit, as a list under a title, and how many more of them there are."""
    if not lines:
        return []
    # Escaping makes a line twice as long at the most, so the first one always fits.
    shown = _fitting([list_item(one_line(line, min(LONGEST_LINE, room // 2 - 2))) for line in lines], room)
    return [f"## {title}", "", *shown, *_and_rest((len(lines) if of is None else of) - len(shown))]


def _fits(lines: Sequence[str], room: int) -> bool:
    return len("\n".join(lines)) <= room


def _fitting(items: Sequence[str], room: int) -> list[str]:
    """The first items, as many as fit into so many characters, a line break after each."""
    shown: list[str] = []
    for item in items:
        room -= len(item) + 1
        if room < 0:
            break
        shown.append(item)
    return shown


def _said(label: str, text: str) -> str:
    return f"- **{label}**: {escaped(one_line(text, LONGEST_LINE))}"


def _and_rest(number: int) -> list[str]:
    return [f"- and {count(number)} more"] if number else []


def _and_more(number: int, command: str) -> str:
    return f"And {count(number)} more: modelmerit {command} lists them."


def _joined(sections: Sequence[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"
