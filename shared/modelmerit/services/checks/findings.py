"""What a check says: one line, how bad it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's. `name` says what was looked at; `to_do` is None where there is nothing to do."""

    name: str
    state: State
    line: str
    to_do: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def worst(findings: Iterable[Finding]) -> State:
    """The worst state of them; `ok` where there are none."""
    states = {finding.state for finding in findings}
    if "failed" in states:
        return "failed"
    return "warning" if "warning" in states else "ok"


def span(length: timedelta) -> str:
    """A length of time as people say it."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 2 * 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} hours" if hours < 2 * 24 else f"{hours // 24} days"
