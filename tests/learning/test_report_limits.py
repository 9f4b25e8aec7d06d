"""The report in Markdown stays short and whole, whatever it is made of."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from report_making import FACTS, HAIKU, client, evidence, made_of, suggestion, tables

from modelmerit.learning.applied_changes import AppliedChange
from modelmerit.learning.coverage import Coverage
from modelmerit.learning.findings import Hint
from modelmerit.learning.patterns import Pattern
from modelmerit.learning.report import Report
from modelmerit.learning.report_text import LONGEST, report_markdown
from modelmerit.learning.telling_patterns import underperformers
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]


@pytest.fixture
def crowded(full: Report, policy: MakePolicy) -> Report:
    """Hundreds of keywords and ten models with endless names, and dozens of everything else."""
    endless = "*[m](x)|`" * 40
    models = [f"{number}{endless}" for number in range(10)]
    patterns = tuple(
        Pattern(
            pattern_id=f"{keyword}/{level}/{model}",
            trigger="",
            complexity=level,
            keyword=keyword,
            model=model,
            success_rate=0.5,
            recent_success_rate=0.5,
            sample_size=1000 - number,
            avg_tokens=12_345.0,
            avg_execution_time_seconds=123.0,
            usd_per_success=0.123,
            confidence="high",
            suggestion="",
        )
        for number, keyword in enumerate([None, *(f"{n}{endless}" for n in range(300))])
        for level in ("simple", "medium", "complex")
        for model in models
    )
    some = policy()
    hint = Hint(
        id="s-hint",
        type="change_default",
        scope={"complexity": "medium", "keyword": endless},
        from_model=models[0],
        to_model=models[1],
        confidence=0.7,
        reason=endless * 3,
        evidence=evidence(),
        needs="needs about 110 more attempts",
    )
    applied = AppliedChange(
        id="s-applied",
        change=endless,
        change_id="change-1",
        type="change_default",
        from_model=models[0],
        to_model=models[1],
        applied_on=date(2026, 3, 1),
        promised=evidence(),
        promised_confidence=0.97,
        compared=None,
        before=None,
        since=None,
        review_on=date(2026, 5, 30),
        state="reopened",
        cause="the model changed",
        in_use=tuple(models),
        remedy=None,
    )
    return replace(
        full,
        applied=(applied,) * 40,
        patterns=patterns,
        underperforming=underperformers(patterns, some),
        suggestions=tuple(suggestion(some, id=f"s-{n}", reason=endless * 3) for n in range(40)),
        hints=(hint,) * 40,
        answers=(replace(full.answers[0], challenger=endless, words=endless),) * 40,
        warnings=(endless * 5,) * 40,
        coverage=Coverage(with_rule=(), without_rule=tuple(f"{n}{endless}" for n in range(300))),
        facts=replace(
            FACTS,
            frequent_retries=[replace(FACTS.frequent_retries[0], model=endless)] * 40,
            unusual_attempts=[replace(FACTS.unusual_attempts[0], id=endless, model=endless)] * 40,
            clients=[client(endless)] * 40,
        ),
    )


def test_the_report_stays_short_and_counts_what_it_leaves_out(crowded: Report) -> None:
    text = report_markdown(crowded)
    assert len(text) <= LONGEST
    for header, *rows in tables(text):
        assert {len(row) for row in rows} == {len(header)}
    assert re.search(r"And 90\d\d more: modelmerit analyze lists them\.", text)
    assert re.search(r"And \d+ more: modelmerit suggest lists them\.", text)
    assert "And 37 more: modelmerit report --json lists them." in text
    shown = len(re.findall(r"(?m)^\d+\. `task_complexity", text))
    assert shown >= 2
    assert f"And {40 - shown} more" in text


def test_a_report_of_many_plain_suggestions_tells_five_in_full_and_more_in_a_line_each(
    full: Report, policy: MakePolicy
) -> None:
    many = tuple(suggestion(policy(), id=f"s-{number}") for number in range(12))
    text = report_markdown(replace(full, suggestions=many))
    assert text.count("   - Should bring ") == 5
    assert "6. `task_complexity.medium.model" in text
    assert "id s-5): +0 points of success (-7 to +6), 66 of 73 against 1030 of 1140\n" in text
    assert len(text) <= LONGEST


@pytest.mark.parametrize("name", ["a|b", "x\ny\n\n# z", "`x`", "[x](http://example.com)", "\x1b[2J", "\u202e"])
def test_no_name_from_a_record_reaches_the_markdown_around_it(
    name: str, history: MakeHistory, attempt: MakeAttempt, policy: MakePolicy
) -> None:
    def renamed(model: str) -> str:
        return name if model == HAIKU else model

    named = [
        replace(
            one,
            id=f"{name}{one.id}",
            model=renamed(one.model),
            executed_model=renamed(one.model),
            recommended_model=renamed(one.recommended_model or ""),
            propensities={renamed(model): share for model, share in (one.propensities or {}).items()},
            task_keywords=(name,),
        )
        for one in history(26, lambda *_: 0.9, [("medium", "docs"), ("medium", "api")])
    ]
    facts = replace(
        FACTS,
        frequent_retries=[replace(FACTS.frequent_retries[0], model=name)],
        unusual_attempts=[replace(FACTS.unusual_attempts[0], id=name, model=name)],
    )
    made = made_of(named, policy(), named[-1].created_at + timedelta(days=1), facts)
    assert made.suggestions
    text = report_markdown(replace(made, warnings=(name,)))
    plain = report_markdown(
        made_of(history(26, lambda *_: 0.9, [("medium", "docs"), ("medium", "api")]), policy(), made.as_of, FACTS)
    )
    assert text.replace("\n", "").isprintable()
    assert [line for line in text.splitlines() if line.startswith("#") and line != "## Warnings"] == [
        line for line in plain.splitlines() if line.startswith("#")
    ]
    assert "](" not in re.sub(r"`[^`]*`", "", text).replace("\\](", "")
    for header, *rows in tables(text):
        assert {len(row) for row in rows} == {len(header)}
