"""Changing models.json: composing a change, showing it, applying it, undoing it."""

from modelmerit.policy.applying import Change, apply_change, diff, inverse
from modelmerit.policy.bundling import combine
from modelmerit.policy.contradictions import contradictions
from modelmerit.policy.proposing import add_rule, modify_rule, remove_rule, set_default, set_escalation

__all__ = [
    "Change",
    "add_rule",
    "apply_change",
    "combine",
    "contradictions",
    "diff",
    "inverse",
    "modify_rule",
    "remove_rule",
    "set_default",
    "set_escalation",
]
