"""Kinds of task a rule can be about: those with a keyword, in a workspace, or of a role.

Evidence and rules name them in their own ways; here is what each is called where.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from modelmerit.learning.tallying import group, is_group
from modelmerit.policy.rules import quoted
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES, Complexity, Task

Dimension = Literal["keyword", "workspace", "role"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
WORDS: Mapping[Dimension, str] = {"keyword": "with keyword", "workspace": "in workspace", "role": "of role"}


@dataclass(frozen=True, slots=True)
class Kind:
    """The tasks that have one value in one dimension."""

    dimension: Dimension
    value: str

    @classmethod
    def of(cls, label: str) -> "Kind":
        """The kind that a label of the tallies stands for."""
        if is_group(label):
            dimension, _, value = label.partition("=")
            return cls("workspace" if dimension == "workspace" else "role", value)
        return cls("keyword", label)

    @property
    def label(self) -> str:
        """What the tallies call it."""
        return self.value if self.dimension == "keyword" else group(self.dimension, self.value)

    def condition(self, complexity: str | None) -> str:
        """What a rule's `if` says of it, in one complexity or in all.

        Raises:
            RuleSyntaxError: If the value cannot be quoted.
        """
        own = f"{self.dimension} is {quoted(self.value)}"
        return own if complexity is None else f"{own} and complexity is {complexity}"

    def scope(self, complexity: str | None) -> dict[str, str]:
        """What a suggestion's scope says of it."""
        return {self.dimension: self.value} if complexity is None else {"complexity": complexity, **self.scope(None)}

    def words(self, complexity: str | None) -> str:
        """What a person calls its tasks: `medium tasks in workspace 'web'`."""
        own = f"tasks {WORDS[self.dimension]} '{self.value}'"
        return own if complexity is None else f"{complexity} {own}"

    def has_rule(self, policy: Policy, complexity: str) -> bool:
        """Whether a rule, rather than the complexity, already decides about its tasks."""
        label: Complexity | None = next((known for known in COMPLEXITIES if known == complexity), None)
        task = {
            "keyword": Task(text=self.value, keywords=(self.value,), complexity=label),
            "workspace": Task(text="", workspace=self.value, complexity=label),
            "role": Task(text="", role=self.value, complexity=label),
        }[self.dimension]
        return policy.recommend(task).rule is not None
