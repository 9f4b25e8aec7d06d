"""The JSON schema of models.json: what editors are told is what the reader does."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from modelmerit.cli.demo.simulation import Simulation
from modelmerit.errors import PolicyFileError, RuleSyntaxError
from modelmerit.policy.document import parse_policy
from modelmerit.policy.json_schema import models_schema, schema_text
from modelmerit.policy.loading import starter_text
from modelmerit.policy.parser import parse_condition

PROJECT = Path(__file__).parents[2]
SCHEMA = models_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
STARTER: dict[str, Any] = json.loads(starter_text())


def flagged(data: Any) -> set[str]:
    """The places that the schema finds fault with."""
    return {".".join(map(str, error.absolute_path)) for error in VALIDATOR.iter_errors(data)}


def problems_of(data: Any) -> tuple[str, ...]:
    """What the reader finds fault with."""
    return parse_policy(json.dumps(data)).problems


def schemas(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a schema, with its path."""
    yield path, schema
    for key, inner in schema.get("properties", {}).items():
        yield from schemas(inner, f"{path}.{key}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from schemas(schema[keyword], f"{path}[]")
    for number, inner in enumerate(schema.get("anyOf", ())):
        yield from schemas(inner, f"{path}|{number}")


def test_the_committed_schema_is_the_generated_one() -> None:
    assert (PROJECT / "config" / "models.schema.json").read_text(encoding="utf-8") == schema_text(), "run `make docs`"


def test_the_schema_is_one_itself() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_is_described_in_one_sentence() -> None:
    keys = {path: inner for path, inner in schemas(SCHEMA) if re.search(r"\.[^.|\[\]]+$", path)}
    assert len(keys) > 30
    for path, inner in keys.items():
        assert re.fullmatch(r"[A-Z][^\n]{10,180}\.", inner["description"]), path


def test_every_example_and_default_is_valid_where_it_stands() -> None:
    for path, inner in schemas(SCHEMA):
        shown = [*inner.get("examples", ()), *([inner["default"]] if "default" in inner else ())]
        for example in shown:
            assert not list(Draft202012Validator(inner).iter_errors(example)), (path, example)
    for condition in SCHEMA["properties"]["rules"]["items"]["properties"]["if"]["examples"]:
        parse_condition(condition)


def test_the_starter_and_the_demos_policy_are_valid(tmp_path: Path) -> None:
    demo, _ = Simulation(7, datetime(2026, 11, 21, tzinfo=UTC)).write(tmp_path)
    for text in (starter_text(), demo.read_text()):
        assert flagged(json.loads(text)) == set()


def test_what_the_readme_shows_of_models_json_is_valid() -> None:
    blocks = re.findall(r"```json\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    shown = [json.loads(block) for block in blocks]
    ours = [data for data in shown if {"task_complexity", "rules", "learning", "exploration"} & data.keys()]
    assert len(ours) >= 2
    for data in ours:
        merged = {**STARTER, **data}
        assert flagged(merged) == set()
        assert problems_of(merged) == ()


def test_keys_of_ones_own_are_nobodys_business() -> None:
    own = {
        **STARTER,
        "$schema": "./models.schema.json",
        "x-team": {"owner": None},
        "rules": [{"if": "keyword is 'docs'", "use": "haiku", "why": ["cheap"]}],
        "learning": {"note": "asked for by Ada"},
        "models": {"haiku": {"id": "claude-haiku-4-5-20251001", "colour": "blue", "prices": {"batch_input": 0.5}}},
    }
    assert flagged(own) == set()
    assert problems_of(own) == ()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rules": {}}, "rules"),
        ({"rules": ["opus"]}, "rules.0"),
        ({"rules": [{"if": "keyword is 'docs'"}]}, "rules.0"),
        ({"rules": [{"use": "opus"}]}, "rules.0"),
        ({"rules": [{"if": "keyword is 'docs'", "use": ""}]}, "rules.0.use"),
        ({"rules": [{"if": "contains docs", "use": "opus"}]}, "rules.0.if"),
        ({"rules": [{"if": "files > 5", "use": "opus"}]}, "rules.0.if"),
        ({"rules": [{"if": "", "use": "opus"}]}, "rules.0.if"),
        ({"rules": [{"if": "keyword is '" + "x" * 4000 + "'", "use": "opus"}]}, "rules.0.if"),
        ({"rules": [{"if": ["keyword is 'docs'"], "use": "opus"}]}, "rules.0.if"),
        ({"task_complexity": {"simple": "a", "medium": "b"}}, "task_complexity"),
        ({"task_complexity": {"simple": "a", "medium": {"model": 5}, "complex": "c"}}, "task_complexity.medium"),
        ({"task_complexity": {"simple": "a", "medium": {"models": "b"}, "complex": "c"}}, "task_complexity.medium"),
        ({"task_complexity": {"simple": "a", "medium": None, "complex": "c"}}, "task_complexity.medium"),
        ({"exploration": {"mode": "epsilom"}}, "exploration.mode"),
        ({"exploration": {"rate": 1.5}}, "exploration.rate"),
        ({"exploration": {"rate": "10%"}}, "exploration.rate"),
        ({"exploration": {"interval": 0}}, "exploration.interval"),
        ({"exploration": {"interval": 2.5}}, "exploration.interval"),
        ({"exploration": {"strategy": "thompson"}}, "exploration.strategy"),
        ({"exploration": {"candidates": "opus"}}, "exploration.candidates"),
        ({"exploration": {"exclude": [5]}}, "exploration.exclude.0"),
        ({"exploration": []}, "exploration"),
        ({"learning": {"margin": 10}}, "learning.margin"),
        ({"learning": {"min_sample_size": True}}, "learning.min_sample_size"),
        ({"learning": {"window_days": 0}}, "learning.window_days"),
        ({"learning": {"min_gain": None}}, "learning.min_gain"),
        ({"models": {"opus": {"prices": {"input": -1}}}}, "models.opus"),
        ({"models": {"opus": {"prices": {"input": "15 $"}}}}, "models.opus"),
        ({"models": {"opus": {"use_as": 5}}}, "models.opus"),
        ({"models": {"opus": ["claude-opus-4-5"]}}, "models.opus"),
        ({"models": {"opus": ""}}, "models.opus"),
        ({"escalation": "haiku"}, "escalation"),
        ({"escalation": ["haiku", 5]}, "escalation.1"),
    ],
)
def test_likely_mistakes_are_flagged_where_they_are_and_by_the_reader_too(change: dict[str, Any], place: str) -> None:
    data = {**STARTER, **change}
    assert flagged(data) == {place}
    if "." in place or place == "task_complexity":
        assert problems_of(data)
    else:
        with pytest.raises(PolicyFileError, match=f"`{place}` is"):
            problems_of(data)


def test_a_file_without_defaults_is_flagged() -> None:
    assert flagged({"rules": []}) == {""}


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 40_000),
    st.sampled_from([0.5, 1.5, 5.0, -0.1, 1e9]),
    st.sampled_from(["epsilon", "off", "ucb", "x", ""]),
    st.sampled_from([[], ["haiku"], [5], {}]),
)
SETTINGS = [(block, key) for block in ("learning", "exploration") for key in SCHEMA["properties"][block]["properties"]]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(SETTINGS), VALUES)
def test_the_schema_and_the_reader_agree_on_every_setting(place: tuple[str, str], value: Any) -> None:
    block, key = place
    data = {**STARTER, block: {key: value}}
    problems = [problem for problem in problems_of(data) if problem.startswith(f"{block}.{key}")]
    assert bool(flagged(data)) == bool(problems), problems


MODEL_PARTS = st.dictionaries(
    st.sampled_from(["id", "provider", "use_as", "prices", "x"]),
    st.sampled_from([None, "a-1", "", 5, {}, {"input": 1}, {"input": -1}, {"client": "name"}, []]),
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(MODEL_PARTS, st.sampled_from(["a-1", "", " ", None, 5, []])))
def test_the_schema_and_the_reader_agree_on_what_is_said_of_a_model(model: Any) -> None:
    data = {**STARTER, "models": {**STARTER["models"], "mine": model}}
    assert bool(flagged(data)) == bool(problems_of(data))


WORDS = ["task", "contains", "keyword", "IS", "Complexity", "simple", "estimated_files", ">", "5", "and", "or", "Not"]
SOUP = st.lists(st.sampled_from([*WORDS, "(", ")", "'a'", "not (", "keyword is 'a'"]), max_size=8)


@given(SOUP, st.sampled_from(["", " ", "\t"]))
def test_a_condition_that_can_be_parsed_is_never_flagged(words: list[str], space: str) -> None:
    condition = space.join(words)
    try:
        parse_condition(condition)
    except RuleSyntaxError:
        return
    assert flagged({**STARTER, "rules": [{"if": condition, "use": "opus"}]}) == set()
