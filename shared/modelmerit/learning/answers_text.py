"""What is settled and what is not, as a table and as one line."""

from collections.abc import Callable, Sequence
from math import inf

from modelmerit.learning.answers import Answer
from modelmerit.learning.figures import counted
from modelmerit.learning.markdown import TableOfText, short

Name = Callable[[str], str]
"""What a person calls a model."""


def open_first(answers: Sequence[Answer]) -> list[Answer]:
    """The answers, those first that are still open, and of these the ones that will be settled soonest."""
    return sorted(answers, key=lambda one: (one.settled, inf if one.weeks is None else one.weeks))


def answer_table(answers: Sequence[Answer], name: Name) -> TableOfText:
    """The answers as a table."""
    rows = [
        [one.complexity, f"{short(name(one.challenger))} for {short(name(one.incumbent))}", one.words]
        for one in answers
    ]
    return ["tasks", "models", "answer"], rows


def not_settled(answers: Sequence[Answer], name: Name) -> str:
    """What is still open in a sentence; empty where nothing was compared."""
    if not answers:
        return ""
    still_open = [one for one in open_first(answers) if not one.settled]
    if not still_open:
        nothing = all(one.verdict in ("worse", "no difference") for one in answers)
        return f"What was tried is settled{': no other model is worth a change' if nothing else ''}."
    first, rest = still_open[0], len(still_open) - 1
    more = f"; {counted(rest, 'more question')} {'is' if rest == 1 else 'are'} open" if rest else ""
    return f"Not settled yet: {short(name(first.challenger))} at {first.complexity} tasks, {first.words}{more}."
