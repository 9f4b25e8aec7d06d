"""The report in words: markdown that suffices alone in a chat."""

from modelmerit.learning.report import Report


def report_markdown(report: Report) -> str:
    """The report as markdown, each suggestion in at most six lines."""
    return f"# modelmerit report, {report.as_of:%-d %B %Y}\n\n{report.attempts} attempts.\n"
