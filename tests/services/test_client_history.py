"""Back-filling from a client's history: in order of time, once, and only what is new."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from modelmerit.app import open_app
from modelmerit.capture.runs import AgentRun, ModelUsage, Tokens
from modelmerit.services.client_history import ImportedHistory, import_history
from modelmerit.services.history_parts import HistoryPart, PartRuns
from modelmerit.services.history_preview import preview_history
from modelmerit.services.read_marks import ReadMark

BEGAN = datetime(2026, 10, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TASK = "Write the parser for the new date format in src/dates.py"


def run_of(run_id, minute, *, task=TASK, state="finished", model="claude-haiku-4-5-20251001"):
    started_at = BEGAN + timedelta(minutes=minute)
    return AgentRun(
        client="claude-code",
        run_id=run_id,
        session_id=f"session of {run_id}",
        kind="sub-agent",
        task=task,
        started_at=started_at,
        ended_at=None if state == "running" else started_at + timedelta(minutes=1),
        state=state,
        usage=(ModelUsage(model, Tokens(input=10, output=100)),) if model else (),
        workspace_path="/home/dev/project",
    )


class Part:
    """A part of a history, which counts how often it is read."""

    def __init__(self, source, *runs, version="1"):
        self.source, self.runs, self.version = source, list(runs), version
        self.times_read = 0

    def read(self):
        self.times_read += 1
        return PartRuns(self.runs)

    def as_part(self):
        began = min((run.started_at for run in self.runs), default=BEGAN)
        return HistoryPart(self.source, self.version, 100, began, self.read)


@pytest.fixture
async def app(home):
    minutes = count()
    async with open_app(now=lambda: NOW + timedelta(minutes=next(minutes))) as app:
        yield app


async def brought_in(app, *parts, **options):
    policy = app.policy_file.current().policy
    in_order = sorted((part.as_part() for part in parts), key=lambda part: part.began)
    return await import_history(app.store, policy, "claude-code", in_order, now=app.now, **options)


async def attempt_of(app, run_id):
    return await app.store.attempt(f"claude-code-{run_id}")


async def test_twice_adds_nothing_and_reads_nothing(app):
    parts = [Part("one", run_of("a", 0), run_of("b", 90, task="Something else")), Part("two", run_of("c", 300))]
    first, second = await brought_in(app, *parts), await brought_in(app, *parts)

    assert (first.added, first.read, first.unchanged) == (3, 2, 0)
    assert (second.added, second.read, second.unchanged) == (0, 0, 2)
    assert [part.times_read for part in parts] == [1, 1]
    assert await app.store.counter("attempts") == 3


async def test_a_part_that_grew_adds_what_is_new(app):
    at_work = replace(run_of("a", 0, state="running"), active_at=NOW - timedelta(hours=23))
    part, other = Part("one", at_work), Part("two", run_of("c", 300))
    first = await brought_in(app, part, other)
    assert (first.added, first.running) == (2, 1)
    assert (await attempt_of(app, "a")).outcome is None
    part.runs = [run_of("a", 0), run_of("b", 90, task="Something else")]
    part.version = "2"
    second = await brought_in(app, part, other)

    assert (second.added, second.changed, second.read, second.unchanged) == (1, 1, 1, 1)
    assert (await attempt_of(app, "a")).outcome is not None


async def test_a_run_that_nothing_was_written_of_for_a_day_was_cancelled_and_is_no_failure_of_its_model(app):
    abandoned = replace(run_of("a", 0, state="running"), active_at=NOW - timedelta(hours=25))
    result = await brought_in(app, Part("one", abandoned))
    assert (result.added, result.running) == (1, 0)
    attempt = await attempt_of(app, "a")
    assert (attempt.status, attempt.outcome, attempt.error_type) == ("cancelled", "failure", "cancelled")


async def test_a_retry_in_an_overlapping_session_finds_what_it_retries(app):
    # The first session is read first, and goes on after the second has begun and ended; the task of each minute is
    # tried again in the other session.
    first = Part("one", run_of("a", 0, state="failed"), run_of("c", 40))
    second = Part("two", run_of("b", 20, state="failed"))
    await brought_in(app, first, second)

    assert (await attempt_of(app, "b")).previous_dispatch_id == "claude-code-a"
    assert (await attempt_of(app, "c")).previous_dispatch_id == "claude-code-b"
    assert (await attempt_of(app, "b")).retried


async def test_what_cannot_be_read_is_listed_and_read_the_next_time(app):
    good, bad = Part("good", run_of("a", 0)), Part("bad", run_of("b", 90))
    readable = bad.read

    def unreadable():
        raise PermissionError(13, "Permission denied", "bad")

    bad.read = unreadable
    first = await brought_in(app, good, bad)
    assert [(one.source, one.reason) for one in first.unreadable] == [("bad", "Permission denied")]
    assert first.added == 1
    bad.read = readable
    second = await brought_in(app, good, bad)

    assert (second.added, second.unchanged, second.unreadable) == (1, 1, [])


async def test_an_import_that_is_cancelled_keeps_what_was_read_and_goes_on_from_there(app):
    parts = [Part(f"part {n}", run_of(f"r{n}", 100 * n, task=f"Task number {n} of ten")) for n in range(10)]
    result = ImportedHistory()
    importing = None

    def stop_at_the_fifth(_):
        if result.read == 5:
            importing.cancel()

    importing = asyncio.create_task(brought_in(app, *parts, progress=stop_at_the_fifth, result=result))
    with pytest.raises(asyncio.CancelledError):
        await importing
    assert result.added == await app.store.counter("attempts") == 5
    again = await brought_in(app, *parts)

    assert (again.added, again.unchanged) == (5, 5)
    assert await app.store.counter("attempts") == 10


async def test_turns_and_an_earlier_day_are_read_though_the_part_is_unchanged(app):
    part = Part("one", run_of("a", 0))
    await brought_in(app, part, since=BEGAN)
    for options in ({"since": BEGAN + timedelta(days=1)}, {"since": BEGAN}, {}, {}, {"turns": True}, {"since": BEGAN}):
        await brought_in(app, part, **options)

    # Read at first, without a day, and with turns; the others had been read by then.
    assert part.times_read == 3


async def test_models_without_a_price_are_counted(app):
    result = await brought_in(app, Part("one", run_of("a", 0, model="nobody-knows-1")))

    assert result.unpriced == {"nobody-knows-1": 1}


async def test_a_secret_in_a_task_is_not_stored(app):
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7h8"
    await brought_in(app, Part("one", run_of("a", 0, task=f"Push with the token {secret}")))

    assert secret not in (await attempt_of(app, "a")).task


def test_a_preview_counts_new_runs_once():
    parts = [Part("one", run_of("a", 0), run_of("b", 5, model=None)).as_part(), Part("two", run_of("a", 0)).as_part()]
    preview = preview_history([*parts, Part("three", run_of("c", 9)).as_part()], {"c"})

    assert preview.new == {"claude-haiku-4-5-20251001": 1, "": 1}
    assert (preview.parts, preview.known) == (3, 1)


@pytest.mark.parametrize(
    ("have", "want", "covered"),
    [
        (ReadMark("1"), ReadMark("1"), True),
        (ReadMark("1"), ReadMark("2"), False),
        (ReadMark("1"), ReadMark("1", turns=True), False),
        (ReadMark("1", turns=True), ReadMark("1"), True),
        (ReadMark("1"), ReadMark("1", since=BEGAN), True),
        (ReadMark("1", since=BEGAN), ReadMark("1"), False),
        (ReadMark("1", since=BEGAN), ReadMark("1", since=BEGAN + timedelta(days=1)), True),
        (ReadMark("1", since=BEGAN), ReadMark("1", since=BEGAN - timedelta(days=1)), False),
        (ReadMark("1", reader=0), ReadMark("1"), False),
    ],
)
def test_a_mark_covers_what_was_read_with_it(have, want, covered):
    written = ReadMark.parse(str(have))

    assert written == have
    assert written.covers(want) is covered


@pytest.mark.parametrize("text", ["", "size 5", "x 1:2 agents all", "1 1:2 agents since"])
def test_a_text_that_is_no_mark_is_none(text):
    assert ReadMark.parse(text) is None
