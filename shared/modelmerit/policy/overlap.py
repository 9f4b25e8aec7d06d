"""Which conditions take the tasks of which others.

"No task is left" is proof; that some are left is not, because the tasks imagined here include texts that nobody can
write: `keyword is 'docs'` and `task contains 'docs'` meet in practice, but not on paper.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import chain

from modelmerit.policy.rules import Comparison, Condition, Node, Not
from modelmerit.policy.solving import Steps, TooEntangled, World, find_world, meets
from modelmerit.policy.worlds import DEFAULT, AnyOf, Fits, Goal, Variable, Worlds

STEPS_PER_QUESTION = 20_000
_VALUES_LISTED = 4
_Sign = tuple[Variable, int]
"""A variable having a value, or, with 0, saying anything at all."""


def covers(wide: Condition, narrow: Condition) -> bool:
    """Whether every task that `narrow` matches is surely matched by `wide` too."""
    return taken_by([wide], narrow) is not None


def taken_by(earlier: Sequence[Condition], condition: Condition) -> tuple[int, ...] | None:
    """The positions of those in `earlier` that together match every task of `condition`; None where a task is left.

    Empty where no task at all can match `condition`. None too where that would take too long to tell.
    """
    takers = Takers([*(one.root for one in earlier), condition.root])
    try:
        return takers.of(
            takers.match(len(earlier)), lambda position: position < len(earlier), Steps(STEPS_PER_QUESTION)
        )
    except TooEntangled:
        return None


def shared_words(left: Condition, right: Condition) -> tuple[str, ...]:
    """The words that both ask for, as keyword or in the text, in the order of `right`."""
    theirs = set(_words(left.root))
    return tuple(dict.fromkeys(word for word in _words(right.root) if word in theirs))


class Takers:
    """Conditions in the order in which they are tried, prepared for questions of which takes the tasks of which."""

    def __init__(self, conditions: Sequence[Node], *, as_written: bool = False) -> None:
        self.worlds = Worlds(conditions, as_written=as_written)
        self._matches = [self.worlds.goal(condition, "true") for condition in conditions]
        self._conditions = conditions
        self._by_sign, self._unsigned = _index(self._matches)

    def match(self, position: int) -> Goal:
        """That the condition at `position` matches."""
        return self._matches[position]

    def miss(self, position: int) -> Goal:
        """That the condition at `position` does not match."""
        return self.worlds.goal(self._conditions[position], "not true")

    def first_match(self, world: World, among: Callable[[int], bool], steps: Steps) -> int | None:
        """The first condition, `among` those asked about, that matches a task.

        Raises:
            TooEntangled: If `steps` do not suffice to tell.
        """
        said = [(variable, value) for variable, value in world.items() if value != DEFAULT]
        signs: Iterator[_Sign] = chain(said, ((variable, 0) for variable, _ in said))
        for position in merge(self._unsigned, *(self._by_sign.get(sign, ()) for sign in signs)):
            steps.spend()
            if among(position) and meets(world, self._matches[position]):
                return position
        return None

    def of(self, goal: Goal, among: Callable[[int], bool], steps: Steps) -> tuple[int, ...] | None:
        """Those of the conditions `among` which is asked that together match every task that meets `goal`.

        None if a task is left. One alone is named where one suffices. Empty where no task can meet `goal`.

        Raises:
            TooEntangled: If `steps` do not suffice to tell.
        """
        found: list[int] = []
        goals = [goal]
        while (world := find_world(self.worlds, goals, steps)) is not None:
            first = self.first_match(world, among, steps)
            if first is None:
                return None
            found.append(first)
            goals.append(self.miss(first))
        for position in sorted(found):
            if self._suffice(goal, [position], steps):
                return (position,)
        for position in sorted(found, reverse=True):
            others = [other for other in found if other != position]
            if self._suffice(goal, others, steps):
                found = others
        return tuple(sorted(found))

    def _suffice(self, goal: Goal, positions: Sequence[int], steps: Steps) -> bool:
        return find_world(self.worlds, [goal, *map(self.miss, positions)], steps) is None


def _index(goals: Sequence[Goal]) -> tuple[dict[_Sign, list[int]], list[int]]:
    """For each goal, signs of which a task that meets it has at least one; and the goals that need none.

    With ten thousand rules, a task is compared with those it may be about, not with each.
    """
    counts = Counter(sign for goal in goals for sign in _all_signs(goal))
    by_sign: dict[_Sign, list[int]] = defaultdict(list)
    unsigned: list[int] = []
    for position, goal in enumerate(goals):
        signs = _signs(goal, counts)
        for sign in signs or ():
            by_sign[sign].append(position)
        if signs is None:
            unsigned.append(position)
    return by_sign, unsigned


def _signs(goal: Goal, counts: Counter[_Sign]) -> set[_Sign] | None:
    if isinstance(goal, Fits):
        return None if goal.allowed & DEFAULT else _signs_of(goal)
    parts = [_signs(part, counts) for part in goal.parts]
    if isinstance(goal, AnyOf):
        return None if None in parts else {sign for part in parts if part is not None for sign in part}
    signed = [part for part in parts if part is not None]
    return min(signed, key=lambda part: sum(counts[sign] for sign in part), default=None)


def _signs_of(fits: Fits) -> set[_Sign]:
    if fits.allowed.bit_count() > _VALUES_LISTED:
        return {(fits.variable, 0)}
    bits, signs = fits.allowed, set[_Sign]()
    while bits:
        signs.add((fits.variable, bits & -bits))
        bits &= bits - 1
    return signs


def _all_signs(goal: Goal) -> Iterator[_Sign]:
    if isinstance(goal, Fits):
        yield from () if goal.allowed & DEFAULT else _signs_of(goal)
    else:
        for part in goal.parts:
            yield from _all_signs(part)


def _words(node: Node) -> Iterator[str]:
    if isinstance(node, Comparison):
        if node.field in ("task", "keyword"):
            yield from (value.casefold() for value in node.values)
    elif not isinstance(node, Not):
        for part in node.parts:
            yield from _words(part)
