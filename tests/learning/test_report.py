import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from modelmerit.learning.analysis import analyse
from modelmerit.learning.report import AttemptFacts, FrequentRetry, Report, UnusualAttempt, report
from modelmerit.learning.report_text import report_markdown, suggestion_lines
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

MakeAttempt = Callable[..., Attempt]
MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

MEDIUM = [("medium", "docs"), ("medium", "api")]


def made_of(attempts: list[Attempt], policy: Policy, facts: AttemptFacts | None = None, days: float = 1) -> Report:
    as_of = attempts[-1].created_at + timedelta(days=days)
    tallies = Tallies.from_attempts(attempts)
    return report(analyse(tallies, policy, as_of), tallies, policy, facts)


@pytest.fixture
def haiku_suffices(history: MakeHistory) -> list[Attempt]:
    return history(26, lambda *_: 0.9, MEDIUM)


def test_a_suggestion_takes_six_lines_and_says_what_to_decide_on(
    haiku_suffices: list[Attempt], policy: MakePolicy
) -> None:
    found = made_of(haiku_suffices, policy())
    lines = suggestion_lines(found.suggestions[0])
    assert len(lines) <= 6
    text = "\n".join(lines)
    for told in (
        found.suggestions[0].id,
        found.suggestions[0].change.summary,
        "% less",
        "Could be wrong if",
        "more explored",
    ):
        assert told in text


def test_the_text_alone_suffices(haiku_suffices: list[Attempt], policy: MakePolicy) -> None:
    text = report_markdown(made_of(haiku_suffices, policy()))
    assert text.startswith("# modelmerit report, 2026-07-")
    assert "task_complexity.medium.model" in text
    assert "| keyword is 'docs' and complexity is medium | claude-sonnet-4-5 | 90 %" in text


def test_in_the_first_week_it_says_what_it_has_and_when_an_answer_can_be_expected(
    history: MakeHistory, policy: MakePolicy
) -> None:
    first = made_of(history(1, lambda *_: 0.9, [("medium", "docs")]), policy())
    # Two attempts of each challenger in the week: thirteen short of fifteen.
    assert first.first_answer is not None
    assert first.first_answer.attempts == 13
    text = report_markdown(first)
    assert "22 attempts in the last 90 days, 4 of them explored." in text
    assert "after about 13 more explored attempts of one model" in text


def test_without_exploration_it_says_what_is_missing(attempt: MakeAttempt, policy: MakePolicy) -> None:
    text = report_markdown(made_of([attempt(n, propensities=None) for n in range(20)], policy()))
    assert "no attempt was explored lately" in text


def test_coverage_is_the_share_of_frequent_keywords_with_a_rule(
    haiku_suffices: list[Attempt], policy: MakePolicy
) -> None:
    coverage = made_of(haiku_suffices, policy([("keyword is 'docs'", "opus")])).coverage
    assert (coverage.with_rule, coverage.without_rule, coverage.share) == (("docs",), ("api",), 0.5)


def test_progress_compares_the_last_thirty_days_with_the_thirty_before(
    attempt: MakeAttempt, policy: MakePolicy
) -> None:
    def day(number: int) -> datetime:
        return attempt().created_at + timedelta(days=number)

    before = [attempt(n, created_at=day(1), outcome="success" if n < 10 else "failure") for n in range(20)]
    now = [attempt(20 + n, created_at=day(40), outcome="success" if n < 15 else "failure") for n in range(20)]
    progress = made_of(before + now, policy()).progress
    assert (progress.success_before, progress.success_now, progress.change) == (0.5, 0.75, 0.25)
    assert progress.change_interval is not None
    assert progress.change_interval.low < 0.25 < progress.change_interval.high
    # 0.15 an attempt, over the success rate.
    assert progress.usd_per_success_before == pytest.approx(0.30)
    assert progress.usd_per_success_now == pytest.approx(0.20)


def test_what_only_single_attempts_can_tell_is_passed_on(haiku_suffices: list[Attempt], policy: MakePolicy) -> None:
    facts = AttemptFacts(
        recommended=100,
        followed=90,
        executions_known=50,
        executed_otherwise=3,
        frequent_retries=[FrequentRetry(complexity="medium", model="haiku", attempts=20, retried=7)],
        unusual_attempts=[
            UnusualAttempt(
                id="d-7", model="haiku", figure="tokens_used", value=90_000, typical=1_000, outcome="success"
            )
        ],
    )
    text = report_markdown(made_of(haiku_suffices, policy(), facts))
    assert "90 of 100 attempts went to the model the policy recommends" in text
    assert "3 of 50 ran on another model than was answered" in text
    assert "haiku at medium tasks: 7 of 20 were retried" in text
    assert "d-7: tokens used 90,000, usually 1,000, although it was reported a success" in text


def test_the_report_is_json_too(haiku_suffices: list[Attempt], policy: MakePolicy) -> None:
    told = made_of(haiku_suffices, policy(), AttemptFacts(first_attempt_at=haiku_suffices[0].created_at)).to_dict()
    assert json.loads(json.dumps(told)) == told | {
        "progress": json.loads(json.dumps(told["progress"])),
        "facts": json.loads(json.dumps(told["facts"])),
    }
    assert told["suggestions"][0]["type"] == "change_default"


def test_nothing_at_all_still_makes_a_report(policy: MakePolicy, attempt: MakeAttempt) -> None:
    tallies = Tallies.from_attempts([])
    empty = report(analyse(tallies, policy(), attempt().created_at), tallies, policy())
    assert empty.with_outcome_share is None
    assert "0 attempts in the last 90 days" in report_markdown(empty)
    assert "nothing is recorded. The first answer takes about 15 explored attempts" in report_markdown(empty)
