"""Tokens per day and model over a whole store: the sums of what OpenCode wrote into it."""

from datetime import tzinfo
from pathlib import Path

from modelmerit.capture.opencode.database import moment, reading
from modelmerit.capture.opencode.threads import tokens_of
from modelmerit.capture.runs import Tokens

_ANSWERS = """
SELECT time_created AS at, data ->> '$.modelID' AS model, data ->> '$.tokens.input' AS input,
       data ->> '$.tokens.output' AS output, data ->> '$.tokens.reasoning' AS reasoning,
       data ->> '$.tokens.cache.read' AS cache_read, data ->> '$.tokens.cache.write' AS cache_write
FROM message WHERE CASE WHEN json_valid(data) THEN data ->> '$.role' END = 'assistant'
"""


def daily_totals(store: Path, zone: tzinfo | None = None) -> dict[tuple[str, str], Tokens]:
    """The tokens of each day (YYYY-MM-DD in `zone`; None is this machine's) and model.

    Raises:
        OSError: If the store cannot be read.
    """
    totals: dict[tuple[str, str], Tokens] = {}
    with reading(store) as connection:
        for row in connection.execute(_ANSWERS):
            at, model, tokens = moment(row["at"]), row["model"], tokens_of(row)
            if at is not None and isinstance(model, str) and tokens.total > 0:
                day = at.astimezone(zone).date().isoformat()
                totals[day, model] = totals.get((day, model), Tokens()) + tokens
    return dict(sorted(totals.items()))
