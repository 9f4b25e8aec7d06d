"""The traps of Claude Code's histories, each a function that adds one to a session and its truth to the truth."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from claude_writing import HAIKU, OPUS, SONNET, ExpectedRun, Line, Session, Thread, compact, say, tool_use, usage

from modelmerit.capture.runs import Tokens

Trap = Callable[[Session], None]


def in_foreground(session: Session) -> None:
    """An agent that the caller waits for."""
    block, agent = session.call("Find where the parser starts, and list its callers.")
    started(session, session.main, block, agent)
    session.work(agent)
    session.result(session.main, block["id"], [say("Done.")], session.completed(agent))


def old_tool_name(session: Session) -> None:
    """The tool was called Task."""
    block, agent = session.call("Write a test of the lexer.", name="Task", model=None, role="general-purpose")
    started(session, session.main, block, agent)
    session.work(agent)
    session.result(session.main, block["id"], [say("Done.")], session.completed(agent))


def parallel_look_alikes(session: Session) -> None:
    """Two calls in one response, alike in words, whose results come in the other order."""
    calls = [session.call(f"Review part {part} of the change.", model="opus", role="reviewer") for part in "AB"]
    session.answer(session.main, *(block for block, _ in calls), stop="tool_use")
    for block, agent in calls:
        session.prompt(task_of(block), agent)
        session.work(agent)
    for block, agent in reversed(calls):
        session.result(session.main, block["id"], [say("Done.")], session.completed(agent))


def streamed_placeholders(session: Session) -> None:
    """Early lines of a response carry a placeholder for the output; the last has the final usage."""
    message = {"model": SONNET, "id": f"msg_01{session.hexadecimal()}", "role": "assistant", "stop_reason": None}
    request = f"req_01{session.hexadecimal()}"
    final = session.tokens()
    for output, block in ((1, {"type": "thinking", "thinking": "Hm."}), (2, say("I see.")), (final.output, say("So."))):
        early = usage(Tokens(final.input, output, 0, final.cache_read, final.cache_write_5m))
        line = {**message, "content": [block], "usage": early}
        session.record(session.main, "assistant", message=line, requestId=request)
    session.used(session.main, SONNET, final)


def over_midnight(session: Session) -> None:
    """The lines of one response lie on both sides of midnight."""
    midnight = (session.now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    session.now = midnight - timedelta(seconds=7)
    session.answer(session.main, *(say(f"{number} o'clock.") for number in range(4)), stop="end_turn")


def in_background(session: Session) -> None:
    """An agent in the background: launched, then heard of by a notification that is written twice."""
    _, agent = launched(session, "Measure the import, and say what is slow.")
    session.answer(session.main, say("It is running."), stop="end_turn")
    session.work(agent)
    session.notify(agent)
    session.answer(session.main, say("It is done."), stop="end_turn")


def background_failed(session: Session) -> None:
    """A background agent whose notification says that it failed."""
    _, agent = launched(session, "Rename the module everywhere.")
    api_error(session, agent, "API Error: 529 Overloaded", "server_error")
    session.notify(agent, "failed")
    expect(agent, "failed", "provider")


def background_killed(session: Session) -> None:
    """A background agent that the human killed."""
    _, agent = launched(session, "Rewrite the whole parser.")
    session.tool(agent, "Read", "def g(): ...", file_path=f"{session.cwd}/b.py")
    session.notify(agent, "killed")
    expect(agent, "cancelled", "cancelled")


def still_running(session: Session) -> None:
    """A background agent in the middle of its work."""
    _, agent = launched(session, "Translate the documentation.")
    session.answer(agent, say("Reading."), tool_use(session, "Read", file_path="c.md"), stop="tool_use")
    expect(agent, "running")


def nested(session: Session) -> None:
    """An agent calls another; both transcripts lie side by side."""
    block, outer = session.call("Plan the migration.", model="opus", role="Plan")
    started(session, session.main, block, outer)
    inner_block, inner = session.call("List the tables.", caller=outer, model="haiku", spawnDepth=2)
    started(session, outer, inner_block, inner)
    session.work(inner)
    session.result(outer, inner_block["id"], [say("Done.")], session.completed(inner))
    session.answer(outer, say("Planned."), stop="end_turn")
    session.result(session.main, block["id"], [say("Done.")], session.completed(outer))


def woken_again(session: Session) -> None:
    """A background agent that is sent a message after its end, works on, and is notified of again."""
    _, agent = launched(session, "Draft the release notes.", model="sonnet")
    session.work(agent)
    session.notify(agent)
    assert agent.run is not None
    session.tool(session.main, "SendMessage", "sent", to=agent.run.run_id, message="Shorter, please.")
    session.prompt("Shorter, please.", agent)
    session.work(agent)
    session.notify(agent)


def resumed_with_a_fault(session: Session) -> None:
    """A woken agent whose second end is a failure: the latest counts."""
    _, agent = launched(session, "Port the build to the new tool.")
    session.work(agent)
    session.notify(agent)
    session.prompt("Go on.", agent)
    api_error(session, agent, "API Error: Request timed out.", "unknown")
    session.notify(agent, "failed")
    expect(agent, "failed", "timeout")


def compaction(session: Session) -> None:
    """The conversation is summed up: a boundary, a summary that no human wrote, and a transcript of the summing up."""
    ghost = session.agent_without_call(f"acompact-{session.hexadecimal(6)}")
    session.prompt("Your task is to create a detailed summary of the conversation so far.", ghost)
    session.answer(ghost, say("<summary>All so far.</summary>"), model=SONNET)
    session.record(session.main, "system", subtype="compact_boundary", content="Conversation compacted")
    text = "This session is being continued from a previous conversation that ran out of context."
    message = {"role": "user", "content": text}
    session.record(session.main, "user", message=message, isCompactSummary=True, isVisibleInTranscriptOnly=True)
    session.answer(session.main, say("Going on."), stop="end_turn")


def side_question(session: Session) -> None:
    """`/btw`: a transcript that repeats the caller's responses under new request ids, then has one of its own."""
    answers = [line for line in session.main.lines if b'"apiBlockIndex"' in line]
    repeated = [line for line in answers if b'"agent_progress"' not in line][-3:]
    aside = session.agent_without_call(f"aside_question-{session.hexadecimal()}")
    for number, line in enumerate(repeated):
        old, new = b'"requestId":"req_01', b'"requestId":"req_02%d' % number
        aside.lines.append(line.replace(old, new).replace(b'"isSidechain":false', b'"isSidechain":true'))
    session.prompt("What was that about?", aside)
    session.answer(aside, say("About the parser."), model=HAIKU)


def zero_bytes(session: Session) -> None:
    """An agent whose transcript was never flushed: nothing is known but that it was called and ended."""
    block, agent = session.call("Count the lines.")
    session.answer(session.main, say("Counting."), block, stop="tool_use")
    session.result(session.main, block["id"], [say("12")], session.completed(agent))
    assert not agent.lines


def refused_call(session: Session) -> None:
    """A call that failed before any agent began: its result is a plain string."""
    block = tool_use(session, "Agent", description="Ask the oracle", prompt="Ask the oracle.", subagent_type="oracle")
    session.answer(session.main, say("Calling."), block, stop="tool_use")
    session.truth.runs[block["id"]] = ExpectedRun(
        run_id=block["id"], session_id=session.id, kind="sub-agent", task="Ask the oracle.",
        transcript=session.main.path, trap=session.trap, started_at=session.now, role="oracle", call_id=block["id"],
        state="failed", error_type="harness",
    )  # fmt: skip
    text = "Agent type 'oracle' not found. Available agents: Explore, Plan"
    session.result(session.main, block["id"], text, f"Error: {text}", failed=True)


def provider_failed(session: Session) -> None:
    """An agent that ended in an error of the API; the call's result is a plain string."""
    block, agent = session.call("Sort the imports.")
    started(session, session.main, block, agent)
    session.tool(agent, "Read", "import b\nimport a", file_path="d.py")
    api_error(session, agent, "API Error: 500 Internal server error", "server_error")
    session.result(session.main, block["id"], "API Error: 500", "Error: API Error: 500", failed=True)
    expect(agent, "failed", "provider")


def rate_limited(session: Session) -> None:
    """An agent stopped by a limit of the plan."""
    block, agent = session.call("Explain the cache.")
    started(session, session.main, block, agent)
    api_error(session, agent, "You've hit your limit · resets 3pm", "rate_limit")
    session.result(session.main, block["id"], "You've hit your limit", "Error: You've hit your limit", failed=True)
    expect(agent, "failed", "rate_limit")


def recovered(session: Session) -> None:
    """Errors of the API that were tried again, with success."""
    block, agent = session.call("Check the links.")
    started(session, session.main, block, agent)
    session.record(agent, "system", subtype="api_error", error={"status": 529}, retryAttempt=1, maxRetries=10)
    session.work(agent)
    session.result(session.main, block["id"], [say("Done.")], session.completed(agent))


def interrupted(session: Session) -> None:
    """The human stops an agent, and says why."""
    block, agent = session.call("Refactor the store.", model="opus")
    started(session, session.main, block, agent)
    session.tool(agent, "Edit", "edited", file_path="store.py")
    stopped = "[Request interrupted by user for tool use]"
    session.record(agent, "user", message={"role": "user", "content": [say(stopped)]})
    session.result(session.main, block["id"], stopped, "Error: [Request interrupted by user]", failed=True)
    session.record(session.main, "user", message={"role": "user", "content": [say(stopped)]})
    expect(agent, "cancelled", "cancelled")
    assert session.main.run is not None
    session.main.run.state, session.main.run.error_type = "cancelled", "cancelled"
    session.prompt("No, the store must stay as it is. Only rename it.")
    session.work(session.main)


def refused_tool(session: Session) -> None:
    """The human does not let a tool be used, and says what to do instead."""
    call = tool_use(session, "Edit", file_path="e.py", old_string="1", new_string="2")
    session.answer(session.main, say("On it."), call, stop="tool_use")
    text = "The user doesn't want to proceed with this tool use. The tool use was rejected. "
    text += "To tell you how to proceed, the user said:\nOnly look, for now."
    session.result(session.main, call["id"], text, "Error: " + text, failed=True)
    session.answer(session.main, say("I only look."), stop="end_turn")


def not_the_human(session: Session) -> None:
    """Records of the user's role that no human wrote, and one that they queued while the agent worked."""
    for text, more in (
        ("Caveat: the messages below were generated by the user while running local commands.", {"isMeta": True}),
        ("<command-name>/clear</command-name>\n<command-message>clear</command-message>", {}),
        ("<local-command-stdout>ok</local-command-stdout>", {}),
        ('<teammate-message teammate_id="lead">Go on.</teammate-message>', {}),
        ("<system-reminder>The plan has changed.</system-reminder>", {}),
        ("hello from the other session", {"origin": {"kind": "peer"}}),
        ("Warmup", {"isSidechain": True}),
    ):
        session.record(session.main, "user", message={"role": "user", "content": text}, **more)
    queued = {"type": "queued_command", "prompt": "And a changelog, please.", "commandMode": "prompt"}
    session.record(session.main, "attachment", attachment=queued)
    session.work(session.main)


def kinds_of_cache_writes(session: Session) -> None:
    """Writes for an hour; and versions that set only the nested fields, or only the flat one."""
    hour = Tokens(input=5, output=70, cache_read=300, cache_write_5m=11, cache_write_1h=1900)
    session.answer(session.main, say("Cached."), tokens=hour)
    for told, tokens in (
        ({"cache_creation_input_tokens": 0}, Tokens(3, 30, 0, 40, 0, 500)),
        ({"cache_creation": None}, Tokens(3, 31, 0, 40, 600)),
    ):
        used = {key: value for key, value in (usage(tokens) | told).items() if value is not None}
        message = {"model": SONNET, "id": f"msg_01{session.hexadecimal()}", "content": [say("So.")], "usage": used}
        session.record(session.main, "assistant", message=message, requestId=f"req_01{session.hexadecimal()}")
        session.used(session.main, SONNET, tokens)


def fast(session: Session) -> None:
    """Responses served fast, which are priced apart."""
    tokens = session.tokens()
    message = {"model": OPUS, "id": f"msg_01{session.hexadecimal()}", "content": [say("Quick.")]}
    message["usage"] = usage(tokens, speed="fast")
    session.record(session.main, "assistant", message=message, requestId=f"req_01{session.hexadecimal()}")
    session.truth.count(session.now, f"{OPUS}-fast", tokens)
    assert session.main.run is not None
    session.main.run.used(OPUS, tokens)


def synthetic(session: Session) -> None:
    """A line that the client made up for an error, in a turn that goes on."""
    api_error(session, session.main, "API Error: Connection error.", "unknown")
    session.answer(session.main, say("Again."), stop="end_turn")


def of_a_workflow(session: Session) -> None:
    """An agent that a workflow called: no call of it is in any transcript."""
    agent_id = f"a{session.hexadecimal()}"
    agent = session.agent_without_call(agent_id, folder=f"workflows/wf_{session.hexadecimal(6)}")
    task = "Check one claim of the report."
    agent.run = session.truth.runs[agent_id] = ExpectedRun(
        run_id=agent_id, session_id=session.id, kind="sub-agent", task=task, transcript=session.main.path,
        agent_transcript=agent.path, trap=session.trap, started_at=session.now, role="checker", asked_model="haiku",
    )  # fmt: skip
    session.beside(agent, {"agentType": "checker", "model": "haiku", "workflowPhase": "verify"})
    session.prompt(task, agent)
    session.work(agent)


def flat_transcript(session: Session) -> None:
    """A transcript of old: beside the session, without a meta file."""
    block, agent = session.call("Say what the module does.", name="Task", model="sonnet")
    agent.path.with_suffix(".meta.json").unlink()
    assert agent.run is not None
    agent.path = agent.run.agent_transcript = session.folder / agent.path.name
    started(session, session.main, block, agent)
    session.work(agent)
    session.result(session.main, block["id"], [say("Done.")], session.completed(agent))


def progress_copies(session: Session) -> None:
    """Older versions repeat an agent's responses in the caller's transcript as progress."""
    block, agent = session.call("Look for dead code.")
    started(session, session.main, block, agent)
    session.work(agent)
    for raw in [line for line in agent.lines if b'"type":"assistant"' in line][:2]:
        inner = _parsed(raw)
        copied = {key: inner[key] for key in ("type", "timestamp", "message", "requestId", "uuid")}
        about = {"type": "agent_progress", "agentId": inner["agentId"], "prompt": "", "message": copied}
        session.record(session.main, "progress", data=about, parentToolUseID=block["id"])
    session.result(session.main, block["id"], [say("Done.")], session.completed(agent))


def strange_lines(session: Session) -> None:
    """Kinds of record that nobody knows, fields of another type, and lines that are no JSON."""
    session.record(session.main, "hologram", message=17, toolUseResult=[])
    session.record(session.main, "assistant", message={"content": [None, 3, {"type": "tool_use"}], "usage": []})
    session.record(session.main, "user", message={"content": {"type": "text"}}, toolUseResult={"agentId": {}})
    session.record(session.main, "user", message=None)
    session.main.lines += [b'["no record"]', b"null", b"", b'{"type":"assistant","message":{"usa', b"\xff\xfe broken"]
    session.truth.broken_lines += 4


def kept_requests(session: Session) -> None:
    """Version 2.1.329 also keeps what it sent to the API: copies of messages, which bear no time."""
    block, agent = session.call("Say what the queue is for.")
    started(session, session.main, block, agent)
    session.work(agent)
    for text in ("[Request interrupted by user]", "No, that is wrong."):
        sent = {"role": "user", "content": [say(text)]}
        agent.lines.append(compact({"type": "api-request-blob", "hash": session.hexadecimal(), "message": sent}))
    session.record(agent, "api-request", params={"model": OPUS}, requestDigest=session.hexadecimal())
    session.result(session.main, block["id"], [say("Done.")], session.completed(agent))


def told_of_nothing(session: Session) -> None:
    """Files that are no transcripts of agents."""
    folder = session.folder / session.id
    (folder / "tool-results").mkdir(parents=True, exist_ok=True)
    (folder / "tool-results" / f"toolu_{session.hexadecimal()}.txt").write_text("a long result")
    (folder / "subagents").mkdir(exist_ok=True)
    (folder / "subagents" / f"agent-aprompt_suggestion-{session.hexadecimal(6)}.jsonl").write_bytes(b"")


def started(session: Session, caller: Thread, block: Line, agent: Thread) -> None:
    """Write the call, and the task as the agent's first line."""
    session.answer(caller, say("Calling an agent."), block, stop="tool_use")
    session.prompt(task_of(block), agent)


def launched(session: Session, task: str, **how: Any) -> tuple[Line, Thread]:
    """Call an agent in the background."""
    block, agent = session.call(task, background=True, requestShape="background", **how)
    started(session, session.main, block, agent)
    assert agent.run is not None
    about = {"isAsync": True, "status": "async_launched", "agentId": agent.run.run_id, "prompt": task}
    session.result(session.main, block["id"], [say("Async agent launched successfully.")], about)
    return block, agent


def task_of(block: Line) -> str:
    task: str = block["input"]["prompt"]
    return task


def api_error(session: Session, thread: Thread, text: str, error: str) -> None:
    """The client's line for a request that failed for good."""
    message = {"id": session.uuid(), "model": "<synthetic>", "role": "assistant", "content": [say(text)]}
    message |= {"usage": usage(Tokens()), "stop_reason": "stop_sequence"}
    session.record(thread, "assistant", message=message, isApiErrorMessage=True, error=error)


def expect(thread: Thread, state: str, error_type: str | None = None) -> None:
    """How the thread's run ends."""
    assert thread.run is not None
    thread.run.state, thread.run.error_type = state, error_type


def _parsed(raw: bytes) -> Line:
    line: Line = json.loads(raw)
    return line


TRAPS: tuple[Trap, ...] = (
    in_foreground, old_tool_name, parallel_look_alikes, streamed_placeholders, over_midnight, in_background,
    background_failed, background_killed, still_running, nested, woken_again, resumed_with_a_fault, compaction,
    side_question, zero_bytes, refused_call, provider_failed, rate_limited, recovered, interrupted, refused_tool,
    not_the_human, kinds_of_cache_writes, fast, synthetic, of_a_workflow, flat_transcript, progress_copies,
    strange_lines, kept_requests, told_of_nothing,
)  # fmt: skip
