"""A shell command line taken apart, as far as is needed to see what ran and whose exit status was told.

This is no shell: it knows quotes, here-documents, pipes and the operators between commands, and what it cannot make out
it leaves as it is.
"""

import re
import shlex
from dataclasses import dataclass

READ_CHARACTERS = 4_000

_PIECE = re.compile(
    r"""(?P<skip>\\.|'[^']*'|"(?:[^"\\]|\\.)*"|\d?>&\d?|&>>?|>\|)|(?P<operator>&&|\|\||\|&|[|;\n&])|[^\\'"|;&\n\d>]+|.""",
    re.DOTALL,
)
_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?[ \t]*['\"]?([A-Za-z_]\w{0,40})")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_REDIRECTION = re.compile(r"\d?(?:>>?|<)(?:&\d)?")
_GROUPING = frozenset({"(", ")", "{", "}", "!", "then", "do", "else", "time", "exec", "command"})


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One command of a line: its words, without assignments and redirections.

    `status_told` is whether success of the whole line means that this command ran and succeeded, `failure_told` whether
    failure of the whole line means that this one failed.
    """

    words: tuple[str, ...]
    status_told: bool
    failure_told: bool


def simple_commands(line: str) -> list[SimpleCommand]:
    """The commands of a line in order, those in pipes too."""
    pipefail = "pipefail" in line
    segments = _segments(_without_here_documents(line[:READ_CHARACTERS]))
    operators = [operator for _, operator in segments]
    found = []
    for index, (text, operator) in enumerate(segments):
        words = _words(text)
        if not words:
            continue
        later = [after for _, after in segments[index:] if after]
        piped = operator in {"|", "|&"} and not pipefail
        ran = index == 0 or operators[index - 1] != "||"
        told = ran and not piped and all(after in {"&&", "|", "|&"} for after in later)
        last = not any(after in {"&&", "||", ";"} for after in later)
        found.append(SimpleCommand(words, told, told and last))
    return found


def _segments(text: str) -> list[tuple[str, str]]:
    """The stretches between operators, each with the operator after it; a trailing separator is none."""
    segments, start = [], 0
    for piece in _PIECE.finditer(text):
        if operator := piece["operator"]:
            segments.append((text[start : piece.start()], ";" if operator in {"\n", "&"} else operator))
            start = piece.end()
    segments.append((text[start:], ""))
    kept = [segment for segment in segments if segment[0].strip()]
    if kept and kept[-1][1] == ";":
        kept[-1] = (kept[-1][0], "")
    return kept


def _without_here_documents(text: str) -> str:
    kept, ending = [], None
    for line in text.replace("\\\n", " ").split("\n"):
        if ending is not None:
            ending = None if line.strip() == ending else ending
            continue
        kept.append(line)
        if opened := _HERE_DOCUMENT.search(line):
            ending = opened[1]
    return "\n".join(kept)


def _words(text: str) -> tuple[str, ...]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        words = text.split()
    while words and (words[0] in _GROUPING or _ASSIGNMENT.match(words[0])):
        words.pop(0)
    kept: list[str] = []
    target_follows = False
    for word in words:
        redirection = _REDIRECTION.match(word)
        if redirection is None and not target_follows:
            kept.append(word.strip("(){}") or word)
        target_follows = redirection is not None and redirection.end() == len(word) and not word.endswith(("&1", "&2"))
    return tuple(kept)
