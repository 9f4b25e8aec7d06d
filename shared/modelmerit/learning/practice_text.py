"""What happened in practice, in words: pairs of a label and a sentence."""

from collections.abc import Iterator, Sequence

from modelmerit.learning.attempt_facts import AttemptFacts, FrequentRetry, UnusualAttempt
from modelmerit.learning.circumstances import MOST_STRAYING
from modelmerit.learning.clients_text import SHOWN_CLIENTS, named_clients, ran_otherwise
from modelmerit.learning.coverage import Coverage
from modelmerit.learning.figures import count, counted, duration, percent, rate, tokens
from modelmerit.learning.markdown import short
from modelmerit.learning.mismatch_text import seen_against_expected, what_to_do
from modelmerit.learning.overview_text import Said
from modelmerit.learning.report import Report

SHOWN_KEYWORDS = 8
SHOWN_RETRIES = 3
SHOWN_UNUSUAL = 4
SHOWN_MISMATCHES = 2


def practice(report: Report) -> list[Said]:
    """What happened in practice, as far as anything is known of it."""
    return [
        *_mismatches(report),
        *_executed(report.facts),
        *_unreliable(report),
        *_covered(report.coverage),
        *_retries(report),
        *_unusual(report),
    ]


def _mismatches(report: Report) -> Iterator[Said]:
    for one in report.mismatches[:SHOWN_MISMATCHES]:
        yield "Not by chance", seen_against_expected(one, report.name)
    if report.mismatches:
        more = len(report.mismatches) - SHOWN_MISMATCHES
        rest = f"{count(more)} more in report --json; " if more > 0 else ""
        yield "What to do", f"{rest}{what_to_do(report.facts.executed_otherwise)}"


def _unreliable(report: Report) -> Iterator[Said]:
    if report.unreliable:
        names = [short(name) or "clients nobody named" for name in report.unreliable]
        said = f"{', '.join(names[:SHOWN_CLIENTS])}{_and_more(names, SHOWN_CLIENTS)}"
        said += f": over {percent(MOST_STRAYING)} of what was seen ran on another model than was answered"
        yield "Not believed", f"{said}, so attempts of which nobody saw what ran are not compared."


def _executed(facts: AttemptFacts) -> Iterator[Said]:
    if facts.recommended:
        followed = rate(facts.followed, facts.recommended)
        yield "As recommended", f"{followed} ran on the model that models.json recommends."
    if facts.executed_otherwise:
        said = f"{rate(facts.executed_otherwise, facts.executions_known)} ran on another model than was answered"
        by_client = ran_otherwise(named_clients(facts.clients))
        if by_client:
            said += f" ({by_client})"
        if (facts.executed_otherwise_share or 0) > MOST_STRAYING:
            said += "; that is often, so look at how your client starts sub-agents"
        yield "Ran otherwise", f"{said}."
    elif facts.recommended and not facts.executions_known:
        yield "Ran otherwise", "nobody saw which model ran; the answered one is assumed."


def _covered(coverage: Coverage) -> Iterator[Said]:
    if not coverage.frequent:
        return
    said = f"{len(coverage.with_rule)} of {counted(coverage.frequent, 'frequent keyword')} have one"
    if coverage.without_rule:
        shown = ", ".join(short(keyword) for keyword in coverage.without_rule[:SHOWN_KEYWORDS])
        said += f". Decided by complexity alone: {shown}{_and_more(coverage.without_rule, SHOWN_KEYWORDS)}"
    yield "Rules for keywords", f"{said}."


def _retries(report: Report) -> Iterator[Said]:
    retries = report.facts.frequent_retries
    for retry in retries[:SHOWN_RETRIES]:
        yield "Tried again", f"{_retried(report, retry)}."
    if len(retries) > SHOWN_RETRIES:
        yield "Tried again", f"and {count(len(retries) - SHOWN_RETRIES)} more kinds of task."


def _retried(report: Report, retry: FrequentRetry) -> str:
    tasks = f"of the {retry.complexity or 'unlabelled'} tasks given to {short(report.name(retry.model))}"
    return f"{rate(retry.retried, retry.attempts)} {tasks} in the last {report.facts.recent_days} days"


def _unusual(report: Report) -> Iterator[Said]:
    found = report.facts.unusual_attempts
    for one in found[:SHOWN_UNUSUAL]:
        yield "Unusual", f"{_odd(report, one)}."
    if len(found) > SHOWN_UNUSUAL:
        yield "Unusual", f"and {counted(len(found) - SHOWN_UNUSUAL, 'more attempt')}."


def _odd(report: Report, one: UnusualAttempt) -> str:
    told = duration if one.figure == "execution_time_seconds" else tokens
    unit = "" if one.figure == "execution_time_seconds" else " tokens"
    tasks = f"{one.complexity or 'unlabelled'} tasks"
    said = f"{short(one.id)} took {told(one.value)}{unit}, {short(report.name(one.model))} usually "
    said += f"{told(one.typical)} at {tasks}"
    return f"{said}; yet it was reported a success" if one.contradicts_success else said


def _and_more(names: Sequence[str], shown: int) -> str:
    return f" and {count(len(names) - shown)} more" if len(names) > shown else ""
