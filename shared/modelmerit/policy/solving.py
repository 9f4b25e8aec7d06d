"""Looking for a task that meets several goals at once.

The search narrows each variable to the values that are still possible, follows every goal that leaves no choice, and
tries out the alternatives of the others. It takes a bounded number of steps: rules that are too entangled for it are
given up on, and nothing is claimed about them.
"""

from collections.abc import Iterable, Mapping, Sequence

from modelmerit.policy.worlds import DEFAULT, AllOf, AnyOf, Fits, Goal, Variable, Worlds

World = Mapping[Variable, int]
"""The values that each variable may still have; a variable that is not named may have any."""


class TooEntangled(Exception):
    """The search would take longer than it may."""


class Steps:
    """How much longer a search may take."""

    def __init__(self, limit: int) -> None:
        self.left = limit

    def spend(self, number: int = 1) -> None:
        """Takes steps from what is left.

        Raises:
            TooEntangled: If too few are left.
        """
        self.left -= number
        if self.left < 0:
            raise TooEntangled


def find_world(worlds: Worlds, goals: Iterable[Goal], steps: Steps) -> World | None:
    """A task that meets all `goals`, with as little said of it as they allow; None if there surely is none.

    Raises:
        TooEntangled: If `steps` do not suffice to tell.
    """
    untried: list[tuple[dict[Variable, int], list[Goal]]] = [({}, list(goals))]
    while untried:
        world, pending = untried.pop()
        choices = _settle(worlds, world, pending, steps)
        if choices is None:
            continue
        if not choices:
            return {variable: chosen(values) for variable, values in world.items()}
        first, *others = sorted(choices, key=len)
        later: list[Goal] = [AnyOf(tuple(choice)) for choice in others]
        untried.extend((dict(world), [*later, alternative]) for alternative in reversed(first))
    return None


def chosen(values: int) -> int:
    """One of several values: the one that says nothing, where that is possible."""
    return DEFAULT if values & DEFAULT else values & -values


def meets(world: World, goal: Goal) -> bool:
    """Whether a task meets a goal, its variables that the world does not name saying nothing."""
    if isinstance(goal, Fits):
        return world.get(goal.variable, DEFAULT) & goal.allowed != 0
    if isinstance(goal, AllOf):
        return all(meets(world, part) for part in goal.parts)
    return any(meets(world, part) for part in goal.parts)


def _settle(
    worlds: Worlds, world: dict[Variable, int], pending: list[Goal], steps: Steps
) -> list[Sequence[Goal]] | None:
    """Narrows `world` by all that leaves no choice; answers the choices left, None if a goal cannot be met."""
    open_choices: list[Sequence[Goal]] = []
    while pending:
        while pending:
            goal = pending.pop()
            steps.spend()
            if isinstance(goal, AllOf):
                pending.extend(goal.parts)
            elif isinstance(goal, AnyOf):
                open_choices.append(goal.parts)
            else:
                before = world.get(goal.variable, worlds.full(goal.variable))
                values = before & goal.allowed
                if not values:
                    return None
                world[goal.variable] = values
                if values != before:
                    pending.extend(worlds.consequences(goal.variable, values))
        choices, open_choices = open_choices, []
        for alternatives in choices:
            steps.spend(len(alternatives))
            if any(_is_met(worlds, world, goal) for goal in alternatives):
                continue
            left = [goal for goal in alternatives if _can_be_met(worlds, world, goal)]
            if not left:
                return None
            if len(left) == 1:
                pending.append(left[0])
            else:
                open_choices.append(left)
    return open_choices


def _is_met(worlds: Worlds, world: World, goal: Goal) -> bool:
    if isinstance(goal, Fits):
        return not world.get(goal.variable, worlds.full(goal.variable)) & ~goal.allowed
    test = all if isinstance(goal, AllOf) else any
    return test(_is_met(worlds, world, part) for part in goal.parts)


def _can_be_met(worlds: Worlds, world: World, goal: Goal) -> bool:
    if isinstance(goal, Fits):
        return bool(world.get(goal.variable, worlds.full(goal.variable)) & goal.allowed)
    test = all if isinstance(goal, AllOf) else any
    return test(_can_be_met(worlds, world, part) for part in goal.parts)
