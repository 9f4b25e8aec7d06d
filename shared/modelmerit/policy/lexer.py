"""The words of the rule language, each with its column.

    task contains 'architecture' or "design" and estimated_files >= 5

There are no escapes inside quotes: a word that has one kind of quote in it is written in the other kind.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from modelmerit.errors import RuleSyntaxError

MAX_LENGTH = 4000
"""Characters of one condition; more than any person writes, less than any parser minds."""

_LONGEST_SHOWN = 60

TokenKind = Literal["name", "text", "number", "operator", "parenthesis", "end"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_-]*)
    |(?P<number>[0-9]+)(?![0-9A-Za-z_.])
    |(?P<operator><=|>=|==|!=|<|>|=)
    |(?P<parenthesis>[()])
    |(?P<text>'[^']*'|"[^"]*"))""",
    re.VERBOSE,
)
_CURLY_QUOTES = (
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}`"
)

_CHARACTERS: Mapping[str, str] = {
    ",": "join several values with `or`, and write numbers without commas",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not` in front of the comparison",
    "[": "write several values as 'a' or 'b'",
    "]": "write several values as 'a' or 'b'",
    "*": "leave it out; a word is found in its inflections too",
    ":": "write `is` or `contains` between the field and its value",
    "-": "numbers are not negative, and a name with a hyphen is written in quotes",
    ".": "leave it out",
    ";": "leave it out",
}


class Token(NamedTuple):
    """One word of a condition: its value without quotes, how it was written, and its 1-based column."""

    kind: TokenKind
    value: str
    written: str
    column: int

    def __str__(self) -> str:
        if self.kind == "end":
            return "the end of the condition"
        return self.written if len(self.written) <= _LONGEST_SHOWN else f"{self.written[:_LONGEST_SHOWN]}…"


def tokens(condition: str) -> list[Token]:
    """The tokens of `condition`, closed by one of kind `end`.

    Raises:
        RuleSyntaxError: If something is no part of the language, or the condition is longer than `MAX_LENGTH`.
    """
    if len(condition) > MAX_LENGTH:
        message = f"found {len(condition)} characters, expected at most {MAX_LENGTH}: split the condition into rules"
        raise RuleSyntaxError(message, MAX_LENGTH + 1)
    found: list[Token] = []
    position, end = 0, len(condition.rstrip())
    while position < end:
        match = _TOKEN.match(condition, position)
        if match is None:
            while condition[position].isspace():
                position += 1
            raise _nothing_of_ours(condition, position)
        kind = match.lastgroup
        assert kind is not None
        written = match[kind]
        column = match.start(kind) + 1
        value = _quoted_value(written, column) if kind == "text" else written
        found.append(Token(kind, value, written, column))  # type: ignore[arg-type]  # the groups are the kinds
        position = match.end()
    found.append(Token("end", "", "", end + 1))
    return found


def _quoted_value(written: str, column: int) -> str:
    value = written[1:-1]
    if not value.strip():
        raise RuleSyntaxError(
            f"found an empty word {written}, expected one to look for: write it, as in 'docs'", column
        )
    for offset, character in enumerate(value, start=1):
        if not character.isprintable():
            # A person approves rules by reading them: what cannot be seen has no place in one.
            message = (
                f"found the invisible character U+{ord(character):04X}, expected visible text in quotes: delete it"
            )
            raise RuleSyntaxError(message, column + offset)
    return value


def _nothing_of_ours(condition: str, position: int) -> RuleSyntaxError:
    character = condition[position]
    column = position + 1
    if character in "'\"":
        other = 'a word with \' in it is written in ""' if character == "'" else "a word with \" in it is written in ''"
        return RuleSyntaxError(
            f"found a quote {character} that is never closed, expected another {character} after it: add it; {other}",
            column,
        )
    if character in _CURLY_QUOTES:
        return RuleSyntaxError(f"found the curly quote {character}, expected a straight one: write ' or \"", column)
    if character.isdigit():
        number = re.match(r"[\w.]+", condition[position:])
        written = number[0] if number else character
        if len(written) > _LONGEST_SHOWN:
            written = f"{written[:_LONGEST_SHOWN]}…"
        return RuleSyntaxError(f"found {written}, expected a whole number: write one, such as 5", column)
    shown = f"'{character}'" if character.isprintable() else f"the invisible character U+{ord(character):04X}"
    todo = _CHARACTERS.get(character, "take it out, or put the words it belongs to in quotes")
    return RuleSyntaxError(f"found {shown}, expected a field, an operator or a value in quotes: {todo}", column)
