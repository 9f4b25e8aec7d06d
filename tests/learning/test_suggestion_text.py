"""A suggestion in words: what it should bring, on what evidence, what could be wrong and what would settle it."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from report_making import OPUS, SONNET, evidence, suggestion

from modelmerit.learning.figures import percent
from modelmerit.learning.findings import ArmEvidence, Bundle, SuggestionType
from modelmerit.learning.report import Report
from modelmerit.learning.report_text import LONGEST_LINE, report_markdown
from modelmerit.learning.suggestion_text import suggestion_lines
from modelmerit.policy.schema import Policy
from modelmerit.statistics.intervals import Interval

MakePolicy = Callable[..., Policy]


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
