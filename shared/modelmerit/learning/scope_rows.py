"""The tallies of a scope: where the tasks that a change touches are counted."""

from collections.abc import Mapping

import numpy as np

from modelmerit.learning.findings import Suggestion
from modelmerit.learning.scopes import complexities_of, label_of
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.edits import AddKey, ReplaceValue
from modelmerit.policy.schema import Policy
from modelmerit.statistics.arrays import Mask

DEFAULTS_BLOCK = "task_complexity"


def scope_of(suggestion: Suggestion) -> Mapping[str, str]:
    """The suggestion's scope; a ladder, which names none, has the complexity whose default it changes, if it is one."""
    if suggestion.type != "escalation":
        return suggestion.scope
    places = [
        (*edit.path, edit.key) if isinstance(edit, AddKey) else edit.path
        for edit in suggestion.change.edits
        if isinstance(edit, ReplaceValue | AddKey)
    ]
    changed = {str(place[1]) for place in places if place[0] == DEFAULTS_BLOCK and len(place) > 1}
    return {"complexity": changed.pop()} if len(changed) == 1 else {}


def rows_of_scope(tallies: Tallies, policy: Policy, scope: Mapping[str, str], incumbent: str | None) -> Mask:
    """Marks the tallies of the scope's tasks that the policy of their time gave to `incumbent`; to any, if None.

    None are marked where they cannot be told from other tasks: those of a rule in words whose model others have too,
    and those at the intersection of a keyword and a group, which are not counted apart.
    """
    rows = np.zeros(len(tallies), dtype=np.bool_)
    label = label_of(scope)
    if label is None:
        return rows
    own = tallies.rows_of(keyword=label)
    if incumbent is not None:
        own &= tallies.rows_of(incumbent=incumbent)
    for complexity in complexities_of(policy, scope, incumbent):
        rows |= own & tallies.rows_of(complexity=complexity)
    return rows
