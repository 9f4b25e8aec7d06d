"""The report in Markdown: all that the design asks for is said, in tables and figures that the JSON has too."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from report_making import FACTS, client, tables

from modelmerit.learning.figures import count, duration, money, percent, points, tokens
from modelmerit.learning.report import Report
from modelmerit.learning.report_text import LEGEND, report_markdown


def test_what_is_settled_and_what_is_not_is_a_table_of_the_report(full: Report) -> None:
    text = report_markdown(full)
    rows = text[text.index("## What is settled, and what is not") :].split("\n\n")[1].splitlines()
    assert rows[0] == "| tasks | models | answer |"
    assert len(rows) == 2 + len(full.answers)
    assert any("| suggested: " in row for row in rows)
    assert [row["verdict"] for row in full.to_dict()["answers"]] == [answer.verdict for answer in full.answers]


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


def test_each_client_is_told_by_what_it_tells(full: Report) -> None:
    nothing = dict.fromkeys(("with_outcome", "human", "tests", "reported", "implicit", "recommended", "followed"), 0)
    quiet = client("", attempts=3, executions_known=0, executed_otherwise=0, **nothing)
    told = replace(full, facts=replace(FACTS, clients=[client("claude-code"), quiet]))
    text = report_markdown(told)
    section = text[text.index("## What each client tells") :]
    header, claude, unnamed = next(tables(section))
    assert [cell.strip() for cell in header[:2]] == ["client", "outcome known"]
    # 9, 45, 90 and 36 of 180 outcomes; 120 of 160 recommendations; 4 of 190 known executions.
    shares = ["90 % of 200", "5 %", "25 %", "50 %", "20 %", "75 % of 160", "2 % of 190"]
    assert [cell.strip() for cell in claude] == ["claude-code", *shares]
    assert [cell.strip() for cell in unnamed] == ["not named", "0 % of 3", *["-"] * 6]
    (first, _) = json.loads(json.dumps(told.to_dict()))["facts"]["clients"]
    assert (first["client"], first["tests"], first["with_outcome_share"], first["followed_share"]) == (
        "claude-code",
        45,
        0.9,
        0.75,
    )


def test_where_nobody_named_a_client_there_is_nothing_to_tell_apart(full: Report) -> None:
    assert "each client" not in report_markdown(replace(full, facts=replace(FACTS, clients=[client("")])))


def test_the_clients_that_ran_other_models_than_were_answered_are_named(full: Report) -> None:
    clients = [client("claude-code"), client("steady", executed_otherwise=0), client("", executed_otherwise=19)]
    text = report_markdown(replace(full, facts=replace(FACTS, clients=clients)))
    assert "ran on another model than was answered (claude-code 2 % of 190, not named 10 % of 190); that is" in text
    many = [client(f"client-{n}") for n in range(5)]
    assert "client-2 2 % of 190 and 2 more); that is" in report_markdown(
        replace(full, facts=replace(FACTS, clients=many))
    )
