"""Whether a kind of task needed its model: what an analysis has shown, and what that says of an attempt.

A verdict is False where a cheaper model is shown to be sufficient, and True where it is shown not to be. It is about
all tasks of a kind that the policy gives to a model, whatever became of the single attempt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from modelmerit.learning.kinds import Kind
from modelmerit.learning.scopes import label_of
from modelmerit.records import Attempt

if TYPE_CHECKING:
    from modelmerit.learning.cases import Case


class TaskKind(NamedTuple):
    """Tasks given to a model: of a complexity (`""`: of any), with a keyword or in a group (`""`: with any or none)."""

    complexity: str
    label: str
    model: str


Verdicts = Mapping[TaskKind, bool | None]
"""None where neither is shown."""

UNLABELLED = "medium"
"""The complexity as which tasks without one are routed, and so compared."""

NOTHING_SHOWN: Verdicts = MappingProxyType({})


def verdicts(cases: Iterable["Case"]) -> Verdicts:
    """What the cases of an analysis show of the models that the policy uses.

    A cheaper model that passed its gate is sufficient. None is where even the likeliest one, with enough attempts to be
    judged by, is as surely not sufficient as a suggestion must be sure.
    """
    from modelmerit.learning.comparisons import LEAST_ATTEMPTS  # numpy, which no dispatch should wait for

    cheaper: dict[TaskKind, list[Case]] = {}
    for case in (part for whole in cases for part in whole.parts or (whole,)):
        label = label_of(case.scope)
        if label is None or "condition" in case.scope or case.type == "escalation":
            continue
        own = cheaper.setdefault(TaskKind(case.scope.get("complexity", ""), label, case.incumbent.model), [])
        if case.cheaper:
            own.append(case)
    found: dict[TaskKind, bool | None] = {}
    for kind, own in cheaper.items():
        best = max(own, key=lambda case: case.confidence, default=None)
        if any(case.passes for case in own):
            found[kind] = False
        elif best is not None and best.challenger.attempts >= LEAST_ATTEMPTS and best.confidence <= 1 - best.gate:
            found[kind] = True
        else:
            found[kind] = None
    return found


def with_sufficiency(attempt: Attempt, known: Verdicts) -> Attempt:
    """The attempt with what is known of its kind of task; what it says already stays."""
    if attempt.model_was_sufficient is not None or not known:
        return attempt
    verdict = _verdict(attempt, known)
    return attempt if verdict is None else replace(attempt, model_was_sufficient=verdict)


def _verdict(attempt: Attempt, known: Verdicts) -> bool | None:
    """The verdict on the narrowest kinds of task that there is one on; None where those do not agree."""
    complexity, model = attempt.complexity or UNLABELLED, attempt.arm.model
    kinds = [Kind("keyword", keyword) for keyword in attempt.task_keywords]
    kinds += [Kind("workspace", attempt.workspace)] if attempt.workspace else []
    kinds += [Kind("role", attempt.role)] if attempt.role else []
    for level in (complexity, ""):
        said = {known.get(TaskKind(level, kind.label, model)) for kind in kinds} - {None}
        if said:
            return said.pop() if len(said) == 1 else None
    return known.get(TaskKind(complexity, "", model))
