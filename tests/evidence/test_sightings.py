"""Sightings and reports of one run end in the same attempt, in whichever order and however often they come."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from modelmerit.evidence import ledger
from modelmerit.evidence.captures import Captured, capture
from modelmerit.evidence.migrations import migrate
from modelmerit.evidence.outcomes import OutcomeReport, status_after
from modelmerit.evidence.sightings import covered, from_json, to_json, uncovered, with_sighting
from modelmerit.records import ERROR_TYPES, EVIDENCE_KINDS, OUTCOMES, Attempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DISPATCH = Attempt(
    id="d-1",
    task="Add tests for the cart page",
    model="haiku",
    created_at=NOW,
    updated_at=NOW,
    workspace="shop",
    recommended_model="haiku",
    session_id="s-1",
    client="claude-code",
)

figures = st.none() | st.integers(0, 10**6)
amounts = st.none() | st.floats(0, 10**6)
models = st.none() | st.sampled_from(["haiku", "opus"])
said = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(OUTCOMES),
        "evidence": st.sampled_from(EVIDENCE_KINDS),
        "error_type": st.none() | st.sampled_from(ERROR_TYPES),
        "tokens_used": figures,
        "cache_read_tokens": figures,
        "cost_usd": amounts,
        "execution_time_seconds": amounts,
        "executed_model": models,
        "notes": st.none() | st.just("told"),
    }
).map(lambda fields: fields | ({"error_type": None} if fields["outcome"] == "success" else {}))
told = said.map(lambda fields: OutcomeReport(**fields))
looks = said.map(lambda fields: fields | {"running": False}) | said.map(lambda fields: fields | {"running": True})


def sighting(number: int, look: dict) -> Captured:
    """The look at the run that was taken so many minutes after its beginning."""
    running, outcome, error_type = look["running"], look["outcome"], look["error_type"]
    report = None if running else OutcomeReport(**{**look_only(look), "source": "seen"})
    names = ("tokens_used", "cache_read_tokens", "cost_usd", "execution_time_seconds", "executed_model")
    attempt = replace(
        DISPATCH,
        id="claude-code-r-1",
        created_at=NOW + timedelta(minutes=1),
        updated_at=NOW + timedelta(minutes=1 + number),
        model=look["executed_model"] or "unknown",
        status="running" if running else status_after(outcome, error_type),
        selection="override",
        notes="seen",
        **{name: look[name] for name in names},
    )
    return Captured(client="claude-code", run_id="r-1", attempt=attempt, report=report, session_id="s-1")


def look_only(look: dict) -> dict:
    return {name: value for name, value in look.items() if name != "running"}


def lived(happenings: list[tuple], *, dispatched: bool) -> Attempt:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    if dispatched:
        ledger.add(connection, DISPATCH)
    attempt_id = "d-1" if dispatched else "claude-code-r-1"
    for kind, number, what in happenings:
        moment = NOW + timedelta(minutes=number)
        if kind == "seen":
            capture(connection, sighting(number, what), moment)
        else:
            ledger.report(connection, attempt_id, what, moment)
    attempt = ledger.get(connection, attempt_id)
    connection.close()
    return attempt


@given(st.lists(looks, min_size=1, max_size=4), st.lists(told, max_size=3), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_in_whichever_order_and_however_often_they_come_the_attempt_is_the_same(sightings, reports, dispatched, data):
    seen = [("seen", number, look) for number, look in enumerate(sightings, start=1)]
    # Reports are made one after the other; the records of a client are read by many, at any time.
    said = [("told", number, report) for number, report in enumerate(reports, start=10)]
    expected = lived([*seen, *said], dispatched=dispatched)

    shuffled = data.draw(st.permutations([*seen, *data.draw(st.lists(st.sampled_from(seen), max_size=3))]))
    first, rest = (shuffled[:1], shuffled[1:]) if not dispatched else ([], shuffled)
    places = sorted(data.draw(st.lists(st.integers(0, len(rest)), min_size=len(said), max_size=len(said))))
    for offset, (place, one) in enumerate(zip(places, said, strict=True)):
        rest = [*rest[: place + offset], one, *rest[place + offset :]]
    assert lived([*first, *rest], dispatched=dispatched) == expected


@given(told, looks)
@settings(max_examples=60, deadline=None)
def test_what_a_sighting_covers_can_be_uncovered_again(report, look):
    base = replace(DISPATCH, outcome=report.outcome, evidence=report.evidence, cost_usd=report.cost_usd)
    seen = {"status": "running", "outcome": None, "evidence": None, "error_type": None, "updated_at": NOW}
    seen |= {name: look[name] for name in ("tokens_used", "cost_usd", "executed_model")}
    standing = with_sighting(base, seen)

    assert uncovered(standing, from_json(to_json(covered(base, standing)))) == base
    assert with_sighting(base, from_json(to_json(seen))) == standing
