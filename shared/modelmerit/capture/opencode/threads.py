"""What a session of OpenCode's store holds: its messages and, of their parts, the texts of users and the tools' uses.

Only the fields named here are taken out of the JSON: a user's message holds whole patches besides, and a tool's use
whatever the tool printed.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from modelmerit.capture.opencode.database import moment
from modelmerit.capture.runs import Tokens

LONGEST_TEXT = 200_000
TAIL = 4_000
"""Characters of a command's output that are kept, from its end."""

_MESSAGES = """
SELECT id, time_created AS at, data ->> '$.role' AS role, data ->> '$.agent' AS agent,
       coalesce(data ->> '$.modelID', data ->> '$.model.modelID') AS model, data ->> '$.providerID' AS provider,
       data ->> '$.parentID' AS prompt_id, data ->> '$.time.completed' AS completed, data ->> '$.finish' AS finish,
       data ->> '$.cost' AS cost, data ->> '$.tokens.input' AS input, data ->> '$.tokens.output' AS output,
       data ->> '$.tokens.reasoning' AS reasoning, data ->> '$.tokens.cache.read' AS cache_read,
       data ->> '$.tokens.cache.write' AS cache_write, data ->> '$.error.name' AS error,
       coalesce(data ->> '$.error.data.message', data ->> '$.error.name') AS error_text,
       data ->> '$.error.data.statusCode' AS error_status
FROM message WHERE session_id = ? AND json_valid(data) ORDER BY time_created, id
"""
_TEXTS = """
SELECT message_id, substr(group_concat(text, char(10)), 1, :longest) AS text FROM (
    SELECT part.message_id AS message_id, part.data ->> '$.text' AS text
    FROM part JOIN message ON message.id = part.message_id
    WHERE part.session_id = :session_id
      AND CASE WHEN json_valid(message.data) THEN message.data ->> '$.role' END = 'user'
      AND CASE WHEN json_valid(part.data) THEN part.data ->> '$.type' END = 'text'
      AND NOT coalesce(part.data ->> '$.synthetic', 0) AND NOT coalesce(part.data ->> '$.ignored', 0)
    ORDER BY part.message_id, part.id
) GROUP BY message_id
"""
_TOOLS = """
SELECT message_id, time_created AS at, data ->> '$.tool' AS tool, data ->> '$.callID' AS call_id,
       data ->> '$.state.status' AS status, data ->> '$.state.error' AS error,
       data ->> '$.state.time.start' AS began, data ->> '$.state.time.end' AS ended,
       data ->> '$.state.input.command' AS command,
       substr(coalesce(data ->> '$.state.output', data ->> '$.state.metadata.output'), -:tail) AS output,
       data ->> '$.state.metadata.exit' AS exit_code, substr(data ->> '$.state.input.prompt', 1, :longest) AS prompt,
       data ->> '$.state.input.description' AS description, data ->> '$.state.input.subagent_type' AS agent,
       data ->> '$.state.metadata.sessionId' AS child, data ->> '$.state.metadata.model.modelID' AS model,
       data ->> '$.state.metadata.background' AS background, data ->> '$.state.metadata.interrupted' AS interrupted
FROM part WHERE session_id = :session_id AND CASE WHEN json_valid(data) THEN data ->> '$.type' END = 'tool'
ORDER BY time_created, id
"""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a user or an assistant. `prompt_id` is the user's message that an assistant answers.

    `tokens`, `cost_usd`, `finish` and `error` are an assistant's; `error` is the client's name for its kind.
    """

    id: str
    at: datetime
    role: str
    agent: str | None
    model: str | None
    provider: str | None
    prompt_id: str | None
    completed: datetime | None
    finish: str | None
    cost_usd: float
    tokens: Tokens
    error: str | None
    error_text: str | None
    error_status: int | None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A use of a tool. `prompt`, `description`, `agent`, `child` and `model` are those of a call of a sub-agent.

    One in the `background` is completed for the client as soon as it has begun.
    """

    message_id: str
    tool: str
    call_id: str | None
    status: str | None
    began: datetime
    ended: datetime | None
    error: str | None
    command: str
    output: str
    exit_code: int | None
    prompt: str
    description: str | None
    agent: str | None
    child: str | None
    model: str | None
    background: bool
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A session, its messages and its tools' uses in order of time. `texts` are the users', by message."""

    session_id: str
    parent_id: str | None
    directory: str | None
    began: datetime
    messages: tuple[Message, ...]
    texts: dict[str, str]
    tools: tuple[ToolUse, ...]


def read_thread(connection: sqlite3.Connection, session_id: str) -> Thread | None:
    """The session with this id, None if there is none."""
    about = "SELECT parent_id, directory, time_created FROM session WHERE id = ?"
    row = connection.execute(about, (session_id,)).fetchone()
    began = moment(row["time_created"]) if row else None
    if began is None:
        return None
    named: dict[str, Any] = {"session_id": session_id, "longest": LONGEST_TEXT, "tail": TAIL}
    messages = connection.execute(_MESSAGES, (session_id,)).fetchall()
    texts = connection.execute(_TEXTS, {name: named[name] for name in ("session_id", "longest")}).fetchall()
    tools = connection.execute(_TOOLS, named).fetchall()
    return Thread(
        session_id,
        row["parent_id"],
        row["directory"],
        began,
        tuple(_message(row, began) for row in messages),
        {row["message_id"]: text for row in texts if (text := _text(row["text"]).strip())},
        tuple(_tool_use(row, began) for row in tools),
    )


def tokens_of(row: sqlite3.Row) -> Tokens:
    """An assistant's tokens. For how long a cache was written the client does not say: the short term is usual."""
    kinds = ("input", "output", "reasoning", "cache_read", "cache_write")
    return Tokens(*(_count(row[kind]) for kind in kinds))


def _message(row: sqlite3.Row, began: datetime) -> Message:
    cost, status = row["cost"], row["error_status"]
    return Message(
        id=row["id"],
        at=moment(row["at"]) or began,
        role=_text(row["role"]),
        agent=_text(row["agent"]) or None,
        model=_text(row["model"]) or None,
        provider=_text(row["provider"]) or None,
        prompt_id=_text(row["prompt_id"]) or None,
        completed=moment(row["completed"]),
        finish=_text(row["finish"]) or None,
        cost_usd=float(cost) if isinstance(cost, int | float) and cost > 0 else 0.0,
        tokens=tokens_of(row),
        error=_text(row["error"]) or None,
        error_text=_text(row["error_text"]) or None,
        error_status=status if isinstance(status, int) else None,
    )


def _tool_use(row: sqlite3.Row, began: datetime) -> ToolUse:
    exit_code = row["exit_code"]
    return ToolUse(
        message_id=row["message_id"],
        tool=_text(row["tool"]),
        call_id=_text(row["call_id"]) or None,
        status=_text(row["status"]) or None,
        began=moment(row["began"]) or moment(row["at"]) or began,
        ended=moment(row["ended"]),
        error=_text(row["error"]) or None,
        command=_text(row["command"]),
        output=_text(row["output"]),
        exit_code=exit_code if isinstance(exit_code, int) else None,
        prompt=_text(row["prompt"]),
        description=_text(row["description"]) or None,
        agent=_text(row["agent"]) or None,
        child=_text(row["child"]) or None,
        model=_text(row["model"]) or None,
        background=bool(row["background"]),
        interrupted=bool(row["interrupted"]),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < inf else 0
