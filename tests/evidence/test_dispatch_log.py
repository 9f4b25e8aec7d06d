"""Records as people already have them: old habits understood, what cannot be refused, nothing lost."""

import json
from datetime import UTC, datetime

import pytest

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.dispatch_log import LOG_FIELDS, attempt_from_record, record_from_attempt
from modelmerit.learning.tallying import is_comparable

RECORD = {"task": "Fix the bug in the parser", "model": "haiku", "created_at": "2026-01-31T09:30:00Z"}
MOMENT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
KEY = "sk-ant-api03-" + "aB3x9QzT" * 12


def read(**fields):
    return attempt_from_record(RECORD | fields)


def test_a_bare_record_has_its_gaps_filled_and_nothing_made_up():
    attempt = read()

    assert attempt.id.startswith("imported-")
    assert (attempt.created_at, attempt.updated_at) == (MOMENT, MOMENT)
    assert attempt.task_keywords == ("bug", "parser")
    assert (attempt.status, attempt.selection, attempt.retry_count) == ("pending", "imported", 0)
    written = record_from_attempt(attempt)
    filled = {"id", "task", "model", "created_at", "updated_at", "task_keywords", "status", "selection", "retry_count"}
    assert {name for name, value in written.items() if value is not None} == filled
    assert list(written) == list(LOG_FIELDS)


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00",
        "2026-01-31 09:30:00",
        "2026-01-31T10:30:00+01:00",
        " 2026-01-31T09:30:00.000000Z ",
        1769851800,
        1769851800.0,
        1769851800000,
    ],
)
def test_a_time_may_be_written_in_many_ways(written):
    assert read(created_at=written).created_at == MOMENT


def test_other_names_of_fields_are_understood_and_kept():
    record = {"description": "Update the readme", "model": "haiku", "timestamp": "2026-01-31T09:30:00Z"}
    attempt = attempt_from_record(record | {"completed_at": 1769852400})

    assert (attempt.task, attempt.created_at) == ("Update the readme", MOMENT)
    assert attempt.updated_at == datetime(2026, 1, 31, 9, 40, tzinfo=UTC)
    assert record_from_attempt(attempt)["description"] == "Update the readme"


@pytest.mark.parametrize(
    ("fields", "status", "outcome", "evidence"),
    [
        ({"status": "complete"}, "completed", "success", "implicit"),
        ({"status": "Done", "outcome": "ok"}, "completed", "success", "implicit"),
        ({"status": "error"}, "failed", "failure", "implicit"),
        ({"status": "failed", "error_type": "timeout"}, "failed", None, None),
        ({"outcome": "failed"}, "failed", "failure", "reported"),
        ({"outcome": "partial-success"}, "completed", "partial", "reported"),
        ({"outcome": "success", "evidence": "tests"}, "completed", "success", "tests"),
        ({"status": "in progress"}, "running", None, None),
        ({"status": "canceled"}, "cancelled", None, None),
    ],
)
def test_what_came_of_it_is_understood(fields, status, outcome, evidence):
    attempt = read(**fields)

    assert (attempt.status, attempt.outcome, attempt.evidence) == (status, outcome, evidence)


def test_a_retry_count_without_a_link_is_a_failure_of_its_own_model():
    assert read(status="complete", retry_count=2).judged_outcome == "failure"
    assert read(status="complete", retry_count=2, previous_dispatch_id="x").judged_outcome == "success"


def test_what_a_record_says_is_kept():
    said = {"task_keywords": ["Mine"], "selection": "explored", "propensities": {"haiku": 0.1, "opus": 0.9}}
    attempt = read(**said, complexity="hard", id=17)

    assert (attempt.task_keywords, attempt.selection, attempt.complexity, attempt.id) == (
        ("Mine",),
        "explored",
        "complex",
        "17",
    )
    assert is_comparable(attempt)


def test_equal_records_without_an_id_get_the_same_and_others_another():
    assert read().id == attempt_from_record(dict(reversed(RECORD.items()))).id
    assert read().id != read(notes="x").id


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"task": None}, "task is missing"),
        ({"task": "  "}, "task is missing"),
        ({"model": ""}, "model is missing"),
        ({"created_at": None}, "created_at is missing"),
        ({"created_at": "yesterday"}, "created_at is 'yesterday'"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at is '0001"),
        ({"created_at": float("nan")}, "created_at is nan"),
        ({"created_at": 10**400}, "created_at is a huge number"),
        ({"updated_at": True}, "updated_at is True"),
        ({"complexity": "gigantic"}, "complexity is 'gigantic'; expected one of simple, medium, complex"),
        ({"outcome": 3}, "outcome is 3"),
        ({"tokens_used": -1}, "tokens_used is -1; expected a number from 0"),
        ({"tokens_used": "many"}, "tokens_used is 'many'"),
        ({"tokens_used": 10**19}, "tokens_used is 1"),
        ({"tokens_used": 10**400}, "tokens_used is a huge number"),
        ({"cost_usd": float("inf")}, "cost_usd is inf"),
        ({"cost_usd": float("nan")}, "cost_usd is nan"),
        ({"quality_score": 85}, "quality_score is 85; expected a number from 0 to 1"),
        ({"retry_count": True}, "retry_count is True"),
        ({"workspace": ["shop"]}, "workspace is a list; expected text"),
        ({"model_was_sufficient": "yes"}, "model_was_sufficient is 'yes'"),
        ({"task_keywords": "docs"}, "task_keywords is text"),
        ({"propensities": {"haiku": 1.5}}, "propensities is not an object of probabilities"),
        ({"id": "a", "previous_dispatch_id": "a"}, "previous_dispatch_id is its own id"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(fields, reason):
    with pytest.raises(DispatchLogError) as refused:
        read(**fields)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize("record", [None, 3, "text", [RECORD], True])
def test_what_is_no_object_is_refused(record):
    with pytest.raises(DispatchLogError, match="expected an object with at least task, model and created_at"):
        attempt_from_record(record)


def test_what_is_nested_too_deeply_is_refused():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(DispatchLogError, match="nested too deeply"):
        read(mine=deep)


def test_a_secret_is_taken_out_wherever_it_stands():
    attempt = read(
        task=f"Call the API with {KEY}",
        notes=f"used {KEY}",
        task_keywords=[KEY],
        environment={"headers": [{"Authorization": f"Bearer {KEY}"}], "password": "correct-horse-9"},
        **{KEY: "as a name"},
        database=[{"db_password": "hunter2x9"}],
    )
    stored = json.dumps(record_from_attempt(attempt))

    for secret in (KEY, "aB3x9QzT", "correct-horse-9", "hunter2x9"):
        assert secret not in stored
    assert attempt.extra["environment"]["password"] == "[redacted:password]"


def test_unknown_fields_come_back_as_they_were():
    mine = {"ticket": 7, "labels": ["a", None, 1.5, True], "review": {"by": "Ada", "tokens": "12000"}, "empty": ""}
    written = record_from_attempt(read(**mine))

    assert {name: written[name] for name in mine} == mine


def test_half_an_emoji_is_replaced_because_it_cannot_be_stored():
    attempt = read(task="Fix it \ud83d", extra_note={"k\ud83d": "v\ude42"}, task_keywords=["\ud83d"])

    assert attempt.task == "Fix it \ufffd"
    json.dumps(record_from_attempt(attempt), ensure_ascii=False).encode()


def test_a_number_that_json_does_not_know_is_null_in_an_unknown_field():
    assert read(score=float("nan"), more=[float("inf"), 1.0]).extra == {"score": None, "more": [None, 1.0]}
