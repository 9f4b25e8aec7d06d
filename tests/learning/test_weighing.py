from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from modelmerit.learning.circumstances import Circumstances
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.strata import Stratum, comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.learning.weighing import IMPLICIT_STRENGTH
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
HAIKU, SONNET = "claude-haiku-4-5", "claude-sonnet-4-5"


def seen(attempts: list[Attempt], sameness: float = 1.0, method: Method = COMPLETE) -> Stratum:
    """The medium tasks under sonnet, long after all of them."""
    later = max(day_number(one.created_at) for one in attempts) + 9
    known = Circumstances(sameness=sameness)
    return stratum(comparable_tallies(Tallies.from_attempts(attempts), later, later, known, method), "medium", SONNET)


def weighed(found: Stratum, model: str) -> tuple[float, float]:
    """What a model's attempts count for in all, and its weighed success rate."""
    at = found.index(model)
    attempts = float(found.weighed.attempts[at].sum())
    return attempts, float(found.weighed.successes[at].sum()) / attempts


@pytest.fixture
def several(attempt: MakeAttempt) -> Callable[..., list[Attempt]]:
    """Makes attempts of a model, the first of which succeed."""

    def make(model: str, count: int, solved: int, chance: float, **fields: Any) -> list[Attempt]:
        return [
            attempt(
                number,
                model=model,
                propensities={model: chance},
                **{"outcome": "success" if number < solved else "failure"} | fields,
            )
            for number in range(count)
        ]

    return make


def test_propensities_that_never_change_change_nothing(several: Callable[..., list[Attempt]]) -> None:
    found = seen(several(SONNET, 90, 60, 0.9) + several(HAIKU, 10, 7, 0.1))
    assert weighed(found, SONNET) == pytest.approx((90, 60 / 90), rel=1e-5)
    assert weighed(found, HAIKU) == pytest.approx((10, 7 / 10), rel=1e-5)


def test_an_arm_that_got_the_hard_tasks_more_often_is_compared_on_the_same_mix(
    several: Callable[..., list[Attempt]],
) -> None:
    # Of 100 easy tasks haiku got 10 and solved 9, of 100 hard ones 50 and solved 20: 29 of 60, but (0.9 + 0.4) / 2 on
    # the mix of all 200. Sonnet got 90 and 50, and solved as great a share of each.
    made = [
        *several(HAIKU, 10, 9, 0.1),
        *several(HAIKU, 50, 20, 0.5),
        *several(SONNET, 90, 81, 0.9),
        *several(SONNET, 50, 20, 0.5),
    ]
    found = seen(made)
    # Chances are known to within 5 %.
    assert weighed(found, HAIKU)[1] == pytest.approx(0.65, abs=0.015)
    assert weighed(found, SONNET)[1] == pytest.approx(0.65, abs=0.015)
    # Kish: weights 10 (10 times) and 2 (50 times) tell as much as 200^2 / (10 * 100 + 50 * 4) = 33.3 alike ones.
    assert weighed(found, HAIKU)[0] == pytest.approx(33.3, rel=0.05)
    assert weighed(seen(made, method=Method(propensities=False)), HAIKU) == pytest.approx((60, 29 / 60), rel=1e-5)


def test_a_task_given_again_counts_for_little_where_repeats_end_alike(several: Callable[..., list[Attempt]]) -> None:
    tries = [replace(one, repeat_number=number) for number, one in enumerate(several(HAIKU, 16, 16, 0.1))]
    found = {sameness: weighed(seen(several(SONNET, 90, 60, 0.9) + tries, sameness), HAIKU) for sameness in (0, 0.3, 1)}
    # Kish's design effect: 16 / (1 + 15 r).
    assert {sameness: count for sameness, (count, _) in found.items()} == pytest.approx(
        {0: 16, 0.3: 16 / 5.5, 1: 1}, rel=1e-5
    )


def test_a_task_given_again_under_another_label_is_no_fresh_evidence(several: Callable[..., list[Attempt]]) -> None:
    """The same text, called simple the first time and medium ever after, is one task still."""
    simple, *medium = several(HAIKU, 32, 32, 0.1)
    tries = [replace(one, repeat_number=number) for number, one in enumerate([simple, *medium])]
    tries[0] = replace(tries[0], complexity="simple")
    assert weighed(seen(several(SONNET, 90, 60, 0.9) + tries), HAIKU)[0] < 4


def test_only_an_arm_of_weaker_successes_than_usual_is_discounted(several: Callable[..., list[Attempt]]) -> None:
    reported, implied = {"evidence": "reported"}, {"evidence": "implicit"}
    weak = seen(several(SONNET, 90, 90, 0.9, **reported) + several(HAIKU, 10, 10, 0.1, **implied))
    # A tenth of all successes is implied: 0.4 / (1 - 0.6 / 10), where 0.4 is the strength of the implied.
    strength = IMPLICIT_STRENGTH / (1 - (1 - IMPLICIT_STRENGTH) / 10)
    assert weighed(weak, HAIKU)[0] == pytest.approx(10 * strength, rel=1e-5)
    assert weighed(weak, SONNET)[0] == pytest.approx(90, rel=1e-5)
    alike = seen(several(SONNET, 90, 90, 0.9, **implied) + several(HAIKU, 10, 10, 0.1, **implied))
    assert weighed(alike, HAIKU)[0] == pytest.approx(10, rel=1e-5)


def test_no_strength_of_evidence_moves_a_rate(several: Callable[..., list[Attempt]]) -> None:
    found = seen(several(SONNET, 90, 60, 0.9, evidence="tests") + several(HAIKU, 10, 7, 0.1, evidence="implicit"))
    assert weighed(found, HAIKU)[1] == pytest.approx(0.7)


def test_weights_touch_what_is_compared_and_not_what_is_shown(several: Callable[..., list[Attempt]]) -> None:
    made = several(HAIKU, 10, 9, 0.1, evidence="implicit") + several(HAIKU, 50, 20, 0.5, evidence="reported")
    shown = seen(made).all_tasks
    assert (shown.attempts.sum(), shown.successes.sum(), shown.implicit.sum()) == (60, 29, 9)


def test_weighing_depends_on_no_order_and_on_no_split_into_days(several: Callable[..., list[Attempt]]) -> None:
    made = [*several(HAIKU, 10, 9, 0.1), *several(SONNET, 90, 60, 0.9)]
    spread = [replace(one, created_at=one.created_at + timedelta(days=n % 5)) for n, one in enumerate(made)]
    assert weighed(seen(spread[::-1]), HAIKU) == pytest.approx(weighed(seen(made), HAIKU))
    assert np.isfinite(seen(spread).weighed.attempts).all()
