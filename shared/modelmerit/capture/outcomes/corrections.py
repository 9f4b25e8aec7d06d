"""Whether the human's next words say that the work before them was not right, or ask for the same once more.

A person's next words are mostly something else: a new task, a wish, an answer. So only plain signs at the beginning of
what they say count: output of something that failed (`pasted`), a phrase that names a fault (`faults`), or a report
that something of the task does not do what it should (`reports`). What is told under a condition or asked ("does it
still fail?") is no sign. After the human stopped the agent, words that steer it elsewhere are enough.
"""

import re

from modelmerit.capture.outcomes import faults, phrases
from modelmerit.capture.outcomes.clauses import clauses, opening, plain_words
from modelmerit.capture.outcomes.pasted import shows_a_failure
from modelmerit.capture.outcomes.reports import reports
from modelmerit.evidence.retries import is_same_task

READ_CHARACTERS = 4_000
"""How much of a text is looked at."""
FIRST_CLAUSES = 2
"""After an interruption the human steers at once, or not at all."""
TELLING_CLAUSES = 3
"""Whoever tells of a fault begins with it."""
FEWEST_WORDS = 2
"""Plain words in a request: the mention of a file, or a link, asks for nothing."""
MOST_ADDED = 0.1
"""New words, as a share of the task's, by which a request sent again is made clearer rather than longer."""

_EMPHASIS = re.compile(
    r"[*_~`\"“”]{1,3}(?=\w)|(?<=\w)[*_~`\"“”]{1,3}(?!\w)|(?<!\S)(?:\.{0,2}/)+@?|(?<!\S)@(?:\.{0,2}/)*"
)
_TOKEN = re.compile(r"\w+")
_PLAIN = re.compile(r"[^\W\d_]+[.,;:!?]*")
_SMALL_WORDS = frozenset({"again", "please", "still", "now", "the", "a", "an"})


def told_fault(text: str, *, task: str = "", stopped: bool = False) -> str | None:
    """How these words, next after the work, say that it failed, to be read after "the human"; None if they do not.

    The answer has none of their words in it. `task` is what the work was for: a report of a failure counts if it is
    about the same matter, or refers to what was just done. `stopped` is whether the human stopped the agent before
    saying them.
    """
    read, task = text[:READ_CHARACTERS], task[:READ_CHARACTERS]
    words = opening(read)
    said = clauses(words)
    first = said[:FIRST_CLAUSES]
    # An answer cannot fail: after a question, output and symptoms are about something else.
    answered = _only_asks(task)
    elsewhere = phrases.ELSEWHERE.search(words)
    if shows_a_failure(read) and not answered:
        return "pasted an error"
    if phrases.ONLY_ANSWERS.search(words):
        return None
    if phrases.TURNS_DOWN.search(words) and not (answered and phrases.ANSWERS.match(words)):
        return "turned it down"
    if stopped and not phrases.ANSWERS.match(words) and any(map(_steers, first)):
        return "steered it elsewhere"
    if any(map(faults.SWEARS.search, first)) and not any(map(phrases.PRAISE.search, first)):
        return "swore"
    if not elsewhere and any(map(_tells_a_fault, said[:TELLING_CLAUSES])):
        return "said that it is not right"
    if said and phrases.YOU_SHOULD.match(said[0]):
        return "said what it should have done"
    if any(map(phrases.OTHER_WAY.search, first)):
        return "asked for another way"
    # What begins with a mark is a quoted list, as of a review: its faults are the next task.
    if not answered and words[:1].isalnum() and not elsewhere and _reports_a_failure(said, task):
        return "reported that it does not work"
    return None


def asks_again(task: str, text: str) -> bool:
    """Whether these words ask for the same task once more: in its words, with next to nothing added, or by "try again".

    Never of a task whose text names none ("continue").
    """
    said = clauses(opening(text[:READ_CHARACTERS]))[:TELLING_CLAUSES]
    if any(phrases.AGAIN.match(clause) and not _goes_on_with_but(said[at + 1 :]) for at, clause in enumerate(said)):
        return is_same_task(task, task)
    a, b = _bare(task), _bare(text)
    if sum(map(bool, map(_PLAIN.fullmatch, b.split()))) < FEWEST_WORDS:
        return False
    tokens_a, tokens_b = _distinct_tokens(a), _distinct_tokens(b)
    adds = set(tokens_b) - set(tokens_a)
    if len(adds) > len(tokens_a) * MOST_ADDED and set(tokens_a) <= set(tokens_b):
        return False
    return is_same_task(a, a if tokens_a == tokens_b else b)


def _only_asks(task: str) -> bool:
    return task.rstrip().endswith("?") and bool(phrases.QUESTION.match(plain_words(task)))


def _goes_on_with_but(following: list[str]) -> bool:
    return bool(following) and following[0].startswith("but ")


def _tells_a_fault(clause: str) -> bool:
    if phrases.CONDITION.match(clause):
        return False
    if clause.endswith("?"):
        return bool(faults.FAULT_ASKED.search(clause))
    if phrases.PRAISE.search(clause):
        return False
    return bool(faults.FAULT.search(clause))


def _reports_a_failure(said: list[str], task: str) -> bool:
    """What comes after a request describes the request."""
    for clause in said[:TELLING_CLAUSES]:
        if phrases.REQUEST.match(clause) or phrases.QUESTION.match(clause):
            return False
        if clause.endswith("?") or phrases.CONDITION.match(clause) or phrases.PRAISE.search(clause):
            continue
        if reports(clause, task):
            return True
    return False


def _steers(clause: str) -> bool:
    if clause.endswith("?") or phrases.CONDITION.match(clause) or phrases.ADDS.match(clause):
        return False
    return bool(phrases.STEERS.search(clause))


def _bare(text: str) -> str:
    """Without emphasis, and with paths as named from anywhere."""
    return _EMPHASIS.sub("", text)


def _distinct_tokens(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in _TOKEN.findall(text.casefold()) if word not in _SMALL_WORDS))
