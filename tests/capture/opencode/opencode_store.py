"""Made-up stores of OpenCode, in the shape that its release 1.18.33 writes them."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

BEGAN = datetime(2026, 11, 20, 12, tzinfo=UTC)

_SCHEMA = """
CREATE TABLE session (
    id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text NOT NULL, directory text NOT NULL,
    title text NOT NULL, version text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL
);
CREATE TABLE message (
    id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL,
    data text NOT NULL
);
CREATE TABLE part (
    id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL,
    time_updated integer NOT NULL, data text NOT NULL
);
"""
USED = {"input": 800, "output": 30, "reasoning": 20, "cache": {"read": 200, "write": 100}}


def at(seconds: float) -> datetime:
    """So many seconds after the beginning."""
    return BEGAN + timedelta(seconds=seconds)


class Store:
    """A store that can be written into; times are in seconds after the beginning."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)
        self._numbers = count(1)

    def session(self, session_id: str, seconds: float = 0, *, parent: str | None = None) -> str:
        row = (
            session_id,
            "global",
            parent,
            "slug",
            "/home/ann/handbook",
            "A title",
            "1.18.33",
            _ms(seconds),
            _ms(seconds),
        )
        self._connection.execute(f"INSERT INTO session VALUES ({', '.join('?' * len(row))})", row)
        return session_id

    def user(self, session_id: str, text: str, seconds: float, **flags: bool) -> str:
        """What a user said; the client keeps whole patches beside it."""
        data = {
            "role": "user",
            "agent": "build",
            "model": {"providerID": "scripted", "modelID": "main-1"},
            "summary": {"diffs": [{"file": "a.txt", "patch": "x" * 1000}]},
        }
        message_id = self._message(session_id, data, seconds)
        self._part(session_id, message_id, {"type": "text", "text": text, **flags}, seconds)
        return message_id

    def assistant(self, session_id: str, prompt_id: str, seconds: float, **fields: Any) -> str:
        """An answer that took one second."""
        data = {
            "role": "assistant",
            "parentID": prompt_id,
            "agent": "small",
            "modelID": "small-1",
            "providerID": "scripted",
            "cost": 0.5,
            "tokens": USED,
            "time": {"created": _ms(seconds), "completed": _ms(seconds + 1)},
            "finish": "stop",
        }
        return self._message(session_id, data | fields, seconds)

    def tool(
        self, session_id: str, message_id: str, tool: str, began: float, ended: float | None = None, **state: Any
    ) -> str:
        """The use of a tool; answers the call's id."""
        call_id = f"call_{next(self._numbers)}"
        times = {"start": _ms(began)} | ({} if ended is None else {"end": _ms(ended)})
        told = {"status": "running" if ended is None else "completed", "input": {}, "time": times} | state
        self._part(session_id, message_id, {"type": "tool", "tool": tool, "callID": call_id, "state": told}, began)
        return call_id

    def call(
        self, session_id: str, message_id: str, child: str | None, began: float, ended: float | None, **state: Any
    ) -> str:
        """The call of a sub-agent; `prompt` and `metadata` are among what may be said of it."""
        prompt = state.pop("prompt", "Fix the parser")
        told = {"model": {"providerID": "scripted", "modelID": "small-1"}} | state.pop("metadata", {})
        return self.tool(
            session_id,
            message_id,
            "task",
            began,
            ended,
            input={"description": "A fix", "prompt": prompt, "subagent_type": "small"},
            metadata=told if child is None else told | {"sessionId": child},
            **state,
        )

    def raw_message(self, session_id: str, data: str, seconds: float) -> None:
        """A message whose data are as they are."""
        row = (f"msg_{next(self._numbers):04}", session_id, _ms(seconds), _ms(seconds), data)
        self._connection.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)

    def begin_writing(self) -> None:
        """Hold the lock that a writer holds."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("UPDATE session SET title = 'Another title'")

    def end_writing(self) -> None:
        """Let go of it."""
        self._connection.execute("COMMIT")

    def _message(self, session_id: str, data: dict[str, Any], seconds: float) -> str:
        message_id = f"msg_{next(self._numbers):04}"
        row = (message_id, session_id, _ms(seconds), _ms(seconds), json.dumps(data))
        self._connection.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)
        return message_id

    def _part(self, session_id: str, message_id: str, data: dict[str, Any], seconds: float) -> None:
        row = (f"prt_{next(self._numbers):04}", message_id, session_id, _ms(seconds), _ms(seconds), json.dumps(data))
        self._connection.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", row)


def _ms(seconds: float) -> int:
    return round((BEGAN.timestamp() + seconds) * 1000)
