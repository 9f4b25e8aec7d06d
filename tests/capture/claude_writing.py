"""Writes made-up sessions as Claude Code would, and keeps what is true of them beside it."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from modelmerit.capture.runs import Tokens

OPUS, SONNET, HAIKU = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"
ALIASES = {"opus": OPUS, "sonnet": SONNET, "haiku": HAIKU}
VERSION = "2.1.270"

Line = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class ExpectedRun:
    """What a reader must make of one run. `models` has the tokens of each; `transcript` is the caller's session."""

    run_id: str
    session_id: str
    kind: str
    task: str
    transcript: Path
    trap: str
    started_at: datetime
    agent_transcript: Path | None = None
    role: str | None = None
    asked_model: str | None = None
    call_id: str | None = None
    parent_run_id: str | None = None
    state: str = "finished"
    error_type: str | None = None
    models: dict[str, Tokens] = field(default_factory=dict)
    tool_calls: int = 0
    edits: int = 0
    commands: int = 0

    def used(self, model: str, tokens: Tokens) -> None:
        """Count a request."""
        self.models[model] = self.models.get(model, Tokens()) + tokens


@dataclass(slots=True)
class Truth:
    """All that is true of a history. `folder` is the client's configuration folder; days are those of UTC."""

    folder: Path
    runs: dict[str, ExpectedRun] = field(default_factory=dict)
    turns: dict[str, ExpectedRun] = field(default_factory=dict)
    daily: dict[tuple[str, str], Tokens] = field(default_factory=dict)
    sessions: list[Path] = field(default_factory=list)
    broken_lines: int = 0

    def count(self, at: datetime, model: str, tokens: Tokens) -> None:
        """Count a request for its day."""
        day = at.astimezone(UTC).date().isoformat()
        self.daily[day, model] = self.daily.get((day, model), Tokens()) + tokens

    def of_trap(self, trap: str) -> list[ExpectedRun]:
        """The sub-agents that a trap called."""
        return [run for run in self.runs.values() if run.trap == trap]


@dataclass(slots=True)
class Thread:
    """One transcript in the making: the main thread of a session, or an agent's."""

    path: Path
    common: Line
    lines: list[bytes] = field(default_factory=list)
    run: ExpectedRun | None = None
    """Which run the thread's tokens and tools belong to just now."""


class Session:
    """A session in the making, with a clock of its own."""

    def __init__(self, truth: Truth, draw: random.Random, began: datetime, project: str) -> None:
        self.truth, self.draw, self.now = truth, draw, began
        self.id = self.uuid()
        self.cwd = f"/home/dev/{project}"
        self.folder = truth.folder / "projects" / self.cwd.replace("/", "-")
        self.main = self._thread(self.folder / f"{self.id}.jsonl", {"isSidechain": False})
        self.agents: list[Thread] = []
        self.trap = ""
        self.tail = b""
        """A torn line with which the main transcript ends."""

    def uuid(self) -> str:
        """A fresh one."""
        return str(UUID(int=self.draw.getrandbits(128), version=4))

    def hexadecimal(self, digits: int = 16) -> str:
        """Fresh digits."""
        return f"{self.draw.getrandbits(4 * digits):0{digits}x}"

    def wait(self, seconds: float = 3) -> datetime:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        return self.now

    def tokens(self) -> Tokens:
        """A plausible request."""
        draw = self.draw.randint
        return Tokens(
            input=draw(1, 40), output=draw(20, 900), cache_read=draw(2000, 90_000), cache_write_5m=draw(0, 3000)
        )

    def record(self, thread: Thread, kind: str, **fields: Any) -> Line:
        """Append a record, a few seconds after the one before it."""
        at = self.wait(self.draw.uniform(1, 6))
        stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"parentUuid": self.uuid(), **thread.common, **fields, "type": kind, "uuid": self.uuid()}
        line["timestamp"] = stamp
        self.now = datetime.fromisoformat(stamp)
        thread.lines.append(compact(line))
        return line

    def prompt(self, text: str, thread: Thread | None = None, **fields: Any) -> Line:
        """The human says something in the main thread (in another: whoever called the agent)."""
        line = self.record(
            thread or self.main, "user", message={"role": "user", "content": text}, userType="external", **fields
        )
        if thread is None:
            self.main.run = self.truth.turns[line["uuid"]] = ExpectedRun(
                run_id=line["uuid"], session_id=self.id, kind="turn", task=text, transcript=self.main.path,
                trap=self.trap, started_at=self.now,
            )  # fmt: skip
        return line

    def answer(
        self, thread: Thread, *blocks: Line, model: str | None = None, tokens: Tokens | None = None,
        stop: str | None = None, **fields: Any,
    ) -> str:  # fmt: skip
        """One response of the model: a line for each block, all with the same ids and the final usage."""
        model, tokens = model or self.model_of(thread), tokens or self.tokens()
        message_id, request_id = f"msg_01{self.hexadecimal()}", f"req_01{self.hexadecimal()}"
        first = self.now
        for number, block in enumerate(blocks):
            message = _message(message_id, model, block, usage(tokens), stop)
            self.record(thread, "assistant", message=message, requestId=request_id, apiBlockIndex=number, **fields)
            first = self.now if number == 0 else first
        self.used(thread, model, tokens, at=first)
        if thread.run is not None:
            thread.run.tool_calls += sum(block["type"] == "tool_use" for block in blocks)
        return message_id

    def used(self, thread: Thread, model: str, tokens: Tokens, *, at: datetime | None = None) -> None:
        """Count a request that was made, once."""
        self.truth.count(at or self.now, model, tokens)
        if thread.run is not None:
            thread.run.used(model, tokens)

    def model_of(self, thread: Thread) -> str:
        """Which model answers in a thread."""
        return SONNET if thread.run is None or thread is self.main else ALIASES[thread.run.asked_model or "sonnet"]

    def tool(self, thread: Thread, name: str, output: str = "ok", *, failed: bool = False, **given: Any) -> None:
        """The model uses a tool and has its result."""
        call = tool_use(self, name, **given)
        self.answer(thread, say("On it."), call, stop="tool_use")
        told: Any = f"Error: {output}" if failed else {"stdout": output, "stderr": "", "interrupted": False}
        self.result(thread, call["id"], output, told, failed=failed)
        if thread.run is not None:
            thread.run.commands += name == "Bash"
            thread.run.edits += name in ("Edit", "Write", "MultiEdit", "NotebookEdit") and not failed

    def result(self, thread: Thread, call_id: str, text: Any, told: Any, *, failed: bool = False) -> Line:
        """The record of a tool's result; `told` is the client's own account of it."""
        block: Line = {"tool_use_id": call_id, "type": "tool_result", "content": text}
        if failed:
            block["is_error"] = True
        return self.record(thread, "user", message={"role": "user", "content": [block]}, toolUseResult=told)

    def work(self, thread: Thread) -> None:
        """A little honest work: read, edit, test, say so."""
        self.tool(thread, "Read", "def f(): ...\n" * self.draw.randint(1, 40), file_path=f"{self.cwd}/a.py")
        self.tool(thread, "Edit", "edited", file_path=f"{self.cwd}/a.py", old_string="1", new_string="2")
        self.tool(thread, "Bash", "3 passed in 0.10s", command="pytest -q")
        self.answer(thread, say("Done; the tests pass."), stop="end_turn")

    def call(
        self, task: str, *, caller: Thread | None = None, model: str | None = "haiku", role: str = "Explore",
        name: str = "Agent", background: bool = False, **meta: Any,
    ) -> tuple[Line, Thread]:  # fmt: skip
        """An agent is called (the call is not yet written) and has a transcript that begins with its task."""
        caller = caller or self.main
        given: Line = {"description": task[:20], "prompt": task, "subagent_type": role}
        given |= {"model": model} if model else {}
        given |= {"run_in_background": True} if background else {}
        block = tool_use(self, name, **given)
        agent_id = f"a{self.hexadecimal()}"
        where = self.folder / self.id / "subagents" / f"agent-{agent_id}.jsonl"
        thread = self._thread(where, {"isSidechain": True, "agentId": agent_id})
        thread.run = self.truth.runs[agent_id] = ExpectedRun(
            run_id=agent_id, session_id=self.id, kind="sub-agent", task=task, transcript=self.main.path,
            agent_transcript=where, role=role, asked_model=model, call_id=block["id"], trap=self.trap,
            parent_run_id=caller.run.run_id if caller.run and caller is not self.main else None, started_at=self.now,
        )  # fmt: skip
        self.agents.append(thread)
        about = {"agentType": role, "description": task[:20], "toolUseId": block["id"], "spawnDepth": 1, **meta}
        self.beside(thread, about | ({"model": model} if model else {}))
        return block, thread

    def agent_without_call(self, agent_id: str, folder: str = ".") -> Thread:
        """A transcript among the agents' that no call leads to."""
        where = self.folder / self.id / "subagents" / folder / f"agent-{agent_id}.jsonl"
        self.agents.append(self._thread(where, {"isSidechain": True, "agentId": agent_id}))
        return self.agents[-1]

    def beside(self, thread: Thread, about: Line) -> None:
        """Write the meta file beside an agent's transcript."""
        thread.path.parent.mkdir(parents=True, exist_ok=True)
        thread.path.with_suffix(".meta.json").write_bytes(compact(about))

    def completed(self, thread: Thread, **told: Any) -> Line:
        """The client's account of an agent that ended; its totals are those of the last request alone."""
        assert thread.run is not None
        last = {"totalTokens": 7929, "totalDurationMs": 1200, "totalToolUseCount": 3, "usage": usage(Tokens(1, 9))}
        about = {"agentId": thread.run.run_id, "agentType": thread.run.role, "resolvedModel": self.model_of(thread)}
        return {"status": "completed", "prompt": thread.run.task, "content": [say("Done.")], **about, **last, **told}

    def notify(
        self, thread: Thread, status: str = "completed", *, to: Thread | None = None, words: str | None = None
    ) -> None:
        """The thread that called a background agent is told of its end: in the queue, then as a prompt."""
        run, to = thread.run, to or self.main
        assert run is not None
        text = (
            f"<task-notification>\n<task-id>{run.run_id}</task-id>\n<tool-use-id>{run.call_id}</tool-use-id>\n"
            f"<output-file>/tmp/{run.run_id}.output</output-file>\n<status>{status}</status>\n"
            f'<summary>Agent "{run.task[:20]}" {words or status}</summary>\n<result>All is well.</result>\n'
            "<usage><subagent_tokens>9</subagent_tokens><tool_uses>3</tool_uses><duration_ms>777</duration_ms></usage>"
            "\n</task-notification>"
        )
        self.record(to, "queue-operation", operation="enqueue", content=text)
        if self.draw.random() < 0.5:
            queued = {"type": "queued_command", "prompt": text, "commandMode": "task-notification"}
            self.record(to, "attachment", attachment=queued)
        else:
            self.record(to, "user", message={"role": "user", "content": text}, origin={"kind": "task-notification"})

    def write(self) -> None:
        """Put all transcripts on disk."""
        for thread in (self.main, *self.agents):
            thread.path.parent.mkdir(parents=True, exist_ok=True)
            ending = self.tail if thread is self.main else b""
            thread.path.write_bytes(b"".join(line + b"\n" for line in thread.lines) + ending)
        self.truth.sessions.append(self.main.path)

    def _thread(self, path: Path, more: Line) -> Thread:
        return Thread(path, {"cwd": self.cwd, "sessionId": self.id, "version": VERSION, "gitBranch": "main", **more})


def compact(line: Line) -> bytes:
    """As the client writes it."""
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()


def say(text: str) -> Line:
    return {"type": "text", "text": text}


def tool_use(session: Session, name: str, **given: Any) -> Line:
    return {"type": "tool_use", "id": f"toolu_01{session.hexadecimal(20)}", "name": name, "input": given}


def usage(tokens: Tokens, **more: Any) -> Line:
    """As the API says it."""
    return {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation_input_tokens": tokens.cache_write_5m + tokens.cache_write_1h,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_5m,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "service_tier": "standard",
        **more,
    }


def _message(message_id: str, model: str, block: Line, used: Line, stop: str | None) -> Line:
    return {
        "model": model, "id": message_id, "type": "message", "role": "assistant", "content": [block],
        "stop_reason": stop, "stop_sequence": None, "usage": used,
    }  # fmt: skip
