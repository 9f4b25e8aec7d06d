"""What became of a run by a moment: what is inferred of it, or that its client was gone before it ended.

Nobody tells of the end of a client that was killed, so its runs are at work for ever, as far as their records show.
"""

from datetime import datetime

from modelmerit.capture.live import UNTOUCHED
from modelmerit.capture.outcomes.inference import infer
from modelmerit.capture.outcomes.inferred import Inferred
from modelmerit.capture.runs import AgentRun

ABANDONED = "nothing was written of it for a day: its client was gone before it ended"


def judged(run: AgentRun, now: datetime) -> Inferred | None:
    """What became of the run; None while it is at work."""
    inferred = infer(run)
    if inferred is None and now - (run.active_at or run.started_at) >= UNTOUCHED:
        return Inferred("failure", "implicit", "cancelled", ABANDONED)
    return inferred
