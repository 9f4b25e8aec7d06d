"""The ladder a retry climbs."""

from datetime import UTC, datetime, timedelta

import pytest

from modelmerit.routing.escalation import Failed, ago, next_rung, reason

LADDER = ("haiku", "sonnet", "opus")
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failed", "recommended", "rung"),
    [
        ("haiku", "haiku", "sonnet"),
        ("sonnet", "haiku", "opus"),
        ("haiku", "opus", "opus"),
        ("sonnet", "unknown", "opus"),
        ("opus", "haiku", "opus"),
        ("opus", "opus", "opus"),
        ("unknown", "haiku", None),
    ],
)
def test_a_retry_climbs_one_rung_above_what_failed_or_to_the_recommended_if_that_is_higher(failed, recommended, rung):
    assert next_rung(LADDER, failed, recommended) == rung


def test_without_a_ladder_nothing_climbs():
    assert next_rung((), "haiku", "haiku") is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "less than a minute"),
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (725, "12 minutes"),
    ],
)
def test_time_is_told_to_the_minute(seconds, words):
    assert ago(timedelta(seconds=seconds)) == words


def test_the_reason_is_one_line():
    failed = Failed("claude-haiku-4-5", NOW - timedelta(minutes=12))

    assert reason(failed, "haiku", NOW, at_top=False) == "escalated: haiku failed 12 minutes ago"
