from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from modelmerit.learning.kind_difficulty import difference_between_kinds, difficulty
from modelmerit.learning.strata import Stratum, comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakeStratum = Callable[..., Stratum]
SONNET = "claude-sonnet-4-5"
LATER = day_number(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def of(attempt: MakeAttempt) -> MakeStratum:
    """Makes a stratum of one week from sonnet's successes, failures and missing outcomes at each keyword."""

    def make(**kinds: tuple[int, int, int]) -> Stratum:
        made = [
            attempt(task_keywords=(keyword,), outcome=outcome)
            for keyword, counts in kinds.items()
            for outcome, count in zip(("success", "failure", None), counts, strict=True)
            for _ in range(count)
        ]
        return stratum(comparable_tallies(Tallies.from_attempts(made), LATER, LATER), "medium", SONNET)

    return make


def places(found: Stratum) -> np.ndarray:
    return np.arange(len(found.keywords))


def all_weeks(found: Stratum) -> np.ndarray:
    return np.ones(len(found.weeks), dtype=np.bool_)


def test_without_shrinkage_a_kind_is_as_hard_as_its_rate_says(of: MakeStratum) -> None:
    found = of(docs=(90, 10, 0), api=(50, 50, 0))
    api, docs = difficulty(found, places(found), all_weeks(found), 0.0, 0.1, shrinks=False).added
    # The rate over both is 0.7.
    assert (api, docs) == pytest.approx((-0.2, 0.2), abs=1e-6)


def test_a_kind_is_drawn_towards_the_rest_by_what_chance_could_do(of: MakeStratum) -> None:
    found = of(docs=(90, 10, 0), api=(50, 50, 0))
    one = difficulty(found, places(found), all_weeks(found), 0.0, 0.0021)
    # A rate of 0.7 over 100 attempts has the variance 0.21 / 100, as great as that between kinds: half is kept.
    assert one.added == pytest.approx([-0.1, 0.1], abs=1e-3)
    assert one.sd == pytest.approx([0.0021**0.5 / 2**0.5] * 2, rel=1e-2)
    assert one.overall == pytest.approx([0.7], abs=1e-3)


def test_where_kinds_do_not_differ_none_is_hard(of: MakeStratum) -> None:
    found = of(docs=(90, 10, 0), api=(50, 50, 0))
    one = difficulty(found, places(found), all_weeks(found), 0.0, 0.0)
    assert list(one.added) == [0, 0]
    assert list(one.sd) == [0, 0]


def test_kinds_that_differ_by_chance_alone_do_not_differ(of: MakeStratum) -> None:
    found = of(**{f"k{n}": (70 + n % 3 - 1, 30 - n % 3 + 1, 0) for n in range(9)})
    assert difference_between_kinds(found, (), places(found), 0.0) == 0.0


def test_kinds_that_really_differ_are_found_to_differ_so_far(of: MakeStratum) -> None:
    # Half at 0.9, half at 0.5: a variance of 0.04, less 0.21 / 1000 of chance.
    found = of(**{f"k{n}": (900, 100, 0) if n % 2 else (500, 500, 0) for n in range(10)})
    assert difference_between_kinds(found, (), places(found), 0.0) == pytest.approx(0.04, rel=0.2)


def test_without_kinds_or_incumbent_nothing_differs(of: MakeStratum) -> None:
    found = of(docs=(9, 1, 0))
    assert difference_between_kinds(found, (), np.arange(0), 0.0) == 0.0
    nobody = stratum(comparable_tallies(Tallies.from_attempts([]), LATER, LATER), "medium", SONNET)
    assert difference_between_kinds(nobody, (), np.arange(0), 0.0) == 0.0


def test_missing_outcomes_are_left_out_or_taken_for_successes(of: MakeStratum) -> None:
    found = of(docs=(40, 40, 20), api=(40, 40, 0))
    out, against = (
        difficulty(found, places(found), all_weeks(found), 0.0, 1.0, against=held, shrinks=False)
        for held in (False, True)
    )
    assert out.overall == pytest.approx([0.5], abs=1e-3)
    # 60 of 100 and 40 of 80: 100 of 180 in all.
    assert against.overall == pytest.approx([100 / 180], abs=1e-3)
    assert against.added == pytest.approx([0.5 - 100 / 180, 0.6 - 100 / 180], abs=2e-3)
    assert out.added == pytest.approx([0, 0], abs=1e-6)
