"""The report on a terminal: tables where people compare, readable at 80 columns, and plain text where it is piped.

What stands in a cell may come from a record, so it is never read as markup.
"""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from modelmerit.learning.analysis import Analysis
from modelmerit.learning.answers_text import answer_table, open_first
from modelmerit.learning.applied_changes import AppliedChange
from modelmerit.learning.applied_text import before_and_since, promised_and_brought, standing
from modelmerit.learning.clients_text import EVIDENCE, client_table, named_clients
from modelmerit.learning.figures import count, counted, percent, rate_of
from modelmerit.learning.findings import Suggestion
from modelmerit.learning.markdown import one_line
from modelmerit.learning.overview_text import Said, nothing_suggested, overview
from modelmerit.learning.pattern_text import in_order, pattern_table, telling, underperforming_lines
from modelmerit.learning.practice_text import practice
from modelmerit.learning.report import Report
from modelmerit.learning.report_text import LEGEND, RATES
from modelmerit.learning.suggestion_text import hint_table, suggestion_lines
from modelmerit.policy.schema import Policy

SHOWN_SUGGESTIONS = 5
SHOWN_HINTS = 5
SHOWN_APPLIED = 5
SHOWN_ANSWERS = 12
SHOWN_UNDERPERFORMERS = 5
SHOWN_PATTERNS = 60
SHOWN_CLIENTS = 10
FIT_80_COLUMNS = ("tasks", "model", "succeeded", "lately", "per success")
FIGURES = (
    *("confidence", "succeeded", "lately", "per success", "time", "tokens"),
    *("outcome known", "person", "tests", "agent", "nothing", "as recommended"),
)
"""Columns that are aligned to the right, and not broken."""


def report_view(report: Report) -> Group:
    """The whole report."""
    return Group(
        Text(f"modelmerit report, {report.as_of.date()}", style="bold"),
        _pairs(overview(report)),
        *_listed("Warnings", report.warnings),
        *_listed("Rules in each other's way", [one.message for one in report.conflicts]),
        *suggestions_view(report, SHOWN_SUGGESTIONS, SHOWN_HINTS),
        *_applied(report),
        *_answers(report),
        *_patterns(report),
        *_underperforming(report),
        *_practice(report),
        *_clients(report),
        *([Text(f"\n{LEGEND}", style="dim")] if report.volume.explored else []),
    )


def suggestions_view(
    report: Report, most_suggestions: int | None = None, most_hints: int | None = None
) -> Iterator[RenderableType]:
    """The suggestions in six lines each, and the hints as a table; what is beyond `most` is counted."""
    yield _title("Suggestions")
    for suggestion in report.suggestions[:most_suggestions]:
        yield _suggestion(suggestion)
    yield from _rest(len(report.suggestions), most_suggestions, "suggest")
    if not report.suggestions:
        yield _line(nothing_suggested(report))
    if report.hints:
        yield _title("Hints, not to be applied yet")
        yield _table(*hint_table(report.hints[:most_hints], report.name))
        yield from _rest(len(report.hints), most_hints, "suggest")


def patterns_view(analysis: Analysis, policy: Policy) -> Iterator[RenderableType]:
    """The patterns of an analysis with all that is known of them; those seen most where they are many."""
    window = (
        "" if policy.learning.window_days is None else f", patterns of the last {policy.learning.window_days:g} days"
    )
    yield _title(f"{counted(analysis.attempts, 'attempt')}{window}")
    if not analysis.patterns:
        yield _line("Too few of them are alike and have an outcome to tell anything yet.")
        return
    most_seen = sorted(analysis.patterns, key=lambda one: (one.keyword is not None, -one.sample_size))
    yield _table(*pattern_table(in_order(most_seen[:SHOWN_PATTERNS]), policy.preferred_name, rate_of))
    yield from _rest(len(most_seen), SHOWN_PATTERNS, "analyze --json")


def _suggestion(suggestion: Suggestion) -> RenderableType:
    """A suggestion's id and confidence, and beside them the six lines."""
    marks = [suggestion.id, f"confidence {percent(suggestion.confidence)}"]
    bundle = suggestion.bundle
    if bundle is not None:
        marks += [f"bundle {bundle.id}", "approved as one", f"together {percent(bundle.confidence)}"]
    lines = [_line(suggestion.change.summary, style="bold"), *map(_line, suggestion_lines(suggestion))]
    return _grid([("\n".join(marks), Text("\n").join(lines))])


def _applied(report: Report) -> Iterator[RenderableType]:
    if report.applied:
        yield _title("Applied changes")
        for change in report.applied[:SHOWN_APPLIED]:
            yield _applied_change(report, change)
        yield from _rest(len(report.applied), SHOWN_APPLIED, "report --json")


def _applied_change(report: Report, change: AppliedChange) -> RenderableType:
    """An applied change's id and state, and beside them its lines."""
    told = (standing(change, report.name), promised_and_brought(change, report.name), before_and_since(change))
    lines = [_line(change.change, style="bold"), *(_line(line) for line in told if line is not None)]
    return _grid([(f"{change.id}\n{change.state}", Text("\n").join(lines))])


def _answers(report: Report) -> Iterator[RenderableType]:
    if report.answers:
        yield _title("What is settled, and what is not")
        yield _table(*answer_table(open_first(report.answers)[:SHOWN_ANSWERS], report.name))
        yield from _rest(len(report.answers), SHOWN_ANSWERS, "report --json")


def _patterns(report: Report) -> Iterator[RenderableType]:
    chosen = telling(report)
    if chosen:
        yield _title("How the models do")
        header, rows = pattern_table(in_order(chosen), report.name, rate_of)
        kept = [at for at, name in enumerate(header) if name in FIT_80_COLUMNS]
        yield _table([header[at] for at in kept], [[row[at] for at in kept] for row in rows])
        yield from _rest(len(report.patterns), len(chosen), "analyze")
        yield _line(RATES, style="dim")


def _underperforming(report: Report) -> Iterator[RenderableType]:
    lines = underperforming_lines(report)[:SHOWN_UNDERPERFORMERS]
    if lines:
        yield from _listed(f"Underperforming: under {percent(report.min_success_rate)}", lines)
        yield from _rest(len(report.underperforming), len(lines), "analyze")


def _practice(report: Report) -> Iterator[RenderableType]:
    said = practice(report)
    if said:
        yield _title("In practice")
        yield _pairs(said)


def _clients(report: Report) -> Iterator[RenderableType]:
    clients = named_clients(report.facts.clients)
    if clients:
        yield _title("What each client tells")
        yield _table(*client_table(clients[:SHOWN_CLIENTS]))
        yield from _rest(len(clients), SHOWN_CLIENTS, "report --json")
        yield _line(EVIDENCE, style="dim")


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _line(text: str, style: str = "") -> Text:
    return Text(one_line(text), style=style, overflow="fold")


def _listed(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    if lines:
        yield _title(title)
        yield _grid([("-", _line(line)) for line in lines], gap=1)


def _pairs(said: Sequence[Said]) -> RenderableType:
    return _grid([(label, _line(text)) for label, text in said])


def _grid(rows: Sequence[tuple[str, Text]], gap: int = 2) -> RenderableType:
    grid = Table.grid(padding=(0, gap, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(Text(label), text)
    return grid


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in header:
        figures = name in FIGURES
        table.add_column(name, justify="right" if figures else "left", no_wrap=figures, overflow="fold")
    for row in rows:
        table.add_row(*map(_line, row))
    return table


def _rest(total: int, shown: int | None, command: str) -> Iterator[RenderableType]:
    if shown is not None and total > shown:
        yield Text(f"And {count(total - shown)} more: modelmerit {command} lists them.")
