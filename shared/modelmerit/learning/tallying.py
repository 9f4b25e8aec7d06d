"""What one attempt adds to the tallies that all learning reads.

A tally counts the attempts of one day, in one scope, given to one arm. Tallies are additive, so the store keeps them
current by adding what an attempt says now and taking away what it said before, and a back-test builds the same ones
from a file. An attempt is counted once for its complexity (keyword `""`), once for each of its keywords, and once for
its workspace and its role: these answer different questions and are never added up.

Only where chance, with a known probability, decided which arm got the task may attempts be compared between models.
What people chose themselves, retries (a selected, harder task) and deterministic history are shown but never compared.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import log
from typing import Literal, NamedTuple

from modelmerit.records import NOT_THE_MODELS_FAULT, Attempt

SECONDS_PER_DAY = 86_400
DAYS_PER_WEEK = 7
UNNAMED_CLIENT = "?"
CHANCE_STEP = 1.1
GROUP_PREFIXES = ("workspace=", "role=")


class TallyKey(NamedTuple):
    """Where an attempt is counted.

    `""` stands for "not labelled", "all tasks", "unknown incumbent" or "no provider". `day` counts days since
    1970-01-01 UTC. `keyword` is a keyword or a group such as `workspace=web`. `incumbent` is the model the policy alone
    would have used: within one incumbent, chance alone decided between the arms, so comparisons are made there.

    The last three are told apart only where chance decided. `chance` is the arm's probability per mille, from 1 to 999
    and to within 5 % but for the smallest, and 0 where chance did not decide. `assumed` names the client that did not
    say what ran, so that the answered model stands in for it, and is `""` where what ran is known. `repeat` is 0 the
    first time the task went to the arm, and else the number of bits of how often it had before.
    """

    day: int
    complexity: str
    keyword: str
    incumbent: str
    provider: str
    model: str
    assumed: str
    chance: int
    repeat: int


class Measures(NamedTuple):
    """Sums over the attempts of one key. `attempts` leaves out `errors`, which are not the model's fault.

    attempts - successes - partials - failures is the number still without an outcome; of those with one, `checked` were
    decided by a person or by tests. `implicit` are successes that nobody reported. `tokens`, `seconds` and `cost_usd`
    are sums over the `*_known` attempts that have the figure.
    """

    attempts: int = 0
    successes: int = 0
    partials: int = 0
    failures: int = 0
    errors: int = 0
    checked: int = 0
    implicit: int = 0
    tokens: int = 0
    tokens_known: int = 0
    seconds: float = 0.0
    seconds_known: int = 0
    cost_usd: float = 0.0
    cost_known: int = 0


def day_number(moment: datetime) -> int:
    """Days since 1970-01-01, in UTC."""
    return int(moment.astimezone(UTC).timestamp() // SECONDS_PER_DAY)


def group(kind: Literal["workspace", "role"], value: str) -> str:
    """The label under which the attempts of a workspace or a role are counted, beside those of keywords."""
    return f"{kind}={value}"


def is_group(label: str) -> bool:
    """Whether a label stands for a workspace or a role, not for a keyword."""
    return label.startswith(GROUP_PREFIXES)


def is_retry(attempt: Attempt) -> bool:
    """Whether the attempt is a confirmed retry; a link without a raised count is only a possible one."""
    return attempt.previous_dispatch_id is not None and attempt.retry_count > 0


def is_comparable(attempt: Attempt) -> bool:
    """Whether chance, with a known probability, decided that this arm got this task."""
    if attempt.selection not in ("policy", "explored") or is_retry(attempt) or not attempt.propensities:
        return False
    if attempt.executed_model is not None and attempt.executed_model != attempt.model:
        return False
    return 0.0 < attempt.propensities.get(attempt.model, 0.0) < 1.0


def measures_of(attempt: Attempt) -> Measures:
    """What the attempt adds to each tally it is counted in."""
    if attempt.error_type in NOT_THE_MODELS_FAULT:
        # What an aborted run cost and how long it took says as little of the model as that it failed.
        return Measures(errors=1)
    outcome = attempt.judged_outcome
    return Measures(
        attempts=1,
        successes=int(outcome == "success"),
        partials=int(outcome == "partial"),
        failures=int(outcome == "failure"),
        checked=int(outcome is not None and attempt.evidence in ("human", "tests")),
        implicit=int(outcome == "success" and attempt.evidence == "implicit"),
        tokens=attempt.tokens_used or 0,
        tokens_known=int(attempt.tokens_used is not None),
        seconds=attempt.execution_time_seconds or 0.0,
        seconds_known=int(attempt.execution_time_seconds is not None),
        cost_usd=attempt.cost_usd or 0.0,
        cost_known=int(attempt.cost_usd is not None),
    )


def keys_of(attempt: Attempt) -> Iterator[TallyKey]:
    """The tallies the attempt is counted in: its complexity's, then one for each keyword, and those of its groups."""
    arm = attempt.arm
    comparable = is_comparable(attempt)
    key = TallyKey(
        day=day_number(attempt.created_at),
        complexity=attempt.complexity or "",
        keyword="",
        incumbent=attempt.recommended_model or "",
        provider=arm.provider or "",
        model=arm.model,
        assumed=(attempt.client or UNNAMED_CLIENT) if comparable and attempt.executed_model is None else "",
        chance=_per_mille((attempt.propensities or {})[attempt.model]) if comparable else 0,
        repeat=attempt.repeat_number.bit_length() if comparable else 0,
    )
    yield key
    for keyword in dict.fromkeys(attempt.task_keywords):
        yield key._replace(keyword=keyword)
    if attempt.workspace:
        yield key._replace(keyword=group("workspace", attempt.workspace))
    if attempt.role:
        yield key._replace(keyword=group("role", attempt.role))


def _per_mille(probability: float) -> int:
    """One of some seventy values: a router that adapts never says the same probability twice."""
    return min(999, max(1, round(1000 * CHANCE_STEP ** round(log(probability, CHANCE_STEP)))))
