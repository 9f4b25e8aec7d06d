"""What is entered into one file: a pair of functions from its text to its text, whatever the format."""

from dataclasses import dataclass
from typing import Protocol


class NotEditable(Exception):
    """A file's text cannot be read, or holds something of somebody else's where our entries belong.

    The message goes on from the file's name: "line 3, column 1: expected a comma".
    """


class Content(Protocol):
    """Our entries in one file. `put` twice is `put` once, and `put("")` are the lines to paste."""

    def put(self, text: str) -> str:
        """`text` with our entries; all else in it stays as it is.

        Raises:
            NotEditable: If they cannot be entered.
        """
        ...

    def take_out(self, text: str, original: str) -> str:
        """`text` without our entries; what `original`, the text before the first of them, said instead comes back.

        Raises:
            NotEditable: If they cannot be found.
        """
        ...

    def is_bare(self, text: str) -> bool:
        """Whether nothing is left in a file that was made for our entries."""
        ...


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file that is ours alone. One that does not hold the words `mark` is somebody else's and stays as it is."""

    text: str
    mark: str

    def put(self, text: str) -> str:
        """Our text."""
        if text.strip() and self.mark not in text:
            raise NotEditable("another file of this name is there already")
        return self.text

    def take_out(self, text: str, original: str) -> str:
        """What was there before, unless the file is somebody else's by now."""
        return original if self.mark in text else text

    def is_bare(self, text: str) -> bool:
        """Whether it is empty."""
        return not text.strip()
