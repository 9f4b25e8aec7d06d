from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.learning.tallies import Tallies
from modelmerit.learning.tallying import Measures, TallyKey, keys_of, measures_of
from modelmerit.records import Attempt

START = datetime(2026, 1, 5, tzinfo=UTC)

attempts = st.builds(
    Attempt,
    id=st.uuids().map(str),
    task=st.just("Add tests"),
    model=st.sampled_from(["haiku-1", "opus-1"]),
    created_at=st.integers(0, 20).map(lambda day: START + timedelta(days=day)),
    updated_at=st.just(START + timedelta(days=21)),
    complexity=st.sampled_from(["simple", "medium", None]),
    outcome=st.sampled_from(["success", "partial", "failure", None]),
    task_keywords=st.sampled_from([(), ("test",), ("test", "docs")]),
    recommended_model=st.sampled_from(["haiku-1", None]),
    propensities=st.just({"haiku-1": 0.9, "opus-1": 0.1}),
    cost_usd=st.sampled_from([None, 0.25, 0.5]),
    error_type=st.sampled_from([None, "model", "harness"]),
)


def summed(tallies: Tallies) -> dict[str, float]:
    return {name: tallies.total(name) for name in Measures._fields}


@given(st.lists(attempts, max_size=12), st.lists(attempts, max_size=12))
def test_tallies_are_additive(some: list[Attempt], others: list[Attempt]) -> None:
    first, second, both = (summed(Tallies.from_attempts(part)) for part in (some, others, some + others))
    assert both == {name: first[name] + second[name] for name in both}


@given(st.lists(attempts, max_size=15))
def test_every_row_keeps_its_labels(some: list[Attempt]) -> None:
    rows = [(*key, *measures_of(one)) for one in some for key in keys_of(one)]
    tallies = Tallies.from_rows(rows)
    names = TallyKey._fields
    kept = [
        tuple(
            tallies.labels[name][tallies.codes[name][at]] if name in tallies.codes else int(getattr(tallies, name)[at])
            for name in names
        )
        for at in range(len(tallies))
    ]
    assert kept == [row[: len(names)] for row in rows]


def test_nothing_makes_empty_columns() -> None:
    tallies = Tallies.from_rows([])
    assert len(tallies) == 0
    assert tallies.total("attempts", tallies.rows_of(model="haiku-1")) == 0


def test_a_label_that_never_came_up_has_no_rows() -> None:
    tallies = Tallies.from_rows([(1, "simple", "", "", "", "haiku-1", "", 0, 0, *Measures(attempts=2))])
    assert not tallies.rows_of(model="opus-1").any()
    assert tallies.total("attempts", tallies.rows_of(complexity="simple")) == 2


def test_more_rows_than_fit_in_a_chunk_are_all_there() -> None:
    count = 70_000
    rows = ((day, "simple", f"k{day % 7}", "", "", "haiku-1", "", 50, 0, *Measures(attempts=1)) for day in range(count))
    tallies = Tallies.from_rows(rows)
    assert len(tallies) == count
    assert tallies.total("attempts") == count
    assert np.array_equal(tallies.between(10, 19).day, np.arange(10, 20))


def test_tasks_without_a_complexity_are_those_of_the_medium_ones_when_they_are_routed() -> None:
    rows = [
        (1, complexity, "", "", "", "haiku-1", "", 0, 0, *Measures(attempts=count))
        for complexity, count in (("", 2), ("complex", 3), ("medium", 4))
    ]
    routed = Tallies.from_rows(rows).as_routed()
    assert routed.total("attempts", routed.rows_of(complexity="medium")) == 6
    assert routed.total("attempts", routed.rows_of(complexity="complex")) == 3
    assert not routed.rows_of(complexity="").any()


def test_workspaces_and_roles_are_told_from_keywords() -> None:
    rows = [
        (1, "", label, "", "", "haiku-1", "", 0, 0, *Measures(attempts=1)) for label in ("", "docs", "role=reviewer")
    ]
    assert Tallies.from_rows(rows).without_groups().total("attempts") == 2
