"""The runs of a session: its sub-agents, and with `turns` what the human asked of the main thread.

An agent's transcript is joined with the call that began it by the ids that the client writes on both sides; chains of
parents break at compactions and parallel calls, so they are not followed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from modelmerit.capture.claude_code.endings import ending_of_agent, ending_of_turn
from modelmerit.capture.claude_code.histories import SessionFiles, agent_id_of, is_internal, lies_elsewhere
from modelmerit.capture.claude_code.lines import Record, mapping_of, text_of
from modelmerit.capture.claude_code.threads import Call, News, Stretch, Thread, read_thread
from modelmerit.capture.claude_code.usage import usage_by_model
from modelmerit.capture.runs import AgentCalled, AgentRun, Event, HumanSpoke, Interrupted

CLIENT = "claude-code"

_MOST_AFTER = 50
_DEFAULT_ROLE = "general-purpose"
_RUNS_ELSEWHERE = ("remote_launched", "teammate_spawned")
"""What becomes of such calls is in no transcript here."""


@dataclass(frozen=True, slots=True)
class SessionRuns:
    """The runs of a session in order of their start, and how many lines of its files are no records.

    `refused` are the calls that the human did not let begin.
    """

    runs: tuple[AgentRun, ...]
    broken_lines: int
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Called:
    """A call, the thread it was made in, and whose thread that is (None: the main one)."""

    call: Call
    thread: Thread
    caller: str | None


def read_session(files: SessionFiles, *, turns: bool = False, since: datetime | None = None) -> SessionRuns:
    """Read a session's runs, without those that started before `since`.

    A run that resuming or forking copied from another session is left to that session. The id of a run is its
    agent's, that of a turn its prompt's; a call that failed before there was an agent has the call's.
    """
    if since is not None and files.newest_mtime_ns < since.timestamp() * 1e9:
        return SessionRuns((), 0)
    session = _Session(files)
    runs = [*session.agent_runs(), *(session.turns() if turns else ())]
    kept = [run for run in runs if since is None or run.started_at >= since]
    in_order = tuple(sorted(kept, key=lambda run: run.started_at))
    return SessionRuns(in_order, session.broken_lines, session.refused_calls())


class _Session:
    def __init__(self, files: SessionFiles) -> None:
        self._files = files
        self._main = read_thread(files.main, main=True)
        paths = {agent_id_of(path): path for path in files.agents}
        self._agents = {agent_id: read_thread(path, main=False) for agent_id, path in paths.items()}
        self._about = {agent_id: _about(path) for agent_id, path in paths.items()}
        self._calls = self._made()
        self._call_of = self._joined()
        self._name_calls()
        self._own_id = _own_id(files, self._main)
        self.broken_lines = sum(thread.broken_lines for thread in (self._main, *self._agents.values()))

    def agent_runs(self) -> Iterator[AgentRun]:
        """The sub-agents with a transcript, then those without."""
        for agent_id, thread in self._agents.items():
            called = self._call_of.get(agent_id)
            if not is_internal(agent_id) and (called or text_of(self._about[agent_id].get("agentType"))):
                yield from self._with_transcript(agent_id, thread, called)
        joined = {called.call.call_id for called in self._call_of.values()}
        for call_id, called in self._calls.items():
            if call_id not in joined and not self._is_copy(called):
                yield from self._without_transcript(called)

    def turns(self) -> Iterator[AgentRun]:
        """The human's prompts to the main thread."""
        stretches = [stretch for stretch in self._main.stretches if stretch.prompt_id is not None]
        for stretch in stretches:
            if stretch.copied or self._is_of_another(stretch.session_id):
                continue
            ending = ending_of_turn(stretch, is_last=stretch is stretches[-1])
            during = self._main.events[stretch.begins : stretch.ends]
            stop = next((at for at, event in enumerate(during) if isinstance(event, Interrupted)), len(during))
            yield AgentRun(
                client=CLIENT,
                run_id=stretch.prompt_id or "",
                session_id=self._own_id,
                kind="turn",
                task=stretch.text or "",
                started_at=stretch.started_at or datetime.fromtimestamp(0, UTC),
                ended_at=stretch.ended_at if ending.state != "running" else None,
                state=ending.state,
                usage=usage_by_model(list(stretch.requests)),
                tool_calls=stretch.tool_calls,
                workspace_path=self._main.cwd,
                error_type=ending.error_type,
                error=ending.error,
                during=tuple(during[:stop]),
                after=self._after(self._main, stretch.begins + stop),
                active_at=stretch.ended_at,
            )

    def refused_calls(self) -> frozenset[str]:
        """The calls that the human did not let begin."""
        results = ((call_id, called.thread.results.get(call_id)) for call_id, called in self._calls.items())
        return frozenset(call_id for call_id, news in results if news is not None and news.result.refused)

    def _with_transcript(self, agent_id: str, thread: Thread, called: _Called | None) -> Iterator[AgentRun]:
        stretch, about = thread.stretches[0], self._about[agent_id]
        started_at = called.call.at if called else stretch.started_at
        if started_at is None:
            return
        call, caller = (called.call, called.thread) if called else (None, self._main)
        if agent_id in self._main.notices and agent_id not in caller.notices:
            caller = self._main  # The agent that called it had ended.
        news = _latest(caller, call, agent_id)
        if news is not None and stretch.ended_at is not None and stretch.ended_at > news.at:
            news = None  # It has worked on since: a background agent, or one woken again.
        ending = ending_of_agent(stretch, news)
        own = [one for one in stretch.requests if one.message_id is None or not self._in_main(one.message_id)]
        told = news.result if news else None
        yield AgentRun(
            client=CLIENT,
            run_id=agent_id,
            session_id=self._own_id,
            kind="sub-agent",
            task=(call and call.task) or stretch.text or "",
            started_at=started_at,
            ended_at=None if ending.state == "running" else stretch.ended_at or (news.at if news else None),
            state=ending.state,
            description=(call and call.description) or text_of(about.get("description")),
            role=(call and call.role) or text_of(about.get("agentType")) or _DEFAULT_ROLE,
            asked_model=(call and call.asked_model) or text_of(about.get("model")),
            call_id=(call and call.call_id) or text_of(about.get("toolUseId")),
            parent_run_id=called.caller if called else None,
            usage=usage_by_model(own),
            resolved_model=told.model if told else None,
            tool_calls=stretch.tool_calls if own else None,
            workspace_path=(call and call.cwd) or thread.cwd,
            error_type=ending.error_type,
            error=ending.error,
            during=tuple(thread.events),
            # What the human says after an agent was stopped by its caller is not about that agent's work.
            after=self._after(caller, news.position) if told and news and not told.stopped_by_caller else (),
            active_at=stretch.ended_at,
        )

    def _without_transcript(self, called: _Called) -> Iterator[AgentRun]:
        call, news = called.call, called.thread.results.get(called.call.call_id)
        if news is None or news.result.refused or news.result.status in _RUNS_ELSEWHERE:
            return
        agent_id = news.result.agent_id
        if agent_id is not None and lies_elsewhere(self._files.main, agent_id):
            return
        news = _latest(called.thread, call, agent_id) or news
        ending = ending_of_agent(Stretch(None, None, None, False, 0), news)
        yield AgentRun(
            client=CLIENT,
            run_id=agent_id or call.call_id,
            session_id=self._own_id,
            kind="sub-agent",
            task=call.task or "",
            started_at=call.at,
            ended_at=None if ending.state == "running" else news.at,
            state=ending.state,
            description=call.description,
            role=call.role or news.result.role or _DEFAULT_ROLE,
            asked_model=call.asked_model,
            call_id=call.call_id,
            parent_run_id=called.caller,
            resolved_model=news.result.model,
            workspace_path=call.cwd,
            error_type=ending.error_type,
            error=ending.error,
            after=self._after(called.thread, news.position),
            active_at=news.at,
        )

    def _made(self) -> dict[str, _Called]:
        """The calls by their ids; where an agent's transcript repeats what its caller did, they are the caller's."""
        found: dict[str, _Called] = {}
        callers = (agent_id for agent_id in self._agents if not is_internal(agent_id))
        for caller in (None, *callers):
            thread = self._main if caller is None else self._agents[caller]
            for call in thread.calls.values():
                found.setdefault(call.call_id, _Called(call, thread, caller))
        return found

    def _joined(self) -> dict[str, _Called]:
        """The call of each agent with a transcript, by its meta file, by the call's result or by a notification."""
        found: dict[str, _Called] = {}
        for agent_id, about in self._about.items():
            called = self._calls.get(text_of(about.get("toolUseId")) or "")
            if called is not None:
                found[agent_id] = called
        for thread in (self._main, *self._agents.values()):
            told = {call_id: news.result.agent_id for call_id, news in thread.results.items()}
            told |= {news.result.call_id or "": agent_id for agent_id, news in thread.notices.items()}
            for call_id, named in told.items():
                if named in self._agents and call_id in self._calls:
                    found.setdefault(named, self._calls[call_id])
        return found

    def _is_copy(self, called: _Called) -> bool:
        return called.caller is None and (called.call.copied or self._is_of_another(called.call.session_id))

    def _is_of_another(self, session_id: str | None) -> bool:
        return session_id is not None and session_id != self._own_id

    def _in_main(self, message_id: str) -> bool:
        return any(message_id in stretch.requests for stretch in self._main.stretches)

    def _name_calls(self) -> None:
        """Say of each call among a thread's events which run it began."""
        run_of = {called.call.call_id: agent_id for agent_id, called in self._call_of.items()}
        for thread in (self._main, *self._agents.values()):
            call_ids = iter(thread.calls)
            for number, event in enumerate(thread.events):
                if isinstance(event, AgentCalled):
                    thread.events[number] = replace(event, run_id=run_of.get(next(call_ids)))

    def _after(self, thread: Thread, position: int) -> tuple[Event, ...]:
        """Events from a position up to the human's first; after an interruption also the words that follow on it."""
        seen: list[Event] = []
        for event in thread.events[position : position + _MOST_AFTER]:
            if seen and isinstance(seen[-1], Interrupted) and not isinstance(event, HumanSpoke):
                break
            seen.append(event)
            if isinstance(event, HumanSpoke):
                break
        return tuple(seen)


def _latest(caller: Thread, call: Call | None, agent_id: str | None) -> News | None:
    """The last that the caller heard: a notification, or else the call's result."""
    return caller.notices.get(agent_id or "") or (caller.results.get(call.call_id) if call else None)


def _about(path: Path) -> Record:
    try:
        return mapping_of(json.loads(path.with_suffix(".meta.json").read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _own_id(files: SessionFiles, main: Thread) -> str:
    """The session's id: the file's name, unless none of its lines bears it."""
    named = {stretch.session_id for stretch in main.stretches} | {call.session_id for call in main.calls.values()}
    return files.session_id if files.session_id in named or not main.session_id else main.session_id
