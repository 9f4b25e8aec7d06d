"""Applied changes in words: one to three lines that a busy person can judge."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from modelmerit.learning.analysis import analyse
from modelmerit.learning.applied_changes import AppliedChange
from modelmerit.learning.applied_text import before_and_since, promised_and_brought, standing
from modelmerit.learning.falls import Fall
from modelmerit.learning.findings import ArmEvidence, Evidence, Look
from modelmerit.learning.report import Report, report
from modelmerit.learning.report_text import LONGEST, report_markdown
from modelmerit.learning.since_applied import Compared, Stretch
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt
from modelmerit.statistics.intervals import Interval

MakeAttempt = Callable[..., Attempt]
MakePolicy = Callable[..., Policy]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def arm(model: str, successes: int, attempts: int) -> ArmEvidence:
    return ArmEvidence(
        model=model, attempts=attempts, successes=successes, partials=0, missing=0, usd_per_success=0.1234
    )


PROMISED = Evidence(
    incumbent=arm("opus", 1030, 1140),
    challenger=arm("sonnet", 66, 73),
    difference=0.0,
    interval=Interval(-0.07, 0.06),
    limit=-0.1,
    saving=0.62,
    saving_interval=Interval(0.53, 0.70),
    attempts_to_settle=63,
    weeks_to_settle=13.4,
    look=Look(number=7, day=date(2026, 3, 20), explored_attempts=226),
)
COMPARED = Compared(
    old=arm("opus", 16, 18),
    new=arm("sonnet", 141, 162),
    difference=-0.01,
    interval=Interval(-0.08, 0.05),
    saving=0.59,
    saving_interval=Interval(0.48, 0.68),
    confidence=0.97,
    changed_on=None,
    fall=None,
)
BEFORE = Stretch(
    first_day=date(2026, 1, 30), last_day=date(2026, 3, 31), attempts=444, successes=400, usd_per_success=0.53
)
SINCE = Stretch(
    first_day=date(2026, 4, 2), last_day=date(2026, 6, 1), attempts=438, successes=385, usd_per_success=0.19
)


def change(**fields: Any) -> AppliedChange:
    """Sonnet instead of opus for medium tasks for two months, and it holds; unless `fields` say otherwise."""
    made: dict[str, Any] = {
        "id": "s-1",
        "change": 'task_complexity.medium.model: "opus" -> "sonnet"',
        "change_id": "change-7",
        "type": "change_default",
        "from_model": "opus",
        "to_model": "sonnet",
        "applied_on": date(2026, 4, 1),
        "promised": PROMISED,
        "promised_confidence": 0.96,
        "compared": COMPARED,
        "before": BEFORE,
        "since": SINCE,
        "review_on": date(2026, 6, 30),
        "state": "holding",
        "cause": "the evidence",
        "in_use": ("sonnet",),
        "remedy": None,
    }
    return AppliedChange(**(made | fields))


def name(model: str) -> str:
    return model


BAD = replace(COMPARED, difference=-0.4, interval=Interval(-0.5, -0.28), confidence=0.03, changed_on=date(2026, 5, 14))
FALL = Fall(since=date(2026, 5, 7), before=0.9, after=0.44)
FEW = replace(COMPARED, old=arm("opus", 3, 4))


WRONG = "confidence 3 % from what came since, more probably wrong than right"
FELL = "sonnet fell from 90 % to 44 % around 2026-05-07"
STANDINGS: list[tuple[dict[str, Any], str]] = [
    ({}, "holding: confidence 97 % from what came since; review on 2026-06-30 or after 200 tasks."),
    (
        {"cause": "the review", "review_on": date(2026, 5, 2)},
        "holding: confidence 97 % from what came since; its review day was 2026-05-02.",
    ),
    (
        {"state": "reopened", "compared": BAD, "remedy": "s-9"},
        f"reopened: {WRONG}; a change was seen around 2026-05-14; suggestion s-9 would put it right.",
    ),
    (
        {"state": "reopened", "compared": replace(BAD, changed_on=None)},
        f"reopened: {WRONG}; modelmerit rollback change-7 takes it back.",
    ),
    (
        {"state": "reopened", "compared": replace(BAD, fall=FALL)},
        f"reopened: {WRONG}; {FELL}; modelmerit rollback change-7 takes it back.",
    ),
    (
        {"state": "review due", "cause": "a fall", "compared": replace(FEW, fall=FALL)},
        f"review due: 4 of about 8 attempts of opus to compare with are in; {FELL}.",
    ),
    (
        {"state": "reopened", "cause": "the model changed", "in_use": ("sonnet-5",)},
        "reopened: the model changed, models.json gives these tasks to sonnet-5 now.",
    ),
    (
        {"state": "too early", "cause": "the first days", "compared": None},
        "too early: these are its first days; review on 2026-06-30 or after 200 tasks.",
    ),
    (
        {"state": "too early", "compared": FEW, "review_on": date(2026, 6, 20)},
        "too early: 4 of about 15 attempts of opus to compare with are in; review on 2026-06-20.",
    ),
    (
        {"state": "too early", "compared": None, "type": "escalation"},
        "too early: what a ladder brings shows in its costs alone; review on 2026-06-30 or after 200 tasks.",
    ),
    (
        {"state": "review due", "cause": "the review", "compared": None},
        "review due: 90 days were over on 2026-06-30, 0 of about 15 attempts of opus to compare with are in.",
    ),
    (
        {
            "state": "review due",
            "cause": "the review",
            "compared": replace(COMPARED, confidence=0.7),
            "review_on": date(2026, 5, 2),
        },
        "review due: 200 tasks were over on 2026-05-02, confidence 70 % from what came since.",
    ),
]


@pytest.mark.parametrize(("fields", "told"), STANDINGS)
def test_how_a_change_stands_is_one_line_with_its_reason(fields: dict[str, Any], told: str) -> None:
    assert standing(change(**fields), name) == f"applied on 2026-04-01, {told}"


def test_what_it_promised_stands_beside_what_it_brought() -> None:
    assert promised_and_brought(change(), name) == (
        "Promised +0 points (-7 to +6), a success costs 62 % less (53 to 70 %); brought -1 points (-8 to +5), 59 % "
        "less (48 to 68 %). By chance since: 141 of 162 with sonnet, 16 of 18 with opus."
    )
    assert before_and_since(change()) == (
        "Plainly, seasons and other tasks included, 61 days before and since: 90 % (400 of 444), $0.53 a success; then "
        "88 % (385 of 438), $0.19 a success."
    )


def test_what_is_not_known_is_left_out() -> None:
    untold = change(compared=FEW, before=replace(BEFORE, attempts=0, successes=0, usd_per_success=None))
    assert promised_and_brought(untold, name) == (
        "Promised +0 points (-7 to +6), a success costs 62 % less (53 to 70 %)."
    )
    assert before_and_since(untold) is None
    assert before_and_since(change(before=None, since=None)) is None
    free = replace(COMPARED, saving=None, saving_interval=None)
    assert "; brought -1 points (-8 to +5), cost not known. " in promised_and_brought(change(compared=free), name)


def test_a_ladder_is_told_by_its_costs_and_not_by_how_often_its_first_try_fails() -> None:
    ladder = change(type="escalation", compared=None)
    assert promised_and_brought(ladder, name).endswith(", a task costs 62 % less (53 to 70 %).")
    assert before_and_since(ladder) == (
        "Plainly, seasons and other tasks included, 61 days before and since: $0.53 a success; then $0.19 a success."
    )


def made_with(attempt: MakeAttempt, policy: Policy, *changes: AppliedChange) -> Report:
    tallies = Tallies.from_attempts([attempt(created_at=NOW)])
    return report(analyse(tallies, policy, NOW), tallies, policy, applied=changes)


def test_the_report_has_a_section_of_them_with_every_figure_in_the_json(
    attempt: MakeAttempt, policy: MakePolicy
) -> None:
    made = made_with(attempt, policy(), change(), change(id="s-2", state="reopened", compared=BAD, remedy="s-9"))
    text = report_markdown(made)
    section = text[text.index("## Applied changes") :].split("\n\n")[1].splitlines()
    assert section[0].startswith(
        '- `task_complexity.medium.model: "opus" -> "sonnet"` applied on 2026-04-01, holding: '
    )
    assert [line[:5] for line in section] == ["- `ta", "   - ", "   - ", "- `ta", "   - ", "   - "]
    first, second = json.loads(json.dumps(made.to_dict(), allow_nan=False))["applied_changes"]
    assert (first["state"], second["state"], second["remedy"]) == ("holding", "reopened", "s-9")
    assert (first["applied_on"], first["review_on"]) == ("2026-04-01", "2026-06-30")
    assert first["promised"]["saving"] == 0.62
    assert first["compared"]["interval"] == [-0.08, 0.05]
    assert first["compared"]["old"]["attempts"] == 18
    assert second["compared"]["changed_on"] == "2026-05-14"
    assert (first["since"]["days"], first["since"]["successes"]) == (61, 385)
    assert first["since"]["success_rate"] == pytest.approx(385 / 438)


def test_without_an_applied_change_there_is_no_such_section(attempt: MakeAttempt, policy: MakePolicy) -> None:
    made = made_with(attempt, policy())
    assert "Applied changes" not in report_markdown(made)
    assert made.to_dict()["applied_changes"] == []


def test_of_many_the_most_urgent_are_told_and_the_others_counted(attempt: MakeAttempt, policy: MakePolicy) -> None:
    endless = "*[m](x)|`" * 60
    many = [change(id=f"s-{n}", change=endless, from_model=endless, in_use=(endless,) * 3) for n in range(40)]
    text = report_markdown(made_with(attempt, policy(), change(state="reopened", compared=BAD), *many))
    assert len(text) <= LONGEST
    section = text[text.index("## Applied changes") :].split("\n\n")[1]
    assert len(section) < 1300
    assert "reopened: confidence 3 %" in section
    told = len(re.findall(r"(?m)^- `", section))
    assert f"- and {41 - told} more" in section
    around_code = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", section)
    assert "](" not in around_code.replace("\\](", "")
