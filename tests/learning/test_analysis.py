import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from modelmerit.learning.analysis import Analysis, analyse
from modelmerit.learning.findings import Suggestion
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.changes import apply_change
from modelmerit.policy.document import parse_policy
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
KEYWORDS = ("docs", "api", "css", "ci", "test", "bug")
PLAIN = [(complexity, "") for complexity in ("simple", "medium", "complex")]
WITH_KEYWORDS = [(complexity, keyword) for complexity in ("simple", "medium", "complex") for keyword in KEYWORDS]


def sensible(model: str, complexity: str, keyword: str) -> float:
    """A world in which the policy is right: each step down from the default loses 30 points, a step up wins nothing."""
    levels = {HAIKU: 0, SONNET: 1, OPUS: 2}
    needed = {"simple": 0, "medium": 1, "complex": 2}[complexity]
    return 0.9 - 0.3 * max(0, needed - levels[model])


def after(attempts: list[Attempt], policy: Policy, **options: float) -> Analysis:
    return analyse(Tallies.from_attempts(attempts), policy, attempts[-1].created_at + timedelta(days=8), **options)


def only(analysis: Analysis) -> Suggestion:
    (suggestion,) = analysis.suggestions
    return suggestion


def test_a_policy_that_is_right_is_left_alone(history: MakeHistory, policy: MakePolicy) -> None:
    assert after(history(30, sensible, WITH_KEYWORDS), policy()).suggestions == ()


def test_a_cheaper_default_that_suffices_is_suggested(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if complexity == "medium" else sensible(model, complexity, keyword)

    found = only(after(history(30, rate, PLAIN), policy()))
    assert (found.type, found.scope) == ("change_default", {"complexity": "medium"})
    assert (found.from_model, found.to_model) == (SONNET, HAIKU)
    assert found.change.summary == f'task_complexity.medium.model: "{SONNET}" -> "{HAIKU}"'
    assert found.confidence > 0.85
    assert found.evidence.challenger.attempts > 40
    assert found.evidence.saving == pytest.approx(2 / 3, abs=0.1)  # 0.05 instead of 0.15 an attempt


def test_a_dearer_default_that_is_needed_is_suggested(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.5 if (model, complexity) == (HAIKU, "simple") else 0.9

    found = next(
        one for one in after(history(30, rate, PLAIN), policy()).suggestions if one.scope == {"complexity": "simple"}
    )
    # Opus would do as well as sonnet; the cheaper of two that succeed alike is the one to take.
    assert (found.from_model, found.to_model) == (HAIKU, SONNET)
    assert found.evidence.saving is not None
    assert found.evidence.saving < 0


def test_a_saving_waits_where_a_dearer_model_would_be_much_better(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return (
            {HAIKU: 0.5, SONNET: 0.5, OPUS: 0.9}[model] if complexity == "medium" else sensible(model, complexity, "")
        )

    found = only(after(history(30, rate, PLAIN), policy()))
    assert (found.scope, found.to_model) == ({"complexity": "medium"}, OPUS)


def test_a_keyword_whose_tasks_the_cheap_model_can_do_gets_a_rule(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        easy = (complexity, keyword, model) == ("medium", "docs", HAIKU)
        return 0.9 if easy else sensible(model, complexity, keyword)

    found = only(after(history(30, rate, WITH_KEYWORDS), policy()))
    assert (found.type, found.scope) == ("new_rule", {"complexity": "medium", "keyword": "docs"})
    assert found.change.summary == f"add rule 1: if keyword is 'docs' and complexity is medium use {HAIKU}"


def test_a_keyword_whose_tasks_are_labelled_too_low_gets_the_next_level(
    history: MakeHistory, policy: MakePolicy
) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        low = (complexity, keyword, model) == ("simple", "api", HAIKU)
        return 0.45 if low else sensible(model, complexity, keyword)

    found = only(after(history(30, rate, WITH_KEYWORDS), policy()))
    assert found.type == "upgrade_complexity"
    assert found.scope == {"complexity": "simple", "keyword": "api"}
    assert found.to_model == SONNET


def test_a_keyword_that_is_hard_for_every_model_gets_no_rule(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return sensible(model, complexity, keyword) * (0.7 if keyword == "css" else 1.0)

    assert after(history(30, rate, WITH_KEYWORDS), policy()).suggestions == ()


def test_one_rule_serves_all_complexities_in_which_it_is_right(history: MakeHistory) -> None:
    everything_sonnet = parse_policy(
        json.dumps({"task_complexity": {name: {"model": SONNET} for name in ("simple", "medium", "complex")}})
    )

    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if model == SONNET or keyword == "docs" else 0.5

    incumbents = dict.fromkeys(WITH_KEYWORDS, SONNET)
    found = only(after(history(30, rate, WITH_KEYWORDS, incumbents), everything_sonnet))
    assert (found.type, found.scope, found.to_model) == ("new_rule", {"keyword": "docs"}, HAIKU)
    assert found.change.summary == f"add rule 1: if keyword is 'docs' use {HAIKU}"


def test_what_people_chose_themselves_is_no_evidence(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if complexity == "medium" else sensible(model, complexity, keyword)

    chosen = [
        replace(one, selection="override", propensities=None) if one.model == HAIKU else one
        for one in history(30, rate, PLAIN)
    ]
    assert after(chosen, policy()).suggestions == ()


def test_a_challenger_without_outcomes_has_failed(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if complexity == "medium" else sensible(model, complexity, keyword)

    half_told = [
        replace(one, outcome=None) if one.model == HAIKU and at % 2 else one
        for at, one in enumerate(history(30, rate, PLAIN))
    ]
    assert after(half_told, policy()).suggestions == ()


def test_a_suggestion_must_hold_whatever_a_partial_result_is_worth(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.5 if complexity == "medium" else sensible(model, complexity, keyword)

    # Half of the failures of sonnet are partial: worth nothing, haiku is as good; worth a half, it is 12 points worse.
    mixed = [
        replace(one, outcome="partial")
        if (one.model, one.complexity, one.outcome) == (SONNET, "medium", "failure") and at % 2
        else one
        for at, one in enumerate(history(40, rate, PLAIN))
    ]
    assert any(one.scope == {"complexity": "medium"} for one in after(history(40, rate, PLAIN), policy()).suggestions)
    assert not any(one.scope == {"complexity": "medium"} for one in after(mixed, policy()).suggestions)


def test_the_answer_does_not_depend_on_the_order_of_the_rows(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if keyword == "docs" else sensible(model, complexity, keyword)

    made = history(30, rate, WITH_KEYWORDS)
    shuffled = made.copy()
    Random(3).shuffle(shuffled)
    as_of = made[-1].created_at + timedelta(days=8)
    one, other = (analyse(Tallies.from_attempts(part), policy(), as_of) for part in (made, shuffled))
    assert [found.to_dict() for found in one.suggestions] == [found.to_dict() for found in other.suggestions]
    assert [found.to_dict() for found in one.hints] == [found.to_dict() for found in other.hints]


def test_between_two_looks_the_decision_stays(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if complexity == "medium" else sensible(model, complexity, keyword)

    made = history(30, rate, PLAIN)
    tallies = Tallies.from_attempts(made)
    as_of = made[-1].created_at + timedelta(days=8)
    now, later = (analyse(tallies, policy(), as_of + timedelta(days=days)) for days in (0, 20))
    assert now.look == later.look
    assert [one.confidence for one in now.suggestions] == [one.confidence for one in later.suggestions]


def test_every_suggested_change_applies_to_the_policy_it_is_about(history: MakeHistory) -> None:
    text = json.dumps({"task_complexity": {"simple": {"model": HAIKU}, "medium": SONNET, "complex": {"model": OPUS}}})

    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if keyword in ("docs", "api") or complexity == "complex" else sensible(model, complexity, keyword)

    suggestions = after(history(30, rate, WITH_KEYWORDS), parse_policy(text)).suggestions
    assert suggestions
    for found in suggestions:
        assert apply_change(text, found.change) != text


def test_the_numbers_of_a_suggestion_survive_json(history: MakeHistory, policy: MakePolicy) -> None:
    def rate(model: str, complexity: str, keyword: str) -> float:
        return 0.9 if complexity == "medium" else sensible(model, complexity, keyword)

    analysis = after(history(30, rate, PLAIN), policy())
    told = only(analysis).to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["change"] == only(analysis).change.summary
    assert told["evidence"]["look"]["explored_attempts"] > 15
    assert told["counterfactual"].startswith("Had it been in force in the last 90 days, ")


def test_without_attempts_there_is_nothing_to_say(policy: MakePolicy, attempt: Callable[..., Attempt]) -> None:
    nothing = analyse(Tallies.from_attempts([]), policy(), attempt().created_at)
    assert (nothing.attempts, nothing.look, nothing.suggestions, nothing.hints) == (0, None, (), ())
