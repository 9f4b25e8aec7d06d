"""What suggestions are worth where the truth is known.

A suggestion is right if, in each complexity whose model it changes, success falls by at most 0.10 and the cost per
success falls, or success rises by at least 0.05. Within 0.02 of the limit that decides it is too close to call, and
not counted; where no model changes it is wrong. It counts once in a world, at the look that first made it. One that
is nested in an earlier one with the same model does not count again. A standing suggestion that a change in the world
makes right counts as found from then on. `escalation` is left out: what it claims is not a model for a scope.

Hints count for calibration only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from decision_worlds import START, World

MARGIN, MIN_GAIN, TOO_CLOSE = 0.10, 0.05, 0.02
LEAST_IN_BIN = 20

Look = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A suggestion or hint when it was first made, and whether it was right; None: too close to call."""

    day: int
    scope: Mapping[str, str]
    to_model: str
    confidence: float | None
    right: bool | None
    hint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one rule made of one world. `found_after_days` counts from the day on which there was something to find."""

    family: str
    seed: int
    something_to_find: bool
    explored_at_targets: int
    calls: tuple[Call, ...]
    found_after_days: int | None

    @property
    def right(self) -> int:
        """How many suggestions were right."""
        return sum(call.right is True and not call.hint for call in self.calls)

    @property
    def wrong(self) -> int:
        """How many suggestions were wrong."""
        return sum(call.right is False and not call.hint for call in self.calls)

    @property
    def too_close(self) -> int:
        """How many suggestions were too close to call."""
        return sum(call.right is None and not call.hint for call in self.calls)


@dataclass(frozen=True, slots=True)
class Bin:
    """Findings of about the same stated confidence, how many of them were right, and their mean confidence."""

    low: float
    count: int
    right: int
    stated: float

    @property
    def gap(self) -> float:
        """Stated confidence less the share that was right."""
        return self.stated - self.right / self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Sums over worlds. `false_worlds` are those with nothing to find in which something wrong was suggested."""

    worlds: int
    right: int
    wrong: int
    too_close: int
    empty_worlds: int
    false_worlds: int
    full_worlds: int
    found_worlds: int
    median_days: float | None

    @property
    def wrong_share(self) -> float:
        """Wrong suggestions among those that could be called; 0 where nothing was suggested."""
        return self.wrong / max(1, self.right + self.wrong)

    @property
    def missed_worlds(self) -> int:
        """Worlds in which what there was to find was not found."""
        return self.full_worlds - self.found_worlds


def is_right(world: World, scope: Mapping[str, str], to_model: str, at: datetime) -> bool | None:
    """Whether to give the tasks of a scope to a model is right from a moment on; None if too close to call."""
    verdicts: list[bool | None] = []
    for complexity in world.touched(scope):
        if world.defaults[complexity] == to_model:
            continue
        part = {**scope, "complexity": complexity}
        now, then = world.truth(part, None, at), world.truth(part, to_model, at)
        gain, saves = then.success - now.success, then.usd_per_success < now.usd_per_success
        better = gain >= MIN_GAIN
        edge = min(abs(gain - MIN_GAIN), abs(gain + MARGIN)) if saves else abs(gain - MIN_GAIN)
        harmless = saves and gain >= -MARGIN
        if edge < TOO_CLOSE or (world.gains_only and harmless and not better):
            verdicts.append(None)
        else:
            verdicts.append(better or harmless)
    if not verdicts or False in verdicts:
        return False
    return None if None in verdicts else True


def score(world: World, looks: Iterable[Look], explored_at_targets: int = 0) -> Score:
    """What looks, oldest first, made of a world."""
    calls: dict[tuple[object, ...], Call] = {}
    suggested: list[tuple[Mapping[str, str], str]] = []
    found: int | None = None
    for look in looks:
        at = datetime.fromisoformat(look["as_of"])
        day = (at - START).days
        for finding, hint in (*((one, False) for one in look["suggestions"]), *((one, True) for one in look["hints"])):
            if finding["type"] == "escalation":
                continue
            scope, to_model = finding["scope"], finding["to_model"]
            right = is_right(world, scope, to_model, at)
            if right and not hint and found is None and day >= world.first_day:
                found = day - world.first_day
            key = (hint, to_model, *sorted(scope.items()))
            if key in calls or (not hint and _nested(scope, to_model, suggested)):
                continue
            calls[key] = Call(day, dict(scope), to_model, finding["confidence"], right, hint)
            if not hint and right is not None:
                suggested.append((scope, to_model))
    return Score(
        family=world.family,
        seed=world.seed,
        something_to_find=bool(world.targets),
        explored_at_targets=explored_at_targets,
        calls=tuple(calls.values()),
        found_after_days=found,
    )


def of_family(scores: Iterable[Score], family: str) -> list[Score]:
    """The scores of one family's worlds."""
    return [one for one in scores if one.family == family]


def summary(scores: Sequence[Score]) -> Summary:
    """The scores of some worlds added up."""
    empty = [one for one in scores if not one.something_to_find]
    full = [one for one in scores if one.something_to_find]
    days = [one.found_after_days for one in full if one.found_after_days is not None]
    return Summary(
        worlds=len(scores),
        right=sum(one.right for one in scores),
        wrong=sum(one.wrong for one in scores),
        too_close=sum(one.too_close for one in scores),
        empty_worlds=len(empty),
        false_worlds=sum(one.wrong > 0 for one in empty),
        full_worlds=len(full),
        found_worlds=len(days),
        median_days=median(days) if days else None,
    )


def calibration(scores: Iterable[Score]) -> list[Bin]:
    """The calls of some worlds, hints included, by tenths of stated confidence; what states none is left out."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for one in scores:
        for call in one.calls:
            if call.confidence is not None and call.right is not None:
                place = min(int(call.confidence * 10), 9)
                bins.setdefault(place, []).append((call.confidence, call.right))
    return [
        Bin(place / 10, len(made), sum(right for _, right in made), sum(stated for stated, _ in made) / len(made))
        for place, made in sorted(bins.items())
    ]


def largest_gap(bins: Iterable[Bin]) -> float | None:
    """The largest distance between stated and true confidence in a bin of 20 or more; None where there is none."""
    return max((abs(one.gap) for one in bins if one.count >= LEAST_IN_BIN), default=None)


def _nested(scope: Mapping[str, str], to_model: str, earlier: Iterable[tuple[Mapping[str, str], str]]) -> bool:
    return any(model == to_model and other != scope and other.items() <= scope.items() for other, model in earlier)
