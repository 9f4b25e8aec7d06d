"""Times as old logs write them: every usual way is understood, and what cannot be is refused."""

from datetime import UTC, datetime

import pytest

from modelmerit.errors import DispatchLogError
from modelmerit.evidence.log_times import moment

MOMENT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00",
        "2026-01-31 09:30:00",
        "2026-01-31 09:30",
        "2026-01-31T09:30Z",
        "2026-01-31t09:30:00z",
        "2026-01-31T10:30:00+01:00",
        "2026-01-31 10:30:00 +0100",
        "2026-01-31 10:30:00+01",
        "2026-01-31 09:30:00 UTC",
        "2026-01-31 09:30:00,000",
        " 2026-01-31T09:30:00.000000Z ",
        "2026-01-31T09:30:00.000000000Z",
        "20260131T093000Z",
        "2026/01/31 09:30:00",
        "2026/01/31 09:30 UTC",
        "Sat, 31 Jan 2026 09:30:00 +0000",
        "Sat, 31 Jan 2026 09:30:00 GMT",
        "Sat, 31 Jan 2026 10:30:00 +0100",
        "31 Jan 2026 09:30:00 -0000",
        "Sat Jan 31 09:30:00 2026",
        "Sat Jan 31 09:30:00 UTC 2026",
        "Sat Jan 31 2026 10:30:00 GMT+0100 (Central European Standard Time)",
        1769851800,
        1769851800.0,
        1769851800000,
        "1769851800",
        "1769851800.0",
        "1769851800000",
    ],
)
def test_a_time_may_be_written_in_many_ways(written):
    assert moment("created_at", written) == MOMENT


@pytest.mark.parametrize("written", ["2026-01-31", "20260131", "2026/01/31"])
def test_a_day_begins_at_midnight(written):
    assert moment("created_at", written) == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("written", [1769851800.123, 1769851800123, "1769851800123", "2026-01-31T09:30:00.123"])
def test_fractions_of_a_second_are_kept(written):
    assert moment("created_at", written) == MOMENT.replace(microsecond=123_000)


@pytest.mark.parametrize(
    "written",
    [
        *("yesterday", "", "31.01.2026", "01/31/2026", "2026-13-01", "2026-01-31 25:00", "12", "2026"),
        # A zone nobody can tell, or half a day, would be hours off if it were taken for UTC.
        *("Sat, 31 Jan 2026 09:30:00 CEST", "Sat Jan 31 09:30:00 CET 2026", "31 Jan 2026 09:30 PM"),
        *(True, [2026, 1, 31], {"seconds": 1}, float("nan"), float("inf"), 10**400, -1e30),
    ],
)
def test_what_is_no_time_is_refused(written):
    with pytest.raises(DispatchLogError, match=r"^created_at is .*; expected a time such as 2026-01-31T09:30:00Z"):
        moment("created_at", written)


@pytest.mark.parametrize(
    "written", [0, -5, 1, "1999-12-31T23:59:59Z", 20260131, "2100-01-01", "9999-12-31T23:59:59Z", 20260131093000]
)
def test_a_time_at_which_nothing_can_have_been_dispatched_is_refused(written):
    with pytest.raises(DispatchLogError, match=r"^created_at is .*; expected a time from 2000 to 2099"):
        moment("created_at", written)


@pytest.mark.parametrize("written", ["2000-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "2000-01-01T14:00:00+14:00"])
def test_the_first_and_the_last_moment_that_can_be_are_taken(written):
    assert moment("created_at", written).year in (2000, 2099)
