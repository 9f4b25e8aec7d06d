"""Which attempts tell whether a client runs the models it is told to."""

from modelmerit.records import Attempt

ANSWERED = ("policy", "explored", "escalated")
"""How a model was selected where a client was told to take it, and neither it nor a person had chosen it before."""


def shows_obedience(attempt: Attempt) -> bool:
    """Whether a client was told which model to take, and it is known which one ran.

    What was only seen in a client's records ran on the model it names by definition, which says nothing of that.
    """
    return attempt.selection in ANSWERED and attempt.executed_model is not None
