"""One file of a client's configuration, what of ours belongs into it, and what a person calls that."""

from dataclasses import dataclass
from pathlib import Path

from modelmerit.installing.content import Content


@dataclass(frozen=True, slots=True)
class Target:
    """`path` may be a symbolic link; the link stays one."""

    path: Path
    content: Content
    what: str
