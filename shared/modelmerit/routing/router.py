"""Which model gets this task, and why: rules, then complexity, then exploration; a retry climbs; a named model wins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from modelmerit.errors import UnknownModel
from modelmerit.policy.document import Policy
from modelmerit.records import Selection, Task
from modelmerit.routing import adaptive, escalation, exploration
from modelmerit.routing.escalation import Failed
from modelmerit.routing.exploration import ExplorationState


@dataclass(frozen=True, slots=True)
class Choice:
    """The model for a task. `recommended` is what the policy alone would have said.

    `propensities` maps each candidate to its probability under the policy in force; None where a person chose.
    """

    model: str
    recommended: str
    reason: str
    selection: Selection
    propensities: Mapping[str, float] | None
    candidates: tuple[str, ...]
    fallbacks: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def recommend(policy: Policy, task: Task) -> Choice:
    """What the policy alone says, without chance and without history."""
    recommendation = policy.recommend(task)
    return _choice(policy, recommendation.model, recommendation.model, recommendation.reason, "policy", None)


def choose(
    policy: Policy,
    task: Task,
    *,
    state: ExplorationState,
    rng: Random,
    now: datetime,
    retry_of: Failed | None = None,
    named: str | None = None,
    explore: bool = True,
) -> Choice:
    """The model for a task about to be dispatched.

    `named` is a model the caller asked for by id, alias or family word. `retry_of` is the attempt that this one is a
    confirmed retry of. `explore` False keeps to the policy.
    """
    recommendation = policy.recommend(task)
    recommended = recommendation.model
    if named is not None:
        return _named(policy, recommended, named)
    if retry_of is not None:
        rung = escalation.next_rung(policy.escalation, retry_of.model, recommended)
        if rung is not None and rung != recommended:
            failed = policy.preferred_name(retry_of.model)
            why = escalation.reason(retry_of, failed, now, at_top=rung == retry_of.model)
            return _choice(policy, rung, recommended, why, "escalated", {rung: 1.0})
    settings = policy.exploration
    arms: tuple[str, ...] = ()
    if explore and retry_of is None and exploration.is_allowed(settings, task, state, now):
        arms = exploration.candidates(policy)
    if arms and settings.mode == "adaptive":
        return _adapted(policy, task, recommended, arms, state, rng)
    vector = exploration.propensities(settings, recommended, arms)
    model = exploration.draw(settings, vector, state, rng)
    if model == recommended:
        return _choice(policy, model, recommended, recommendation.reason, "policy", vector)
    return _choice(policy, model, recommended, exploration.reason(settings), "explored", vector)


def _adapted(
    policy: Policy, task: Task, recommended: str, arms: Sequence[str], state: ExplorationState, rng: Random
) -> Choice:
    results = {model: found for (incumbent, model), found in state.results.items() if incumbent == recommended}
    vector = adaptive.propensities(policy.exploration.strategy, recommended, arms, results)
    model = adaptive.draw(vector, rng)
    selection: Selection = "policy" if model == recommended else "explored"
    return _choice(policy, model, recommended, adaptive.reason(vector[model], task.complexity), selection, vector)


def _named(policy: Policy, recommended: str, named: str) -> Choice:
    reason = f"override: {named} was asked for"
    try:
        return _choice(policy, policy.resolve(named), recommended, reason, "override", None)
    except UnknownModel:
        unknown = f"{named!r} is not in models.json; it is used as given."
        return replace(_choice(policy, named, recommended, reason, "override", None), warnings=(unknown,))


def _choice(
    policy: Policy,
    model: str,
    recommended: str,
    reason: str,
    selection: Selection,
    propensities: Mapping[str, float] | None,
) -> Choice:
    known = dict.fromkeys((recommended, *policy.model_ids))
    return Choice(
        model=model,
        recommended=recommended,
        reason=reason,
        selection=selection,
        propensities=propensities,
        candidates=policy.model_ids,
        fallbacks=tuple(name for name in known if name != model),
    )
