"""What a finding says of itself: how strong its evidence is, and what it is approved with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from modelmerit.learning.analysis import analyse
from modelmerit.learning.findings import ArmEvidence, Bundle, Suggestion, bundle_id, whole_bundles
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

HAIKU = "claude-haiku-4-5"


def suggested(attempts: list[Attempt], policy: Policy) -> Suggestion:
    as_of = attempts[-1].created_at + timedelta(days=8)
    (found,) = analyse(Tallies.from_attempts(attempts), policy, as_of).suggestions
    return found


def as_said_by(attempts: list[Attempt], evidence: str, share: float) -> list[Attempt]:
    """The attempts, a share of whose successes rest on this evidence; the others were reported."""
    owed, made = 0.0, []
    for one in attempts:
        owed += share * (one.outcome == "success")
        weak = one.outcome == "success" and owed >= 1
        owed -= weak
        made.append(replace(one, evidence=evidence if weak else "reported"))
    return made


def test_shares_are_of_the_outcomes_and_of_the_successes() -> None:
    arm = ArmEvidence(
        model="m", attempts=25, successes=16, partials=1, missing=5, usd_per_success=None, checked=5, implicit=4
    )
    # 5 of the 20 outcomes, and 4 of the 16 successes.
    assert (arm.outcomes, arm.checked_share, arm.implicit_share) == (20, 0.25, 0.25)
    unknown = replace(arm, checked=None, implicit=None)
    assert (unknown.checked_share, unknown.implicit_share) == (None, None)
    nothing = replace(arm, attempts=5, successes=0, partials=0, checked=0, implicit=0)
    assert (nothing.checked_share, nothing.implicit_share) == (None, None)


def test_an_analysis_counts_who_decided_the_outcomes_of_each_arm(history: MakeHistory, policy: MakePolicy) -> None:
    told = as_said_by(history(30, lambda *_: 0.9, [("medium", "")]), "tests", 0.5)
    evidence = suggested(told, policy()).evidence
    for arm in (evidence.incumbent, evidence.challenger):
        # Every second success: half of 0.9 of the outcomes, give or take the two at the ends.
        assert arm.checked_share == pytest.approx(0.45, abs=0.1)
        assert arm.implicit == 0
    assert evidence.to_dict()["checked_share"] == pytest.approx(evidence.checked_share, abs=1e-4)
    assert evidence.to_dict()["challenger"]["implicit_share"] == 0.0


@pytest.mark.parametrize(("implied", "grade"), [(0.2, "strong"), (0.9, "suggest")])
def test_what_nobody_reported_is_never_strong(
    history: MakeHistory, policy: MakePolicy, implied: float, grade: str
) -> None:
    better = history(60, lambda model, *_: 0.95 if model == HAIKU else 0.6, [("medium", "")])
    found = suggested(as_said_by(better, "implicit", implied), policy())
    assert found.confidence >= 0.99
    assert found.evidence.mostly_implied == (grade == "suggest")
    assert found.grade == grade


def test_of_a_bundle_that_lacks_a_member_nothing_is_left(history: MakeHistory, policy: MakePolicy) -> None:
    alone = suggested(history(30, lambda *_: 0.9, [("medium", "")]), policy())
    bundle = Bundle(id=bundle_id(["s-1", "s-2"]), confidence=0.99)
    one, two = (replace(alone, id=name, bundle=bundle) for name in ("s-1", "s-2"))
    assert whole_bundles([two, alone, one]) == [two, alone, one]
    assert whole_bundles([two, alone]) == [alone]
    assert (one.confidence_to_approve, alone.confidence_to_approve) == (0.99, alone.confidence)
