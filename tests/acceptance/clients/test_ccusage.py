"""On the same histories, our totals are those of ccusage, which people trust."""

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from modelmerit.capture.claude_code.histories import find_sessions
from modelmerit.capture.claude_code.totals import counted_requests, daily_totals
from modelmerit.evidence.prices import cost_usd

sys.path.append(str(Path(__file__).parents[2] / "capture"))

from claude_histories import TRAPS, Truth, make_history

Cell = tuple[str, str]
"""A day and a model."""
Ccusage = Callable[[str], dict[Cell, dict[str, Any]]]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """Two hundred sessions with every trap."""
    truth = make_history(tmp_path_factory.mktemp("history"), sessions=200, seed=1)
    assert {run.trap for run in truth.turns.values()} >= {trap.__name__ for trap in TRAPS}
    return truth


@pytest.fixture
def ccusage(clients, history: Truth) -> Ccusage:
    """What ccusage says of the history, in a time zone."""

    def daily(zone: str) -> dict[Cell, dict[str, Any]]:
        options = ("claude", "daily", "--json", "--offline", "--breakdown", "--timezone", zone)
        ran = clients.run("ccusage", "ccusage", *options, CLAUDE_CONFIG_DIR=str(history.folder))
        assert ran.returncode == 0, ran.stderr
        days = json.loads(ran.stdout)["daily"]
        return {(day["date"], used["modelName"]): used for day in days for used in day["modelBreakdowns"]}

    return daily


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/St_Johns"])
def test_tokens_by_day_and_model_are_those_of_ccusage(ccusage, history, zone):
    theirs = {
        cell: tuple(used[f"{kind}Tokens"] for kind in ("input", "output", "cacheRead", "cacheCreation"))
        for cell, used in ccusage(zone).items()
    }
    ours = {
        cell: (tokens.input, tokens.output, tokens.cache_read, tokens.cache_write_5m + tokens.cache_write_1h)
        for cell, tokens in daily_totals(find_sessions(history.folder, {}), ZoneInfo(zone)).items()
    }
    assert ours == theirs
    assert len(ours) > 100


def test_costs_by_day_and_model_are_within_a_hundredth_of_ccusage_s(ccusage, history):
    """Responses served fast are left out: ccusage prices some of them apart, and so do we, from another list."""
    ours = _costs(history.folder, ZoneInfo("UTC"))
    theirs = {cell: used["cost"] for cell, used in ccusage("UTC").items() if not cell[1].endswith("-fast")}
    assert ours.keys() == theirs.keys()
    assert ours == pytest.approx(theirs, rel=0.01)


def _costs(folder: Path, zone: tzinfo) -> dict[Cell, float]:
    costs: dict[Cell, float] = defaultdict(float)
    for request in counted_requests(find_sessions(folder, {})):
        if request.model is not None and not request.fast:
            cost = cost_usd(request.model, None, asdict(request.tokens), request.at, {})
            assert cost is not None
            costs[request.at.astimezone(zone).date().isoformat(), request.model] += cost
    return dict(costs)
