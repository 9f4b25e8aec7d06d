"""One run of `decision_quality.py`, and the goals it is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from decision_scoring import Score

OURS = "modelmerit"
MOST_WRONG, MOST_FALSE, LEAST_FOUND, MOST_GAP = 0.05, 0.10, 0.80, 0.10


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: scores by rule over all worlds, and by method over the first worlds of each family."""

    scores: Mapping[str, Sequence[Score]]
    ablated: Mapping[str, Sequence[Score]]
    families: Sequence[str]
    worlds: int
    ablated_worlds: int
    first_seed: int
    attempts: int
    command: str
    version: str
    day: date
    minutes: float
    real_outcomes: str = ""
