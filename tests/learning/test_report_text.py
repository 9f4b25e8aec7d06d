"""The report in words: what a busy person reads, on whatever there is."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from modelmerit.learning.analysis import analyse
from modelmerit.learning.applied_changes import AppliedChange
from modelmerit.learning.attempt_facts import AttemptFacts, ClientFacts, FrequentRetry, UnusualAttempt
from modelmerit.learning.coverage import Coverage
from modelmerit.learning.figures import count, duration, money, percent, points, tokens
from modelmerit.learning.findings import ArmEvidence, Bundle, Evidence, Hint, Look, Suggestion, SuggestionType
from modelmerit.learning.patterns import Pattern
from modelmerit.learning.report import Report, report
from modelmerit.learning.report_text import LEGEND, LONGEST, LONGEST_LINE, report_markdown
from modelmerit.learning.suggestion_text import suggestion_lines
from modelmerit.learning.tallies import Tallies
from modelmerit.learning.telling_patterns import underperformers
from modelmerit.policy.changes import set_default
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt
from modelmerit.statistics.intervals import Interval

MakeAttempt = Callable[..., Attempt]
MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FACTS = AttemptFacts(
    recommended=1013,
    followed=977,
    executions_known=557,
    executed_otherwise=61,
    with_outcome=881,
    checked=443,
    frequent_retries=[FrequentRetry(complexity="medium", model=HAIKU, attempts=139, retried=37, examples=("d-1",))],
    unusual_attempts=[
        UnusualAttempt(
            id="d-7",
            model=HAIKU,
            complexity="medium",
            figure="tokens_used",
            value=91_234,
            typical=1_234,
            outcome="success",
        ),
        UnusualAttempt(
            id="d-8",
            model=OPUS,
            complexity=None,
            figure="execution_time_seconds",
            value=4,
            typical=125,
            outcome="success",
        ),
    ],
)


def client(name: str, **fields: Any) -> ClientFacts:
    """A client that tells 180 outcomes of 200 attempts, unless `fields` say otherwise."""
    made: dict[str, Any] = {
        "client": name,
        "attempts": 200,
        "with_outcome": 180,
        "human": 9,
        "tests": 45,
        "reported": 90,
        "implicit": 36,
        "recommended": 160,
        "followed": 120,
        "executions_known": 190,
        "executed_otherwise": 4,
    }
    return ClientFacts(**(made | fields))


def made_of(
    attempts: list[Attempt], policy: Policy, as_of: datetime = NOW, facts: AttemptFacts | None = None
) -> Report:
    tallies = Tallies.from_attempts(attempts)
    return report(analyse(tallies, policy, as_of), tallies, policy, facts)


@pytest.fixture
def full(history: MakeHistory, policy: MakePolicy) -> Report:
    """A report in which everything is said: haiku suffices for medium tasks, and is a hint at some of the others."""
    kinds = [("medium", "docs"), ("medium", "api"), ("complex", "ci")]
    attempts = history(26, lambda model, level, _: 0.9 if level == "medium" or model == OPUS else 0.6, kinds)
    some = made_of(attempts, policy(), attempts[-1].created_at + timedelta(days=1), FACTS)
    assert some.suggestions
    return replace(some, warnings=("rule 2, column 7: expected a word",))


def evidence(**fields: Any) -> Evidence:
    """66 of 73 against 1030 of 1140, nothing missing, 62 % saved; unless `fields` say otherwise."""
    arms = {
        "incumbent": ArmEvidence(
            model=OPUS, attempts=1140, successes=1030, partials=0, missing=0, usd_per_success=0.53
        ),
        "challenger": ArmEvidence(model=SONNET, attempts=73, successes=66, partials=0, missing=0, usd_per_success=0.18),
    }
    figures: dict[str, Any] = {
        "difference": 0.0,
        "interval": Interval(-0.07, 0.06),
        "limit": -0.1,
        "saving": 0.62,
        "saving_interval": Interval(0.53, 0.70),
        "attempts_to_settle": 63,
        "weeks_to_settle": 13.4,
        "look": Look(number=7, day=date(2026, 5, 20), explored_attempts=226),
    }
    return Evidence(**(arms | figures | fields))


def suggestion(policy: Policy, **fields: Any) -> Suggestion:
    made: dict[str, Any] = {
        "id": "s-b3c55a83a2",
        "type": "change_default",
        "scope": {"complexity": "medium"},
        "from_model": SONNET,
        "to_model": OPUS,
        "confidence": 0.97,
        "reason": "opus does about as well as sonnet on medium tasks: 66 of 73 against 1030 of 1140",
        "evidence": evidence(),
        "change": set_default(policy, "medium", OPUS),
        "counterfactual": "Had it been in force, nothing much would have happened.",
    }
    return Suggestion(**(made | fields))


def tables(text: str) -> Iterator[list[list[str]]]:
    """The cells of each table, the line under the header left out."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            lines.append(line)
        elif lines:
            cells = [re.split(r"(?<!\\)\|", row.strip())[1:-1] for row in lines]
            yield [cells[0], *cells[2:]]
            lines = []


def test_a_suggestion_takes_six_lines_and_says_what_to_decide_on(full: Report) -> None:
    (found,) = full.suggestions
    lines = suggestion_lines(found)
    assert len(lines) == 5
    assert all("\n" not in line for line in lines)
    text = report_markdown(full)
    at = text.index(f"1. `{found.change.summary}` (confidence {percent(found.confidence)}, id {found.id})\n")
    told = text[at:].split("\n")[:6]
    low, high = (f"{round(100 * end):+d}" for end in found.evidence.interval)
    assert f" points of success ({low} to {high}); a success costs " in told[1]
    assert re.search(r" costs \d\d % less \(\d\d to \d\d %\)\.$", told[1])
    assert f"{found.evidence.challenger.successes} of {found.evidence.challenger.attempts} against" in told[2]
    assert told[3].startswith("   - Had it been in force in the last 90 days, ")
    assert told[4].startswith("   - Could be wrong if ")
    assert re.match(
        r"   - Would be settled by about \d+ more explored attempts, some \d+ weeks at your pace\.", told[5]
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "+0 points of success (-7 to +6); a success costs 62 % less (53 to 70 %)."),
        (
            {"saving": -0.2, "saving_interval": Interval(-0.3, -0.1)},
            "a success costs 20 % more (10 to 30 %).",
        ),
        (
            {"saving": 0.05, "saving_interval": Interval(-0.1, 0.2)},
            "a success costs 5 % less (10 % more to 20 % less).",
        ),
        ({"saving": None, "saving_interval": None}, "+0 points of success (-7 to +6); what it costs is not known."),
    ],
)
def test_what_a_suggestion_should_bring_has_an_interval_in_plain_words(
    policy: MakePolicy, fields: dict[str, Any], told: str
) -> None:
    assert suggestion_lines(suggestion(policy(), evidence=evidence(**fields)))[0].endswith(told)


def test_what_could_make_a_suggestion_wrong_is_what_its_evidence_lacks(policy: MakePolicy) -> None:
    few = ArmEvidence(model=SONNET, attempts=20, successes=18, partials=0, missing=3, usd_per_success=None)
    weak = evidence(challenger=few, saving=None, saving_interval=None)
    doubt = suggestion_lines(suggestion(policy(), type="escalation", evidence=weak))[3]
    assert "the 20 attempts of the new model were luckier than usual" in doubt
    assert "costs more than it is worth" in doubt
    assert "failures go unnoticed" in doubt
    assert "the 15 % without an outcome speak against it" in doubt
    bounded = suggestion_lines(suggestion(policy(), evidence=weak))[3]
    assert bounded.endswith(" The 15 % without an outcome would not overturn it.")


@pytest.mark.parametrize(
    ("attempts_to_settle", "weeks_to_settle", "told"),
    [
        (0, 0.0, "Settled as far as attempts can settle it."),
        (None, None, "Hardly any number of further attempts would make it surer."),
        (1, 0.2, "about 1 more explored attempt, some 1 week at your pace."),
        (63, 13.4, "about 63 more explored attempts, some 13 weeks at your pace."),
        (900, 80.0, "more than a year at your pace."),
        (63, None, "about 63 more explored attempts; none are being made at present."),
    ],
)
def test_what_would_settle_a_suggestion_is_said_in_attempts_and_weeks(
    policy: MakePolicy, attempts_to_settle: int | None, weeks_to_settle: float | None, told: str
) -> None:
    settled = evidence(attempts_to_settle=attempts_to_settle, weeks_to_settle=weeks_to_settle)
    assert suggestion_lines(suggestion(policy(), evidence=settled))[4].endswith(told)


def test_what_a_ladder_saves_is_a_share_of_what_a_task_costs(policy: MakePolicy) -> None:
    gain = suggestion_lines(suggestion(policy(), type="escalation"))[0]
    assert gain == "Should bring +0 points of success (-7 to +6); a task costs 62 % less (53 to 70 %)."


def test_suggestions_that_are_approved_as_one_say_so(full: Report, policy: MakePolicy) -> None:
    bundled = suggestion(policy(), bundle=Bundle(id="b-1", confidence=0.9))
    text = report_markdown(replace(full, suggestions=(bundled,)))
    assert "(confidence 97 %, id s-b3c55a83a2; approved as one with bundle b-1, together 90 % sure)" in text
    assert (
        "   - Sure only together with its bundle. Alone it would be settled by about 63 more explored attempts" in text
    )


@pytest.mark.parametrize("bundle", [None, Bundle(id="b-1", confidence=0.99)])
@pytest.mark.parametrize("kind", get_args(SuggestionType))
def test_a_suggestion_of_any_type_takes_six_lines_whatever_is_to_be_said_of_it(
    full: Report, policy: MakePolicy, kind: SuggestionType, bundle: Bundle | None
) -> None:
    few = ArmEvidence(
        model=SONNET, attempts=20, successes=15, partials=1, missing=3, usd_per_success=None, checked=1, implicit=14
    )
    made = suggestion(policy(), type=kind, bundle=bundle, evidence=evidence(challenger=few, saving=None))
    text = report_markdown(replace(full, suggestions=(made,)))
    told = text[text.index("1. `") :].split("\n\n")[0].split("\n")
    assert len(told) == 6
    assert [line[:5] for line in told[1:]] == ["   - "] * 5
    assert max(map(len, told)) <= LONGEST_LINE + 5


def arms(checked: int, implicit: int) -> dict[str, ArmEvidence]:
    """Each arm with 40 successes of 50 attempts, all with an outcome."""
    return {
        name: ArmEvidence(
            model=model,
            attempts=50,
            successes=40,
            partials=0,
            missing=0,
            usd_per_success=0.1,
            checked=checked,
            implicit=implicit,
        )
        for name, model in (("incumbent", OPUS), ("challenger", SONNET))
    }


@pytest.mark.parametrize(
    ("known", "told", "doubt"),
    [
        (arms(41, 0), "82 % of the outcomes were decided by tests or a person.", None),
        (arms(30, 5), "60 % of the outcomes were decided by tests or a person.", "outcomes were reported too kindly"),
        (arms(0, 0), "none of the outcomes were decided by tests or a person.", "outcomes were reported too kindly"),
        (arms(9, 21), "most successes are only implied, as nobody reported them.", "what nobody reported was no"),
        ({}, "; explored attempts up to 2026-05-20.", "outcomes were reported too kindly"),
    ],
)
def test_how_strong_the_evidence_is_stands_with_it_and_in_what_could_be_wrong(
    policy: MakePolicy, known: dict[str, ArmEvidence], told: str, doubt: str | None
) -> None:
    lines = suggestion_lines(suggestion(policy(), evidence=evidence(**known)))
    assert lines[1].endswith(told)
    assert ("reported" in lines[3]) == (doubt is not None)
    assert (doubt or "") in lines[3]


def test_what_is_settled_and_what_is_not_is_a_table_of_the_report(full: Report) -> None:
    text = report_markdown(full)
    rows = text[text.index("## What is settled, and what is not") :].split("\n\n")[1].splitlines()
    assert rows[0] == "| tasks | models | answer |"
    assert len(rows) == 2 + len(full.answers)
    assert any("| suggested: " in row for row in rows)
    assert [row["verdict"] for row in full.to_dict()["answers"]] == [answer.verdict for answer in full.answers]


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


def test_everything_the_design_asks_for_is_said(full: Report) -> None:
    text = report_markdown(full)
    for told in (
        "# modelmerit report, 2026-07-",
        "in the last 90 days (since 2026-04-",
        "**Success**: ",
        "no clear change",
        "**Cost**: ",
        "## Warnings",
        "rule 2, column 7: expected a word",
        "## Suggestions",
        "| medium | claude-sonnet-4-5 | 90 % (",
        "## Underperforming: under 70 %",
        "96 % (977 of 1013) ran on the model that models.json recommends.",
        "11 % (61 of 557) ran on another model than was answered; that is often",
        "0 of 3 frequent keywords have one. Decided by complexity alone: ",
        "27 % (37 of 139) of the medium tasks given to claude-haiku-4-5 in the last 30 days.",
        "d-7 took 91 k tokens, claude-haiku-4-5 usually 1.2 k at medium tasks.",
        "d-8 took 4 s, claude-opus-4-5 usually 2 min 5 s at unlabelled tasks; yet it was reported a success.",
        LEGEND,
    ):
        assert told in text


def test_every_row_of_a_table_has_as_many_cells_as_its_header(full: Report) -> None:
    found = list(tables(report_markdown(full)))
    assert found
    for header, *rows in found:
        assert rows
        assert {len(row) for row in rows} == {len(header)}


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d(?:[\d,]*\d)?(?:\.\d+)?", text))


def values_in(told: Any) -> Iterator[Any]:
    if isinstance(told, dict):
        for name, value in told.items():
            yield name
            yield from values_in(value)
    elif isinstance(told, list):
        for value in told:
            yield from values_in(value)
    else:
        yield told


def writings(values: Iterable[Any]) -> set[str]:
    """Every number that the report could write for these values."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, str):
            found |= numbers(value)
        elif isinstance(value, int | float):
            size = abs(value)
            forms = [percent(size), points(size), money(size), duration(size), tokens(size), count(round(size))]
            found |= numbers(" ".join([*forms, f"{size:g}"]))
    return found


def test_every_figure_of_the_text_is_in_the_json(full: Report) -> None:
    told = json.loads(json.dumps(full.to_dict()))
    text = re.sub(r"(?i)and [\d,]+ more", "", report_markdown(full).replace(LEGEND, ""))
    text = re.sub(r"(?m)^\d+\. ", "", text)
    assert numbers(text) - writings(values_in(told)) == set()
    # The check can fail: without their part of the JSON, figures are missing.
    for part in ("window", "suggestions", "patterns", "facts", "progress"):
        rest = {name: value for name, value in told.items() if name != part}
        assert numbers(text) - writings(values_in(rest)) != set(), part


def test_the_json_has_numbers_as_numbers_and_none_that_json_does_not_know(full: Report) -> None:
    told = full.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert isinstance(told["progress"]["usd_per_success_now"], float)
    assert isinstance(told["window"]["attempts"], int)
    assert told["suggestions"][0]["evidence"]["interval"][0] < told["suggestions"][0]["evidence"]["difference"]


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


def test_each_client_is_told_by_what_it_tells(full: Report) -> None:
    quiet = client("", attempts=3, with_outcome=0, human=0, tests=0, reported=0, implicit=0, recommended=0, followed=0)
    told = replace(full, facts=replace(FACTS, clients=[client("claude-code"), quiet]))
    text = report_markdown(told)
    section = text[text.index("## What each client tells") :]
    header, claude, unnamed = next(tables(section))
    assert [cell.strip() for cell in header[:2]] == ["client", "outcome known"]
    # 9, 45, 90 and 36 of 180 outcomes; 120 of 160 recommendations.
    shares = ["90 % of 200", "5 %", "25 %", "50 %", "20 %", "75 % of 160"]
    assert [cell.strip() for cell in claude] == ["claude-code", *shares]
    assert [cell.strip() for cell in unnamed] == ["not named", "0 % of 3", "-", "-", "-", "-", "-"]
    (first, _) = json.loads(json.dumps(told.to_dict()))["facts"]["clients"]
    assert (first["client"], first["tests"], first["with_outcome_share"], first["followed_share"]) == (
        "claude-code",
        45,
        0.9,
        0.75,
    )


def test_where_nobody_named_a_client_there_is_nothing_to_tell_apart(full: Report) -> None:
    assert "each client" not in report_markdown(replace(full, facts=replace(FACTS, clients=[client("")])))


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
