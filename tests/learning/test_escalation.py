import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from modelmerit.learning.analysis import Analysis, analyse
from modelmerit.learning.circumstances import Circumstances
from modelmerit.learning.escalation import break_even_rate
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.changes import apply_change
from modelmerit.policy.document import parse_policy
from modelmerit.records import Attempt

MakeHistory = Callable[..., list[Attempt]]

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
TEXT = json.dumps(
    {"task_complexity": {"simple": {"model": HAIKU}, "medium": {"model": OPUS}, "complex": {"model": OPUS}}}
)


def after(attempts: list[Attempt], checked_share: float) -> Analysis:
    as_of = attempts[-1].created_at + timedelta(days=8)
    circumstances = Circumstances(checked_share=checked_share)
    return analyse(Tallies.from_attempts(attempts), parse_policy(TEXT), as_of, circumstances=circumstances)


@pytest.fixture
def cheap_is_often_enough(history: MakeHistory) -> list[Attempt]:
    """Haiku solves two thirds of what opus solves, at a ninth of the price."""
    rates = {HAIKU: 0.6, SONNET: 0.6, OPUS: 0.9}
    return history(16, lambda model, *_: rates[model], [("medium", "")], {("medium", ""): OPUS})


def test_where_failures_are_noticed_a_cheap_start_is_suggested(cheap_is_often_enough: list[Attempt]) -> None:
    (found,) = after(cheap_is_often_enough, checked_share=1.0).suggestions
    assert found.type == "escalation"
    assert (found.scope, found.to_model) == ({}, None)
    changed = parse_policy(apply_change(TEXT, found.change))
    start = changed.defaults["medium"]
    assert start in (HAIKU, SONNET)
    assert changed.escalation.index(start) < changed.escalation.index(OPUS)


def test_where_nobody_checks_failures_go_unnoticed_and_no_ladder_helps(cheap_is_often_enough: list[Attempt]) -> None:
    assert after(cheap_is_often_enough, checked_share=0.5).suggestions == ()


def test_the_cheap_start_must_succeed_often_enough_to_pay() -> None:
    # p > (c_A + d) / (c_B + d) with d = c_A: for a third of the price, (1/3 + 1/3) / (1 + 1/3) = 1/2.
    assert break_even_rate(1 / 3) == pytest.approx(0.5)
    assert break_even_rate(1.0) == pytest.approx(1.0)


def test_a_cheap_model_that_mostly_fails_is_no_start(history: MakeHistory) -> None:
    rates = {HAIKU: 0.05, SONNET: 0.1, OPUS: 0.9}
    made = history(16, lambda model, *_: rates[model], [("medium", "")], {("medium", ""): OPUS})
    assert after(made, checked_share=1.0).suggestions == ()
