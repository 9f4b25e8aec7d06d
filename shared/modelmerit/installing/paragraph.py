"""The instruction paragraph in a CLAUDE.md or AGENTS.md, between two comments that nobody sees."""

import re
from dataclasses import dataclass
from importlib.resources import files

_BEGIN = "<!-- modelmerit: begin -->"
_END = "<!-- modelmerit: end -->"
# A first comment without a second one is somebody's quotation of it; what follows is theirs.
_BETWEEN = rf"{_BEGIN}(?:(?!{_BEGIN}).)*?{_END}"
_MARKED = re.compile(_BETWEEN, re.DOTALL)
_ENTERED = re.compile(rf"(?:(?<=\n)\r?\n)?{_BETWEEN}(?:\r?\n)?", re.DOTALL)


def instructions() -> str:
    """What an agent is told of modelmerit."""
    return files("modelmerit.installing").joinpath("instructions.md").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of ours in a text of a person's."""

    text: str

    def put(self, text: str) -> str:
        """The text with the paragraph at its end, or where an older one stands."""
        newline = "\r\n" if "\r\n" in text else "\n"
        words = self.text.strip().replace("\n", newline)
        marked = f"{_BEGIN}{newline}{words}{newline}{_END}"
        if _MARKED.search(text):
            return _MARKED.sub(lambda _: marked, text, count=1)
        if words in text:
            return text
        if not text.strip():
            return text + marked + newline
        ended = text if text.endswith("\n") else text + newline
        return ended + newline + marked + newline

    def take_out(self, text: str, original: str) -> str:
        """The text without the paragraph, or with the older one."""
        older = _MARKED.search(original)
        if older:
            return _MARKED.sub(lambda _: older[0], text, count=1)
        return _ENTERED.sub("", text, count=1)

    def is_bare(self, text: str) -> bool:
        """Whether no text is left."""
        return not text.strip()
