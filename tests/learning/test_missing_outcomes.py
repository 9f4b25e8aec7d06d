from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from modelmerit.learning.comparisons import Comparison, compare
from modelmerit.learning.method import COMPLETE, Method
from modelmerit.learning.missing_outcomes import MOST_MISSING, UNLIKE, Missing, missing_outcomes
from modelmerit.learning.strata import Stratum, comparable_tallies, stratum
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import day_number
from modelmerit.policy.schema import LearningSettings
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
Counts = tuple[int, int, int]
HAIKU, SONNET = "claude-haiku-4-5", "claude-sonnet-4-5"
LATER = day_number(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def of(attempt: MakeAttempt) -> Callable[[Counts, Counts], Stratum]:
    """Makes a stratum from the successes, failures and missing outcomes of sonnet and of haiku."""

    def make(*arms: Counts) -> Stratum:
        made = []
        for model, counts in zip((SONNET, HAIKU), arms, strict=True):
            for outcome, count in zip(("success", "failure", None), counts, strict=True):
                for _ in range(count):
                    chance = {SONNET: 0.5, HAIKU: 0.5}
                    made.append(attempt(len(made), model=model, outcome=outcome, propensities=chance))
        return stratum(comparable_tallies(Tallies.from_attempts(made), LATER, LATER), "medium", SONNET)

    return make


def compared(found: Stratum, method: Method = COMPLETE) -> Comparison:
    return compare(found, HAIKU, LearningSettings(), method)


MakeStratum = Callable[[Counts, Counts], Stratum]


@pytest.mark.parametrize(
    ("missing", "other_missing", "statistic"),
    [
        # (a d - b c)^2 n / (the margins): (10 * 80 - 20 * 90)^2 * 200 / (30 * 170 * 100 * 100) = 3.92
        (10, 20, 3.92),
        # (10 * 76 - 24 * 90)^2 * 200 / (34 * 166 * 100 * 100) = 6.945
        (10, 24, 6.945),
        # (10 * 77 - 23 * 90)^2 * 200 / (33 * 167 * 100 * 100) = 6.133
        (10, 23, 6.133),
        (15, 15, 0.0),
        (0, 0, 0.0),
    ],
)
def test_arms_are_alike_where_chance_explains_what_each_is_missing(
    of: MakeStratum, missing: int, other_missing: int, statistic: float
) -> None:
    found = missing_outcomes(of((60, 40 - missing, missing), (60, 40 - other_missing, other_missing)), HAIKU)
    assert (found.incumbent, found.challenger) == pytest.approx((missing / 100, other_missing / 100))
    assert found.alike is (statistic <= 6.635)


def test_the_limit_is_the_published_one_percent_point() -> None:
    # Chi-squared, one degree of freedom, 0.01.
    assert pytest.approx(6.635, abs=5e-4) == UNLIKE


def test_too_many_missing_are_suspicious_however_alike() -> None:
    assert Missing(MOST_MISSING + 0.01, MOST_MISSING + 0.01, alike=True).suspicious
    assert not Missing(MOST_MISSING, 0.0, alike=True).suspicious
    assert Missing(0.0, 0.05, alike=False).suspicious
    assert [Missing(a, b, alike=True).any for a, b in ((0.0, 0.0), (0.1, 0.0), (0.0, 0.1))] == [False, True, True]


def test_where_everything_is_missing_there_is_nothing_to_tell_apart(of: MakeStratum) -> None:
    found = missing_outcomes(of((0, 0, 9), (0, 0, 4)), HAIKU)
    assert (found.incumbent, found.challenger, found.alike) == (1.0, 1.0, True)
    assert found.suspicious


def test_a_few_missing_on_both_sides_are_left_out(of: MakeStratum) -> None:
    few = compared(of((180, 20, 4), (180, 20, 4)))
    none = compared(of((180, 20, 0), (180, 20, 0)))
    assert not few.missing_against
    assert not few.overturned
    assert few.belief.mean == pytest.approx(none.belief.mean, abs=0.002)
    assert few.confidence == pytest.approx(none.confidence, abs=0.01)


def test_what_the_missing_could_overturn_is_no_suggestion(of: MakeStratum) -> None:
    # 15 % of both arms are missing. At worst haiku solved 144 of 200 and sonnet 174 of 200: 15 points fewer, where
    # 10 are allowed. What was seen of both is the same.
    found = compared(of((144, 26, 30), (144, 26, 30)))
    assert not found.missing_against
    assert found.confidence >= found.gate
    assert found.overturned
    assert not found.passes


def test_what_one_arm_is_missing_more_of_is_held_against_the_change(of: MakeStratum) -> None:
    # 30 of 200 are missing of haiku, none of sonnet: chi-squared is 32.4.
    found = compared(of((180, 20, 0), (153, 17, 30)))
    assert found.missing_against
    # 153 of 200 against 180 of 200, and not 153 of 170.
    assert found.belief.mean == pytest.approx(-0.135, abs=0.03)
    assert not found.passes
    left_out = compared(of((180, 20, 0), (153, 17, 30)), Method(missing_bound=False))
    assert left_out.belief.mean == pytest.approx(0.0, abs=0.03)
    assert not left_out.missing_against


def test_missing_outcomes_of_the_incumbent_alone_count_as_its_successes(of: MakeStratum) -> None:
    found = compared(of((120, 40, 40), (150, 50, 0)))
    assert found.missing_against
    assert found.incumbent_rate == pytest.approx(161 / 202)
