"""What becomes of a suggestion from one analysis to the next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.errors import UnknownSuggestion
from modelmerit.evidence.decisions import AnalysisMark, StoredSuggestion
from modelmerit.evidence.store import Store

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def found(name: str = "s-1", *, at: datetime = FIRST, weight: int = 100, confidence: float = 0.9) -> StoredSuggestion:
    return StoredSuggestion(
        id=name,
        type="change_default",
        change=f"{name}: opus -> haiku",
        confidence=confidence,
        weight=weight,
        payload={"scope": {"complexity": "simple"}, "edits": {"summary": "", "edits": []}, "reason": "“cheaper”"},
        proposed_at=at,
        updated_at=at,
    )


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(tmp_path / "a.db")
    yield store
    await store.close()


async def analysed(store: Store, *suggestions: StoredSuggestion, at: datetime) -> dict[str, StoredSuggestion]:
    made = [replace(suggestion, proposed_at=at, updated_at=at) for suggestion in suggestions]
    kept = await store.save_analysis(made, AnalysisMark(at, 1, "hash"))
    return {suggestion.id: suggestion for suggestion in kept}


async def decided(store: Store, status, at: datetime, **fields) -> None:
    known = await store.suggestion("s-1")
    await store.decide(
        replace(known, status=status, updated_at=at, decision_weight=known.weight, decided_by="ada", **fields)
    )


async def test_a_suggestion_comes_back_as_it_was_kept_and_shows_no_edits(store):
    await analysed(store, found(), at=FIRST)

    assert await store.suggestion("s-1") == found()
    assert await store.suggestions() == [found()]
    assert found().to_dict() == {"scope": {"complexity": "simple"}, "reason": "“cheaper”", "status": "proposed"}
    assert await store.latest_analysis() == AnalysisMark(FIRST, 1, "hash")


async def test_the_surest_comes_first(store):
    await analysed(store, found("a", confidence=0.8), found("b", confidence=0.99), found("c", confidence=0.8), at=FIRST)

    assert [suggestion.id for suggestion in await store.suggestions()] == ["b", "a", "c"]


async def test_what_is_not_found_again_is_superseded_and_may_return(store):
    await analysed(store, found(), at=FIRST)
    gone = await analysed(store, at=FIRST + DAY)
    back = await analysed(store, found(), at=FIRST + 2 * DAY)

    assert gone["s-1"].status == "superseded"
    assert (back["s-1"].status, back["s-1"].proposed_at) == ("proposed", FIRST)


@pytest.mark.parametrize("status", ["rejected", "rolled back"])
async def test_what_a_human_did_not_want_returns_when_its_evidence_has_doubled(store, status):
    await analysed(store, found(weight=100), at=FIRST)
    await decided(store, status, FIRST + DAY)
    for weight in (100, 150, 199):
        kept = await analysed(store, found(weight=weight), at=FIRST + 2 * DAY)
        assert kept["s-1"].status == status
    gone = await analysed(store, at=FIRST + 3 * DAY)
    assert gone["s-1"].status == status
    back = await analysed(store, found(weight=200), at=FIRST + 4 * DAY)

    assert (back["s-1"].status, back["s-1"].decided_by, back["s-1"].proposed_at) == ("proposed", None, FIRST + 4 * DAY)


async def test_what_is_applied_stays_so_when_it_is_not_found_any_more(store):
    await analysed(store, found(), at=FIRST)
    await decided(store, "applied", FIRST + DAY, change_id="change-1")
    kept = await analysed(store, at=FIRST + 2 * DAY)

    assert (kept["s-1"].status, kept["s-1"].change_id) == ("applied", "change-1")


@pytest.mark.parametrize("status", ["applied", "rejected", "superseded"])
async def test_an_analysis_does_not_undo_what_was_decided_while_it_was_at_work(store, status):
    await analysed(store, found(), at=FIRST)
    began = FIRST + DAY
    await decided(store, status, began + timedelta(seconds=1))
    kept = await analysed(store, found(weight=900), at=began)

    assert kept["s-1"].status == status


async def test_an_analysis_does_not_supersede_what_a_newer_one_has_found(store):
    await analysed(store, found(), at=FIRST + DAY)
    kept = await analysed(store, at=FIRST)

    assert kept["s-1"].status == "proposed"


async def test_an_unknown_suggestion_is_an_error_that_says_where_they_are_listed(store):
    with pytest.raises(UnknownSuggestion, match=r"'s-9'.*suggest_model_rules"):
        await store.suggestion("s-9")
    assert await store.latest_analysis() is None
