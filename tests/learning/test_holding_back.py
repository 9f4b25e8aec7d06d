from collections.abc import Mapping

import numpy as np
import pytest

from modelmerit.learning.cases import Case
from modelmerit.learning.findings import ArmEvidence
from modelmerit.learning.holding_back import BLOCKED_BY_MISMATCH, held_back
from modelmerit.learning.mismatches import Assignment, ChosenArm
from modelmerit.policy.changes import Change
from modelmerit.statistics.posterior import normal_belief

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"


def mismatch(too_many: int) -> Assignment:
    """So many of sonnet's medium tasks too many, and as many of haiku's too few."""
    chosen = (
        ChosenArm(model=SONNET, chosen=800 + too_many, expected=800),
        ChosenArm(model=HAIKU, chosen=200 - too_many, expected=200),
    )
    return Assignment(complexity="medium", incumbent=SONNET, arms=chosen, p_value=0.0)


MISMATCH = mismatch(20)


def arm(model: str) -> ArmEvidence:
    return ArmEvidence(model=model, attempts=100, successes=90, partials=0, missing=0, usd_per_success=None)


def no_change() -> Change:
    raise AssertionError("nothing is built to hold a case back")


def case(scope: Mapping[str, str], incumbent: str = SONNET, parts: tuple[Case, ...] = ()) -> Case:
    """A case that passed."""
    return Case(
        type="new_rule",
        scope=scope,
        words="some tasks",
        incumbent=arm(incumbent),
        challenger=arm(HAIKU),
        belief=normal_belief(0.0, 0.02),
        incumbent_rate=0.9,
        costs=None,
        limit=-0.1,
        confidence=0.95,
        gate=0.9,
        passes=True,
        covered=lambda: np.zeros(0, dtype=np.bool_),
        weekly_pace=1.0,
        build=no_change,
        parts=parts,
    )


@pytest.mark.parametrize(
    ("scope", "incumbent", "waits"),
    [
        ({"complexity": "medium"}, SONNET, True),
        ({"complexity": "medium", "keyword": "docs"}, SONNET, True),
        ({"condition": "task contains 'design'"}, SONNET, True),
        ({"complexity": "simple"}, SONNET, False),
        ({"complexity": "medium"}, OPUS, False),
        ({"keyword": "docs"}, OPUS, False),
    ],
)
def test_a_case_waits_where_its_models_were_not_chosen_as_logged(
    scope: Mapping[str, str], incumbent: str, waits: bool
) -> None:
    (one,) = held_back([case(scope, incumbent)], [MISMATCH])
    assert one.passes is not waits
    assert one.blocked == (BLOCKED_BY_MISMATCH if waits else "")


def test_what_a_mismatch_could_not_overturn_does_not_wait() -> None:
    """Of 100 attempts of either model 4 may have been picked for how they end: that moves no difference to -0.08."""
    made = case({"complexity": "medium"})
    assert held_back([made], [mismatch(4)]) == [made]
    (one,) = held_back([made], [mismatch(6)])
    assert not one.passes


def test_a_case_for_several_complexities_waits_with_any_of_them() -> None:
    parts = (case({"complexity": "medium"}), case({"complexity": "complex"}, OPUS))
    whole = case({"keyword": "docs"}, OPUS, parts)
    (one,) = held_back([whole], [MISMATCH])
    assert (one.passes, one.blocked) == (False, BLOCKED_BY_MISMATCH)
    assert [part.passes for part in one.parts] == [False, True]


def test_without_a_mismatch_every_case_stays_as_it_is() -> None:
    cases = [case({"complexity": "medium"}), case({"keyword": "docs"})]
    assert held_back(cases, []) == cases
