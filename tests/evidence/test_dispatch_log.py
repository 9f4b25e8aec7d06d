"""Records as people already have them: old habits understood, what cannot be refused, nothing lost."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.dispatch_log import attempt_from_record, record_from_attempt
from modelmerit.evidence.log_fields import LOG_FIELDS, UNDERSTOOD
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


def test_a_time_may_be_written_in_other_ways():
    attempt = read(created_at="Sat, 31 Jan 2026 09:30:00 GMT", updated_at="1769852400")

    assert (attempt.created_at, attempt.updated_at) == (MOMENT, MOMENT.replace(minute=40))


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
        ({"status": "COMPLETED", "outcome": "SUCCESS"}, "completed", "success", "implicit"),
        ({"status": "Completed", "outcome": "Unknown"}, "completed", "success", "implicit"),
        ({"status": "running", "outcome": "pending"}, "running", None, None),
        ({"status": None, "outcome": ""}, "pending", None, None),
        ({"status": "done", "outcome": False}, "completed", "failure", "reported"),
    ],
)
def test_what_came_of_it_is_understood(fields, status, outcome, evidence):
    attempt = read(**fields)

    assert (attempt.status, attempt.outcome, attempt.evidence) == (status, outcome, evidence)


def test_a_retry_count_without_a_link_is_a_failure_of_its_own_model():
    assert read(status="complete", retry_count=2).judged_outcome == "failure"
    assert read(status="complete", retry_count=2, previous_dispatch_id="x").judged_outcome == "success"


@pytest.mark.parametrize("nobody", [None, "", "None", "null"])
def test_a_link_to_nobody_is_none(nobody):
    attempt = read(id=nobody, previous_dispatch_id=nobody, retry_count="1", status="Complete")

    assert attempt.previous_dispatch_id is None
    assert attempt.id.startswith("imported-")
    assert attempt.judged_outcome == "failure"


@pytest.mark.parametrize(
    ("written", "tokens", "seconds"),
    [
        ("1200", 1200, 1200.0),
        (" 1200.0 ", 1200, 1200.0),
        ("1.2e3", 1200, 1200.0),
        (1200.0, 1200, 1200.0),
        ("0", 0, 0.0),
        *((nothing, None, None) for nothing in (None, "", "null", "N/A", "unknown")),
    ],
)
def test_a_number_may_be_text_and_nothing_may_have_a_word(written, tokens, seconds):
    attempt = read(tokens_used=written, execution_time_seconds=written)

    assert (attempt.tokens_used, attempt.execution_time_seconds) == (tokens, seconds)


def test_words_may_be_capitalised_and_true_may_be_text():
    attempt = read(complexity="Medium", priority="HIGH", selection="Override", model_was_sufficient="True")

    assert (attempt.complexity, attempt.priority, attempt.selection) == ("medium", "high", "override")
    assert attempt.model_was_sufficient is True


OLD_RECORDS = [
    # A log of before outcomes were reported.
    {"task": "Fix typo", "model": "haiku", "workspace": "shop", "status": "complete", "timestamp": "2025-11-03 14:22"},
    # One that a spreadsheet went through: every value is text.
    {"id": "17", "task": "Fix typo", "model": "haiku", "complexity": "Simple", "priority": "", "status": "Complete"}
    | {"created_at": "2025-11-03 14:22", "retry_count": "0", "tokens_used": "812", "execution_time_seconds": "41.5"},
    # One that a program wrote which knows no null.
    {"id": 17, "task": "Fix typo", "model": "haiku", "status": "FAILED", "created_at": 1762179720000}
    | {"previous_dispatch_id": "None", "retry_count": 1, "outcome": "failed", "notes": "", "cost": {"usd": "0.01"}},
    {"prompt": "Fix typo", "model": "haiku", "created_at": "Mon, 03 Nov 2025 14:22:00 GMT", "outcome": True},
]


@pytest.mark.parametrize("record", OLD_RECORDS)
def test_an_old_record_is_understood_and_exported_the_same_ever_after(record):
    attempt = attempt_from_record(record)
    written = record_from_attempt(attempt)

    assert attempt.created_at == datetime(2025, 11, 3, 14, 22, tzinfo=UTC)
    assert attempt.judged_outcome == (
        "failure" if "retry_count" in record and record["retry_count"] == 1 else "success"
    )
    assert {name: written[name] for name in record if name not in LOG_FIELDS} == {
        name: value for name, value in record.items() if name not in LOG_FIELDS
    }
    assert record_from_attempt(attempt_from_record(written)) == written


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=30)
    # Half of a character, as JSON may hold it.
    | st.sampled_from(["\ud83d", "a\ude42", "token: " + KEY, "hunter22!", "\x00", "\u2028"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=75, deadline=None)
@example({"total_tokens": []})
@given(st.dictionaries(st.text(max_size=12) | st.sampled_from(["password", "api_key", "my"]), JSON_VALUES, max_size=4))
def test_what_is_exported_is_exported_the_same_after_an_import(mine):
    # What old logs call our fields is read as those are, and refused where it cannot be.
    mine = {name: value for name, value in mine.items() if name not in UNDERSTOOD}
    attempt = read(**json.loads(json.dumps({"notes": str(mine), **mine})))
    written = json.dumps(record_from_attempt(attempt), ensure_ascii=False)

    assert attempt_from_record(json.loads(written)) == attempt
    assert json.dumps(record_from_attempt(attempt_from_record(json.loads(written))), ensure_ascii=False) == written
    written.encode()


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
        ({"created_at": "1999-12-31"}, "created_at is '1999-12-31'; expected a time from 2000"),
        ({"created_at": float("nan")}, "created_at is nan"),
        ({"created_at": 10**400}, "created_at is a huge number"),
        ({"updated_at": True}, "updated_at is True"),
        ({"updated_at": "2100-01-01"}, "updated_at is '2100-01-01'; expected a time from 2000 to 2099"),
        ({"complexity": "gigantic"}, "complexity is 'gigantic'; expected one of simple, medium, complex"),
        ({"outcome": 3}, "outcome is 3"),
        ({"tokens_used": -1}, "tokens_used is -1; expected a number from 0"),
        ({"tokens_used": "many"}, "tokens_used is 'many'"),
        ({"tokens_used": "-5"}, "tokens_used is '-5'; expected a number from 0"),
        ({"tokens_used": "NaN"}, "tokens_used is 'NaN'"),
        ({"tokens_used": "1,200"}, "tokens_used is '1,200'"),
        (
            {"outcome": "x" * 500},
            "outcome is 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...; expected",
        ),
        ({"tokens_used": 10**19}, "tokens_used is 1"),
        ({"tokens_used": 10**400}, "tokens_used is a huge number"),
        ({"total_tokens": []}, "total_tokens is []; expected a number from 0"),
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
