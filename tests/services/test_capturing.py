"""Draining the spool: what hooks announced is read from the client's records and stored, once, whatever the order."""

import json
import random
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "capture"))

from claude_histories import make_session
from claude_traps import TRAPS, in_background, in_foreground, launched, still_running, woken_again
from claude_writing import HAIKU, SONNET, ExpectedRun, Session, Truth, tool_use

from modelmerit.app import App, open_app
from modelmerit.capture import hook
from modelmerit.evidence.outcomes import OutcomeReport
from modelmerit.records import Attempt
from modelmerit.services import live_sessions
from modelmerit.services.capturing import BATCH
from modelmerit.services.dispatching import TaskRequest
from modelmerit.settings import Settings

BEGAN = datetime(2026, 9, 1, 8, tzinfo=UTC)
INSTALLED = BEGAN - timedelta(hours=1)


class Clock:
    """Tells a time that the test moves on."""

    def __init__(self) -> None:
        self.time = BEGAN

    def __call__(self) -> datetime:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def app(home: Path, clock: Clock) -> AsyncIterator[App]:
    """The services of a home whose hooks were first heard an hour before the session."""
    async with opened(home, clock) as app:
        spooled(home, {"hook_event_name": "SessionStart", "session_id": "s"}, INSTALLED)
        await app.capturing.drain()
        yield app


@asynccontextmanager
async def opened(home: Path, clock: Clock) -> AsyncIterator[App]:
    settings = Settings(home=home, policy_path=home / "models.json", session_id="s", client="claude-code")
    async with open_app(settings, now=clock, rng=random.Random(1)) as app:
        yield app


@pytest.fixture
def session(tmp_path):
    """A session in the making."""
    return Session(Truth(tmp_path / "claude"), random.Random(5), BEGAN, "shop")


def spooled(home: Path, payload: dict, at: datetime) -> None:
    """Put an event into the spool as the hook does."""
    event = hook.event_of(payload, at.timestamp())
    assert event is not None
    hook.spool(str(home), event)


def stop_of(run: ExpectedRun, **other: object) -> dict:
    """What the client tells its hook at the end of a run."""
    return {
        "hook_event_name": "SubagentStop",
        "session_id": run.session_id,
        "transcript_path": str(run.transcript),
        "cwd": "/home/dev/shop",
        "agent_id": run.run_id,
        "agent_type": run.role,
        "agent_transcript_path": str(run.agent_transcript),
        **other,
    }


def words_in(session: Session) -> dict:
    """What the client tells its hook when the human has spoken."""
    return {
        "hook_event_name": "UserPromptSubmit",
        "session_id": session.id,
        "transcript_path": str(session.main.path),
        "prompt": "No.",
    }


def written(session: Session, *traps: object, clock: Clock) -> list[ExpectedRun]:
    """The runs of a session that is on disk up to now."""
    make_session(session, list(traps))
    session.tail = b""
    session.write()
    clock.time = session.now
    return list(session.truth.runs.values())


async def recorded(app: App) -> list[Attempt]:
    """Every attempt, oldest first."""
    attempts: list[Attempt] = []
    await app.store.export(attempts.append)
    return attempts


def waiting_in(home: Path) -> int:
    """How many events lie in the spool."""
    return len([file for file in (home / "spool").iterdir() if not file.name.startswith(".")])


async def test_a_sub_agent_that_stopped_is_recorded_with_all_that_its_transcript_says(app, home, clock, session):
    (run,) = written(session, in_foreground, clock=clock)
    spooled(home, stop_of(run), clock.time)
    drained = await app.capturing.drain()
    assert (drained.recorded, drained.faults) == (1, ())
    (attempt,) = await recorded(app)
    assert attempt.id == f"claude-code-{run.run_id}"
    assert (attempt.executed_model, attempt.recommended_model, attempt.selection) == (HAIKU, SONNET, "override")
    assert (attempt.outcome, attempt.evidence, attempt.status) == ("success", "tests", "completed")
    assert attempt.tokens_used == sum(tokens.total for tokens in run.models.values())
    assert attempt.output_tokens == sum(tokens.output for tokens in run.models.values())
    assert (attempt.role, attempt.client, attempt.session_id) == ("Explore", "claude-code", session.id)
    assert (attempt.workspace, attempt.workspace_path) == ("shop", "/home/dev/shop")
    assert attempt.task == run.task


@pytest.mark.parametrize("order", range(3))
async def test_events_in_any_order_and_twice_come_to_the_same(home, clock, session, order, tmp_path):
    runs = written(session, *random.Random(order).sample(TRAPS, 12), clock=clock)
    clock.wait(60)
    events = [stop_of(run) for run in runs if run.agent_transcript is not None] + [words_in(session)]

    async def drained_of(folder: Path, told: Iterable[dict]) -> list[Attempt]:
        async with opened(folder, clock) as app:
            spooled(folder, {"hook_event_name": "SessionStart"}, INSTALLED)
            for event in told:
                spooled(folder, event, clock.time - timedelta(seconds=30))
                await app.capturing.drain()
            assert waiting_in(folder) == 0
            return await recorded(app)

    shuffled = events * 2
    random.Random(order).shuffle(shuffled)
    expected = await drained_of(home, events)
    assert await drained_of(tmp_path / "other", shuffled) == expected
    assert {attempt.id for attempt in expected} == {f"claude-code-{run.run_id}" for run in runs}
    for attempt in expected:
        run = session.truth.runs[attempt.id.removeprefix("claude-code-")]
        if run.models:
            assert attempt.executed_model == next(iter(run.models)), run.trap
            assert attempt.tokens_used == sum(tokens.total for tokens in run.models.values()), run.trap
        assert attempt.error_type == run.error_type or run.trap == "interrupted", run.trap


async def test_a_stop_that_comes_before_the_last_line_waits_for_it(app, home, clock, session):
    (run,) = written(session, in_background, clock=clock)
    whole = run.agent_transcript.read_bytes()
    caller = session.main.path.read_bytes()
    run.agent_transcript.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    session.main.path.write_bytes(caller[: caller.index(b"<task-notification>") - 200])
    spooled(home, stop_of(run), clock.time)
    drained = await app.capturing.drain()
    assert (drained.events, drained.waiting) == (0, 1)
    assert [attempt.status for attempt in await recorded(app)] == ["running"]
    run.agent_transcript.write_bytes(whole)
    clock.wait(4)
    assert (await app.capturing.drain()).events == 1
    (attempt,) = await recorded(app)
    assert attempt.status == "completed"
    assert attempt.tokens_used == sum(tokens.total for tokens in run.models.values())
    assert waiting_in(home) == 0


async def test_a_transcript_that_stays_incomplete_is_taken_as_it_is(app, home, clock, session):
    (run,) = written(session, still_running, clock=clock)
    spooled(home, stop_of(run), clock.time)
    assert (await app.capturing.drain()).waiting == 1
    clock.wait(11)
    assert (await app.capturing.drain()).events == 1
    assert [attempt.status for attempt in await recorded(app)] == ["running"]
    assert waiting_in(home) == 0


async def test_of_a_transcript_that_never_comes_nothing_is_recorded_and_nothing_stays(app, home, clock, tmp_path):
    nowhere = str(tmp_path / "gone.jsonl")
    spooled(home, {"hook_event_name": "SubagentStop", "agent_id": "a1", "transcript_path": nowhere}, clock.time)
    await app.capturing.drain()
    clock.wait(11)
    await app.capturing.drain()
    assert await recorded(app) == []
    assert waiting_in(home) == 0


async def test_the_stop_of_a_compaction_is_no_run(app, home, clock, session):
    (run,) = written(session, in_foreground, clock=clock)
    ghost = {"agent_id": "acompact-1", "agent_type": "", "agent_transcript_path": "/nowhere/agent-acompact-1.jsonl"}
    spooled(home, stop_of(run, **ghost), clock.time)
    assert (await app.capturing.drain()).events == 1
    assert await recorded(app) == []


async def test_the_latest_end_of_an_agent_that_was_woken_again_counts(app, home, clock, session):
    session.trap = "woken"
    session.prompt("Draft something.")
    _, agent = launched(session, "Draft the release notes.", model="sonnet")
    session.work(agent)
    session.notify(agent)
    session.write()
    run, clock.time = agent.run, session.now
    spooled(home, stop_of(run), clock.time)
    clock.wait(4)
    await app.capturing.drain()
    first = (await recorded(app))[0].tokens_used
    session.prompt("Shorter, please.", agent)
    session.work(agent)
    session.notify(agent)
    session.write()
    clock.time = session.now
    spooled(home, stop_of(run), clock.time)
    await app.capturing.drain()
    (attempt,) = await recorded(app)
    assert first is not None
    assert attempt.tokens_used == sum(tokens.total for tokens in run.models.values()) > first


async def test_the_humans_next_words_count_once_the_client_has_kept_them(app, home, clock, session):
    session.trap = "words"
    session.prompt("Rename the function, please.")
    _, agent = launched(session, "Rename the function.")
    session.tool(agent, "Edit", "edited", file_path="a.py")
    session.answer(agent, {"type": "text", "text": "Done."}, stop="end_turn")
    session.notify(agent)
    session.answer(session.main, {"type": "text", "text": "It is done."}, stop="end_turn")
    session.write()
    clock.time = session.now
    spooled(home, stop_of(agent.run), clock.time)
    clock.wait(4)
    await app.capturing.drain()
    assert [(one.outcome, one.evidence) for one in await recorded(app)] == [("success", "implicit")]
    clock.wait(10)
    spooled(home, words_in(session), clock.time)
    assert (await app.capturing.drain()).waiting == 1
    session.now = clock.time
    session.prompt("No, that's wrong. It still fails with the same error.")
    session.write()
    clock.wait(4)
    await app.capturing.drain()
    assert [(one.outcome, one.evidence) for one in await recorded(app)] == [("failure", "human")]


async def test_runs_of_a_live_session_count_even_if_nobody_announced_them(app, home, clock, session):
    runs = written(session, in_foreground, in_background, clock=clock)
    spooled(home, stop_of(runs[0]), clock.time)
    await app.capturing.drain()
    assert len(await recorded(app)) == len(runs) == 2


async def test_what_ran_before_the_hooks_were_heard_of_is_history(home, clock, session):
    runs = written(session, in_foreground, in_background, woken_again, clock=clock)
    last = max(runs, key=lambda run: run.started_at)
    async with opened(home, clock) as app:
        spooled(home, stop_of(last), clock.time)
        await app.capturing.drain()
        assert [attempt.id for attempt in await recorded(app)] == [f"claude-code-{last.run_id}"]


async def test_the_run_of_a_dispatched_task_is_that_dispatch(app, home, clock, session):
    (run,) = written(session, in_foreground, clock=clock)
    ended, clock.time = clock.time, run.started_at - timedelta(seconds=20)
    async with opened(home, clock) as other:
        other.dispatching._settings = Settings(home, home / "models.json", None, session.id, "claude-code")
        dispatched = await other.dispatching.dispatch(TaskRequest(task=run.task, workspace="shop"))
    clock.time = ended
    spooled(home, stop_of(run), clock.time)
    await app.capturing.drain()
    (attempt,) = await recorded(app)
    assert attempt.id == dispatched.attempt.id
    assert (attempt.model, attempt.executed_model) == (SONNET, HAIKU)
    assert (attempt.outcome, attempt.evidence) == ("success", "tests")


async def test_what_was_reported_stands(app, home, clock, session):
    (run,) = written(session, in_foreground, clock=clock)
    spooled(home, stop_of(run), clock.time)
    await app.capturing.drain()
    (attempt,) = await recorded(app)
    await app.store.report(attempt.id, OutcomeReport(outcome="partial", evidence="reported"), clock.time)
    clock.wait(4)
    await app.capturing.drain()
    assert [one.outcome for one in await recorded(app)] == ["partial"]


async def test_while_the_store_cannot_be_written_events_wait(home, clock, session):
    (run,) = written(session, in_foreground, clock=clock)
    (home / "modelmerit.db").mkdir(parents=True)
    spooled(home, stop_of(run), clock.time)
    clock.wait(600)
    async with opened(home, clock) as app:
        assert len((await app.capturing.drain()).faults) == 1
        assert len((await app.capturing.drain()).faults) == 1
        assert waiting_in(home) == 1
        assert len((home / "hook-faults.log").read_text().splitlines()) == 1
        (home / "modelmerit.db").rmdir()
        assert (await app.capturing.drain()).recorded == 1
        assert waiting_in(home) == 0


async def test_a_transcript_that_cannot_be_read_holds_up_no_other(app, home, clock, session, tmp_path):
    (run,) = written(session, in_foreground, clock=clock)
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "noise.jsonl").write_bytes(random.Random(1).randbytes(100_000))
    for name in ("folder.jsonl", "noise.jsonl"):
        broken = stop_of(run, agent_id="a0", transcript_path=str(tmp_path / name))
        spooled(home, broken, clock.time - timedelta(seconds=1))
    spooled(home, stop_of(run), clock.time)
    assert (await app.capturing.drain()).recorded == 1
    clock.wait(11)
    await app.capturing.drain()
    assert waiting_in(home) == 0


async def test_one_drain_takes_a_batch_and_catching_up_takes_them_all(app, home, clock):
    for _ in range(BATCH + 1):
        spooled(home, {"hook_event_name": "SubagentStart", "agent_id": "a"}, clock.time)
    drained = await app.capturing.drain()
    assert (drained.events, drained.more) == (BATCH, True)
    for _ in range(BATCH):
        spooled(home, {"hook_event_name": "SubagentStart", "agent_id": "a"}, clock.time)
    await app.capturing.catch_up()
    assert waiting_in(home) == 0
    assert (await app.store.seen_events("claude-code"))["SubagentStart"].times == 2 * BATCH + 1


async def test_each_step_of_a_long_drain_first_gives_way_to_whoever_is_being_served(
    app, home, clock, session, monkeypatch
):
    monkeypatch.setattr(live_sessions, "LONGEST_STORING_S", 0.0)
    runs = written(session, *[in_foreground] * 5, clock=clock)
    spooled(home, stop_of(runs[0]), clock.time)
    clock.wait(60)
    stored_before: list[int] = []

    async def give_way() -> None:
        stored_before.append(len(await recorded(app)))

    app.capturing.give_way = give_way
    assert (await app.capturing.drain()).recorded == 5
    # Before the session is read, before each of the five runs is stored, and before the events are counted.
    assert stored_before == [0, 0, 1, 2, 3, 4, 5]


async def test_an_answer_waits_only_so_long_for_the_spool(app, home, clock):
    for _ in range(2 * BATCH + 1):
        spooled(home, {"hook_event_name": "SubagentStart", "agent_id": "a"}, clock.time)
    await app.capturing.catch_up(longest_s=0.0)
    assert waiting_in(home) == BATCH + 1


async def test_an_event_from_the_future_does_not_wait_for_its_time(app, home, clock, session):
    (run,) = written(session, in_foreground, clock=clock)
    spooled(home, stop_of(run), clock.time + timedelta(days=1))
    assert (await app.capturing.drain()).events == 1
    assert len(await recorded(app)) == 1


def opencode_store(path: Path, began: datetime) -> Path:
    """A store of OpenCode's in which one session called a sub-agent, which has answered."""
    at = int(began.timestamp() * 1000)
    called = {"tool": "task", "type": "tool", "callID": "call_1", "state": {
        "status": "completed", "input": {"prompt": "Write the doc.", "subagent_type": "writer"},
        "metadata": {"sessionId": "ses_child"}, "time": {"start": at + 1000, "end": at + 9000},
    }}  # fmt: skip
    answer = {"role": "assistant", "modelID": "small-1", "providerID": "acme", "finish": "stop", "cost": 0.25,
              "tokens": {"input": 70, "output": 30}, "time": {"completed": at + 8000}}  # fmt: skip
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE session (id, parent_id, directory, time_created);"
            "CREATE TABLE message (id, session_id, time_created, data);"
            "CREATE TABLE part (id, message_id, session_id, time_created, data)"
        )
        sessions = [
            ("ses_parent", None, "/home/dev/shop", at),
            ("ses_child", "ses_parent", "/home/dev/shop", at + 1000),
        ]
        connection.executemany("INSERT INTO session VALUES (?, ?, ?, ?)", sessions)
        messages = [
            ("msg_1", "ses_parent", at, {"role": "assistant", "finish": "tool-calls"}),
            ("msg_2", "ses_child", at + 1100, {"role": "user", "agent": "writer"}),
            ("msg_3", "ses_child", at + 2000, answer),
        ]
        rows = [(*message[:3], json.dumps(message[3])) for message in messages]
        connection.executemany("INSERT INTO message VALUES (?, ?, ?, ?)", rows)
        parts = [
            ("prt_1", "msg_1", "ses_parent", at + 1000, called),
            ("prt_2", "msg_2", "ses_child", at + 1100, {"type": "text", "text": "Write the doc."}),
        ]
        rows = [(*part[:4], json.dumps(part[4])) for part in parts]
        connection.executemany("INSERT INTO part VALUES (?, ?, ?, ?, ?)", rows)
        connection.commit()
    return path


async def test_a_sub_agent_of_opencode_is_recorded_from_its_store(app, home, clock, tmp_path):
    clock.wait(60)
    store = opencode_store(tmp_path / "opencode.db", clock.time - timedelta(seconds=30))
    ids = {"session_id": "ses_child", "parent_id": "ses_parent", "store": str(store)}
    for event, at in (("chat.message", 31), ("session.idle", 21), ("session.idle", 20)):
        noted = {"v": 1, "client": "opencode", "event": event, "at": clock.time.timestamp() - at}
        told = {"session_id": "ses_parent", "store": str(store)} if event == "chat.message" else ids
        hook.spool(str(home), noted | told)
    drained = await app.capturing.drain()
    assert (drained.events, drained.recorded, drained.faults) == (3, 1, ())
    (attempt,) = await recorded(app)
    assert (attempt.id, attempt.client, attempt.session_id) == ("opencode-ses_child", "opencode", "ses_parent")
    assert (attempt.executed_model, attempt.provider, attempt.role) == ("small-1", "acme", "writer")
    assert (attempt.tokens_used, attempt.cost_usd, attempt.outcome) == (100, 0.25, "success")


async def routed(app: App, session: Session, call_id: str, task: str = "Sort the invoices by date.") -> Attempt:
    """The dispatch that the hook made for a call, as `modelmerit.cli.agent_model` does."""
    app.dispatching._settings = Settings(app.settings.home, app.settings.policy_path, None, session.id, "claude-code")
    dispatched = await app.dispatching.dispatch(TaskRequest(task=task, workspace="shop"))
    await app.store.expect_run("claude-code", call_id, dispatched.attempt.id)
    return dispatched.attempt


async def test_a_call_that_the_human_refused_after_a_model_was_chosen_is_cancelled(app, home, clock, session):
    session.prompt("Sort the invoices.")
    block = tool_use(session, "Agent", description="Sort", prompt="Sort the invoices by date.")
    session.answer(session.main, {"type": "text", "text": "Calling."}, block, stop="tool_use")
    clock.time = session.now
    attempt = await routed(app, session, block["id"])
    said = "The user doesn't want to proceed with this tool use. The tool use was rejected. the user said:\nDo it here."
    session.result(session.main, block["id"], said, "Error: " + said, failed=True)
    session.write()
    clock.time = session.now
    spooled(home, words_in(session), clock.time)
    clock.wait(4)
    assert (await app.capturing.drain()).recorded == 1
    (standing,) = await recorded(app)
    assert (standing.id, standing.status, standing.error_type) == (attempt.id, "cancelled", "cancelled")
    assert standing.notes == "the human did not let the agent begin"
    assert standing.executed_model is None


async def test_a_call_that_is_still_to_be_allowed_stays_open(app, home, clock, session):
    session.prompt("Sort the invoices.")
    block = tool_use(session, "Agent", description="Sort", prompt="Sort the invoices by date.")
    session.answer(session.main, {"type": "text", "text": "Calling."}, block, stop="tool_use")
    session.write()
    clock.time = session.now
    await routed(app, session, block["id"])
    spooled(home, words_in(session), clock.time)
    clock.wait(4)
    await app.capturing.drain()
    clock.wait(23 * 3600)
    await app.capturing.close_abandoned()
    assert [(one.status, one.outcome) for one in await recorded(app)] == [("pending", None)]


async def test_a_call_of_which_nothing_is_heard_for_a_day_is_cancelled_unless_its_outcome_was_told(app, clock, session):
    silent = await routed(app, session, "toolu_silent")
    told = await routed(app, session, "toolu_told", "Translate the manual.")
    await app.store.report(told.id, OutcomeReport(outcome="success", evidence="reported"), clock.time)
    own = await app.dispatching.dispatch(TaskRequest(task="Write the changelog.", workspace="shop"))
    clock.wait(25 * 3600)
    await app.capturing.close_abandoned()
    found = {one.id: (one.status, one.outcome, one.error_type) for one in await recorded(app)}
    assert found == {
        silent.id: ("cancelled", "failure", "cancelled"),
        told.id: ("completed", "success", None),
        # No hook has named a call for this one: the agent works on it itself, and may report it yet.
        own.attempt.id: ("pending", None, None),
    }


async def test_a_run_whose_client_was_killed_is_cancelled_after_a_day_and_counts_if_it_goes_on(
    app, home, clock, session
):
    session.prompt("Draft something.")
    _, agent = launched(session, "Draft the release notes.", model="sonnet")
    session.tool(agent, "Read", file_path="a.py")
    session.write()
    clock.time = session.now
    spooled(home, {**words_in(session), "hook_event_name": "SessionEnd"}, clock.time)
    await app.capturing.drain()
    clock.wait(23 * 3600)
    await app.capturing.close_abandoned()
    assert [one.status for one in await recorded(app)] == ["running"]
    clock.wait(25 * 3600)
    await app.capturing.close_abandoned()
    (closed,) = await recorded(app)
    assert (closed.status, closed.outcome, closed.error_type) == ("cancelled", "failure", "cancelled")
    assert closed.executed_model == SONNET
    session.now = clock.time
    session.work(agent)
    session.notify(agent)
    session.write()
    clock.time = session.now
    spooled(home, stop_of(agent.run), clock.time)
    await app.capturing.drain()
    (finished,) = await recorded(app)
    assert (finished.status, finished.outcome, finished.error_type) == ("completed", "success", None)


async def test_a_run_that_ended_unheard_is_not_taken_for_abandoned(app, home, clock, session):
    session.prompt("Draft something.")
    _, agent = launched(session, "Draft the release notes.", model="sonnet")
    session.tool(agent, "Read", file_path="a.py")
    session.write()
    clock.time = session.now
    spooled(home, {**words_in(session), "hook_event_name": "SessionEnd"}, clock.time)
    await app.capturing.drain()
    session.work(agent)
    session.notify(agent)
    session.write()
    clock.wait(30 * 3600)
    await app.capturing.close_abandoned()
    assert [(one.status, one.outcome) for one in await recorded(app)] == [("completed", "success")]


async def test_a_called_agent_that_worked_unheard_is_looked_for_before_its_call_is_taken_for_abandoned(
    app, home, clock, session
):
    session.prompt("Draft something.")
    session.write()
    _, agent = launched(session, "Draft the release notes.", model="sonnet")
    clock.time = session.now
    attempt = await routed(app, session, agent.run.call_id, "Draft the release notes.")
    spooled(home, words_in(session), clock.time)
    clock.wait(4)
    await app.capturing.drain()
    assert [one.status for one in await recorded(app)] == ["pending"]
    session.work(agent)
    session.notify(agent)
    session.write()
    clock.wait(30 * 3600)
    await app.capturing.close_abandoned()
    assert [(one.id, one.outcome) for one in await recorded(app)] == [(attempt.id, "success")]


async def test_an_agent_that_begins_after_its_call_was_taken_for_abandoned_is_still_that_dispatch(
    app, home, clock, session
):
    session.prompt("Draft something.")
    _, agent = launched(session, "Draft the release notes.", model="sonnet")
    clock.time = session.now
    attempt = await routed(app, session, agent.run.call_id, "Draft the release notes.")
    clock.wait(30 * 3600)
    await app.capturing.close_abandoned()
    assert [one.status for one in await recorded(app)] == ["cancelled"]
    session.now = clock.time
    session.work(agent)
    session.notify(agent)
    session.write()
    clock.time = session.now
    spooled(home, stop_of(agent.run), clock.time)
    clock.wait(4)
    await app.capturing.drain()
    (finished,) = await recorded(app)
    assert (finished.id, finished.status, finished.executed_model) == (attempt.id, "completed", SONNET)
    assert (finished.outcome, finished.error_type) == ("success", None)


async def test_a_run_whose_records_are_gone_is_cancelled_after_a_day(app, home, clock, session):
    (run,) = written(session, still_running, clock=clock)
    spooled(home, stop_of(run), clock.time)
    clock.wait(11)
    await app.capturing.drain()
    session.main.path.unlink()
    run.agent_transcript.unlink()
    clock.wait(25 * 3600)
    await app.capturing.close_abandoned()
    (lost,) = await recorded(app)
    assert (lost.status, lost.notes) == ("cancelled", "nothing was heard of it for a day, and its records are gone")


async def test_a_run_whose_records_cannot_be_read_just_now_stays_open_until_they_can(app, home, clock, tmp_path):
    clock.wait(60)
    store = opencode_store(tmp_path / "opencode.db", clock.time - timedelta(seconds=30))
    finished = store.read_bytes()
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DELETE FROM message WHERE id = 'msg_3'")
        connection.execute("""UPDATE part SET data = replace(data, '"completed"', '"running"')""")
        connection.commit()
    noted = {"v": 1, "client": "opencode", "event": "chat.message", "at": clock.time.timestamp() - 31}
    hook.spool(str(home), noted | {"session_id": "ses_parent", "store": str(store)})
    await app.capturing.drain()
    store.write_bytes(b"half of a file that is being restored")
    clock.wait(25 * 3600)
    await app.capturing.close_abandoned()
    assert [one.status for one in await recorded(app)] == ["running"]
    store.write_bytes(finished)
    clock.wait(2 * 3600)
    await app.capturing.close_abandoned()
    assert [(one.status, one.outcome) for one in await recorded(app)] == [("completed", "success")]


@pytest.mark.parametrize("seen_before", [False, True], ids=["never seen before", "seen before"])
async def test_a_run_that_is_seen_at_work_while_abandoned_ones_are_closed_is_not_cancelled(
    app, home, clock, session, seen_before
):
    session.prompt("Draft something.")
    _, agent = launched(session, "Draft the release notes.", model="sonnet")
    clock.time = session.now
    await routed(app, session, agent.run.call_id, "Draft the release notes.")
    if seen_before:
        session.tool(agent, "Read", file_path="a.py")
        session.write()
        spooled(home, {**words_in(session), "hook_event_name": "SessionEnd"}, clock.time)
        await app.capturing.drain()
    clock.wait(30 * 3600)
    unseen = await app.store.open_runs(clock.time - timedelta(days=1))
    session.now = clock.time
    session.tool(agent, "Read", file_path="b.py")
    session.write()
    clock.time = session.now
    spooled(home, {**words_in(session), "hook_event_name": "SessionEnd"}, clock.time)
    await app.capturing.drain()
    assert len(unseen) == 1
    assert await app.store.call_off(unseen, "nothing was heard of it", clock.time) == 0
    assert [one.status for one in await recorded(app)] == ["running"]


async def test_a_run_whose_end_waits_in_the_spool_for_days_is_not_taken_for_abandoned(app, home, clock, session):
    (run,) = written(session, in_foreground, clock=clock)
    ended, clock.time = clock.time, run.started_at - timedelta(seconds=20)
    attempt = await routed(app, session, run.call_id, run.task)
    for _ in range(BATCH):
        spooled(home, {"hook_event_name": "SubagentStart", "agent_id": "a"}, clock.time)
    spooled(home, stop_of(run), ended)
    clock.time = ended + timedelta(days=3)
    await app.capturing.catch_up(longest_s=0.0)
    assert [one.status for one in await recorded(app)] == ["pending"]
    await app.capturing.catch_up()
    assert [(one.id, one.status) for one in await recorded(app)] == [(attempt.id, "completed")]
