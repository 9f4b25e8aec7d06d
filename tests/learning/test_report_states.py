"""The report in Markdown of every state that a history can be in, from nothing to all."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from report_making import HAIKU, NOW, SONNET, made_of

from modelmerit.learning.report_text import report_markdown
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]


def at(days_ago: float, attempt: MakeAttempt, number: int, **fields: Any) -> Attempt:
    return attempt(number, created_at=NOW - timedelta(days=days_ago), **fields)


STATES: dict[str, tuple[Callable[[MakeAttempt], list[Attempt]], dict[str, Any], list[str]]] = {
    "an empty store": (lambda _: [], {}, ["**Attempts**: none yet.", "about 15 explored attempts of one model"]),
    "one attempt": (
        lambda attempt: [at(0, attempt, 1)],
        {},
        ["**Attempts**: 1, all since 2026-06-01", "claude-sonnet-4-5 (1 attempt, 1 of 1 succeeded)"],
    ),
    "only errors": (
        lambda attempt: [at(n, attempt, n, outcome="failure", error_type="provider") for n in range(6)],
        {},
        ["**Attempts**: 6,", "6 attempts ended by what was not the model's fault", "(0 attempts, 6 errors)"],
    ),
    "only unlabelled tasks": (
        lambda attempt: [at(n, attempt, n, complexity=None) for n in range(20)],
        {},
        ["| unlabelled | claude-sonnet-4-5 | 100 % (20 of 20)"],
    ),
    "no outcomes": (
        lambda attempt: [at(n, attempt, n, outcome=None) for n in range(20)],
        {},
        ["known of none of the 20 attempts", "modelmerit rate", "claude-sonnet-4-5 (20 attempts)"],
    ),
    "few outcomes": (
        lambda attempt: [at(n, attempt, n, outcome="success" if n < 5 else None) for n in range(20)],
        {},
        ["known of 25 % (5 of 20); what is not reported cannot be learned from."],
    ),
    "no costs": (
        lambda attempt: [at(n, attempt, n, cost_usd=None) for n in range(20)],
        {},
        ["| tasks | model | succeeded | lately | time | tokens |"],
    ),
    "costs on few days": (
        lambda attempt: [at(days, attempt, n, id=f"{days}-{n}") for n in range(9) for days in (1, 31)],
        {},
        ["$0.15 in the 30 before; too few days to tell whether that is a change."],
    ),
    "a single model": (
        lambda attempt: [at(n, attempt, n, propensities=None) for n in range(20)],
        {"exploration": {"candidates": [SONNET], "exclude": [SONNET]}},
        ["models.json names no second model to compare with"],
    ),
    "exploration off": (
        lambda attempt: [at(n, attempt, n, propensities=None) for n in range(20)],
        {"exploration": {"mode": "off"}},
        ["Exploration is off in models.json"],
    ),
    "an imported log": (
        lambda attempt: [at(n, attempt, n, propensities=None, selection="imported") for n in range(20)],
        {},
        ["so far there are none. The first answer can be expected around"],
    ),
    "everything counts": (
        lambda attempt: [at(n, attempt, n) for n in range(0, 400, 20)],
        {"learning": {"window_days": None, "half_life_days": None}},
        ["**Attempts**: 20, all since 2025-05-17; none of them explored.\n"],
    ),
    "attempts only before the window": (
        lambda attempt: [at(200 + n, attempt, n) for n in range(20)],
        {},
        ["none in the last 90 days (since 2026-03-04). In all 20, from 2025-10-25 to 2025-11-13."],
    ),
    "nothing in the last 30 days": (
        lambda attempt: [at(40 + n, attempt, n) for n in range(20)],
        {},
        ["no outcome is known in the last 30 days; it was 100 % (20 of 20) in the 30 before."],
    ),
    "a clock that is behind": (
        lambda attempt: [at(-n, attempt, n) for n in range(20)],
        {},
        ["19 attempts dated after today", "**Attempts**: 1, all since 2026-06-01"],
    ),
    "figures at their limits": (
        lambda attempt: [
            at(n, attempt, n, cost_usd=10.0**12, tokens_used=10**12, execution_time_seconds=10.0**12) for n in range(20)
        ],
        {},
        ["$999,999,995,904 a success", "| 1,000,000 M |"],
    ),
    "figures of zero": (
        lambda attempt: [at(n, attempt, n, cost_usd=0.0, tokens_used=0, execution_time_seconds=0.0) for n in range(45)],
        {},
        ["$0 a success in the last 30 days, failures included, $0 in the 30 before", "| $0 | 0 s | 0 |"],
    ),
    "only failures": (
        lambda attempt: [at(n, attempt, n, outcome="failure") for n in range(20)],
        {},
        ["0 % (0 of 20) in the last 30 days", "claude-sonnet-4-5, in use for medium tasks: 0 % (0 of 20)"],
    ),
    "only partial results": (
        lambda attempt: [at(n, attempt, n, outcome="partial") for n in range(20)],
        {},
        ["0 % (0 of 20)"],
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_whatever_there_is_makes_a_sensible_report(state: str, attempt: MakeAttempt, policy: MakePolicy) -> None:
    attempts, blocks, expected = STATES[state]
    made = made_of(attempts(attempt), policy(**blocks))
    text = report_markdown(made)
    for told in expected:
        assert told in text
    assert not re.search(r"\bNone\b(?!( yet)?[.:]| by more)|\bnan\b|\binf\b", text)
    json.dumps(made.to_dict(), allow_nan=False)


def test_a_policy_that_has_no_second_thoughts_is_told_why_nothing_is_suggested(
    history: MakeHistory, policy: MakePolicy
) -> None:
    attempts = history(26, lambda *_: 0.8, [("simple", "docs")])
    text = report_markdown(made_of(attempts, policy(), attempts[-1].created_at + timedelta(days=1)))
    assert re.search(r"None: nothing explored up to 2026-\d\d-\d\d speaks clearly enough for a change\.", text)


def test_in_the_first_week_it_says_what_it_has_and_when_an_answer_can_be_expected(
    history: MakeHistory, policy: MakePolicy
) -> None:
    week = history(1, lambda *_: 0.9, [("medium", "docs")])
    text = report_markdown(made_of(week, policy(), week[0].created_at.replace(day=12)))
    assert re.search(r"\*\*Attempts\*\*: 22, all since 2026-01-0\d; 4 of them explored\.", text)
    assert "| medium | claude-sonnet-4-5 | 89 % (16 of 18)" in text
    assert (
        "The first answer can be expected around 2026-03-19, some 9 weeks on, after about 13 more explored attempts of "
        "claude-haiku-4-5 at medium tasks."
    ) in text


def test_where_nothing_is_suggested_it_says_in_a_line_what_is_not_settled(
    history: MakeHistory, policy: MakePolicy
) -> None:
    attempts = history(10, lambda model, *_: 0.7 if model == HAIKU else 0.85, [("medium", "docs")])
    made = made_of(attempts, policy(), attempts[-1].created_at + timedelta(days=1))
    assert made.suggestions == ()
    assert re.search(
        r"(?m)^None: .* clearly enough for a change\. Not settled yet: claude-haiku-4-5 at medium tasks, not enough "
        r"evidence: needs about \d+ more attempts, ",
        report_markdown(made),
    )
