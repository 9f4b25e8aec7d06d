"""Text from records and from models.json, made safe to stand in markdown or on a terminal, and tables of it.

A model's name, a keyword or an id may hold line breaks, control characters or markdown of its own. Written out by
these functions it is shown as what it is, and changes nothing around it.
"""

import re
from collections.abc import Sequence

_ACTIVE = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])|(?<=:)(?=//)|(?<=www)(?=\.)")
_AT_THE_START = re.compile(r"^(?:[-+#=](?=[-+#=\s]|$)|\d+(?=[.)](?:\s|$)))")
_FENCES = re.compile("`+")
LONGEST_NAME = 60

TableOfText = tuple[list[str], list[list[str]]]
"""A header, and rows of as many cells each, in plain text."""


def one_line(text: str, most: int | None = None) -> str:
    """The text on one line, what nobody sees written as escapes, and cut to `most` characters if that is given."""
    seen = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    return seen if most is None or len(seen) <= most else f"{seen[: most - 3]}..."


def short(name: str) -> str:
    """A name on one line, and not too long."""
    return one_line(name, LONGEST_NAME)


def escaped(text: str) -> str:
    """The text as markdown that shows it as it is, within a line."""
    return _ACTIVE.sub(lambda found: f"\\{found[0]}", one_line(text))


def list_item(text: str) -> str:
    """The text as an item of a list: what begins it makes it no heading, rule or list of its own."""
    return f"- {_AT_THE_START.sub(_escaped_start, escaped(text))}"


def code(text: str) -> str:
    """The text as a code span."""
    plain = one_line(text)
    fence = "`" * (1 + max((len(run) for run in _FENCES.findall(plain)), default=0))
    padding = " " if "`" in (plain[:1], plain[-1:]) else ""
    return f"{fence}{padding}{plain}{padding}{fence}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table; its cells are plain text."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cells if at == 1 else map(escaped, cells)) + " |" for at, cells in enumerate(lines)]


def _escaped_start(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"
