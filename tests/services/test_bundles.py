"""A bundle, found in a real history: shown, approved and rejected as one, or not at all."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelmerit.app import open_app
from modelmerit.evidence.decisions import StoredSuggestion
from modelmerit.learning.figures import percent
from modelmerit.learning.report_text import report_markdown
from modelmerit.records import Attempt
from modelmerit.services.bundles import bundle_of, confidence_to_approve, is_whole, together_with
from modelmerit.services.proposals import Proposal, standing_line
from modelmerit.settings import Settings

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
WEEKS = 6
NOW = START + timedelta(weeks=WEEKS, days=3)
MODELS = ("haiku-1", "sonnet-1", "opus-1")
KEYWORDS = ("docs", "api", "css", "ci", "test", "bug", "config", "git", "ui", "cli")
POLICY = {
    "task_complexity": dict(zip(("simple", "medium", "complex"), ({"model": name} for name in MODELS), strict=True))
}


def success_rate(model: str, place: int) -> float:
    """Of three kinds haiku is best at the first, opus at the second and sonnet, which is used, at the third."""
    best = ("haiku-1", "opus-1", "sonnet-1")[place % 3]
    if model == "sonnet-1":
        return 0.75 if model == best else 0.5
    return 0.85 if model == best else 0.45


def crossing() -> Iterator[Attempt]:
    """Each week and keyword has 18 attempts of sonnet and 2 of each other model; outcomes are spread evenly."""
    owed: dict[tuple[str, str], float] = {}
    number = 0
    for week in range(WEEKS):
        for place, keyword in enumerate(KEYWORDS):
            for model in MODELS:
                for _ in range(18 if model == "sonnet-1" else 2):
                    owed[model, keyword] = owed.get((model, keyword), 0.5) + success_rate(model, place)
                    solved = owed[model, keyword] >= 1
                    owed[model, keyword] -= solved
                    number += 1
                    moment = START + timedelta(weeks=week, days=number % 7, seconds=number)
                    yield Attempt(
                        id=f"d-{number}",
                        task=f"Work on part {number}",
                        model=model,
                        created_at=moment,
                        updated_at=moment,
                        complexity="medium",
                        task_keywords=(keyword,),
                        outcome="success" if solved else "failure",
                        evidence="tests" if number % 4 else "reported",
                        recommended_model="sonnet-1",
                        executed_model=model,
                        selection="policy" if model == "sonnet-1" else "explored",
                        propensities={"haiku-1": 0.1, "sonnet-1": 0.8, "opus-1": 0.1},
                    )


@pytest.fixture(scope="module")
def crossed_home(tmp_path_factory) -> Path:
    """A home with the history, to be copied, not used."""
    folder = tmp_path_factory.mktemp("crossed")
    (folder / "models.json").write_text(json.dumps(POLICY, indent=2) + "\n")

    async def fill() -> None:
        async with open_app(Settings(home=folder, policy_path=folder / "models.json")) as app:
            await app.store.import_attempts(crossing())

    asyncio.run(fill())
    return folder


@pytest.fixture
async def app(home, crossed_home):
    """The services of a home in whose history a bundle of rules is to be found."""
    shutil.copytree(crossed_home, home)
    async with open_app(Settings.from_environment(), now=lambda: NOW) as app:
        yield app


async def the_bundle(app) -> tuple[StoredSuggestion, ...]:
    findings = await app.analysing.findings()
    members = together_with(findings.proposed[0], findings.proposed)
    assert len(members) > 2
    return members


def set_floor(app, floor: float) -> None:
    document = json.loads(app.policy_file.path.read_text())
    app.policy_file.path.write_text(json.dumps(document | {"learning": {"min_confidence": floor}}))


async def test_a_bundle_is_approved_with_one_yes_to_all_its_changes(app):
    members = await the_bundle(app)
    proposal = await app.approving.propose(members[-1].id)
    assert isinstance(proposal, Proposal)
    assert proposal.evidence.startswith(
        f"{len(members)} changes, approved as one with bundle {bundle_of(members[0])}, "
    )
    assert "75 % of the outcomes were decided by tests or a person" in proposal.evidence
    decision = await app.approving.apply(members[-1].id, approved=proposal.change, who="ada")

    assert decision.state == "applied"
    rules = json.loads(app.policy_file.path.read_text())["rules"]
    assert len(rules) == len(members)
    for member in members:
        stored = await app.store.suggestion(member.id)
        assert (stored.status, stored.change_id) == ("applied", decision.change_id)


async def test_the_floor_is_compared_with_what_all_of_it_is_sure_of_together(app):
    members = await the_bundle(app)
    together = confidence_to_approve(members[0])
    least = min(member.confidence for member in members)
    assert least < 0.7 < 0.98 <= together

    set_floor(app, (least + together) / 2)
    assert isinstance(await app.approving.propose(members[0].id), Proposal)
    set_floor(app, 0.99999)
    decision = await app.approving.propose(members[0].id)
    assert decision.state == "refused"
    assert decision.message.startswith(f"Its bundle's confidence {together:.2f} is under learning.min_confidence")


async def test_what_is_left_of_a_bundle_is_refused(app):
    first, *others = await the_bundle(app)
    await app.store.decide(replace(first, status="rejected", decision_weight=first.weight))
    before = app.policy_file.path.read_bytes()
    for member in others:
        decision = await app.approving.apply(member.id, approved=member.change, who="ada")
        assert decision.state == "refused"
        assert f"the other changes of bundle {bundle_of(first)}, and not all of them are still" in decision.message
    assert app.policy_file.path.read_bytes() == before


async def test_with_one_member_the_whole_bundle_is_rejected_and_says_so(app):
    members = await the_bundle(app)
    rejected = await app.approving.reject(members[1].id, who="ada", reason="not now")

    assert standing_line(rejected) == (
        f"{rejected.id} is rejected: {rejected.change}. The other changes of bundle {bundle_of(rejected)} are rejected "
        "with it."
    )
    for member in members:
        stored = await app.store.suggestion(member.id)
        assert (stored.status, stored.decided_by, stored.decision_reason) == ("rejected", "ada", "not now")
    await app.analysing.analyse()
    assert not {member.id for member in members} & {one.id for one in (await app.analysing.findings()).proposed}


async def test_members_stand_together_in_the_report_and_say_that_they_are_approved_as_one(app):
    members = await the_bundle(app)
    report, _ = await app.analysing.report()
    assert {suggestion.id for suggestion in report.suggestions[: len(members)]} == {member.id for member in members}
    text = report_markdown(report)
    sure = percent(confidence_to_approve(members[0]))
    mark = f"; approved as one with bundle {bundle_of(members[0])}, together {sure} sure)"
    assert text.count(mark) == len(members)
    assert "Sure only together with its bundle. Alone it would be settled by about " in text


def test_what_is_in_no_bundle_is_whole_by_itself() -> None:
    alone = StoredSuggestion(
        id="s-1",
        type="new_rule",
        change="",
        confidence=0.9,
        weight=1,
        payload={"bundle": None},
        proposed_at=NOW,
        updated_at=NOW,
    )
    assert together_with(alone, [alone, replace(alone, id="s-2")]) == (alone,)
    assert is_whole([alone])
    assert confidence_to_approve(alone) == 0.9
    assert standing_line(replace(alone, status="rejected", change="x")) == "s-1 is rejected: x"
