"""What tokens cost, by kind and by the prices of the day, in USD.

The prices are those of the package genai-prices, which knows since when each holds, with those of models.json on top.
The package is imported with the first price asked for, as that takes a third of a second. Nothing is ever fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

MILLION = 1_000_000

INPUT_KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
PUBLISHED: Mapping[str, tuple[str, ...]] = {
    "input": ("input_mtok",),
    "output": ("output_mtok",),
    "reasoning": ("output_reasoning_mtok", "output_mtok"),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
}
"""The package's names for the price of a kind; the first that it knows counts.

What has no price of its own is billed as the input or output that it is. Cache writes that last an hour have one where
they are sold: at Anthropic twice that of input.
"""
STANDS_IN = {"reasoning": "output"}
"""Kinds that models.json may leave out where it has the price of another."""


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per million tokens by kind; a kind that is absent has no known price."""

    usd_per_million: Mapping[str, float]

    def cost_usd(self, tokens: Mapping[str, int]) -> float | None:
        """The cost of so many tokens by kind; None if any of them has no known price."""
        used = {kind: count for kind, count in tokens.items() if count}
        if not used.keys() <= self.usd_per_million.keys():
            return None
        return sum(count * self.usd_per_million[kind] for kind, count in used.items()) / MILLION


def cost_usd(
    model: str,
    provider: str | None,
    tokens: Mapping[str, int],
    at: datetime,
    own_prices: Mapping[str, float],
    *,
    requests: int = 1,
    fast: bool = False,
) -> float | None:
    """The cost of tokens by kind; None where the price of any of them is not known.

    Kinds are input, output, reasoning, cache_read, cache_write_5m and cache_write_1h, and none is a part of another.
    `provider` None is the one that makes the model. `own_prices` are those that models.json names. `requests` is how
    many the tokens were used in: some models cost more where a single one is long.

    `fast` are tokens that the provider served at its faster speed, for which it asks a multiple of the usual price. As
    long as that is not published it is not known: the usual one, here or in models.json, would flatter the model.
    """
    prompt_tokens = sum(tokens.get(kind, 0) for kind in INPUT_KINDS) / max(1, requests)
    own = {} if fast else dict(own_prices)
    own |= {kind: own[other] for kind, other in STANDS_IN.items() if kind not in own and other in own}
    if {kind for kind, count in tokens.items() if count} <= own.keys():
        return Prices(own).cost_usd(tokens)
    at = at.astimezone(UTC)
    half_hour = at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)
    published = _published(model, provider, half_hour)
    known = {} if published is None else _in_usd(published, prompt_tokens)
    if fast and published is not None:
        # Where nothing of its own is published of the faster speed, the package answers the usual price.
        at_speed = _in_usd(_published(model, provider, half_hour, fast=True) or published, prompt_tokens)
        known = {kind: price for kind, price in at_speed.items() if price != known.get(kind)}
    return Prices(known | own).cost_usd(tokens)


@lru_cache(maxsize=4096)
def _published(model: str, provider: str | None, at: datetime, *, fast: bool = False) -> "ModelPrice | None":
    """The package's prices of a model at a time; None if it does not know the model, or not at this provider.

    Some change with the time of day, at the earliest on the half hour.
    """
    from genai_prices import Usage, calc_price

    about = {"speed": "fast"} if fast else None
    try:
        found = calc_price(Usage(), model, provider_id=provider, genai_request_timestamp=at, price_context=about)
    except LookupError:
        return None
    return found.model_price


def _in_usd(published: "ModelPrice", prompt_tokens: float) -> dict[str, float]:
    prices = {}
    for kind, names in PUBLISHED.items():
        price = next((found for name in names if (found := getattr(published, name, None)) is not None), None)
        if price is None:
            continue
        tiers = [tier.price for tier in getattr(price, "tiers", ()) if prompt_tokens > tier.start]
        prices[kind] = float(tiers[-1] if tiers else getattr(price, "base", price))
    return prices
