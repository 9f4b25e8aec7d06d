"""Applied changes over months: kept in the store, compared with what came since, told in the report."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from modelmerit.app import open_app
from modelmerit.cli.demo.simulation import HAIKU, OPUS, SONNET, Simulation
from modelmerit.evidence.dispatch_log import attempt_from_record
from modelmerit.learning.report_text import report_markdown
from modelmerit.records import Attempt
from modelmerit.services.reviewing import first_day_of_reviews
from modelmerit.settings import Settings

APPLIED_AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
COST_USD = {HAIKU: 0.04, SONNET: 0.15, OPUS: 0.45}


class Clock:
    """Tells the time it is set to."""

    def __init__(self) -> None:
        self.time = APPLIED_AT

    def __call__(self) -> datetime:
        return self.time


def days_of_sonnet(first: int, last: int, fails_every: int) -> Iterator[Attempt]:
    """Medium tasks after the change: ten a day for sonnet, one for opus by chance, which fails one in ten."""
    for day in range(first, last):
        for number in range(11):
            model, every = (OPUS, 10) if number == 10 else (SONNET, fails_every)
            failed = (day * 10 + number if model == SONNET else day) % every == 0
            moment = APPLIED_AT + timedelta(days=day, hours=1, minutes=number)
            yield Attempt(
                id=f"since-{day}-{number}",
                task=f"Extend the parser of part {day}-{number}",
                model=model,
                created_at=moment,
                updated_at=moment,
                complexity="medium",
                status="failed" if failed else "completed",
                outcome="failure" if failed else "success",
                recommended_model=SONNET,
                executed_model=model,
                selection="policy" if model == SONNET else "explored",
                propensities={SONNET: 0.9, OPUS: 0.1},
                evidence="reported",
                cost_usd=COST_USD[model],
            )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def applied_home(tmp_path_factory) -> Path:
    """A home in which sonnet has just been applied for medium tasks, to be copied, not used."""
    folder = tmp_path_factory.mktemp("applied")
    simulation = Simulation(7, APPLIED_AT.replace(hour=0))
    policy, history = simulation.write(folder)
    history.unlink()

    async def fill() -> None:
        async with open_app(Settings(home=folder, policy_path=policy), now=Clock()) as app:
            await app.store.import_attempts(attempt_from_record(record) for record in simulation.records())
            findings = await app.analysing.findings()
            found = next(one for one in findings.proposed if one.type == "change_default")
            decision = await app.approving.apply(found.id, approved=found.change, who="ada")
            assert decision.state == "applied"

    asyncio.run(fill())
    return folder


@pytest.fixture
async def app(home, applied_home, clock):
    """The services of a home in which sonnet has just been applied for medium tasks."""
    shutil.copytree(applied_home, home)
    async with open_app(Settings.from_environment(), now=clock) as app:
        yield app


async def the_change(app, clock, days: int):
    clock.time = APPLIED_AT + timedelta(days=days)
    report, _ = await app.analysing.report()
    (change,) = report.applied
    return change


async def test_a_change_holds_while_it_brings_what_it_promised_and_is_reopened_when_its_model_drops(app, clock):
    assert (await the_change(app, clock, 3)).state == "too early"
    await app.store.import_attempts(days_of_sonnet(1, 60, fails_every=10))
    held = await the_change(app, clock, 60)
    assert held.state == "holding"
    assert held.compared.saving == pytest.approx(2 / 3, abs=0.05)
    assert held.promised.saving == pytest.approx(2 / 3, abs=0.1)
    # Eleven tasks a day go through the change, from the day after it on: the two hundredth comes on the nineteenth.
    assert held.review_on == date(2026, 6, 20)

    await app.store.import_attempts(days_of_sonnet(60, 90, fails_every=2))
    fell = await the_change(app, clock, 90)
    assert fell.state == "reopened"
    # A suggestion to go back takes surer evidence; until there is one, the change can be taken back.
    way = f"modelmerit rollback {fell.change_id} takes it back"
    report, _ = await app.analysing.report()
    assert f"; {way if fell.remedy is None else f'suggestion {fell.remedy} would put it right'}." in report_markdown(
        report
    )


async def test_what_was_rolled_back_is_not_told_of(app, clock):
    proposal = await app.approving.propose_rollback(None)
    await app.approving.roll_back(None, approved=proposal.change, who="ada")
    clock.time = APPLIED_AT + timedelta(days=3)
    report, _ = await app.analysing.report()
    assert report.applied == ()


async def test_a_model_that_models_json_uses_no_more_reopens_its_change(app, clock):
    text = app.policy_file.path.read_text()
    app.policy_file.path.write_text(text.replace(SONNET, "claude-sonnet-5"))
    change = await the_change(app, clock, 3)
    assert (change.state, change.cause, change.in_use) == ("reopened", "the model changed", ("claude-sonnet-5",))


async def test_the_answer_to_an_apply_names_the_day_of_the_review(app, clock):
    stored = next(one for one in await app.store.suggestions() if one.status == "applied")
    clock.time = APPLIED_AT + timedelta(days=20)
    again = await app.approving.apply(stored.id, approved=stored.change, who="ada")
    # Ninety days after it was applied.
    assert (again.state, again.review_on) == ("applied", date(2026, 8, 30))


async def test_what_was_before_is_told_even_if_the_window_of_the_report_is_shorter(app, clock):
    document = json.loads(app.policy_file.path.read_text())
    rule = {"if": "keyword is 'docs' and complexity is medium", "use": "sonnet"}
    edited = document | {"rules": [rule], "learning": {"window_days": 7}}
    app.policy_file.path.write_text(json.dumps(edited))
    default = next(one for one in await app.store.suggestions() if one.status == "applied")
    scope = {"complexity": "medium", "keyword": "docs"}
    ruled = replace(
        default, id="s-docs", type="new_rule", payload={**default.payload, "scope": scope, "type": "new_rule"}
    )
    await app.store.decide(ruled)
    await app.store.import_attempts(
        replace(one, id=f"docs-{one.id}", task_keywords=("docs",)) for one in days_of_sonnet(1, 50, fails_every=10)
    )
    clock.time = APPLIED_AT + timedelta(days=50)
    report, _ = await app.analysing.report()
    docs = next(one for one in report.applied if one.id == "s-docs")
    assert docs.before.attempts > 20
    assert docs.since.attempts > 20


async def test_the_tallies_reach_back_to_what_the_oldest_review_compares(app):
    stored = next(one for one in await app.store.suggestions() if one.status == "applied")
    applied_day = (stored.updated_at - datetime(1970, 1, 1, tzinfo=UTC)).days
    # As many days before as there may be since: ninety. After half a year nothing is asked any more.
    assert first_day_of_reviews([stored], applied_day + 180) == applied_day - 90
    assert first_day_of_reviews([stored], applied_day + 181) == applied_day + 181
    assert first_day_of_reviews([replace(stored, status="rejected")], applied_day) == applied_day
