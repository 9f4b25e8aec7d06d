"""Text from the store made safe to show: what nobody sees, a model must not read.

A task, a note, a name or a reason may hold characters without a shape: controls, changes of writing direction, joiners
of no width, and the tag characters in which a whole sentence can hide. In answers they are written as escapes.
"""

import json
import re
from typing import Any

# Control characters but tab and newline, Unicode's default-ignorable characters but the one that makes a character an
# emoji, separators that end a line, and halves of characters. `re` compiles it when it is first used, not at the start.
_INVISIBLE = (
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text with every invisible character as an escape, such as a right-to-left override as \\u202e."""
    return re.sub(_INVISIBLE, lambda found: found[0].encode("unicode_escape").decode(), text)


def visible_values(value: Any) -> Any:
    """JSON values with every text in them, names of members too, made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [visible_values(item) for item in value]
    if isinstance(value, dict):
        return {visible(name): visible_values(item) for name, item in value.items()}
    return value


def visible_json(value: Any) -> str:
    """JSON to read in which nothing is invisible and nothing is lost: what was escaped is read back as it was."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(_INVISIBLE, lambda found: json.dumps(found[0])[1:-1], text)


def quoted(text: str) -> str:
    """A text as data on one line: as it is where it is a single word, otherwise in quotes, its line breaks escaped."""
    word = text and text.isprintable() and not any(character.isspace() or character in "'\"" for character in text)
    return text if word else repr(text)
