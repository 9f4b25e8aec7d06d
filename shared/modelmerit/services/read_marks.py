"""How far a part of a client's history was read, as a text that is kept and compared."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

READER = 2
"""Raised when what is read out of the same records changes: then all of them are read once more."""
_WRITTEN = re.compile(r"(\d+) (\S+) (turns|agents) (since \S+|all)")


@dataclass(frozen=True, slots=True)
class ReadMark:
    """`version` changes with the records; `turns` and `since` are what of them was asked for."""

    version: str
    turns: bool = False
    since: datetime | None = None
    reader: int = READER

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The mark that was written so; None if this is none."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            return None
        reader, version, which, since = found.groups()
        began = None if since == "all" else datetime.fromisoformat(since.removeprefix("since "))
        return cls(version, which == "turns", began, int(reader))

    def __str__(self) -> str:
        since = "all" if self.since is None else f"since {self.since.isoformat()}"
        return f"{self.reader} {self.version} {'turns' if self.turns else 'agents'} {since}"

    def covers(self, wanted: Self) -> bool:
        """Whether who has read this far need not read again for `wanted`."""
        return (
            (self.reader, self.version) == (wanted.reader, wanted.version)
            and (self.turns or not wanted.turns)
            and (self.since is None or (wanted.since is not None and self.since <= wanted.since))
        )
