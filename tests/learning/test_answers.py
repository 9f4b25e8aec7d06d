"""What is settled about each model that was tried, and what is not: two different things to tell a person."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.learning.analysis import Analysis, analyse
from modelmerit.learning.answers import Answer
from modelmerit.learning.answers_text import answer_table, not_settled, open_first
from modelmerit.learning.comparisons import LEAST_ATTEMPTS
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]
Rate = Callable[[str, str, str], float]

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
MEDIUM = [("medium", "")]
START = datetime(2026, 1, 5, tzinfo=UTC)
"""When every history begins."""


def after(attempts: list[Attempt], policy: Policy) -> Analysis:
    return analyse(Tallies.from_attempts(attempts), policy, attempts[-1].created_at + timedelta(days=8))


def of(analysis: Analysis, challenger: str) -> Answer:
    (answer,) = [one for one in analysis.answers if one.challenger == challenger]
    return answer


def by_model(haiku: float, sonnet: float, opus: float) -> Rate:
    return lambda model, *_: {HAIKU: haiku, SONNET: sonnet, OPUS: opus}[model]


def test_after_little_evidence_it_says_how_much_more_it_takes_and_how_long(
    history: MakeHistory, policy: MakePolicy
) -> None:
    few = after(history(5, by_model(0.7, 0.9, 0.9), MEDIUM), policy())
    haiku = of(few, HAIKU)
    assert (haiku.verdict, haiku.settled) == ("not enough evidence", False)
    assert haiku.challenger_attempts < LEAST_ATTEMPTS
    assert haiku.more_attempts is not None
    assert haiku.more_attempts >= LEAST_ATTEMPTS - haiku.challenger_attempts
    assert haiku.weeks is not None
    assert f"not enough evidence: needs about {haiku.more_attempts} more attempts, " in haiku.words
    assert haiku.words.endswith(" at your pace")


def test_a_cheaper_model_that_fails_more_is_worse_and_a_dearer_one_that_gains_nothing_no_difference(
    history: MakeHistory, policy: MakePolicy
) -> None:
    found = after(history(40, by_model(0.6, 0.9, 0.9), MEDIUM), policy())
    haiku, opus = of(found, HAIKU), of(found, OPUS)
    assert (haiku.verdict, opus.verdict) == ("worse", "no difference")
    assert haiku.interval.high < -policy().learning.margin
    assert opus.interval.high < policy().learning.min_gain + 0.01
    assert haiku.words.startswith("worse: -")
    assert opus.words.startswith("no difference worth a change: ")
    for answer in (haiku, opus):
        assert answer.settled
        assert (answer.more_attempts, answer.weeks) == (None, None)


def test_what_is_suggested_is_an_answer_too(history: MakeHistory, policy: MakePolicy) -> None:
    found = after(history(30, by_model(0.9, 0.9, 0.9), MEDIUM), policy())
    assert [one.to_model for one in found.suggestions] == [HAIKU]
    assert of(found, HAIKU).verdict == "suggested"


def test_of_two_that_would_do_one_is_suggested_and_the_other_names_it(history: MakeHistory, policy: MakePolicy) -> None:
    found = after(history(40, lambda *_: 0.9, [("complex", "")]), policy())
    assert [one.to_model for one in found.suggestions] == [HAIKU]
    sonnet = of(found, SONNET)
    assert (sonnet.verdict, sonnet.settled) == ("would do", True)
    assert sonnet.words == f"would do too, but {HAIKU} is suggested"


def test_a_cheaper_model_that_makes_a_success_no_cheaper_is_no_difference_worth_a_change(
    history: MakeHistory, policy: MakePolicy
) -> None:
    # At 0.1495 instead of 0.15 and a rate of 0.86 instead of 0.9, a success costs 0.997 / 0.956 = 1.04 times
    # as much.
    dear = [
        replace(one, cost_usd=0.1495) if one.model == HAIKU else one
        for one in history(300, by_model(0.86, 0.9, 0.9), MEDIUM)
    ]
    haiku = of(after(dear, policy()), HAIKU)
    assert haiku.verdict == "no difference"
    assert haiku.interval.low < -0.04 < haiku.interval.high
    assert haiku.words.startswith("good enough, but a success costs no less: -")


@pytest.mark.parametrize(("every", "told"), [(2, "50 %"), (7, "14 %")])
def test_where_missing_outcomes_decide_it_says_what_is_missing_in_each_arm(
    history: MakeHistory, policy: MakePolicy, every: int, told: str
) -> None:
    whole = history(40, by_model(0.9, 0.9, 0.9), MEDIUM)
    alike = [replace(one, outcome=None) if at % every == 0 else one for at, one in enumerate(whole)]
    assert after(whole, policy()).suggestions
    found = after(alike, policy())
    assert found.suggestions == ()
    haiku = of(found, HAIKU)
    assert (haiku.verdict, haiku.settled, haiku.more_attempts) == ("missing outcomes", False, None)
    assert f"of those of {HAIKU}, " in haiku.words
    assert told in haiku.words


def test_a_model_that_is_worse_is_worse_though_a_few_outcomes_are_missing(
    history: MakeHistory, policy: MakePolicy
) -> None:
    some = [
        replace(one, outcome=None) if at % 12 == 0 else one
        for at, one in enumerate(history(40, by_model(0.5, 0.9, 0.9), MEDIUM))
    ]
    assert of(after(some, policy()), HAIKU).verdict == "worse"


def test_what_is_not_explored_any_more_has_no_date(history: MakeHistory, policy: MakePolicy) -> None:
    # Haiku was tried in the first 8 weeks of 30; its pace is that of the last eight.
    stopped = [
        one
        for one in history(30, by_model(0.8, 0.9, 0.9), MEDIUM)
        if one.model != HAIKU or one.created_at < START + timedelta(weeks=8)
    ]
    haiku = of(after(stopped, policy()), HAIKU)
    assert haiku.verdict == "not enough evidence"
    assert haiku.more_attempts is not None
    assert haiku.weeks is None
    assert haiku.words.endswith("and is not being explored at present")


def test_before_the_first_look_there_is_no_answer(history: MakeHistory, policy: MakePolicy) -> None:
    found = after(history(1, lambda *_: 0.9, MEDIUM), policy())
    assert (found.look, found.answers) == (None, ())
    assert not_settled(found.answers, str) == ""


def test_what_is_open_comes_first_and_the_soonest_of_it_is_named(history: MakeHistory, policy: MakePolicy) -> None:
    kinds = [("simple", ""), ("medium", ""), ("complex", "")]

    def rate(model: str, complexity: str, _: str) -> float:
        return 0.3 if (model, complexity) == (HAIKU, "complex") else 0.9

    found = after(history(6, rate, kinds), policy()).answers
    in_order = open_first(found)
    assert sorted(in_order, key=lambda one: one.settled) == in_order
    weeks = [one.weeks for one in in_order if not one.settled and one.weeks is not None]
    assert weeks == sorted(weeks)
    first = in_order[0]
    line = not_settled(found, str)
    assert line.startswith(f"Not settled yet: {first.challenger} at {first.complexity} tasks, not enough evidence: ")
    assert f"; {sum(not one.settled for one in found) - 1} more questions are open." in line


def test_where_all_is_settled_it_says_so(history: MakeHistory, policy: MakePolicy) -> None:
    settled = after(history(40, by_model(0.6, 0.9, 0.9), MEDIUM), policy()).answers
    assert not_settled(settled, str) == "What was tried is settled: no other model is worth a change."
    suggested = after(history(40, by_model(0.9, 0.9, 0.9), MEDIUM), policy()).answers
    assert not_settled(suggested, str) == "What was tried is settled."


def test_the_table_has_a_line_for_each_model_that_was_tried(history: MakeHistory, policy: MakePolicy) -> None:
    found = after(history(40, by_model(0.6, 0.9, 0.9), MEDIUM), policy()).answers
    header, rows = answer_table(found, lambda model: model.removeprefix("claude-"))
    assert header == ["tasks", "models", "answer"]
    assert [row[:2] for row in rows] == [
        ["medium", "haiku-4-5 for sonnet-4-5"],
        ["medium", "opus-4-5 for sonnet-4-5"],
    ]
