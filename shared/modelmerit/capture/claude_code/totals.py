"""Tokens per day and model over a whole history, as ccusage 20.0.24 counts them.

Besides the rules of `usage.py` this keeps two of ccusage's own, so that the two can be compared to the token: a line in
which one of certain fields is null is not counted, and responses served fast count as a model of their own.
"""

import re
from collections.abc import Iterable
from datetime import tzinfo
from pathlib import Path

from modelmerit.capture.claude_code.histories import SessionFiles
from modelmerit.capture.claude_code.lines import Record, Transcript, mapping_of
from modelmerit.capture.claude_code.usage import Requests
from modelmerit.capture.runs import Tokens

_NULL = re.compile(
    rb'"(?:id|cwd|model|speed|costUSD|version|sessionId|requestId|isApiErrorMessage'
    rb'|cache_read_input_tokens|cache_creation_input_tokens)":null'
)
_VERSION = re.compile(r"\d+\.\d+\.\d")


def daily_totals(sessions: Iterable[SessionFiles], zone: tzinfo | None = None) -> dict[tuple[str, str], Tokens]:
    """The tokens of each day (YYYY-MM-DD in `zone`; None is this machine's) and model, copies counted once.

    Requests that no model answered belong to no model and are left out.
    """
    totals: dict[tuple[str, str], Tokens] = {}
    for request in counted_requests(sessions):
        if request.model is not None:
            model = f"{request.model}-fast" if request.fast else request.model
            day = request.at.astimezone(zone).date().isoformat()
            totals[day, model] = totals.get((day, model), Tokens()) + request.tokens
    return dict(sorted(totals.items()))


def counted_requests(sessions: Iterable[SessionFiles]) -> Requests:
    """The requests of a whole history; the order of its sessions does not matter."""
    requests = Requests()
    for path in sorted({path for files in sessions for path in files.paths}, key=str):
        session_id = _session_of(path)
        for record in Transcript(path, _has_usage):
            copied = mapping_of(mapping_of(record.get("data")).get("message"))
            if copied:  # older versions repeat an agent's answers in its caller's transcript as progress
                requests.read(copied | {"sessionId": None}, session_id)
            elif _is_whole(record):
                requests.read(record, session_id)
    return requests


def _has_usage(raw: bytes) -> bool:
    return b'"usage"' in raw and (b":null" not in raw or _NULL.search(raw) is None)


def _is_whole(record: Record) -> bool:
    version = record.get("version", "0.0.0")
    names = (record.get("sessionId"), record.get("requestId"))
    message = mapping_of(record.get("message"))
    return (
        isinstance(version, str)
        and _VERSION.match(version) is not None
        and all(
            name is None or (isinstance(name, str) and name) for name in (*names, *map(message.get, ("id", "model")))
        )
        and record.get("isSidechain") in (None, False, True)
    )


def _session_of(path: Path) -> str:
    """The session of lines that name none: the folder above `subagents`, or the file's own name."""
    return path.parent.parent.name if path.parent.name == "subagents" else path.stem
