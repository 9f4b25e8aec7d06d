"""Several changes to models.json as one, to be approved and applied as one."""

from collections.abc import Sequence

from modelmerit.policy.applying import Change
from modelmerit.policy.document import Policy
from modelmerit.policy.edits import AddKey, Edit, ReplaceValue
from modelmerit.policy.json_text import Path
from modelmerit.policy.proposing import keeping_names


def combine(changes: Sequence[Change], policy: Policy | None = None) -> Change:
    """The changes as one, in their order.

    What a change does besides its own matter, so that all else stays as it was, is done once, and left out where it is
    another change's own matter. With the `policy` that they are for, family words keep their meaning too if it is only
    all of them together that would change it.

    Raises:
        ChangeDoesNotApply: If there is a `policy` and they do not apply to it.
    """
    own = [place for change in changes if (place := _place(change.edits[0])) is not None]
    edits: list[Edit] = []
    for change in changes:
        for at, edit in enumerate(change.edits):
            if edit not in edits and not (at and _place(edit) in own):
                edits.append(edit)
    return Change.of(*edits) if policy is None else keeping_names(policy, *edits)


def _place(edit: Edit) -> Path | None:
    """The value that an edit sets, None if it is about a rule or takes something out."""
    if isinstance(edit, ReplaceValue):
        return edit.path
    return (*edit.path, edit.key) if isinstance(edit, AddKey) else None
