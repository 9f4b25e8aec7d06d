"""How often each arm should get a task, given what came of the tasks it got: Thompson sampling, and upper bounds.

Both begin with the same weak belief about every arm, so no arm is certain and nothing is divided by zero. The shares
are worked out and never drawn: the same results give the same shares. Only the standard library is used, because
every dispatch of an agent's session comes through here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, log, sqrt

from modelmerit.policy.schema import Strategy

PRIOR_SUCCESSES = 7.0
PRIOR_FAILURES = 3.0

CAUTION = 0.3
"""What a draw deviates from the mean, in standard deviations of the belief.

Drawn with the whole of it (plain Thompson sampling) the second-best arm gets tasks for longer than it is worth.
"""

_REACH_SD = 8
_STEPS_PER_SD = 2
_STEPS = range(-_REACH_SD * _STEPS_PER_SD, _REACH_SD * _STEPS_PER_SD + 1)
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Results:
    """What came of the tasks that chance gave an arm: a partial outcome is a failure, an unknown one is not here."""

    successes: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Belief:
    """The success rate of an arm, as far as `attempts` tell, those of the prior among them."""

    mean: float
    attempts: float

    @classmethod
    def after(cls, results: Results) -> "Belief":
        """The belief after these results; sums below zero, which no store should hold, count as zero."""
        successes = PRIOR_SUCCESSES + max(0, results.successes)
        attempts = successes + PRIOR_FAILURES + max(0, results.failures)
        return cls(successes / attempts, attempts)

    @property
    def sd(self) -> float:
        """The standard deviation of the Beta distribution with this mean and mass."""
        return sqrt(self.mean * (1 - self.mean) / (self.attempts + 1))


def thompson_sampling(beliefs: Sequence[Belief]) -> list[float]:
    """The probability of each arm that its draw, mean + CAUTION sd N(0, 1), is the greatest.

    With F the distribution functions and G their product, the greatest draw is the one of arm i and lies at x with
    density G (log F_i)'. In each cell of a grid G's increase is known exactly, and is divided among the arms as the
    increases of log F_i are: so the shares add up to one whatever the grid; on this one
    each is right to about 0.001.
    """
    draws = [(belief.mean, CAUTION * belief.sd) for belief in beliefs]
    # The greatest draw hardly ever lies below the first limit or above the last.
    first = max(mean - _REACH_SD * sd for mean, sd in draws)
    last = max(mean + _REACH_SD * sd for mean, sd in draws)
    grid = sorted({mean + sd * step / _STEPS_PER_SD for mean, sd in draws for step in _STEPS})

    shares = [0.0] * len(beliefs)
    before: list[float] | None = None
    for limit in (limit for limit in grid if first <= limit <= last):
        logs = [_log_normal_cdf((limit - mean) / sd) for mean, sd in draws]
        if before is not None and (rise := sum(logs) - sum(before)) > 0:
            mass = exp(sum(logs)) - exp(sum(before))
            shares = [share + mass * (at - was) / rise for share, at, was in zip(shares, logs, before, strict=True)]
        before = logs
    return shares


def ucb(beliefs: Sequence[Belief]) -> list[float]:
    """The whole share to the arm whose rate may be the greatest; arms that are level divide it.

    How great a rate may be is where it begins to contradict the arm's results: n kl(mean, rate) = ln N, N being the
    attempts of all arms (KL-UCB: A. Garivier and O. Cappe 2011, COLT, 359-376, with c = 0).
    """
    patience = log(sum(belief.attempts for belief in beliefs))
    bounds = [_upper_bound(belief, patience) for belief in beliefs]
    best = bounds.count(max(bounds))
    return [1 / best if bound == max(bounds) else 0.0 for bound in bounds]


STRATEGIES: Mapping[Strategy, Callable[[Sequence[Belief]], list[float]]] = {
    "thompson-sampling": thompson_sampling,
    "ucb": ucb,
}


def _log_normal_cdf(z: float) -> float:
    return log(erfc(-z / sqrt(2)) / 2)


def _upper_bound(belief: Belief, patience: float) -> float:
    low, high = belief.mean, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if belief.attempts * _divergence(belief.mean, middle) > patience else (middle, high)
    return low


def _divergence(p: float, q: float) -> float:
    """Kullback-Leibler divergence between coins that show heads with probability p and q, in nats."""
    return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
