"""The runs in OpenCode's store: what sub-agents were given to do and, if wanted, what the human asked for.

A sub-agent works in a session of its own, the child of the one that called it. A call that resumes a sub-agent goes on
in the same child: each call is a run, and begins with the prompt that the call left there. The first has the child's
id, a further one the call's behind it. A child that no call tells of, as other plugins make them, is one run.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from modelmerit.capture.opencode.database import reading
from modelmerit.capture.opencode.endings import ending_of
from modelmerit.capture.opencode.events import CALL, events_of
from modelmerit.capture.opencode.threads import Message, Thread, ToolUse, read_thread
from modelmerit.capture.opencode.usage import usage_of
from modelmerit.capture.runs import AgentRun, Event, HumanSpoke, Interrupted, RunKind

CLIENT = "opencode"

_CALLERS = """
SELECT id FROM session s
WHERE (:turns AND parent_id IS NULL) OR EXISTS (SELECT 1 FROM session c WHERE c.parent_id = s.id)
ORDER BY time_created, id
"""
_CHILDREN = "SELECT id FROM session WHERE parent_id = ? ORDER BY time_created, id"


def read_runs(
    store: Path, *, session_id: str | None = None, since: datetime | None = None, turns: bool = False
) -> Iterator[AgentRun]:
    """The runs that a session called, or all sessions did; those that began before `since` are left out.

    `turns` adds what the human asked in sessions that nobody called. A call that came to no session of an agent's,
    because it was refused or named an agent that there is not, is no run.

    Raises:
        OSError: If the store cannot be read.
    """
    with reading(store) as connection:
        found = connection.execute(_CALLERS, {"turns": turns}).fetchall() if session_id is None else []
        callers = [session_id] if session_id is not None else [row["id"] for row in found]
        for caller in callers:
            for run in _runs_of(connection, caller, turns):
                if since is None or run.started_at >= since:
                    yield run


def _runs_of(connection: sqlite3.Connection, session_id: str, turns: bool) -> Iterator[AgentRun]:
    caller = read_thread(connection, session_id)
    if caller is None:
        return
    seen = events_of(caller)
    if turns and caller.parent_id is None:
        yield from _turns(caller, seen)
    calls: dict[str, list[ToolUse]] = {}
    for use in caller.tools:
        if use.tool == CALL and use.child is not None:
            calls.setdefault(use.child, []).append(use)
    for row in connection.execute(_CHILDREN, (session_id,)).fetchall():
        child = read_thread(connection, row["id"])
        if child is not None:
            yield from _sub_agent_runs(caller, child, calls.get(child.session_id, []), seen)


def _sub_agent_runs(
    caller: Thread, child: Thread, calls: Sequence[ToolUse], seen: Sequence[Event]
) -> Iterator[AgentRun]:
    events = events_of(child)
    for number, (call, messages) in enumerate(_by_call(child, calls)):
        prompt = next((child.texts[message.id] for message in messages if message.id in child.texts), "")
        task = call.prompt if call is not None and call.prompt else prompt
        if task:
            yield _run(
                child,
                messages,
                call,
                kind="sub-agent",
                run_id=child.session_id if number == 0 or call is None else f"{child.session_id}-{call.call_id}",
                session_id=caller.session_id,
                task=task,
                role=call.agent if call is not None else _first(message.agent for message in messages),
                asked_model=call.model if call is not None else _first(message.model for message in messages),
                parent_run_id=caller.session_id if caller.parent_id is not None else None,
                seen=(events, seen),
            )


def _by_call(child: Thread, calls: Sequence[ToolUse]) -> Iterator[tuple[ToolUse | None, Sequence[Message]]]:
    """The child's messages by the call that brought them about: from its prompt to that of the next."""
    prompts = [place for place, message in enumerate(child.messages) if message.id in child.texts]
    begun: list[tuple[ToolUse | None, int]] = []
    for call in sorted(calls, key=lambda call: call.began):
        after = begun[-1][1] + 1 if begun else 0
        place = next((place for place in prompts if place >= after and child.messages[place].at >= call.began), None)
        if place is not None:
            begun.append((call, place))
    if not begun:
        begun = [(calls[0] if calls else None, 0)]
    ends = [place for _, place in begun[1:]] + [len(child.messages)]
    starts = [0, *ends[:-1]]
    for (begun_by, _), start, end in zip(begun, starts, ends, strict=True):
        yield begun_by, child.messages[start:end]


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _turns(thread: Thread, seen: Sequence[Event]) -> Iterator[AgentRun]:
    for prompt in thread.messages:
        if prompt.id in thread.texts:
            answers = [message for message in thread.messages if message.prompt_id == prompt.id]
            yield _run(
                thread,
                [prompt, *answers],
                None,
                kind="turn",
                run_id=prompt.id,
                session_id=thread.session_id,
                task=thread.texts[prompt.id],
                role=prompt.agent,
                asked_model=prompt.model,
                parent_run_id=None,
                seen=(seen, seen),
            )


def _run(
    thread: Thread,
    messages: Sequence[Message],
    call: ToolUse | None,
    *,
    kind: RunKind,
    run_id: str,
    session_id: str,
    task: str,
    role: str | None,
    asked_model: str | None,
    parent_run_id: str | None,
    seen: tuple[Sequence[Event], Sequence[Event]],
) -> AgentRun:
    """A run of these messages; `seen` is what happened in its own thread and in its caller's."""
    ending = ending_of(messages, call)
    ids = {message.id for message in messages}
    started_at = call.began if call is not None else messages[0].at if messages else thread.began
    ended_at = None
    if ending.state != "running":
        completed = [message.completed for message in messages if message.completed is not None]
        ended_at = max(completed, default=call.ended if call is not None and call.ended is not None else started_at)
    used = [use for use in thread.tools if use.message_id in ids]
    moments = [message.completed or message.at for message in messages] + [use.ended or use.began for use in used]
    own, callers = seen
    during = tuple(event for event in own if started_at < event.at and (ended_at is None or event.at <= ended_at))
    return AgentRun(
        client=CLIENT,
        run_id=run_id,
        session_id=session_id,
        kind=kind,
        task=task,
        started_at=started_at,
        ended_at=ended_at,
        state=ending.state,
        description=call.description if call is not None else None,
        role=role,
        asked_model=asked_model,
        call_id=call.call_id if call is not None else None,
        parent_run_id=parent_run_id,
        usage=usage_of(messages),
        tool_calls=len(used),
        workspace_path=thread.directory,
        error_type=ending.error_type,
        error=ending.error,
        during=during,
        after=_after(callers, ended_at),
        resolved_model=call.model if call is not None else None,
        active_at=max(moments, default=None),
    )


def _after(events: Sequence[Event], ended_at: datetime | None) -> tuple[Event, ...]:
    """What followed the end, up to the human's first words; after an interruption only the words that follow on it."""
    followed: list[Event] = []
    for event in events:
        if ended_at is None or event.at <= ended_at:
            continue
        if followed and isinstance(followed[-1], Interrupted) and not isinstance(event, HumanSpoke):
            break
        followed.append(event)
        if isinstance(event, HumanSpoke):
            break
    return tuple(followed)
