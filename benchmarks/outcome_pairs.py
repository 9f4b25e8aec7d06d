"""Pairs of what a person asked and said next, from the data beside the project, and the samples that were labelled.

A pair is named `c:SOURCE:SESSION:TURNS` if it is one of the data's retry candidates and `t:SESSION:TURNS` if it is two
prompts of one session with nothing of the human but interruptions between them. A text that occurs in several pairs
counts once. No session of the development sample is in the first three others; the last two are what was left of all.
"""

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

PROMPTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "prompts"
SEED = 5

FIRST_DRAW = {"candidate within": 38, "candidate across": 12, "turns with a word": 30, "other turns": 20}
SECOND_DRAW = {"candidate within": 2, "turns with a word": 70, "other turns": 28}
THIRD_DRAW = {"turns with a word": 35, "other turns": 25}
FOURTH_SHARE = 0.6
"""Of what no sample had, in each stratum; the rest is the fifth sample."""

_WORD = re.compile(
    r"\b(still|no|not|wrong|errors?|fail\w*|instead|again|did ?n.?t|does ?n.?t|is ?n.?t|revert|undo|why|broken|bug"
    r"|missing|forgot|actually|hm+|but)\b",
    re.IGNORECASE,
)
"""The plain list by which turns are oversampled; the detector has another one."""


class Pair(NamedTuple):
    """What was asked, what was said next, and whether the human stopped the agent in between."""

    id: str
    session: str
    stratum: str
    asked: str
    said: str
    stopped: bool


def read_pairs() -> list[Pair]:
    """All pairs, each text once."""
    unlike = {}
    candidates = {pair.id: pair for pair in _candidates()}
    for pair in (*candidates.values(), *_turns(candidates.keys())):
        unlike.setdefault((pair.asked.strip(), pair.said.strip()), pair)
    return list(unlike.values())


def samples(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """The samples in the order they were labelled."""
    rng = random.Random(SEED)
    everything, pairs = pairs, [pair for pair in pairs if pair.stratum != "after a command"]
    sessions = sorted({pair.session for pair in pairs})
    rng.shuffle(sessions)
    held_out = set(sessions[::2])
    drawn: dict[str, list[Pair]] = {"first": [], "development": []}
    for stratum, count in FIRST_DRAW.items():
        for name, inside in (("first", True), ("development", False)):
            chosen = [pair for pair in pairs if pair.stratum == stratum and (pair.session in held_out) is inside]
            drawn[name] += _draw(chosen, count, rng)
    rng = random.Random(SEED + 1)
    for name, draw in (("second", SECOND_DRAW), ("third", THIRD_DRAW)):
        used = {pair.id for sample in drawn.values() for pair in sample}
        unread = [pair for pair in pairs if pair.session in held_out and pair.id not in used]
        drawn[name] = [
            pair
            for stratum, count in draw.items()
            for pair in _draw([pair for pair in unread if pair.stratum == stratum], count, rng)
        ]
    used = {pair.id for sample in drawn.values() for pair in sample}
    drawn |= {"fourth": [], "fifth": []}
    for stratum in sorted({pair.stratum for pair in everything}):
        unread = [pair for pair in everything if pair.stratum == stratum and pair.id not in used]
        shuffled = _draw(unread, len(unread), rng)
        cut = round(FOURTH_SHARE * len(shuffled))
        drawn["fourth"] += shuffled[:cut]
        drawn["fifth"] += shuffled[cut:]
    return drawn


def _draw(pairs: list[Pair], count: int, rng: random.Random) -> list[Pair]:
    ordered = sorted(pairs, key=lambda pair: pair.id)
    rng.shuffle(ordered)
    return ordered[:count]


def _candidates() -> Iterator[Pair]:
    seen: set[str] = set()
    for row in _rows("retry_candidates"):
        name = f"c:{row['source']}:{row['session']}:{row['turn_a']}-{row['turn_b']}"
        name += ":x" if name in seen else ""
        if name not in seen:
            seen.add(name)
            stratum = "candidate across" if row["cross_session"] else "candidate within"
            yield Pair(name, str(row["session"]), stratum, row["a"], row["b"], row["interrupted"])


def _turns(candidates: Any) -> Iterator[Pair]:
    sessions: dict[str, list[dict[str, Any]]] = {}
    for row in _rows("specstory_turns"):
        sessions.setdefault(row["session"], []).append(row)
    for session, rows in sessions.items():
        previous, stopped = None, False
        for row in sorted(rows, key=lambda row: int(row["turn"])):
            if row["kind"] == "interrupt":
                stopped = True
            elif row["kind"] == "prompt":
                if previous is not None:
                    turns = f"{session}:{previous['turn']}-{row['turn']}"
                    if f"c:getspecstory:{turns}" not in candidates:
                        with_word = stopped or _WORD.search(row["prompt"][:600])
                        stratum = "turns with a word" if with_word else "other turns"
                        stratum = "after a command" if previous["kind"] == "slash_expansion" else stratum
                        yield Pair(f"t:{turns}", session, stratum, previous["prompt"], row["prompt"], stopped)
                previous, stopped = row, False
            elif row["kind"] == "slash_expansion":
                previous, stopped = row, False
            elif row["kind"] in {"command", "compaction"}:
                previous, stopped = None, False


def _rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(PROMPTS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]
