"""A change to models.json: what a person approves in one line, and what is then done to the file.

A `Change` is shown by its `summary`, kept as plain values, and applied to the text of the file as it is by then. The
summary is composed from the edits, so it cannot say less than they do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelmerit.errors import ChangeDoesNotApply, PolicyFileError
from modelmerit.policy.document import parse_policy
from modelmerit.policy.edits import AddKey, Edit, RemoveKey, edit_from_dict, edit_to_dict
from modelmerit.policy.meanings import shifts


@dataclass(frozen=True, slots=True)
class Change:
    """Edits to models.json that belong together, and the one line that says exactly what they do."""

    summary: str
    edits: tuple[Edit, ...]

    @classmethod
    def of(cls, *edits: Edit) -> "Change":
        """The change made of `edits`, in their order."""
        told = [edit for edit in edits if not _is_empty_holder(edit)] or edits
        return cls("; ".join(map(str, told)), edits)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, for the store and the change log."""
        return {"summary": self.summary, "edits": [edit_to_dict(edit) for edit in self.edits]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Change":
        """The change that `to_dict` wrote; its summary is composed anew.

        Raises:
            ChangeDoesNotApply: If the values describe no change.
        """
        edits = values.get("edits")
        if not isinstance(edits, list) or not edits or not all(isinstance(edit, dict) for edit in edits):
            raise ChangeDoesNotApply("The recorded change has no readable edits. Decide on a new change.")
        return cls.of(*map(edit_from_dict, edits))


def inverse(change: Change) -> Change:
    """The change that undoes `change`."""
    return Change.of(*(edit.inverted() for edit in reversed(change.edits)))


def apply_change(text: str, change: Change, *, tolerated: int = 0) -> str:
    """The text of models.json with the change, and nothing else, done to it.

    The result may have as many problems as `text` has, or as many as are `tolerated`: what is taken back may have had
    problems that the change had mended.

    Raises:
        ChangeDoesNotApply: If what the change is about is gone or differs, or the result would not work.
        PolicyFileError: If `text` is no models.json to begin with.
    """
    before = parse_policy(text)
    allowed = max(len(before.problems), tolerated)
    for edit in change.edits:
        text = edit.apply(text)
    try:
        after = parse_policy(text)
    except PolicyFileError as error:
        raise ChangeDoesNotApply(f"`{change.summary}` would break models.json: {error}") from None
    if len(after.problems) > allowed:
        new = next(problem for problem in after.problems if problem not in before.problems)
        raise ChangeDoesNotApply(f"`{change.summary}` would leave models.json with a problem: {new}")
    for word, meant, means in shifts(before.data, after.data):
        if meant is not None and means is not None:
            raise ChangeDoesNotApply(
                f"`{change.summary}` would make {word!r} mean {means} instead of {meant} in the rest of models.json. "
                f"Add {word!r} to the `models` block, and decide anew."
            )
    return text


def diff(before: str, after: str) -> str:
    """Both texts as a unified diff of models.json; empty where they are the same."""
    import difflib  # only a person who looks at a change needs it, not every start of a server

    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "models.json", "models.json (after)", lineterm=""
    )
    return "\n".join(lines)


def _is_empty_holder(edit: Edit) -> bool:
    """Whether the edit only makes room for a rule or an alias, which the edit after it tells of."""
    return isinstance(edit, AddKey | RemoveKey) and edit.key in ("rules", "models") and not edit.value
