"""The section of `decision_quality.md` on recorded outcomes, measured by `real_outcomes.py`."""

from datetime import UTC, datetime

from decision_tables import table
from real_outcomes import DATA, DEFAULT, RULES, default_lines, rules_line, splits

DEFAULT_SPLITS = 50


def real_section(count: int, jobs: int) -> str:
    """The section, from `count` splits of each question; what is missing is said where the data is absent."""
    title = "## On recorded outcomes"
    if not DATA.is_dir():
        return f"{title}\n\nLeft out: the recorded outcomes are not part of the project and were not beside it."
    rules = [rules_line(question, splits(question, count, jobs)) for question in RULES]
    defaults = list(default_lines(splits(DEFAULT, DEFAULT_SPLITS, jobs)))
    head = ("question", "suggestions a run", "points gained", "worst split", "goal")
    return f"""{title}

Outcomes of many models on the same tasks (`benchmarks/real_outcomes.py`). Half of the tasks, drawn at random, are
learned from, as a log of entries drawn with replacement; what is then suggested is followed on the other half. The
policy to begin with uses the model that does best in the log. {count} splits, on {datetime.now(UTC).date()}.

{table(head, rules)}

A cheaper default: {DEFAULT.title}, from {DEFAULT.incumbent}; {DEFAULT_SPLITS} splits.

{table(("measure", "figure", "goal"), defaults)}"""
