"""From attempts in a real store to what the report says of how models were chosen, and of what ran otherwise."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelmerit.app import App, open_app
from modelmerit.learning.report_text import report_markdown
from modelmerit.records import Attempt
from modelmerit.settings import Settings


@pytest.fixture
async def app(home: Path) -> AsyncIterator[App]:
    """The services of an empty home."""
    async with open_app(Settings.from_environment()) as app:
        yield app


def dispatched(app: App, counts: list[int], **fields: object) -> list[Attempt]:
    """Medium tasks of yesterday: so many of the default model and of each other one, at 0.9 and 0.05 each."""
    policy = app.policy_file.current().policy
    default = policy.defaults["medium"]
    models = [default, *(model for model in policy.model_ids if model != default)]
    at = datetime.now(UTC) - timedelta(days=1)
    return [
        Attempt(
            **{
                "id": f"t-{model}-{number}",
                "task": f"Extend part {number}",
                "model": model,
                "complexity": "medium",
                "created_at": at,
                "updated_at": at,
                "recommended_model": default,
                "selection": "policy" if model == default else "explored",
                "propensities": {one: 0.9 if one == default else 0.05 for one in models},
                "outcome": "success",
                "evidence": "reported",
                **fields,
            }
        )
        for model, times in zip(models, counts, strict=True)
        for number in range(times)
    ]


async def test_models_chosen_as_logged_are_not_mentioned(app: App) -> None:
    await app.store.import_attempts(dispatched(app, [905, 46, 49]))
    told, _ = await app.analysing.report()
    assert (told.mismatches, told.unreliable) == ((), ())


async def test_the_report_names_the_model_that_ran_too_seldom(app: App) -> None:
    attempts = dispatched(app, [900, 50, 50])
    seldom = attempts[-1].model
    await app.store.import_attempts([one for one in attempts if one.model != seldom or one.id.endswith(("1", "2"))])
    told, _ = await app.analysing.report()
    (found,) = told.mismatches
    # 10 of its 50 are left, of 960 attempts in all.
    (arm,) = [arm for arm in found.arms if arm.model == seldom]
    assert (arm.chosen, round(arm.expected)) == (10, 48)
    assert "ran 10 times where its logged chances add up to 48" in report_markdown(told)


async def test_a_client_is_judged_by_what_it_was_told_to_run(app: App) -> None:
    """However many of its own runs were only seen."""
    obeyed = dispatched(app, [90, 5, 5], client="opencode")
    other = obeyed[-1].model
    executed = [replaced(one, other if number < 8 else one.model) for number, one in enumerate(obeyed)]
    seen = [
        replaced(one, one.model, id=f"s-{one.id}", selection="imported")
        for one in dispatched(app, [900, 0, 0], client="opencode")
    ]
    await app.store.import_attempts([*executed, *seen])
    told, _ = await app.analysing.report()
    assert told.unreliable == ("opencode",)
    (client,) = told.facts.clients
    assert (client.executions_known, client.executed_otherwise) == (100, 8)


def replaced(attempt: Attempt, executed: str, **fields: object) -> Attempt:
    return replace(attempt, executed_model=executed, **fields)
