"""Runs read out of sessions, against what is known to have happened in them."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import claude_traps as traps
import pytest
from claude_histories import TRAPS, ExpectedRun, Truth, make_history, make_session
from claude_writing import HAIKU, OPUS, Session, say, tool_use, usage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelmerit.capture.claude_code.histories import find_sessions
from modelmerit.capture.claude_code.sessions import SessionRuns, read_session
from modelmerit.capture.runs import (
    AgentCalled,
    AgentRun,
    CommandRan,
    Event,
    FileEdited,
    HumanSpoke,
    Interrupted,
    ModelUsage,
    Tokens,
)


def all_runs(truth: Truth, *, turns: bool = False) -> list[AgentRun]:
    sessions = find_sessions(truth.folder, {})
    return [run for files in sessions for run in read_session(files, turns=turns).runs]


def written(session: Session, *, turns: bool = False) -> SessionRuns:
    """Write a session, and read it."""
    session.write()
    (files,) = find_sessions(session.main.path, {})
    return read_session(files, turns=turns)


def only_agent(session: Session) -> AgentRun:
    (run,) = written(session).runs
    return run


def facts(run: AgentRun) -> dict[str, object]:
    """What a run and an expected one have in common."""
    return {
        "session_id": run.session_id,
        "kind": run.kind,
        "task": run.task,
        "role": run.role,
        "asked_model": run.asked_model,
        "call_id": run.call_id,
        "parent_run_id": run.parent_run_id,
        "state": run.state,
        "error_type": run.error_type,
        "models": {used.model: used.tokens for used in run.usage},
        "tool_calls": run.tool_calls or 0,
        "edits": sum(isinstance(event, FileEdited) for event in run.during),
        "commands": sum(isinstance(event, CommandRan) for event in run.during),
    }


def expected(run: ExpectedRun) -> dict[str, object]:
    names = facts(AgentRun(client="", run_id="", session_id="", kind="turn", task="", started_at=run.started_at))
    return {name: getattr(run, name) for name in names}


def test_every_sub_agent_is_read_once_and_as_it_was(history):
    runs = all_runs(history)
    assert len({run.run_id for run in runs}) == len(runs)
    assert {run.run_id: facts(run) for run in runs} == {key: expected(run) for key, run in history.runs.items()}
    assert {run.trap for run in history.runs.values()} > {"nested", "woken_again", "zero_bytes", "of_a_workflow"}


def test_every_prompt_of_the_human_is_a_turn_once(history):
    runs = [run for run in all_runs(history, turns=True) if run.kind == "turn"]
    assert len({run.run_id for run in runs}) == len(runs)
    assert {run.run_id: facts(run) for run in runs} == {key: expected(run) for key, run in history.turns.items()}
    assert {run.trap for run in history.turns.values()} == {trap.__name__ for trap in TRAPS} | {"resumed"}


def test_lines_that_are_no_records_are_counted_and_passed_over(history):
    broken = sum(read_session(files).broken_lines for files in find_sessions(history.folder, {}))
    assert broken == history.broken_lines > 0


def test_runs_come_in_order_of_their_start_and_hold_their_events_in_order_of_time(history):
    for files in find_sessions(history.folder, {}):
        runs = read_session(files, turns=True).runs
        assert [run.started_at for run in runs] == sorted(run.started_at for run in runs)
        for run in runs:
            for events in (run.during, run.after):
                assert [event.at for event in events] == sorted(event.at for event in events)
            if run.ended_at is not None:
                assert run.started_at <= run.ended_at


def test_what_follows_on_an_agent_ends_with_the_humans_next_words(session):
    traps.in_foreground(session)
    session.tool(session.main, "Bash", "1 failed", failed=True, command="pytest -q")
    session.answer(session.main, say("Hm."))
    session.prompt("It still fails.")
    session.tool(session.main, "Bash", "ok", command="ls")
    after = only_agent(session).after
    assert [type(event) for event in after] == [CommandRan, HumanSpoke]
    assert isinstance(after[0], CommandRan)
    assert (after[0].command, after[0].output, after[0].failed) == ("pytest -q", "1 failed", True)
    assert isinstance(after[1], HumanSpoke)
    assert after[1].text == "It still fails."


def test_what_follows_on_a_background_agent_begins_with_its_notification(session):
    _, agent = traps.launched(session, "Measure the import.")
    session.tool(session.main, "Bash", "before", command="sleep 1")
    session.work(agent)
    session.notify(agent)
    session.tool(session.main, "Bash", "after", command="pytest")
    (event,) = only_agent(session).after
    assert isinstance(event, CommandRan)
    assert (event.output, event.failed) == ("after", False)


def test_after_an_interruption_the_words_that_follow_are_kept(session):
    traps.interrupted(session)
    run = only_agent(session)
    assert (run.state, run.error_type) == ("cancelled", "cancelled")
    assert [type(event) for event in run.after] == [Interrupted, HumanSpoke]


def test_an_interrupted_turn_ends_with_the_interruption(session):
    traps.interrupted(session)
    first, second = (run for run in written(session, turns=True).runs if run.kind == "turn")
    assert (first.state, second.state) == ("cancelled", "finished")
    assert [type(event) for event in first.during] == [AgentCalled]
    assert [type(event) for event in first.after] == [Interrupted, HumanSpoke]
    assert second.after == ()


def test_words_with_which_the_human_refuses_a_tool_are_heard(session):
    traps.in_foreground(session)
    traps.refused_tool(session)
    (event,) = only_agent(session).after
    assert isinstance(event, HumanSpoke)
    assert event.text == "Only look, for now."


def test_what_the_human_writes_while_the_agent_works_is_heard_but_begins_no_turn(session):
    traps.in_foreground(session)
    traps.not_the_human(session)
    agent, turn = sorted(written(session, turns=True).runs, key=lambda run: run.kind)
    assert [event.text for event in agent.after if isinstance(event, HumanSpoke)] == ["And a changelog, please."]
    assert turn.task == "Please see to it."


def test_at_most_fifty_events_follow(session):
    traps.in_foreground(session)
    for number in range(60):
        session.tool(session.main, "Edit", "edited", file_path=f"{number}.py")
    assert len(only_agent(session).after) == 50


def test_a_call_among_the_events_names_the_run_it_began(session):
    traps.parallel_look_alikes(session)
    runs = {run.run_id: run for run in written(session, turns=True).runs}
    (turn,) = (run for run in runs.values() if run.kind == "turn")
    called = {event.task: event.run_id for event in turn.during if isinstance(event, AgentCalled)}
    assert called == {run.task: run.run_id for run in runs.values() if run.kind == "sub-agent"}


def test_of_a_long_output_the_end_is_kept(session):
    block, agent = session.call("Run all tests.")
    traps.started(session, session.main, block, agent)
    session.tool(agent, "Bash", "x" * 9_000 + "3 passed", command="make test")
    (event,) = only_agent(session).during
    assert isinstance(event, CommandRan)
    assert len(event.output) == 4_000
    assert event.output.endswith("3 passed")


def test_a_command_in_the_background_has_neither_failed_nor_not(session):
    call = traps.tool_use(session, "Bash", command="make serve", run_in_background=True)
    traps.in_foreground(session)
    session.answer(session.main, call)
    session.result(session.main, call["id"], "Running in the background", {"stdout": "", "backgroundTaskId": "b1"})
    (event,) = only_agent(session).after
    assert isinstance(event, CommandRan)
    assert event.failed is None


def test_an_agent_whose_last_line_is_not_written_yet_is_running_and_then_finished(session):
    block, agent = session.call("Sum up.")
    traps.started(session, session.main, block, agent)
    session.tool(agent, "Read", "text", file_path="a.md")
    run = only_agent(session)
    assert (run.state, run.ended_at) == ("running", None)
    # The answer that uses the tool, which the tool's result follows.
    assert run.started_at < run.active_at < session.now
    session.answer(agent, say("Summed up."))
    run = only_agent(session)
    assert run.state == "finished"
    assert run.ended_at == session.now


def test_an_agent_that_was_woken_is_running_until_it_ends_again(session):
    _, agent = traps.launched(session, "Draft it.")
    session.work(agent)
    session.notify(agent)
    ended = only_agent(session)
    session.prompt("Shorter.", agent)
    woken = only_agent(session)
    session.answer(agent, say("Shorter now."))
    session.notify(agent)
    again = only_agent(session)
    assert [run.state for run in (ended, woken, again)] == ["finished", "running", "finished"]
    assert ended.run_id == again.run_id
    assert ended.task == again.task == "Draft it."
    assert again.ended_at is not None
    assert ended.ended_at is not None
    assert again.ended_at > ended.ended_at


def test_the_main_thread_hears_of_an_agent_whose_caller_has_ended(session):
    block, outer = session.call("Plan it.")
    traps.started(session, session.main, block, outer)
    inner_block, inner = session.call("Measure it.", caller=outer, background=True)
    traps.started(session, outer, inner_block, inner)
    assert inner.run is not None
    told = {"status": "async_launched", "agentId": inner.run.run_id}
    session.result(outer, inner_block["id"], [say("Launched.")], told)
    session.answer(outer, say("Planned."))
    session.result(session.main, block["id"], [say("Planned.")], session.completed(outer))
    session.tool(inner, "Read", "text", file_path="a.md")
    session.notify(inner, "killed")
    session.prompt("Then leave it.")
    run = next(run for run in written(session).runs if run.run_id == inner.run.run_id)
    assert (run.state, run.parent_run_id) == ("cancelled", outer.path.stem.removeprefix("agent-"))
    assert [type(event) for event in run.after] == [HumanSpoke]


@pytest.mark.parametrize(("words", "kept"), [("was stopped by user", [HumanSpoke]), ("was stopped by Claude", [])])
def test_what_the_human_says_is_about_an_agent_that_they_stopped_and_not_about_one_that_its_caller_stopped(
    session, words, kept
):
    _, agent = traps.launched(session, "Write the release notes.")
    session.answer(agent, tool_use(session, "Read", file_path="a.md"), stop="tool_use")
    stopped = {"role": "user", "content": [say("[Request interrupted by user]")]}
    session.record(agent, "user", message=stopped)
    session.notify(agent, "killed", words=words)
    session.prompt("No, the readme is still wrong.")
    run = only_agent(session)
    assert (run.state, run.error_type) == ("cancelled", "cancelled")
    assert [type(event) for event in run.after] == kept


def test_an_agent_without_a_transcript_ran_on_the_model_that_the_client_says(session):
    traps.zero_bytes(session)
    run = only_agent(session)
    assert (run.usage, run.tokens, run.tool_calls) == ((), None, None)
    assert run.executed_model == HAIKU


def test_a_deleted_transcript_leaves_the_run_and_a_call_without_any_ending_none(session):
    traps.in_foreground(session)
    block, _ = session.call("Never begun.")
    session.answer(session.main, block)
    session.write()
    for agent in session.agents:
        agent.path.unlink(missing_ok=True)
        agent.path.with_suffix(".meta.json").unlink(missing_ok=True)
    (files,) = find_sessions(session.main.path, {})
    (run,) = read_session(files).runs
    assert (run.run_id, run.state, run.executed_model) == (session.agents[0].path.stem[6:], "finished", HAIKU)


def test_a_copied_call_is_left_to_the_session_that_has_its_transcript(session):
    """Copies do not always say that they are copies."""
    traps.in_foreground(session)
    session.write()
    copy = session.folder / "copy.jsonl"
    copy.write_bytes(session.main.path.read_bytes().replace(session.id.encode(), b"copy"))
    (files,) = find_sessions(copy, {})
    assert read_session(files).runs == ()
    assert [run.session_id for run in all_runs(session.truth)] == [session.id]


def test_what_an_agent_repeats_of_its_caller_is_not_its_own(session):
    """An agent forked from the conversation has that conversation in its transcript."""
    block, agent = session.call("Go on with half of it.", isFork=True)
    session.answer(session.main, say("Forking."), block, stop="tool_use")
    agent.lines += [line for line in session.main.lines if b"apiBlockIndex" in line]
    own = Tokens(input=1, output=2)
    session.answer(agent, say("Half of it."), tokens=own)
    session.result(session.main, block["id"], [say("Done.")], session.completed(agent))
    assert only_agent(session).tokens == own


def test_runs_before_a_moment_are_left_out(session):
    traps.in_foreground(session)
    moment = session.wait()
    traps.old_tool_name(session)
    session.write()
    (files,) = find_sessions(session.main.path, {})
    assert [run.task for run in read_session(files, since=moment).runs] == ["Write a test of the lexer."]
    assert read_session(files, since=datetime.now(UTC) + timedelta(days=9)).runs == ()


def test_a_session_of_lines_without_its_name_is_named_by_what_they_say(session):
    """Somebody has renamed the file."""
    traps.refused_call(session)
    session.write()
    moved = session.main.path.rename(session.main.path.with_name("moved.jsonl"))
    (files,) = find_sessions(moved, {})
    (run,) = read_session(files).runs
    assert run.session_id == session.id


def test_lines_with_blanks_between_their_fields_are_read_too(session):
    traps.in_foreground(session)
    session.write()
    for thread in (session.main, *session.agents):
        thread.path.write_text("".join(json.dumps(json.loads(line)) + "\n" for line in thread.lines))
    (files,) = find_sessions(session.main.path, {})
    (run,) = read_session(files).runs
    assert run.tokens == sum(session.truth.runs[run.run_id].models.values(), Tokens())


def test_half_a_surrogate_pair_is_made_storable(session):
    traps.in_foreground(session)
    session.main.lines = [line.replace(b"Find where", b"Find \\ud83d") for line in session.main.lines]
    assert only_agent(session).task == "Find ? the parser starts, and list its callers."


SCALAR = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(["Agent", "user"])
)
BLOCK = st.dictionaries(st.sampled_from(["type", "text", "id"]), SCALAR | st.lists(SCALAR, max_size=2))
JSON = SCALAR | BLOCK | st.lists(SCALAR | BLOCK, max_size=3)


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session with all traps, to be spoiled."""
    truth = Truth(tmp_path_factory.mktemp("strange"))
    made = Session(truth, random.Random(4), datetime(2026, 9, 1, 8, tzinfo=UTC), "project")
    make_session(made, [trap for trap in TRAPS if trap is not traps.flat_transcript])
    return made


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_in_any_place_of_a_record_breaks_the_reading(strange, data):
    (files,) = find_sessions(strange.main.path, {})
    path = data.draw(st.sampled_from(files.paths))
    lines = path.read_bytes().split(b"\n")
    numbers = data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=1, max_size=8))
    spoiled = [_spoiled(line, data) if number in numbers else line for number, line in enumerate(lines)]
    try:
        path.write_bytes(b"\n".join(spoiled))
        found = read_session(files, turns=True)
    finally:
        path.write_bytes(b"\n".join(lines))
    assert all(isinstance(event, Event) for run in found.runs for event in (*run.during, *run.after))
    assert all(used.tokens.total >= 0 for run in found.runs for used in run.usage)


def _spoiled(line: bytes, data: st.DataObject) -> bytes:
    try:
        record = json.loads(line)
    except ValueError:
        return line
    if not isinstance(record, dict) or data.draw(st.booleans()):
        return line[: data.draw(st.integers(0, len(line)))]
    place = record
    while True:
        name = data.draw(st.sampled_from(sorted(place)))
        inner = place[name][0] if isinstance(place[name], list) and place[name] else place[name]
        if not isinstance(inner, dict) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[name] = data.draw(JSON)
    return json.dumps(record, separators=(",", ":")).encode()


def test_the_same_seed_makes_the_same_history(tmp_path: Path):
    first, second = (make_history(tmp_path / name, sessions=8, seed=2) for name in "ab")
    assert first.daily == second.daily
    assert list(first.runs) == list(second.runs)


def test_a_record_too_deep_to_parse_is_broken(session):
    traps.in_foreground(session)
    session.main.lines.append(b'{"type":"user","message":' + b"[" * 200_000 + b"]" * 200_000 + b"}")
    found = written(session)
    assert len(found.runs) == 1
    assert found.broken_lines == 1


def test_usage_of_no_meaning_is_not_counted(session):
    block, agent = session.call("Count.")
    traps.started(session, session.main, block, agent)
    nested = {"cache_creation": {"ephemeral_1h_input_tokens": "9"}}
    for odd in ({"input_tokens": -1}, {"output_tokens": 1.5}, {"output_tokens": True}, nested):
        message = {"model": HAIKU, "id": session.uuid(), "content": [], "usage": usage(Tokens(5, 5)) | odd}
        session.record(agent, "assistant", message=message)
    assert only_agent(session).usage == ()


def test_what_an_agents_model_did_fast_is_told_apart_from_the_rest_of_its_work(session):
    block, agent = session.call("Sum up.", model="opus")
    traps.started(session, session.main, block, agent)
    quick, usual = Tokens(input=1, output=30), Tokens(input=2, output=20)
    session.answer(agent, say("Reading."), tokens=usual)
    message = {"model": OPUS, "id": "msg_quick", "content": [say("Quick.")], "usage": usage(quick, speed="fast")}
    session.record(agent, "assistant", message=message, requestId="req_quick")
    session.answer(agent, say("In small things."), model=HAIKU, tokens=Tokens(output=40))
    assert only_agent(session).usage == (
        ModelUsage(OPUS, quick, fast=True),
        ModelUsage(OPUS, usual),
        ModelUsage(HAIKU, Tokens(output=40)),
    )
