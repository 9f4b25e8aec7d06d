"""Whether the human's next words say that the work before them was not right, or ask for the same once more.

A person's next words are mostly something else: a new task, a wish, an answer. So only plain signs at the beginning of
what they say count, and what is told under a condition or asked ("does it still fail?") is no sign. After the human
stopped the agent, words that steer it elsewhere are enough.
"""

import re

from modelmerit.capture.outcomes import phrases, symptoms
from modelmerit.evidence.retries import is_same_task

OPENING = 240
"""Characters of prose in which people come to the point; what follows is often quoted or a new task."""
READ_CHARACTERS = 4_000
"""How much of a text is looked at."""
FIRST_CLAUSES = 2
"""After an interruption the human steers at once, or not at all; and whoever reports a symptom begins with it."""
FEWEST_WORDS = 2
"""Plain words in a request: the mention of a file, or a link, asks for nothing."""
MOST_ADDED = 0.1
"""New words, as a share of the task's, by which a request sent again is made clearer rather than longer."""

_FENCE = "```"
_PASTED_LINE = (">", "|", *"│├└┌╭╰━─")
"""How quoted lines and those of a table or a box begin."""
_IMAGE = re.compile(r"\[Image[^\]\n]{0,300}\]")
_QUOTED = re.compile(r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|`[^`\n]{1,300}`")
_CLAUSE_END = re.compile(r"(?<=[.,;:!?])\s+|\n+")
_EMPHASIS = re.compile(
    r"[*_~`\"“”]{1,3}(?=\w)|(?<=\w)[*_~`\"“”]{1,3}(?!\w)|(?<!\S)(?:\.{0,2}/)+@?|(?<!\S)@(?:\.{0,2}/)*"
)
_TOKEN = re.compile(r"\w+")
_PLAIN = re.compile(r"[^\W\d_]+[.,;:!?]*")
_SMALL_WORDS = frozenset({"again", "please", "still", "now", "the", "a", "an"})
_UNWRITTEN = {ord(mark): None for mark in "'\u2018\u2019*"}
"""Marks that some people leave out."""


def says_it_failed(text: str, *, task: str = "", stopped: bool = False) -> bool:
    """Whether these words, next after the work, say that it is wrong, fails, or is not what was asked.

    `task` is what the work was for: a symptom counts if it is about the same matter, or refers to what was just done.
    `stopped` is whether the human stopped the agent before saying them.
    """
    read = text[:READ_CHARACTERS]
    if phrases.PASTED.search(read):
        return True
    opening = _opening(read)
    if phrases.ONLY_ANSWERS.search(opening):
        return False
    if phrases.TURNS_DOWN.search(opening):
        return True
    clauses = _clauses(opening)
    steered = stopped and not phrases.ANSWERS.match(opening) and any(map(_steers, clauses[:FIRST_CLAUSES]))
    if steered or any(map(_tells_a_fault, clauses)):
        return True
    # What begins with a mark is a quoted list, as of a review: its faults are the next task.
    return opening[:1].isalnum() and any(_tells_a_symptom(clause, task) for clause in clauses[:FIRST_CLAUSES])


def asks_again(task: str, text: str) -> bool:
    """Whether these words ask for the same task once more: in its words, with next to nothing added, or by "try again".

    Never of a task whose text names none ("continue").
    """
    if any(map(phrases.AGAIN.match, _clauses(_opening(text[:READ_CHARACTERS])))):
        return is_same_task(task, task)
    a, b = _bare(task), _bare(text)
    if sum(map(bool, map(_PLAIN.fullmatch, b.split()))) < FEWEST_WORDS:
        return False
    tokens_a, tokens_b = _distinct_tokens(a), _distinct_tokens(b)
    adds = set(tokens_b) - set(tokens_a)
    if len(adds) > len(tokens_a) * MOST_ADDED and set(tokens_a) <= set(tokens_b):
        return False
    return is_same_task(a, a if tokens_a == tokens_b else b)


def _tells_a_fault(clause: str) -> bool:
    if phrases.CONDITION.match(clause):
        return False
    if clause.endswith("?"):
        return bool(phrases.FAULT_ASKED.search(clause))
    if phrases.PRAISE.search(clause):
        return False
    return bool(phrases.FAULT.search(clause))


def _tells_a_symptom(clause: str, task: str) -> bool:
    if phrases.CONDITION.match(clause) or phrases.PRAISE.search(clause):
        return False
    wanted = symptoms.SYMPTOM_ASKED if clause.endswith("?") else symptoms.SYMPTOM
    if not wanted.search(clause):
        return False
    return bool(symptoms.REFERS_BACK.match(clause)) or symptoms.same_matter(task[:READ_CHARACTERS], clause)


def _steers(clause: str) -> bool:
    if clause.endswith("?") or phrases.CONDITION.match(clause) or phrases.ADDS.match(clause):
        return False
    return bool(phrases.STEERS.search(clause))


def _opening(text: str) -> str:
    """The beginning of what the human says in their own words: without code, quotes, tables and images."""
    prose = " ".join(text.split(_FENCE)[::2])
    lines = (line for line in _IMAGE.sub(" ", prose).splitlines() if not line.lstrip().startswith(_PASTED_LINE))
    return _plain_words(_QUOTED.sub(" ", "\n".join(lines)))[:OPENING]


def _plain_words(text: str) -> str:
    return text.translate(_UNWRITTEN).casefold().strip()


def _clauses(opening: str) -> list[str]:
    return [stripped for clause in _CLAUSE_END.split(opening) if (stripped := clause.strip())]


def _bare(text: str) -> str:
    """Without emphasis, and with paths as named from anywhere."""
    return _EMPHASIS.sub("", text)


def _distinct_tokens(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in _TOKEN.findall(text.casefold()) if word not in _SMALL_WORDS))
