"""How the models do, in words: a table of the most telling patterns, and a line for each that underperforms."""

from collections.abc import Callable, Sequence

from modelmerit.learning.figures import duration, money, percent, rate, tokens
from modelmerit.learning.markdown import TableOfText, short
from modelmerit.learning.patterns import Pattern
from modelmerit.learning.report import Report
from modelmerit.learning.telling_patterns import Underperformer, departures, successes_of, whole_patterns
from modelmerit.records import COMPLEXITIES

SHOWN_WHOLES = 9
SHOWN_DEPARTURES = 4


def telling(report: Report) -> list[Pattern]:
    """The patterns that tell most, in that order."""
    return whole_patterns(report.patterns)[:SHOWN_WHOLES] + departures(report.patterns)[:SHOWN_DEPARTURES]


def in_order(patterns: Sequence[Pattern]) -> list[Pattern]:
    """Whole complexities from simple to complex, then keywords; within each, what was seen most first."""
    levels: dict[str, int] = {complexity: level for level, complexity in enumerate(COMPLEXITIES)}

    def order(one: Pattern) -> tuple[bool, int, str, int, str]:
        level = levels.get(one.complexity or "", len(levels))
        return one.keyword is not None, level, one.keyword or "", -one.sample_size, one.model

    return sorted(patterns, key=order)


def pattern_table(
    patterns: Sequence[Pattern], name: Callable[[str], str], succeeded: Callable[[int, int], str] = rate
) -> TableOfText:
    """The patterns as a table, without the columns of which nothing is known.

    `name` is what a person calls a model, `succeeded` how successes among attempts are written.
    """
    columns = {
        "tasks": [tasks_of(one) for one in patterns],
        "model": [short(name(one.model)) for one in patterns],
        "succeeded": [succeeded(successes_of(one), one.sample_size) for one in patterns],
        "lately": [percent(one.recent_success_rate) for one in patterns],
        "per success": ["" if one.usd_per_success is None else money(one.usd_per_success) for one in patterns],
        "time": [
            "" if one.avg_execution_time_seconds is None else duration(one.avg_execution_time_seconds)
            for one in patterns
        ],
        "tokens": ["" if one.avg_tokens is None else tokens(one.avg_tokens) for one in patterns],
    }
    known = {name: cells for name, cells in columns.items() if any(cells)}
    return list(known), [list(row) for row in zip(*known.values(), strict=True)]


def underperforming_lines(report: Report) -> list[str]:
    """The models under `min_success_rate`, what is in use first.

    Of keywords only those where the whole complexity is not under it, and it is no chance.
    """
    telling = [
        one for one in report.underperforming if one.pattern.keyword is None or not (one.nested or one.could_be_chance)
    ]
    if report.underperforming and not telling:
        return ["None by more than chance explains, among so many keywords."]
    return [_underperforming(report, one) for one in telling]


def tasks_of(pattern: Pattern) -> str:
    """The tasks of a pattern: `medium`, `medium: docs`, `unlabelled`."""
    label = pattern.complexity or "unlabelled"
    return label if pattern.keyword is None else f"{label}: {short(pattern.keyword)}"


def _underperforming(report: Report, one: Underperformer) -> str:
    pattern = one.pattern
    use = ", in use for" if one.in_use else " at"
    about = "" if pattern.keyword is None else f" about {short(pattern.keyword)}"
    tasks = f"{pattern.complexity or 'unlabelled'} tasks{about}"
    chance = ", which may be chance" if one.could_be_chance else ""
    succeeded = rate(successes_of(pattern), pattern.sample_size)
    return f"{short(report.name(pattern.model))}{use} {tasks}: {succeeded}{chance}"
