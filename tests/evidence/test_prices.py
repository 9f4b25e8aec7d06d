"""What tokens cost: by kind, by the prices of the day, and by those of models.json."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from modelmerit.evidence.prices import cost_usd

IN_2026 = datetime(2026, 2, 1, 12, tzinfo=UTC)
MILLION = 1_000_000
HAIKU, SONNET, OPUS = "claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101"


def cost(model: str, at: datetime = IN_2026, provider: str | None = None, requests: int = 1, **kinds) -> float | None:
    own, fast = kinds.pop("own", {}), kinds.pop("fast", False)
    return cost_usd(model, provider, kinds, at, own, requests=requests, fast=fast)


@pytest.mark.parametrize(
    ("kind", "usd"),
    # Anthropic's price list for Claude Haiku 4.5, in USD per million tokens: input 1, output 5, cache hits 0.10, writes
    # for five minutes 1.25 times input, for an hour twice input. Thinking is output.
    [
        ("input", 1.0),
        ("output", 5.0),
        ("reasoning", 5.0),
        ("cache_read", 0.10),
        ("cache_write_5m", 1.25),
        ("cache_write_1h", 2.0),
    ],
)
def test_each_kind_of_token_has_its_own_price(kind: str, usd: float):
    assert cost(HAIKU, **{kind: MILLION}) == pytest.approx(usd)


def test_the_cost_is_the_sum_over_the_kinds():
    # Claude Opus 4.5 is 5 in, 25 out, 0.50 for hits, 6.25 and 10 for writes:
    # (1000 * 5 + 2000 * 25 + 100000 * 0.5 + 4000 * 6.25 + 500 * 10) / 1e6 = 0.005 + 0.05 + 0.05 + 0.025 + 0.005.
    tokens = {"input": 1000, "output": 2000, "cache_read": 100_000, "cache_write_5m": 4000, "cache_write_1h": 500}
    assert cost(OPUS, **tokens) == pytest.approx(0.135)


def test_the_prices_are_those_of_the_day():
    # OpenAI cut o3 from 10 in and 40 out to 2 in and 8 out on 2025-06-10.
    tokens = {"input": MILLION, "output": MILLION}
    assert cost("o3", datetime(2025, 6, 9, 12, tzinfo=UTC), **tokens) == pytest.approx(50)
    assert cost("o3", datetime(2025, 6, 11, 12, tzinfo=UTC), **tokens) == pytest.approx(10)


def test_a_long_prompt_costs_more_where_it_does_but_many_short_ones_do_not():
    # Claude Sonnet 4.5 is 3 in up to 200,000 tokens of a prompt, and 6 beyond.
    assert cost(SONNET, input=300_000) == pytest.approx(1.8)
    assert cost(SONNET, input=300_000, requests=3) == pytest.approx(0.9)
    assert cost(SONNET, input=100_000, cache_read=200_000) == pytest.approx(0.1 * 6 + 0.2 * 0.6)


def test_what_is_cached_without_a_price_of_its_own_is_billed_as_input():
    # OpenAI asks nothing extra for writing its cache: GPT-5 is 1.25 in, 10 out, 0.125 for hits.
    assert cost("gpt-5", cache_write_5m=MILLION, cache_read=MILLION, reasoning=MILLION) == pytest.approx(11.375)


def test_the_price_is_that_of_the_provider():
    # Amazon's regional endpoints ask 10 % more than Anthropic.
    bedrock = cost("us.anthropic.claude-sonnet-4-5-20250929-v1:0", provider="amazon-bedrock", input=100_000)
    assert bedrock == pytest.approx(0.33)
    assert cost(SONNET, provider="anthropic", input=100_000) == pytest.approx(0.30)


@pytest.mark.parametrize(
    ("model", "provider"),
    [("my-own-model", None), (SONNET, "a-friend-of-mine"), ("llama3.1:8b", "ollama"), ("unknown", None)],
)
def test_an_unknown_price_stays_unknown(model: str, provider: str | None):
    assert cost(model, provider=provider, input=10) is None


def test_what_was_served_fast_has_the_price_of_that():
    # Claude Opus 4.8 in fast mode is 10 in and 50 out, hits 0.1 and writes 1.25 and 2 times input:
    # (1000 * 10 + 2000 * 50 + 100000 * 1 + 4000 * 12.5 + 500 * 20) / 1e6 = 0.01 + 0.1 + 0.1 + 0.05 + 0.01.
    kinds = {"input": 1000, "output": 2000, "cache_read": 100_000, "cache_write_5m": 4000, "cache_write_1h": 500}
    assert cost("claude-opus-4-8", fast=True, **kinds) == pytest.approx(0.27)
    assert cost("claude-opus-4-8", **kinds) == pytest.approx(0.135)


def test_where_no_price_is_published_of_what_was_served_fast_it_is_not_known():
    assert cost(OPUS, input=MILLION) is not None
    assert cost(OPUS, input=MILLION, fast=True) is None
    assert cost(OPUS, input=MILLION, fast=True, own={"input": 1.0}) is None
    assert cost("nobody-s-model", input=MILLION, fast=True) is None
    assert cost(OPUS, fast=True) == 0


def test_prices_of_models_json_go_first():
    assert cost(HAIKU, input=MILLION, output=MILLION, own={"input": 0.5}) == pytest.approx(5.5)
    assert cost(HAIKU, input=MILLION, own={"input": 0}) == 0


def test_a_model_nobody_else_knows_is_priced_by_models_json_alone():
    own = {"input": 2, "output": 8}
    assert cost("my-own-model", input=MILLION, reasoning=MILLION, own=own) == pytest.approx(10)
    assert cost("my-own-model", input=MILLION, cache_read=1, own=own) is None
    assert cost("my-own-model", input=MILLION, cache_read=0, own=own) == pytest.approx(2)


PRICED_IN = ("modelmerit.evidence.prices", "modelmerit.evidence.store", "modelmerit.services.dispatching")


def test_nobody_waits_for_the_prices_who_asks_for_none():
    code = """
import importlib, sys
for module in sys.argv[1:]:
    importlib.import_module(module)
    if 'genai_prices' in sys.modules:
        sys.exit(module)
"""
    modules = [*PRICED_IN, "task_dispatcher.server", "model_learning_analyzer.server"]
    done = subprocess.run([sys.executable, "-c", code, *modules], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_nothing_is_fetched():
    # Whatever opens a connection ends the process.
    code = """
import socket, sys
def refuse(*_): raise SystemExit("a connection")
socket.socket.connect = socket.getaddrinfo = refuse
from datetime import UTC, datetime
from modelmerit.evidence.prices import cost_usd
cost = cost_usd("claude-haiku-4-5", None, {"input": 1_000_000}, datetime.now(UTC), {})
import threading
sys.exit(cost != 1.0 or threading.active_count() != 1)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
