"""What a models.json means, and how its mistakes are told."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.errors import PolicyFileError, UnknownModel
from modelmerit.policy.document import ExplorationSettings, LearningSettings, parse_policy
from modelmerit.policy.loading import starter_text
from modelmerit.records import Task

HAIKU, SONNET, OPUS = "claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101"
DEFAULTS = {"simple": {"model": HAIKU}, "medium": {"model": SONNET}, "complex": {"model": OPUS}}


def document(**blocks: Any) -> str:
    return json.dumps({"task_complexity": DEFAULTS, "rules": [], **blocks})


def test_the_packaged_starter_is_the_one_in_config() -> None:
    config = Path(__file__).parents[2] / "config" / "models.json"
    assert (files("modelmerit.policy") / "starter.json").read_bytes() == config.read_bytes()


def test_the_starter_works_without_a_problem() -> None:
    policy = parse_policy(starter_text())
    assert policy.problems == ()
    assert policy.model_ids == (HAIKU, SONNET, OPUS)
    assert policy.escalation == ()
    assert [(rule.number, rule.use, rule.model) for rule in policy.rules] == [
        (1, "opus", OPUS),
        (2, "haiku", HAIKU),
        (3, "opus", OPUS),
    ]
    assert policy.use_as(HAIKU, "claude-code") == "haiku"
    assert policy.use_as(HAIKU, "opencode") == HAIKU
    assert policy.use_as("gpt-5", "claude-code") == "gpt-5"
    assert policy.provider_of(OPUS) == "anthropic"
    assert policy.provider_of("gpt-5") is None
    assert policy.preferred_name(SONNET) == "sonnet"
    assert policy.hash == hashlib.sha256(starter_text().encode()).hexdigest()


@pytest.mark.parametrize(
    ("task", "model", "reason", "rule"),
    [
        (Task("plan the architecture"), OPUS, "rule 1: task contains 'architecture'", 1),
        (Task("designing", complexity="simple"), OPUS, "rule 1: task contains 'design'", 1),
        (Task("fix the readme", estimated_files=9), HAIKU, "rule 2: task contains 'readme'", 2),
        (Task("rename", estimated_files=6), OPUS, "rule 3: estimated_files > 5", 3),
        (Task("rename", complexity="simple"), HAIKU, "complexity simple", None),
        (Task("rename"), SONNET, "complexity medium (not given)", None),
    ],
)
def test_the_first_matching_rule_wins_and_then_the_complexity(
    task: Task, model: str, reason: str, rule: int | None
) -> None:
    recommendation = parse_policy(starter_text()).recommend(task)
    assert (recommendation.model, recommendation.reason, recommendation.rule) == (model, reason, rule)


def test_the_reason_of_a_compound_rule_is_its_whole_condition() -> None:
    condition = "task contains 'docs' and not complexity is complex"
    policy = parse_policy(document(rules=[{"if": condition, "use": "opus"}]))
    assert policy.recommend(Task("docs", complexity="simple")).reason == f"rule 1: {condition}"


def test_a_broken_rule_is_named_and_the_others_work() -> None:
    rules = [
        {"if": "task contians 'docs'", "use": "opus"},
        {"if": "keyword is 'ci'", "use": "gemini"},
        "opus",
        {"if": "keyword is 'ci'"},
        {"if": "keyword is 'ci'", "use": "claude"},
        {"if": "keyword is 'ci'", "use": "haiku"},
    ]
    policy = parse_policy(document(rules=rules))
    assert policy.recommend(Task("t", keywords=("ci",))).rule == 6
    assert len(policy.problems) == 5
    assert policy.problems[0].startswith("rule 1, column 6: found contians, expected `contains` after task")
    assert policy.problems[1].startswith("rule 2: 'gemini' is no model of this file, expected one of: claude-haiku")
    assert policy.problems[2].startswith("rule 3 is left out: it is a text, expected an object")
    assert policy.problems[4].startswith("rule 5: 'claude' fits 3 models, expected exactly one: claude-haiku")


def test_a_use_may_be_a_full_id_that_stands_nowhere_else() -> None:
    policy = parse_policy(document(rules=[{"if": "keyword is 'ci'", "use": "gpt-5-mini"}]))
    assert policy.recommend(Task("t", keywords=("ci",))).model == "gpt-5-mini"
    assert policy.model_ids == (HAIKU, SONNET, OPUS, "gpt-5-mini")


def test_a_shorter_id_is_not_taken_for_a_longer_one() -> None:
    policy = parse_policy(document(rules=[{"if": "keyword is 'ci'", "use": "gpt-5-mini"}], escalation=["gpt-5"]))
    assert policy.escalation == ("gpt-5",)
    with pytest.raises(UnknownModel, match="'gpt' fits 2 models, expected exactly one: gpt-5-mini, gpt-5"):
        policy.resolve("gpt")


def test_names_resolve_as_id_then_alias_then_family() -> None:
    policy = parse_policy(document(models={"fast": HAIKU, "local": {"id": "codestral:22b", "provider": "ollama"}}))
    assert policy.resolve(HAIKU) == HAIKU
    assert policy.resolve("fast") == HAIKU
    assert policy.resolve("Opus") == OPUS
    assert policy.resolve("local") == "codestral:22b"
    with pytest.raises(UnknownModel, match="expected one of: fast, local, claude-haiku"):
        policy.resolve("gemini")


def test_a_default_may_be_one_plain_word() -> None:
    policy = parse_policy(json.dumps({"task_complexity": {"medium": "codestral"}}))
    assert policy.defaults == {"simple": "codestral", "medium": "codestral", "complex": "codestral"}
    assert [problem.split(";")[0] for problem in policy.problems] == [
        "task_complexity.simple names no model",
        "task_complexity.complex names no model",
    ]


def test_optional_blocks_have_their_defaults() -> None:
    policy = parse_policy(document())
    assert policy.learning == LearningSettings()
    assert policy.exploration == ExplorationSettings()
    assert (policy.learning.window_days, policy.learning.half_life_days) == (90, 30)
    assert (policy.exploration.mode, policy.exploration.rate, policy.exploration.interval) == ("epsilon", 0.1, None)


def test_optional_blocks_are_read() -> None:
    policy = parse_policy(
        document(
            learning={"window_days": None, "half_life_days": 7, "margin": 0.05},
            exploration={"mode": "off", "candidates": ["haiku", "opus"], "interval": 5, "exclude": ["opus", "ci"]},
            escalation=["haiku", "opus"],
            models={"h": {"id": HAIKU, "use_as": "quick", "prices": {"input": 1, "output": 5}}},
        )
    )
    assert policy.problems == ()
    assert (policy.learning.window_days, policy.learning.half_life_days, policy.learning.margin) == (None, 7, 0.05)
    assert policy.exploration.candidates == (HAIKU, OPUS)
    assert policy.exploration.exclude == (OPUS, "ci")
    assert (policy.exploration.mode, policy.exploration.interval) == ("off", 5)
    assert policy.escalation == (HAIKU, OPUS)
    assert policy.models[0].prices == {"input": 1, "output": 5}
    assert policy.use_as(HAIKU, "anything") == "quick"


def test_a_wrong_setting_costs_only_itself() -> None:
    policy = parse_policy(
        document(
            learning={"margin": 2, "min_sample_size": "5", "window_days": True},
            exploration={"mode": "sometimes", "rate": 0.2, "candidates": "opus"},
            escalation=["haiku", "gemini", 5],
            models={"h": 5, "o": {"id": OPUS, "prices": {"input": "cheap"}}},
        )
    )
    assert policy.learning == LearningSettings()
    assert (policy.exploration.mode, policy.exploration.rate) == ("epsilon", 0.2)
    assert policy.escalation == (HAIKU,)
    assert "learning.margin is 2, expected a number from 0 to 1: 0.1 is used" in policy.problems
    assert len(policy.problems) == 9


def test_adaptive_exploration_chooses_among_the_listed_candidates() -> None:
    policy = parse_policy(document(exploration={"mode": "adaptive", "candidates": ["haiku", "opus"]}))
    assert policy.problems == ()
    assert (policy.exploration.mode, policy.exploration.candidates) == ("adaptive", (HAIKU, OPUS))
    assert policy.exploration.strategy == "thompson-sampling"


@pytest.mark.parametrize(
    "exploration",
    [{}, {"candidates": ["haiku"]}, {"candidates": ["opus"] * 2}, {"candidates": [HAIKU, "opus"], "exclude": ["opus"]}],
)
def test_adaptive_exploration_without_a_choice_is_off_and_says_so(exploration: dict[str, Any]) -> None:
    policy = parse_policy(document(exploration={"mode": "adaptive", **exploration}))
    assert policy.exploration.mode == "off"
    (problem,) = policy.problems
    assert problem.startswith('exploration.mode is "adaptive", expected at least two models in exploration.candidates')
    assert problem.endswith("'off' is used")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "models.json is empty"),
        ("{", "not JSON: line 1, column 2"),
        ('{"rules": [],\n}', "not JSON: line 2, column 1|not JSON: line 1, column 13"),
        ("[]", "holds a list, expected an object"),
        ("{}", "`task_complexity` names no usable model"),
        ('{"task_complexity": []}', "`task_complexity` is a list, expected an object"),
        ('{"task_complexity": {"medium": "a-1"}, "rules": {}}', "`rules` is an object, expected a list"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"a": NaN}', "found NaN"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "1" * 5000 + "}", "a number of thousands of digits"),
    ],
)
def test_a_file_of_the_wrong_shape_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(PolicyFileError, match=message):
        parse_policy(text)


TEXT = st.text(st.sampled_from("ab1 .'\n"), max_size=6)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
BLOCKS = ["task_complexity", "rules", "models", "learning", "exploration", "escalation"]
SETTINGS = ["simple", "model", "if", "use", "id", "prices", "margin", "mode", "candidates", "window_days", "exclude"]
NEAR_POLICIES = st.dictionaries(
    st.sampled_from(BLOCKS),
    JSON_VALUES | st.dictionaries(st.sampled_from(SETTINGS), JSON_VALUES) | st.lists(JSON_VALUES),
)


@given(NEAR_POLICIES)
def test_any_json_is_a_policy_or_a_policy_file_error(blocks: dict[str, Any]) -> None:
    try:
        policy = parse_policy(document(**blocks))
    except PolicyFileError:
        return
    assert policy.recommend(Task("t")).model
    assert all("\n" not in problem for problem in policy.problems)
