"""What the report says of single attempts, from a real store."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modelmerit.app import App, open_app
from modelmerit.records import Attempt
from modelmerit.services.observing import observe
from modelmerit.settings import Settings

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
async def empty(home: Path) -> AsyncIterator[App]:
    """The services of an empty home."""
    async with open_app(Settings.from_environment()) as app:
        yield app


def attempt(number: int, **fields: Any) -> Attempt:
    """A medium task of yesterday that haiku solved in a minute with 1000 tokens, unless `fields` say otherwise."""
    moment = fields.pop("created_at", NOW - timedelta(days=1, seconds=number))
    return Attempt(
        **{
            "id": f"t-{number:03}",
            "task": f"Extend part {number}",
            "model": "haiku",
            "complexity": "medium",
            "created_at": moment,
            "updated_at": moment,
            "outcome": "success",
            "evidence": "reported",
            "execution_time_seconds": 60.0,
            "tokens_used": 1000,
            **fields,
        }
    )


async def facts(app: App, *attempts: Attempt) -> Any:
    """What is observed once these attempts are stored."""
    await app.store.import_attempts(attempts)
    return await observe(app.store, app.policy_file.current().policy, NOW)


async def test_nothing_is_observed_of_nothing(empty: App) -> None:
    seen = await facts(empty)
    assert (seen.recommended, seen.executions_known, seen.with_outcome) == (0, 0, 0)
    assert (seen.followed_share, seen.executed_otherwise_share, seen.checked_share) == (None, None, 0.0)
    assert (seen.frequent_retries, seen.unusual_attempts) == ([], [])


async def test_what_ran_is_set_against_what_was_recommended_and_what_was_answered(empty: App) -> None:
    seen = await facts(
        empty,
        attempt(1, recommended_model="haiku", executed_model="haiku"),
        attempt(2, recommended_model="opus", executed_model="haiku"),
        attempt(3, recommended_model="haiku", executed_model="opus"),
        attempt(4, recommended_model="haiku"),
        attempt(5),
    )
    # 1 and 4 ran, or are taken to have run, on what was recommended; of 1, 2 and 3 it was seen what ran.
    assert (seen.recommended, seen.followed) == (4, 2)
    assert (seen.executions_known, seen.executed_otherwise) == (3, 1)


async def test_outcomes_are_counted_by_whether_tests_or_a_person_decided_them(empty: App) -> None:
    seen = await facts(
        empty,
        attempt(1, evidence="human"),
        attempt(2, evidence="tests"),
        attempt(3),
        attempt(4, outcome=None, evidence=None),
    )
    assert (seen.with_outcome, seen.checked) == (3, 2)
    assert seen.checked_share == pytest.approx(2 / 3)


@pytest.mark.parametrize(("days", "counted"), [(89, 1), (90, 0)])
async def test_only_the_policys_window_counts(empty: App, days: int, counted: int) -> None:
    seen = await facts(empty, attempt(1, created_at=NOW - timedelta(days=days)))
    assert seen.with_outcome == counted


async def test_what_is_tried_again_often_is_told_largest_share_first(empty: App) -> None:
    def group(start: int, size: int, retried: int, **fields: Any) -> list[Attempt]:
        return [attempt(start + n, retried=n < retried, **fields) for n in range(size)]

    seen = await facts(
        empty,
        *group(100, 20, 4),
        *group(200, 6, 3, model="opus", complexity=None),
        *group(300, 4, 2, model="sonnet"),  # twice is not often
        *group(400, 40, 3, complexity="simple"),  # nor is 3 of 40
    )
    assert [(one.model, one.complexity, one.retried, one.attempts) for one in seen.frequent_retries] == [
        ("opus", None, 3, 6),
        ("haiku", "medium", 4, 20),
    ]


async def test_a_figure_ten_times_off_is_unusual_and_a_success_that_took_next_to_nothing_comes_first(
    empty: App,
) -> None:
    seen = await facts(
        empty,
        *(attempt(number) for number in range(20)),
        attempt(50, tokens_used=600_000),
        attempt(51, execution_time_seconds=6.0),
        attempt(52, execution_time_seconds=0.0, outcome="failure"),
        attempt(53, execution_time_seconds=6.1, tokens_used=9_900),
    )
    assert [(one.id, one.figure, one.value, one.typical, one.contradicts_success) for one in seen.unusual_attempts] == [
        ("t-051", "execution_time_seconds", 6.0, 60.0, True),
        ("t-052", "execution_time_seconds", 0.0, 60.0, False),
        ("t-050", "tokens_used", 600_000, 1000, False),
    ]


async def test_too_few_alike_or_none_with_a_figure_say_nothing_of_what_is_usual(empty: App) -> None:
    few = [attempt(number, complexity="complex", tokens_used=10**6 if number == 0 else 10) for number in range(9)]
    unknown = [attempt(20 + number, execution_time_seconds=None, tokens_used=0) for number in range(20)]
    seen = await facts(empty, *few, *unknown)
    assert seen.unusual_attempts == []


async def test_what_is_more_than_thirty_days_old_is_no_longer_told_attempt_by_attempt(empty: App) -> None:
    long_ago = NOW - timedelta(days=31)
    seen = await facts(
        empty,
        *(attempt(number, retried=True, created_at=long_ago) for number in range(20)),
        attempt(50, created_at=long_ago, tokens_used=10**6),
    )
    assert (seen.frequent_retries, seen.unusual_attempts) == ([], [])


async def test_each_client_is_told_by_what_it_tells(empty: App) -> None:
    seen = await facts(
        empty,
        attempt(1, client="claude-code", evidence="human", recommended_model="haiku"),
        attempt(2, client="claude-code", evidence="tests", recommended_model="opus", executed_model="haiku"),
        attempt(3, client="claude-code", evidence="implicit", executed_model="opus"),
        attempt(4, client="claude-code", evidence=None, outcome=None),
        attempt(5, client="opencode", evidence="reported", outcome="failure"),
        attempt(6, client="opencode", created_at=NOW - timedelta(days=200)),
        attempt(7),
    )
    # The busiest first, then by name.
    claude, unnamed, opencode = seen.clients
    assert (claude.client, claude.attempts, claude.with_outcome) == ("claude-code", 4, 3)
    assert (claude.human, claude.tests, claude.reported, claude.implicit) == (1, 1, 0, 1)
    assert (claude.recommended, claude.followed) == (2, 1)
    assert (claude.executions_known, claude.executed_otherwise) == (2, 1)
    assert (claude.with_outcome_share, claude.followed_share) == (0.75, 0.5)
    assert (opencode.client, opencode.attempts, opencode.reported, opencode.followed_share) == ("opencode", 1, 1, None)
    assert (unnamed.client, unnamed.attempts) == ("", 1)
