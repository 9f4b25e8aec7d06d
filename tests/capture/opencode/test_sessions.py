import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from opencode_store import USED, Store, at

from modelmerit.capture.opencode.sessions import read_runs
from modelmerit.capture.runs import AgentCalled, CommandRan, FileEdited, HumanSpoke, Interrupted, ModelUsage, Tokens

TOKENS = Tokens(800, 30, 20, 200, 100)
REFUSED = {"name": "APIError", "data": {"message": "scripted failure", "statusCode": 400, "isRetryable": False}}


def a_called_agent(store: Store, ended: float | None = 20, **state) -> tuple[str, str]:
    """A session whose human asked at 0, and whose agent called another one at 5; the answer and the child's prompt."""
    store.session("ses_main")
    asked = store.user("ses_main", "Please fix the parser", 0)
    answer = store.assistant("ses_main", asked, 1, modelID="main-1")
    store.session("ses_child", 5, parent="ses_main")
    store.call("ses_main", answer, "ses_child", 5, ended, **state)
    return answer, store.user("ses_child", "Fix the parser", 6)


def only_run(store: Store):
    [run] = read_runs(store.path)
    return run


def test_a_sub_agents_run_joins_the_call_with_the_child_session(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7, finish="tool-calls")
    store.assistant("ses_child", prompt, 10)
    run = only_run(store)
    assert (run.client, run.run_id, run.session_id, run.kind) == ("opencode", "ses_child", "ses_main", "sub-agent")
    assert (run.task, run.description, run.role) == ("Fix the parser", "A fix", "small")
    assert (run.asked_model, run.executed_model) == ("small-1", "small-1")
    assert (run.started_at, run.ended_at, run.state) == (at(5), at(11), "finished")
    assert run.usage == (ModelUsage("small-1", TOKENS + TOKENS, 2, "scripted", 1.0),)
    assert (run.parent_run_id, run.workspace_path) == (None, "/home/ann/handbook")


def test_a_cost_of_zero_is_no_price(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7, finish="tool-calls")
    store.assistant("ses_child", prompt, 10, cost=0)
    assert only_run(store).usage[0].cost_usd is None


def test_a_count_that_is_no_number_of_tokens_counts_as_none(store):
    _, prompt = a_called_agent(store)
    message = store.assistant("ses_child", prompt, 7)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        spoiled = """UPDATE message SET data = replace(data, '"output": 30', '"output": 1e999') WHERE id = ?"""
        assert connection.execute(spoiled, [message]).rowcount == 1
    assert only_run(store).usage[0].tokens == replace(TOKENS, output=0)


def test_models_are_counted_apart_and_the_busiest_is_first(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7, finish="tool-calls")
    store.assistant("ses_child", prompt, 8, modelID="big-1", tokens=USED | {"output": 31})
    assert [one.model for one in only_run(store).usage] == ["big-1", "small-1"]


def test_a_refused_request_fails_the_run_and_is_the_providers(store):
    _, prompt = a_called_agent(store, status="error", error="Subagent failed (task_id: ses_child): scripted failure")
    nothing = {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    store.assistant("ses_child", prompt, 7, error=REFUSED, tokens=nothing, cost=0, finish=None)
    run = only_run(store)
    assert (run.state, run.error_type, run.error) == ("failed", "provider", "scripted failure")
    assert (run.usage, run.tokens, run.executed_model) == ((), None, "small-1")


@pytest.mark.parametrize(
    ("error", "state", "error_type"),
    [
        ({"name": "APIError", "data": {"message": "slow down", "statusCode": 429}}, "failed", "rate_limit"),
        ({"name": "APIError", "data": {"message": "overloaded", "statusCode": 529}}, "failed", "provider"),
        ({"name": "APIError", "data": {"message": "took too long", "statusCode": 504}}, "failed", "timeout"),
        ({"name": "ProviderAuthError", "data": {"message": "no key"}}, "failed", "provider"),
        ({"name": "MessageAbortedError", "data": {"message": "Aborted"}}, "cancelled", "cancelled"),
        ({"name": "MessageOutputLengthError", "data": {}}, "failed", "model"),
        ({"name": "UnknownError", "data": {"message": "Unable to connect."}}, "failed", "provider"),
        ({"name": "UnknownError", "data": {"message": "undefined is not a function"}}, "failed", "harness"),
    ],
)
def test_an_error_is_told_by_whose_it_is(store, error, state, error_type):
    _, prompt = a_called_agent(store, status="error", error="Subagent failed")
    store.assistant("ses_child", prompt, 7, error=error)
    run = only_run(store)
    assert (run.state, run.error_type) == (state, error_type)


def test_a_call_that_was_stopped_before_the_agent_answered_is_cancelled(store):
    a_called_agent(store, status="error", error="Tool execution aborted", metadata={"interrupted": True})
    run = only_run(store)
    assert (run.state, run.error_type, run.ended_at) == ("cancelled", "cancelled", at(20))


def test_an_agent_at_work_is_running(store):
    _, prompt = a_called_agent(store, ended=None)
    store.assistant("ses_child", prompt, 7, finish="tool-calls")
    run = only_run(store)
    assert (run.state, run.ended_at, run.after) == ("running", None, ())
    assert run.active_at == at(8)  # a second after it began, the message was complete


def test_an_agent_in_the_background_runs_on_after_its_call_is_completed(store):
    _, prompt = a_called_agent(store, ended=6, metadata={"background": True})
    store.assistant("ses_child", prompt, 7, finish="tool-calls")
    assert only_run(store).state == "running"
    store.assistant("ses_child", prompt, 30)
    assert (only_run(store).state, only_run(store).ended_at) == ("finished", at(31))


def test_an_agent_that_ended_before_its_call_was_completed_has_ended(store):
    _, prompt = a_called_agent(store, ended=None)
    store.assistant("ses_child", prompt, 7)
    assert only_run(store).state == "finished"


def test_a_resumed_agent_has_a_run_for_each_call(store):
    answer, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7)
    again = store.call("ses_main", answer, "ses_child", 30, 40, prompt="Now the tests")
    second = store.user("ses_child", "Now the tests", 31)
    store.assistant("ses_child", second, 32, modelID="big-1")
    first, resumed = read_runs(store.path)
    assert (first.run_id, first.task, first.executed_model, first.ended_at) == (
        "ses_child",
        "Fix the parser",
        "small-1",
        at(8),
    )
    assert (resumed.run_id, resumed.call_id, resumed.task) == (f"ses_child-{again}", again, "Now the tests")
    assert (resumed.executed_model, resumed.started_at) == ("big-1", at(30))


def test_a_child_that_no_call_tells_of_is_a_run(store):
    store.session("ses_main")
    store.session("ses_child", 5, parent="ses_main")
    prompt = store.user("ses_child", "Look for dead code", 6)
    store.assistant("ses_child", prompt, 7)
    run = only_run(store)
    assert (run.task, run.call_id, run.state) == ("Look for dead code", None, "finished")


def test_a_call_that_came_to_no_agent_is_no_run(store):
    store.session("ses_main")
    answer = store.assistant("ses_main", store.user("ses_main", "Fix it", 0), 1)
    store.call("ses_main", answer, None, 2, 3, status="error", error="Unknown agent type: no is not a valid agent type")
    assert list(read_runs(store.path)) == []


def test_what_happened_during_and_after_is_seen_until_the_human_speaks(store):
    answer, prompt = a_called_agent(store)
    work = store.assistant("ses_child", prompt, 7, finish="tool-calls")
    store.tool("ses_child", work, "write", 8, 9)
    store.tool("ses_child", work, "bash", 9, 10, input={"command": "pytest"}, output="1 failed", metadata={"exit": 1})
    store.assistant("ses_child", prompt, 11)
    store.tool("ses_main", answer, "bash", 21, 22, input={"command": "pytest"}, output="ok", metadata={"exit": 0})
    store.call("ses_main", answer, None, 23, 24, prompt="Review it")
    store.user("ses_main", "The tool ran", 24, synthetic=True)
    store.user("ses_main", "Still fails", 25)
    store.tool("ses_main", answer, "edit", 26, 27)
    run = only_run(store)
    assert run.during == (FileEdited(at(9)), CommandRan(at(10), "pytest", "1 failed", failed=True))
    assert run.after == (
        CommandRan(at(22), "pytest", "ok", failed=False),
        AgentCalled(at(23), "Review it"),
        HumanSpoke(at(25), "Still fails"),
    )
    assert run.tool_calls == 2


def test_only_the_end_of_a_commands_output_is_read(store):
    _, prompt = a_called_agent(store)
    work = store.assistant("ses_child", prompt, 7)
    store.tool("ses_child", work, "bash", 7, 7.5, input={"command": "make"}, output="x" * 9000 + "end")
    [ran] = only_run(store).during
    assert isinstance(ran, CommandRan)
    assert (len(ran.output), ran.output[-4:], ran.failed) == (4000, "xend", None)


def test_the_human_stopping_the_main_thread_is_seen(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7)
    aborted = {"name": "MessageAbortedError", "data": {"message": "Aborted"}}
    store.assistant("ses_main", "msg_0001", 30, error=aborted)
    assert only_run(store).after[-1] == Interrupted(at(31))
    store.user("ses_main", "No, in the other file", 40)
    store.user("ses_main", "And the changelog", 50)
    assert only_run(store).after[-2:] == (Interrupted(at(31)), HumanSpoke(at(40), "No, in the other file"))


def test_an_agents_agent_knows_which_run_called_it(store):
    _, prompt = a_called_agent(store)
    work = store.assistant("ses_child", prompt, 7)
    store.session("ses_grandchild", 8, parent="ses_child")
    store.call("ses_child", work, "ses_grandchild", 8, 10, prompt="Read the docs")
    store.assistant("ses_grandchild", store.user("ses_grandchild", "Read the docs", 8.5), 9)
    [nested] = read_runs(store.path, session_id="ses_child")
    assert (nested.run_id, nested.parent_run_id) == ("ses_grandchild", "ses_child")
    assert len(list(read_runs(store.path))) == 2


def test_turns_are_what_the_human_asked_in_sessions_of_their_own(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7)
    again = store.user("ses_main", "Still fails", 40)
    store.assistant("ses_main", again, 41)
    turns = [run for run in read_runs(store.path, turns=True) if run.kind == "turn"]
    assert [turn.task for turn in turns] == ["Please fix the parser", "Still fails"]
    assert turns[0].usage == (ModelUsage("main-1", TOKENS, 1, "scripted", 0.5),)
    assert turns[0].after[-1] == HumanSpoke(at(40), "Still fails")
    assert [run.kind for run in read_runs(store.path)] == ["sub-agent"]


def test_what_began_before_is_left_out(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7)
    assert list(read_runs(store.path, since=at(6))) == []
    assert len(list(read_runs(store.path, since=at(5)))) == 1


def test_a_message_that_is_no_json_hides_nothing_else(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7)
    store.raw_message("ses_child", '{"role": "assist', 8)
    assert only_run(store).state == "finished"


def test_a_store_in_use_is_read_as_it_was_and_its_writer_is_not_held_up(store):
    _, prompt = a_called_agent(store)
    store.assistant("ses_child", prompt, 7)
    store.begin_writing()
    runs = read_runs(store.path)
    assert next(runs).run_id == "ses_child"
    store.end_writing()


def test_a_file_that_is_no_store_is_an_error_one_can_read(tmp_path):
    place = tmp_path / "opencode.db"
    place.write_text("not a database, but long enough to be looked at as if it were one" * 20)
    with pytest.raises(OSError, match="OpenCode's store cannot be read"):
        list(read_runs(place))
