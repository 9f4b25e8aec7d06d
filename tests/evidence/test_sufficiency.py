"""What analyses have shown of the models, as the store keeps it and tells it of attempts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.evidence.decisions import AnalysisMark
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.evidence.store import Store
from modelmerit.learning.sufficiency import TaskKind
from modelmerit.records import Attempt

FIRST = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MEDIUM = TaskKind("medium", "", "opus")
DOCS = TaskKind("medium", "docs", "opus")
SIMPLE = TaskKind("simple", "", "opus")


def attempt(name: str, **fields) -> Attempt:
    return Attempt(
        **{
            "id": name,
            "task": "Extend the parser",
            "model": "opus",
            "complexity": "medium",
            "created_at": FIRST,
            "updated_at": FIRST,
            **fields,
        }
    )


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(tmp_path / "a.db")
    yield store
    await store.close()


async def shown(store: Store, verdicts: Mapping[TaskKind, bool | None], days: int = 0) -> None:
    await store.save_analysis([], AnalysisMark(FIRST + timedelta(days=days), 1, "hash"), verdicts)


async def exported(store: Store) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}
    await store.export(lambda one: found.update({one.id: one.model_was_sufficient}))
    return found


async def test_an_attempt_read_out_says_what_is_known_of_its_kind_of_task(store):
    await store.import_attempts(
        [attempt("plain"), attempt("docs", task_keywords=("docs",)), attempt("h", model="haiku")]
    )
    assert await exported(store) == {"plain": None, "docs": None, "h": None}
    await shown(store, {MEDIUM: True, DOCS: False})

    assert await exported(store) == {"plain": True, "docs": False, "h": None}
    assert (await store.attempt("docs")).model_was_sufficient is False


async def test_what_was_imported_stays(store):
    await store.import_attempts([attempt("mine", model_was_sufficient=True)])
    await shown(store, {MEDIUM: False})

    assert await exported(store) == {"mine": True}
    assert (await store.attempt("mine")).model_was_sufficient is True


async def test_a_verdict_is_never_written_into_an_attempt(store):
    await store.import_attempts([attempt("t")])
    await shown(store, {MEDIUM: False})
    told, _ = await store.report("t", OutcomeReport(outcome="success", evidence="human"), FIRST)
    assert told.model_was_sufficient is None
    await shown(store, {MEDIUM: None}, days=1)

    assert await exported(store) == {"t": None}


async def test_an_analysis_replaces_what_was_said_of_the_models_it_looked_at_and_of_no_others(store):
    await store.import_attempts([attempt("plain"), attempt("docs", task_keywords=("docs",))])
    await store.import_attempts([attempt("easy", complexity="simple")])
    await shown(store, {MEDIUM: True, DOCS: False, SIMPLE: False})
    # Medium tasks are looked at again, and docs are nothing special any more; simple tasks are given to another model.
    await shown(store, {MEDIUM: True, TaskKind("simple", "", "haiku"): None}, days=1)

    assert await exported(store) == {"plain": True, "docs": True, "easy": False}
