"""What a person says in their own words at the beginning of a text, cut into clauses and written in one way.

Small letters, no apostrophes, and a "not" drawn into its verb: "It is not right" and "it's not right" both become
"it isnt right". So the phrases that are looked for need one form each.
"""

import re

OPENING = 240
"""Characters of prose in which people come to the point; what follows is often quoted or a new task."""

_FENCE = "```"
_PASTED_LINE = (">", "|", *"│├└┌╭╰━─")
"""How quoted lines and those of a table or a box begin."""
_PLACEHOLDER = re.compile(r"\[(?:Image|Pasted text)[^\]\n]{0,300}\]", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|`[^`\n]{1,300}`")
_ASIDE = re.compile(r"\([^()\n]{1,300}\)")
_UNWRITTEN = {ord(mark): None for mark in "'\u2018\u2019*"}
"""Marks that some people leave out."""
_SPACES = re.compile(r"[ \t]+")
_ONE_FORM = (
    (re.compile(r"\bi am\b"), "im"),
    (re.compile(r"\bcan ?not\b"), "cant"),
    (re.compile(r"\bwill not\b"), "wont"),
    (re.compile(r"\b(it|that|this|there|here|what|who)s not\b"), r"\1 isnt"),
    (re.compile(r"\b(they|we|you)re not\b"), r"\1 arent"),
    (re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should) not\b"), r"\1nt"),
    (re.compile(r"\b(?:dosent|doesent|dosnt|deosnt|doenst)\b"), "doesnt"),
    (re.compile(r"\bstil\b"), "still"),
)
_CLAUSE_END = re.compile(
    r"(?<=[.,;:!?])\s+|\n+"
    r"|\s+(?=(?:can|could|would|will) (?:you|we)\b|how (?:can|could|do|does|is)\b|please\b"
    r"|(?:what|why) (?:is|are|do|does|did)\b|(?:but|because|however|although)\b)"
)
"""A mark, a line end, or the beginning of another clause: many people write without marks."""


def opening(text: str) -> str:
    """The beginning of what a human says in their own words: without code, quotes, tables, images and asides."""
    prose = " ".join(text.split(_FENCE)[::2])
    lines = (line for line in _PLACEHOLDER.sub(" ", prose).splitlines() if not line.lstrip().startswith(_PASTED_LINE))
    return plain_words(_ASIDE.sub(" ", _QUOTED.sub(" ", "\n".join(lines))))[:OPENING]


def plain_words(text: str) -> str:
    """In small letters, without apostrophes, each "not" in one form."""
    plain = _SPACES.sub(" ", text.translate(_UNWRITTEN).casefold()).strip()
    for found, form in _ONE_FORM:
        plain = found.sub(form, plain)
    return plain


def clauses(opening: str) -> list[str]:
    """The words up to the next mark, line end, or word that begins another clause."""
    return [stripped for clause in _CLAUSE_END.split(opening) if (stripped := clause.strip())]
