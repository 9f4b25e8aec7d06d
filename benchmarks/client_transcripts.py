"""Transcripts of Claude Code in any amount, of realistic proportions: most bytes are what tools answered.

The texts are pieces of this project's own source files. Some sessions have sub-agents; a response is a line for each of
its blocks, and what a tool printed is in its record twice, as the client writes it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

Line = dict[str, Any]

MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")
SESSION_BYTES = 2_000_000
BEGAN = datetime(2026, 8, 1, 8, tzinfo=UTC)


def write_transcripts(folder: Path, megabytes: float, seed: int) -> int:
    """Write sessions below a configuration folder until there are so many megabytes; answers how many sessions."""
    draw = Random(seed)
    sources = sorted((Path(__file__).parents[1] / "shared").rglob("*.py"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    written = sessions = 0
    while written < megabytes * 1e6:
        session = _Session(draw, source, BEGAN + timedelta(hours=sessions), folder / "projects" / f"-p{sessions % 9}")
        written += session.write()
        sessions += 1
    return sessions


@dataclass(slots=True)
class _File:
    path: Path
    common: Line
    lines: list[bytes] = field(default_factory=list)
    size: int = 0


class _Session:
    def __init__(self, draw: Random, source: str, began: datetime, project: Path) -> None:
        self._draw, self._source, self._now, self._project = draw, source, began, project
        self._id = f"{draw.getrandbits(128):032x}"
        self._files: list[_File] = []
        self._tools: tuple[Callable[[], tuple[str, Line, Any, str]], ...] = (
            self._read, self._read, self._read, self._bash, self._bash, self._edit, self._grep,
        )  # fmt: skip

    def write(self) -> int:
        main = self._file(self._project / f"{self._id}.jsonl", isSidechain=False)
        while sum(file.size for file in self._files) < SESSION_BYTES:
            self._record(main, "user", message={"role": "user", "content": self._text(300)}, userType="external")
            self._work(main, self._draw.randint(5, 30))
            if self._draw.random() < 0.5:
                self._agent(main)
        for file in self._files:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            file.path.write_bytes(b"".join(file.lines))
        return sum(file.size for file in self._files)

    def _agent(self, main: _File) -> None:
        agent_id, call_id, task = f"a{self._hex()}", f"toolu_01{self._hex()}", self._text(800)
        given = {"description": "Part of the work", "prompt": task, "subagent_type": "Explore", "model": "haiku"}
        self._answer(main, {"type": "tool_use", "id": call_id, "name": "Agent", "input": given})
        path = self._project / self._id / "subagents" / f"agent-{agent_id}.jsonl"
        agent = self._file(path, isSidechain=True, agentId=agent_id)
        self._record(agent, "user", message={"role": "user", "content": task})
        self._work(agent, self._draw.randint(5, 40))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".meta.json").write_text(json.dumps({"agentType": "Explore", "toolUseId": call_id}))
        told = {"status": "completed", "agentId": agent_id, "resolvedModel": MODELS[2], "totalTokens": 9}
        self._result(main, call_id, self._text(1500), told)

    def _work(self, file: _File, tools: int) -> None:
        for _ in range(tools):
            name, given, told, output = self._draw.choice(self._tools)()
            call_id = f"toolu_01{self._hex()}"
            self._answer(file, {"type": "tool_use", "id": call_id, "name": name, "input": given})
            self._result(file, call_id, output, told)
        self._answer(file, {"type": "text", "text": self._text(900)})

    def _answer(self, file: _File, block: Line) -> None:
        used = {
            "input_tokens": self._draw.randint(1, 30),
            "cache_creation_input_tokens": (written := self._draw.randint(100, 4000)),
            "cache_read_input_tokens": self._draw.randint(10_000, 150_000),
            "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": self._draw.randint(20, 2000),
            "service_tier": "standard",
        }
        message = {"model": MODELS[file.common["isSidechain"] * 2], "id": f"msg_01{self._hex()}", "type": "message"}
        message |= {"role": "assistant", "stop_reason": None, "stop_sequence": None, "usage": used}
        request = f"req_01{self._hex()}"
        for one in ({"type": "text", "text": self._text(200)}, block):
            self._record(file, "assistant", message={**message, "content": [one]}, requestId=request)

    def _result(self, file: _File, call_id: str, output: str, told: Any) -> None:
        block = {"tool_use_id": call_id, "type": "tool_result", "content": output}
        self._record(file, "user", message={"role": "user", "content": [block]}, toolUseResult=told)

    def _read(self) -> tuple[str, Line, Any, str]:
        content = self._text(self._draw.choice((2000, 8000, 20_000)))
        told = {"type": "text", "file": {"filePath": "/home/dev/a.py", "content": content, "numLines": 99}}
        return "Read", {"file_path": "/home/dev/a.py"}, told, content

    def _bash(self) -> tuple[str, Line, Any, str]:
        printed = self._text(self._draw.choice((100, 900, 6000)))
        return "Bash", {"command": "pytest -q"}, {"stdout": printed, "stderr": "", "interrupted": False}, printed

    def _edit(self) -> tuple[str, Line, Any, str]:
        old, new = self._text(300), self._text(400)
        told = {"filePath": "/home/dev/a.py", "oldString": old, "newString": new, "originalFile": self._text(9000)}
        return "Edit", {"file_path": "/home/dev/a.py", "old_string": old, "new_string": new}, told, "edited"

    def _grep(self) -> tuple[str, Line, Any, str]:
        content = self._text(self._draw.choice((300, 3000)))
        return "Grep", {"pattern": "def "}, {"mode": "content", "content": content, "numLines": 40}, content

    def _file(self, path: Path, **more: Any) -> _File:
        self._files.append(_File(path, {"sessionId": self._id, "cwd": "/home/dev", "version": "2.1.270", **more}))
        return self._files[-1]

    def _record(self, file: _File, kind: str, **fields: Any) -> None:
        self._now += timedelta(seconds=3)
        stamp = self._now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"parentUuid": self._hex(), **file.common, **fields, "type": kind, "uuid": self._hex()}
        raw = json.dumps(line | {"timestamp": stamp}, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        file.lines.append(raw)
        file.size += len(raw)

    def _text(self, length: int) -> str:
        begin = self._draw.randrange(len(self._source) - length)
        return self._source[begin : begin + length]

    def _hex(self) -> str:
        return f"{self._draw.getrandbits(64):016x}"


def transcripts_size(folder: Path) -> int:
    """The bytes of all transcripts below a folder."""
    return sum(path.stat().st_size for path in _all(folder))


def _all(folder: Path) -> Iterator[Path]:
    return folder.rglob("*.jsonl")
