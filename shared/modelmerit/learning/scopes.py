"""What a scope says: under which label its tasks are counted, and which models they are given now."""

from collections.abc import Mapping

from modelmerit.learning.kinds import DIMENSIONS, Kind
from modelmerit.policy.schema import Policy
from modelmerit.records import COMPLEXITIES, Complexity, Task


def label_of(scope: Mapping[str, str]) -> str | None:
    """The one label under which all tasks of a scope are counted, `""` for all tasks; None if there is none."""
    labels = [Kind(dimension, scope[dimension]).label for dimension in DIMENSIONS if dimension in scope]
    return None if len(labels) > 1 else "".join(labels)


def complexities_of(policy: Policy, scope: Mapping[str, str], incumbent: str | None) -> tuple[Complexity, ...]:
    """The complexities at which a scope's tasks can be told from others by the model the policy gave them.

    The tasks of a rule in words are known by that model alone: so neither a default nor another rule may name it.
    """
    named: tuple[Complexity, ...] = tuple(known for known in COMPLEXITIES if scope.get("complexity") in (None, known))
    if "condition" not in scope:
        return named
    others = [rule.model for rule in policy.rules if rule.condition_text != scope["condition"]]
    if incumbent is None or incumbent in others:
        return ()
    return tuple(level for level in named if policy.defaults[level] != incumbent)


def models_in_use(policy: Policy, scope: Mapping[str, str]) -> tuple[str, ...]:
    """The models that the policy gives the tasks of a scope now, at one complexity or another."""
    if "condition" in scope:
        ruled = [rule.model for rule in policy.rules if rule.condition_text == scope["condition"]]
        if ruled:
            return tuple(ruled[:1])
    keyword = scope.get("keyword", "")
    given = [
        policy.recommend(
            Task(
                text=keyword,
                keywords=(keyword,) if keyword else (),
                workspace=scope.get("workspace"),
                complexity=complexity,
                role=scope.get("role"),
            )
        ).model
        for complexity in COMPLEXITIES
        if scope.get("complexity") in (None, complexity)
    ]
    return tuple(dict.fromkeys(given))
