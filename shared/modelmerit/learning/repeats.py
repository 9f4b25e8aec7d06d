"""The unit of evidence is the task: which attempts repeat one that the same arm has had before.

The same text in the same workspace is the same task, but for case and spaces. Repeats are numbered as they come; how
much they count for is decided by how alike their outcomes are, which `reliability` works out.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from modelmerit.learning.tallying import is_comparable
from modelmerit.records import NOT_THE_MODELS_FAULT, Attempt

MOST_REPEATS = 64
"""Repeats are numbered up to here: those after it count for as little as this one."""


class RepeatedOutcome(NamedTuple):
    """An outcome of a task that was given to the same arm more than once."""

    task_key: int
    complexity: str
    model: str
    succeeded: bool


def task_key(attempt: Attempt) -> int:
    """A number that attempts at the same task share, and no others but for one chance in 2^64; 64 bits, signed."""
    words = " ".join(attempt.task.casefold().split())
    text = f"{attempt.workspace or ''}\0{words}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def may_repeat(attempt: Attempt) -> bool:
    """Whether the attempt counts as one at its task: chance decided it, and its end, if any, was the model's doing."""
    return is_comparable(attempt) and attempt.error_type not in NOT_THE_MODELS_FAULT


def numbered(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts, which come oldest first, with their `repeat_number`."""
    seen: Counter[tuple[int, str]] = Counter()
    made = []
    for attempt in attempts:
        if may_repeat(attempt):
            place = task_key(attempt), attempt.arm.model
            made.append(replace(attempt, repeat_number=min(seen[place], MOST_REPEATS)) if seen[place] else attempt)
            seen[place] += 1
        else:
            made.append(attempt)
    return made
