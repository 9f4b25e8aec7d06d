"""Histories of Claude Code made up for tests: `make_history(folder)` writes one and gives the truth of it.

Every trap of the format is in it (`claude_traps.py`), and those between sessions: one resumed under a new name, one
forked, a torn last line, an empty transcript. The same seed makes the same history.
"""

import json
import os
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from claude_traps import TRAPS, in_foreground, over_midnight, still_running
from claude_writing import ExpectedRun, Line, Session, Truth, compact, say

__all__ = ["TRAPS", "ExpectedRun", "Truth", "make_history", "make_session"]

BEGAN = datetime(2026, 9, 1, 8, tzinfo=UTC)


def make_history(folder: Path, sessions: int = 200, seed: int = 1) -> Truth:
    """Write a history under a configuration folder, with every trap if there are enough sessions (30 are)."""
    draw = random.Random(seed)
    truth = Truth(folder)
    traps = list(TRAPS)
    began = BEGAN
    for number in range(sessions):
        began += timedelta(minutes=draw.randint(5, 600))
        session = Session(truth, draw, began, f"project-{number % 7}")
        if number % len(traps) == 0:
            draw.shuffle(traps)
        chosen = {traps[number % len(traps)], *draw.sample(traps, draw.randint(0, 3))}
        make_session(session, sorted(chosen, key=_last))
        if number % 9 == 4:
            _resumed(session, new_names=True)
        elif number % 9 == 7:
            _resumed(session, new_names=False)
        elif number % 9 == 8:
            (session.folder / f"{session.uuid()}.jsonl").write_bytes(b"")
    return truth


def make_session(session: Session, traps: list) -> None:  # type: ignore[type-arg]
    """Write a session with some of the traps, one turn for each; some end in a torn line."""
    for trap in traps:
        session.trap = trap.__name__
        session.record(session.main, "file-history-snapshot", messageId=session.uuid(), snapshot={})
        session.prompt(f"Now for {trap.__name__.replace('_', ' ')}, please.")
        session.answer(session.main, {"type": "thinking", "thinking": "Let me see."}, say("Yes."))
        trap(session)
        session.answer(session.main, say("That is all."), stop="end_turn")
    if session.draw.random() < 0.2:
        session.tail = b'{"parentUuid":"7b0c","message":{"content":[{"te'
        session.truth.broken_lines += 1
    session.write()
    _touch(session.main.path, session.now)


def _last(trap: object) -> tuple[bool, str]:
    """What runs on for good, or leaps to another day, comes at the end."""
    return trap in (still_running, over_midnight), getattr(trap, "__name__", "")


def _resumed(session: Session, *, new_names: bool) -> None:
    """The session's lines again in another file, which goes on by itself; some versions rewrite the session's id."""
    again = Session(session.truth, session.draw, session.now + timedelta(hours=1), "again")
    again.folder, again.cwd = session.folder, session.cwd
    again.main.path = session.folder / f"{again.id}.jsonl"
    again.main.common["cwd"] = session.cwd
    for raw in session.main.lines:
        again.main.lines.append(_copied(raw, session.id, again.id) if new_names else raw)
        session.truth.broken_lines += _broken(raw)
    again.trap = "resumed"
    again.prompt("Where were we?")
    again.answer(again.main, say("Here."), stop="end_turn")
    in_foreground(again)
    again.answer(again.main, say("That is all."), stop="end_turn")
    again.write()
    _touch(again.main.path, again.now)


def _copied(raw: bytes, old: str, new: str) -> bytes:
    if _broken(raw) or not raw.startswith(b'{"parentUuid"'):
        return raw
    line: Line = json.loads(raw)
    return compact(line | {"sessionId": new, "forkedFrom": {"sessionId": old, "messageUuid": line["uuid"]}})


def _broken(raw: bytes) -> bool:
    try:
        return bool(raw) and not isinstance(json.loads(raw), dict)
    except ValueError:
        return True


def _touch(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))
