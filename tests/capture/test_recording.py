"""What is recorded of a run: redacted, named as models.json names it, priced, and marked as what it is."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modelmerit.capture.outcomes.inferred import Inferred
from modelmerit.capture.recording import captured
from modelmerit.capture.runs import AgentRun, HumanSpoke, ModelUsage, Tokens
from modelmerit.evidence.captures import Captured
from modelmerit.evidence.store import Store
from modelmerit.policy.document import Policy, parse_policy

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BEGAN, ENDED = NOW - timedelta(minutes=10), NOW - timedelta(minutes=6)
HAIKU, SONNET = "claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929"
KEY = "sk-ant-api03-" + "aB3x9QzT" * 12
USAGE = ModelUsage(HAIKU, Tokens(input=1000, output=2000, cache_read=100_000, cache_write_5m=4000), requests=5)
RUN = AgentRun(
    client="claude-code",
    run_id="a1",
    session_id="s-1",
    kind="sub-agent",
    task="Update the readme of the cart",
    started_at=BEGAN,
    ended_at=ENDED,
    description="Update readme",
    role="writer",
    asked_model="haiku",
    call_id="toolu_1",
    usage=(USAGE,),
    tool_calls=3,
    workspace_path="/home/me/shop",
)
SUCCESS = Inferred("success", "implicit", None, "it finished")


def policy(**models: Any) -> Policy:
    levels = {"simple": {"model": HAIKU}, "medium": {"model": SONNET}, "complex": {"model": SONNET}}
    rules = [{"if": "keyword is 'docs'", "use": HAIKU}]
    return parse_policy(json.dumps({"task_complexity": levels, "rules": rules, "models": models}))


def recorded(run: AgentRun = RUN, inferred: Inferred | None = SUCCESS, *, live: bool = True, **models: Any) -> Captured:
    return captured(run, inferred, policy=policy(**models), now=NOW, live=live)


def test_a_run_is_recorded_with_its_model_tokens_cost_time_and_outcome():
    made = recorded()
    attempt, report = made.attempt, made.report

    assert (made.client, made.run_id, made.session_id, made.call_id) == ("claude-code", "a1", "s-1", "toolu_1")
    assert (attempt.id, attempt.client, attempt.workspace) == ("claude-code-a1", "claude-code", "shop")
    assert (attempt.model, attempt.executed_model, made.asked_model) == (HAIKU, HAIKU, HAIKU)
    assert (attempt.role, attempt.task_keywords, attempt.complexity) == ("writer", ("docs",), None)
    assert (attempt.created_at, attempt.updated_at, attempt.execution_time_seconds) == (BEGAN, ENDED, 240)
    assert (attempt.tokens_used, attempt.input_tokens, attempt.cache_read_tokens) == (107_000, 1000, 100_000)
    # Claude Haiku 4.5: (1000 * 1 + 2000 * 5 + 100000 * 0.1 + 4000 * 1.25) / 1e6.
    assert attempt.cost_usd == pytest.approx(0.026)
    assert (attempt.tool_calls, attempt.reasoning_tokens, attempt.status) == (3, None, "completed")
    assert report is not None
    assert (report.outcome, report.evidence, report.source) == ("success", "implicit", "seen")
    assert (report.cost_usd, report.cache_write_5m_tokens, report.notes) == (attempt.cost_usd, 4000, "it finished")


def test_what_happens_now_was_somebodys_choice_against_what_the_policy_says():
    attempt = recorded(replace(RUN, task="Mend the parser")).attempt

    assert (attempt.selection, attempt.recommended_model, attempt.policy_hash) == ("override", SONNET, policy().hash)


def test_of_history_it_is_not_known_what_the_policy_said():
    attempt = recorded(live=False).attempt

    assert (attempt.selection, attempt.recommended_model, attempt.policy_hash) == ("imported", None, None)


def test_no_secret_is_recorded():
    told = f"Update the readme with {KEY}"
    usage = (replace(USAGE, model=KEY),)
    keys = {"task": told, "description": told, "role": KEY, "asked_model": KEY, "workspace_path": f"/home/{KEY}"}
    made = recorded(replace(RUN, **keys, usage=usage))

    assert KEY not in repr(made)
    assert made.attempt.task.startswith("Update the readme with [redacted:")
    assert made.attempt.task_keywords == ("docs",)


def test_no_words_of_the_human_are_recorded():
    after = (HumanSpoke(ENDED + timedelta(minutes=2), "that is a private matter"),)
    made = recorded(replace(RUN, after=after))

    assert "private" not in repr(made)
    assert made.attempt.updated_at == ENDED + timedelta(minutes=2)


def test_a_long_task_is_cut():
    assert len(recorded(replace(RUN, task="word " * 100_000)).attempt.task) == 200_000


def test_a_run_that_goes_on_has_no_outcome():
    made = recorded(replace(RUN, state="running", ended_at=None), None)

    assert (made.report, made.attempt.status, made.attempt.execution_time_seconds) == (None, "running", None)


def test_a_cancelled_run_is_cancelled():
    made = recorded(inferred=Inferred("failure", "implicit", "cancelled", "it was stopped"))

    assert made.attempt.status == "cancelled"


def test_a_run_that_no_model_answered_has_the_model_it_was_asked_for():
    silent = replace(RUN, usage=(), tool_calls=None)
    attempt = recorded(silent).attempt
    assert (attempt.model, attempt.executed_model, attempt.tokens_used, attempt.cost_usd) == (HAIKU, None, None, None)
    assert recorded(replace(silent, asked_model=None)).attempt.model == "unknown"


@pytest.mark.parametrize(
    ("asked", "client", "found"),
    [
        ("fast", "claude-code", "other-1"),  # what this client calls it
        ("fast", "opencode", HAIKU),  # what any client may call it, after models.json
        ("haiku", "claude-code", "other-2"),  # the client's word goes before the family of an id
        ("haiku", "opencode", HAIKU),
        ("both", "claude-code", "both"),  # two are called so: it is not known which
    ],
)
def test_a_call_names_a_model_in_its_clients_words_or_in_those_of_models_json(asked, client, found):
    models = {
        "one": {"id": "other-1", "use_as": {"claude-code": "fast"}},
        "two": {"id": "other-2", "use_as": {"claude-code": "haiku"}},
        "fast": {"id": HAIKU},
        "three": {"id": "other-3", "use_as": "both"},
        "four": {"id": "other-4", "use_as": "both"},
    }
    made = recorded(replace(RUN, client=client, asked_model=asked, usage=()), **models)
    assert (made.asked_model, made.attempt.model) == (found, found)


def test_what_the_human_asked_of_the_main_thread_is_told_from_an_agents_run():
    turn = recorded(replace(RUN, kind="turn", role="main"), live=False)

    assert (turn.attempt.task_category, turn.attempt.role, turn.called) == ("turn", None, False)
    assert (recorded().attempt.task_category, recorded().called) == (None, True)


def test_the_tokens_of_several_models_are_priced_each_by_its_own():
    # A million in is 1 dollar for Haiku and 3 for Sonnet, whose requests are short enough here.
    usage = tuple(ModelUsage(name, Tokens(input=1_000_000), requests=20) for name in (HAIKU, SONNET))
    attempt = recorded(replace(RUN, usage=usage)).attempt

    assert (attempt.executed_model, attempt.input_tokens) == (HAIKU, 2_000_000)
    assert attempt.cost_usd == pytest.approx(4)


def test_a_model_without_a_price_is_named_and_the_cost_stays_unknown():
    local = ModelUsage("my-own-model", Tokens(input=10), provider="ollama", cost_usd=0.0)
    made = recorded(replace(RUN, usage=(USAGE, local)))

    assert (made.unpriced, made.attempt.cost_usd, made.attempt.tokens_used) == (("my-own-model",), None, 107_010)


def test_what_a_model_did_fast_is_priced_apart_and_named_apart_where_that_has_no_price():
    # Claude Opus 4.8 is 25 for a million tokens of output, and 50 in fast mode: 0.025 + 0.1.
    opus = ModelUsage("claude-opus-4-8", Tokens(output=1000))
    known = recorded(replace(RUN, usage=(opus, replace(opus, tokens=Tokens(output=2000), fast=True))))
    assert known.attempt.cost_usd == pytest.approx(0.125)
    assert known.attempt.output_tokens == 3000

    unknown = recorded(replace(RUN, usage=(USAGE, replace(USAGE, fast=True))))
    assert (unknown.attempt.cost_usd, unknown.unpriced) == (None, (f"{HAIKU}-fast",))


def test_models_json_has_the_first_word_on_prices_and_the_client_the_last():
    mine = replace(RUN, usage=(ModelUsage("my-own-model", Tokens(input=1_000_000), provider="zen", cost_usd=0.5),))
    assert recorded(mine).attempt.cost_usd == 0.5
    priced = recorded(mine, mine={"id": "my-own-model", "prices": {"input": 7}})
    assert (priced.attempt.cost_usd, priced.unpriced) == (7, ())


def test_the_provider_is_the_clients_or_the_one_that_models_json_names():
    zen = replace(RUN, usage=(replace(USAGE, provider="zen"),))
    assert recorded(zen).attempt.provider == "zen"
    assert recorded(fast={"id": HAIKU, "provider": "anthropic"}).attempt.provider == "anthropic"


def test_counts_that_cannot_be_are_left_out():
    attempt = recorded(replace(RUN, usage=(ModelUsage(HAIKU, Tokens(input=10**13)),))).attempt

    assert (attempt.input_tokens, attempt.tokens_used, attempt.cost_usd) == (None, None, None)


async def test_it_can_be_stored(tmp_path):
    store = await Store.open(tmp_path / "a.db")
    made = recorded()
    result = await store.capture(made, NOW)

    assert result.state == "new"
    assert result.attempt == replace(made.attempt, outcome="success", evidence="implicit")
    await store.close()
