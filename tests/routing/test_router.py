"""Which model a task gets: a named one, a rung of the ladder, the policy's, or by chance another."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from modelmerit.policy.document import Policy, parse_policy
from modelmerit.records import Task
from modelmerit.routing.escalation import Failed
from modelmerit.routing.exploration import ExplorationState, Spent
from modelmerit.routing.router import choose, recommend
from modelmerit.routing.strategies import Results

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
FRESH = ExplorationState(None, 0, Spent(0, 0, 0, 0, 0, 0))
SIMPLE = Task("Fix a typo", complexity="simple")


def policy(**blocks) -> Policy:
    return parse_policy(
        json.dumps(
            {
                "task_complexity": {
                    "simple": {"model": HAIKU},
                    "medium": {"model": SONNET},
                    "complex": {"model": OPUS},
                },
                "rules": [{"if": "task contains 'architecture' or 'design'", "use": "opus"}],
                "models": {"haiku": HAIKU, "sonnet": SONNET, "opus": OPUS},
                "escalation": ["haiku", "sonnet", "opus"],
                **blocks,
            }
        )
    )


def choice(policy: Policy, task: Task = SIMPLE, *, seed: int = 0, state=FRESH, **how):
    return choose(policy, task, state=state, rng=Random(seed), now=NOW, **how)


def failed(model: str = HAIKU) -> Failed:
    return Failed(model, NOW - timedelta(minutes=12))


def test_rules_come_before_complexity_and_the_reason_names_the_rule():
    made = choice(policy(), Task("Sketch the architecture", complexity="simple"), explore=False)

    assert (made.model, made.reason, made.selection) == (OPUS, "rule 1: task contains 'architecture'", "policy")


@pytest.mark.parametrize(
    ("complexity", "model", "reason"),
    [
        ("simple", HAIKU, "complexity simple"),
        ("complex", OPUS, "complexity complex"),
        (None, SONNET, "complexity medium (not given)"),
    ],
)
def test_without_a_rule_the_complexity_decides(complexity, model, reason):
    made = choice(policy(), Task("Fix it", complexity=complexity), explore=False)

    assert (made.model, made.reason, made.propensities) == (model, reason, {model: 1.0})


def test_the_probabilities_are_the_same_whichever_way_the_coin_fell():
    made = [choice(policy(), seed=seed) for seed in range(200)]

    assert {one.selection for one in made} == {"policy", "explored"}
    assert all(one.propensities == {HAIKU: 0.9, SONNET: 0.05, OPUS: 0.05} for one in made)
    assert all((one.model == HAIKU) is (one.selection == "policy") for one in made)
    assert {one.reason for one in made} == {"complexity simple", "explored: 1 in 10"}
    assert {one.recommended for one in made} == {HAIKU}


def test_what_a_rule_recommends_is_explored_around_too():
    made = [choice(policy(), Task("Sketch the architecture"), seed=seed) for seed in range(100)]

    assert {one.model for one in made} == {HAIKU, SONNET, OPUS}
    assert {one.recommended for one in made} == {OPUS}


@pytest.mark.parametrize(
    ("exploration", "tried"),
    [
        ({"exclude": ["opus"]}, {HAIKU, SONNET}),
        ({"exclude": [SONNET, OPUS]}, {HAIKU}),
        ({"candidates": ["opus"]}, {HAIKU, OPUS}),
        ({"candidates": ["opus", "sonnet"], "exclude": ["opus"]}, {HAIKU, SONNET}),
        ({"exclude": ["haiku"]}, {HAIKU, SONNET, OPUS}),  # what the policy says is not up for exclusion
        ({"mode": "off"}, {HAIKU}),
        ({"rate": 0}, {HAIKU}),
    ],
)
def test_only_candidates_that_are_not_excluded_are_tried(exploration, tried):
    used = policy(exploration={"rate": 0.5, **exploration})
    made = [choice(used, seed=seed) for seed in range(60)]

    assert {one.model for one in made} == tried
    assert {arm for one in made for arm, p in one.propensities.items() if p > 0} == tried


@pytest.mark.parametrize(
    ("how", "task"),
    [({"explore": False}, SIMPLE), ({}, Task("Fix a typo", complexity="simple", priority="critical"))],
)
def test_what_may_not_be_explored_is_certain(how, task):
    always = policy(exploration={"rate": 1})

    assert choice(always, task, **how).propensities == {HAIKU: 1.0}
    assert choice(always).model != HAIKU


@pytest.mark.parametrize("named", [OPUS, "opus", "claude-unheard-of"])
def test_a_named_model_wins_and_has_no_probabilities(named):
    made = choice(policy(), Task("Sketch the design", complexity="simple"), named=named, retry_of=failed())

    assert made.model == (OPUS if named == "opus" else named)
    assert (made.selection, made.propensities, made.recommended) == ("override", None, OPUS)
    assert made.reason == f"override: {named} was asked for"
    assert bool(made.warnings) is (named == "claude-unheard-of")


def test_a_retry_climbs_the_ladder_and_is_never_explored():
    always = policy(exploration={"rate": 1})
    made = choice(always, retry_of=failed())

    assert (made.model, made.selection, made.recommended) == (SONNET, "escalated", HAIKU)
    assert made.reason == "escalated: haiku failed 12 minutes ago"
    assert made.propensities == {SONNET: 1.0}
    assert choice(always, retry_of=failed(SONNET)).model == OPUS


def test_off_the_ladder_a_retry_follows_the_policy_unexplored():
    always = policy(exploration={"rate": 1}, escalation=["haiku", "sonnet"])
    made = choice(always, retry_of=failed("somebody-elses-model"))
    assert (made.model, made.selection, made.propensities) == (HAIKU, "policy", {HAIKU: 1.0})


def test_at_the_top_of_the_ladder_a_retry_stays_there_and_says_so():
    made = choice(policy(escalation=["haiku", "sonnet"]), retry_of=failed(SONNET))
    assert (made.model, made.selection) == (SONNET, "escalated")
    assert made.reason == "escalated: sonnet failed 12 minutes ago, but the ladder ends with it"


def test_a_retry_that_the_rules_already_send_higher_needs_no_climbing():
    made = choice(policy(), Task("Sketch the design"), retry_of=failed())

    assert (made.model, made.selection, made.reason) == (OPUS, "policy", "rule 1: task contains 'design'")


ADAPTIVE = {"mode": "adaptive", "candidates": ["haiku", "sonnet", "opus"]}
LEARNED = replace(
    FRESH,
    results={
        # At what the policy sends to haiku sonnet does best, at what it sends to opus haiku does.
        (HAIKU, HAIKU): Results(60, 40),
        (HAIKU, SONNET): Results(90, 10),
        (HAIKU, OPUS): Results(60, 40),
        (OPUS, HAIKU): Results(95, 5),
    },
)


def test_the_adaptive_mode_sends_tasks_where_they_succeed_with_the_same_probabilities_whatever_is_drawn():
    made = [choice(policy(exploration=ADAPTIVE), seed=seed, state=LEARNED) for seed in range(200)]

    # Sonnet's lead is beyond doubt, so the strategy gives it everything; 6 % are shared by all three.
    expected = {HAIKU: 0.02, SONNET: 0.96, OPUS: 0.02}
    assert all(one.propensities == pytest.approx(expected, abs=1e-6) for one in made)
    assert {one.model for one in made} == {HAIKU, SONNET, OPUS}
    assert {one.recommended for one in made} == {HAIKU}
    assert all((one.selection == "policy") is (one.model == HAIKU) for one in made)
    assert {one.selection for one in made} == {"policy", "explored"}
    assert {one.reason for one in made if one.model == SONNET} == {"adaptive: 96 % of such simple tasks go here"}
    assert {one.reason for one in made if one.model == HAIKU} == {"adaptive: 2 % of such simple tasks go here"}


def test_a_rules_tasks_are_judged_by_their_own_results():
    used = policy(exploration=ADAPTIVE)
    made = choice(used, Task("Sketch the architecture", complexity="simple"), state=LEARNED)

    # Haiku's 95 % at the rule's tasks against 70 % that every new model is believed to have.
    assert made.propensities == pytest.approx({OPUS: 0.02, HAIKU: 0.96, SONNET: 0.02}, abs=1e-4)


def test_the_upper_bound_strategy_gives_one_model_all_but_the_floor():
    made = choice(policy(exploration={**ADAPTIVE, "strategy": "ucb"}), state=LEARNED)

    assert made.propensities == pytest.approx({HAIKU: 0.02, SONNET: 0.96, OPUS: 0.02})


@pytest.mark.parametrize(
    ("exploration", "among"),
    [
        ({"candidates": ["haiku", "sonnet"]}, {HAIKU, SONNET}),
        ({"candidates": ["sonnet", "opus"]}, {HAIKU, SONNET, OPUS}),  # what the policy says always takes part
        ({"candidates": ["haiku", "sonnet", "opus"], "exclude": ["opus"]}, {HAIKU, SONNET}),
        ({"candidates": ["sonnet", "opus"], "exclude": [OPUS]}, {HAIKU}),
        ({"candidates": ["sonnet", "gemini"]}, {HAIKU}),
        ({"candidates": ["gemini", "gpt"]}, {HAIKU}),
        ({"candidates": ["sonnet"]}, {HAIKU}),
        ({"candidates": []}, {HAIKU}),
    ],
)
def test_the_adaptive_mode_chooses_among_two_or_more_listed_models_and_else_keeps_to_the_policy(exploration, among):
    made = choice(policy(exploration={"mode": "adaptive", **exploration}))

    assert set(made.propensities) == among
    assert list(made.propensities.values()) == pytest.approx([1 / len(among)] * len(among))
    assert made.reason == "complexity simple" or len(among) > 1


@pytest.mark.parametrize(
    ("how", "selection", "vector"),
    [
        ({"explore": False}, "policy", {HAIKU: 1.0}),
        ({"task": replace(SIMPLE, priority="critical")}, "policy", {HAIKU: 1.0}),
        ({"retry_of": failed()}, "escalated", {SONNET: 1.0}),
        ({"retry_of": failed("somebody-elses-model")}, "policy", {HAIKU: 1.0}),
        ({"named": "opus"}, "override", None),
    ],
)
def test_what_may_not_be_explored_is_not_adapted_either(how, selection, vector):
    made = choice(policy(exploration=ADAPTIVE), state=LEARNED, **how)

    assert (made.selection, made.propensities) == (selection, vector)


def test_a_recommendation_takes_no_chances_and_lists_what_else_there_is():
    made = recommend(policy(exploration={"rate": 1}), SIMPLE)

    assert (made.model, made.reason, made.propensities) == (HAIKU, "complexity simple", None)
    assert (made.candidates, made.fallbacks) == ((HAIKU, SONNET, OPUS), (SONNET, OPUS))
