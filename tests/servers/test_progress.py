"""Long calls tell a client that asks how far they have come."""

import pytest
from mcp import Client

from model_learning_analyzer.server import server

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])
LONG = pytest.mark.parametrize("tool", ["analyze_model_performance", "suggest_model_rules"])


@ERAS
@LONG
async def test_the_steps_of_an_analysis_are_told_in_words_and_never_go_back(history_home, era, tool):
    steps = []

    async def told(progress, total, message):
        steps.append((progress, total, message))

    async with Client(server, mode=era) as client:
        result = await client.call_tool(tool, {}, progress_callback=told)
    assert not result.is_error
    shares = [share for share, _, _ in steps]
    assert shares == sorted(set(shares))
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(total == 1.0 and message for _, total, message in steps)
