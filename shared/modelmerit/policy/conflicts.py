"""Rules that get in each other's way, in a policy as it stands.

First matching rule wins, so order is meaning: an exception in front of a general rule is good style, and so are two
rules about different things of which one happens to come first. A conflict is what its writer cannot have meant: a
rule that no task ever reaches, one without which every task would go where it goes now, or one part of a rule that an
earlier rule with another model has taken already.

That a rule never applies or changes nothing is proved. A contradiction is judged by the words as they are written: a
rule for 'designing' contradicts an earlier one for 'design', and `keyword is 'docs'` one with `task contains 'docs'`.
Following the advice for every `duplicate`, `shadowed`, `impossible` and `no_effect` at once changes no task's model.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, combinations
from typing import Literal, TypeVar

from modelmerit.policy.overlap import STEPS_PER_QUESTION, Takers
from modelmerit.policy.rules import Node, alternatives, comparisons
from modelmerit.policy.schema import Policy, Rule
from modelmerit.policy.solving import Steps, TooEntangled, find_world
from modelmerit.records import COMPLEXITIES, Complexity

ConflictKind = Literal["duplicate", "shadowed", "impossible", "no_effect", "contradiction"]

_STEPS_IN_ALL = 1_000_000
"""Some seconds; only thousands of rules that are all about the same few things need more, and are not judged then."""
_LONGEST_TEXT = 120
_Defaults = tuple[tuple[Complexity, str], ...]
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules in each other's way, by their numbers in the file's order, and in one line what is wrong and what to do.

    `never_applies` is the rule that no task reaches, where there is one.
    """

    rules: tuple[int, ...]
    kind: ConflictKind
    message: str
    never_applies: int | None = None


def conflicts(policy: Policy) -> tuple[Conflict, ...]:
    """What is wrong with the rules as they stand, in the order of the rules concerned; at most one finding for a pair.

    An empty answer means that nothing was found, not that there is nothing.
    """
    return _conflicts(policy.rules, tuple(policy.defaults.items()))


@lru_cache(maxsize=4)
def _conflicts(rules: tuple[Rule, ...], defaults: _Defaults) -> tuple[Conflict, ...]:
    return tuple(_Review(rules, dict(defaults)).conflicts())


class _Review:
    def __init__(self, rules: Sequence[Rule], defaults: dict[Complexity, str]) -> None:
        self._rules = rules
        self._defaults = defaults
        self._roots = [rule.condition.root for rule in rules]
        self._exact = Takers(self._roots)
        self._as_written = Takers(self._roots, as_written=True)
        self._steps_left = _STEPS_IN_ALL
        self._idle: set[int] = set()

    def conflicts(self) -> list[Conflict]:
        """All findings. Rules found to be useless are left out of the search for further ones.

        That search goes backwards: what a rule does depends on the rules after it, so those are settled first.
        """
        positions = range(len(self._rules))
        found = {position: conflict for position in positions if (conflict := self._unreachable(position))}
        self._idle.update(found)
        for position in reversed(positions):
            if position not in found and (conflict := self._without_effect(position)):
                found[position] = conflict
                self._idle.add(position)
        contradictions = [conflict for position in positions for conflict in self._contradicted(position)]
        reported = {conflict.rules for conflict in contradictions}
        ranges = [conflict for conflict in self._crossing() if conflict.rules not in reported]
        return sorted([*found.values(), *contradictions, *ranges], key=lambda conflict: max(conflict.rules))

    def _unreachable(self, position: int) -> Conflict | None:
        exact, rule = self._exact, self._rules[position]
        goal = exact.match(position)
        takers = self._asked(partial(exact.of, goal, position.__gt__))
        if takers is None:
            return None
        if not takers:
            message = f"{_said(rule)} can never apply: no task can fit its condition. Correct it, or remove it."
            return Conflict((rule.number,), "impossible", message, rule.number)
        earlier = [self._rules[taker] for taker in takers]
        numbers = (*(other.number for other in earlier), rule.number)
        first, same_model = earlier[0], all(other.model == rule.model for other in earlier)
        if len(takers) == 1 and self._is_inside(exact, takers[0], position):
            if same_model:
                message = (
                    f"{_said(rule)} is a duplicate of {_said(first)}, which comes first. Remove rule {rule.number}."
                )
                return Conflict(numbers, "duplicate", message, rule.number)
            message = (
                f"{_said(first)} and {_said(rule)} are for the same tasks but name different models: rule "
                f"{first.number} comes first and wins, rule {rule.number} can never apply. Remove one of them."
            )
            return Conflict(numbers, "contradiction", message, rule.number)
        together = _listed([_said(other) for other in earlier])
        match = "matches" if len(earlier) == 1 else "together match"
        advice = (
            f"Remove rule {rule.number}: the model is the same."
            if same_model
            else f"Move rule {rule.number} in front of rule {first.number}, or remove it."
        )
        message = f"{_said(rule)} can never apply: {together} {match} every such task first. {advice}"
        return Conflict(numbers, "shadowed", message, rule.number)

    def _without_effect(self, position: int) -> Conflict | None:
        stand_ins = self._asked(partial(self._stand_ins, position))
        if stand_ins is None:
            return None
        rule = self._rules[position]
        later = [self._rules[other] for other in sorted(stand_ins)]
        source = _listed([_said(other) for other in later]) if later else "`task_complexity`"
        message = (
            f"{_said(rule)} changes nothing: without it its tasks would get the same model from {source}. "
            f"Remove rule {rule.number}, unless it is there to be read."
        )
        return Conflict((rule.number, *(other.number for other in later)), "no_effect", message)

    def _stand_ins(self, position: int, steps: Steps) -> set[int] | None:
        """The later rules that would do instead of this one; None if some task would get another model without it."""
        model, exact = self._rules[position].model, self._exact
        elsewhere: list[str | None] = [
            complexity for complexity in (None, *COMPLEXITIES) if self._defaults[complexity or "medium"] != model
        ]
        stand_ins: set[int] = set()
        other_models = (
            exact.match(later)
            for later in range(position + 1, len(self._rules))
            if self._rules[later].model != model and later not in self._idle
        )
        for outcome in chain([exact.worlds.one_of("complexity", elsewhere)], other_models):
            goals = [exact.match(position), outcome]
            while (world := find_world(exact.worlds, goals, steps)) is not None:
                first = exact.first_match(world, lambda at: at != position and at not in self._idle, steps)
                if first is None or (first > position and self._rules[first].model != model):
                    return None
                if first > position:
                    stand_ins.add(first)
                goals.append(exact.miss(first))
        return stand_ins

    def _contradicted(self, position: int) -> Iterator[Conflict]:
        """Earlier rules that take a part of this one for another model."""
        if position in self._idle:
            return
        written, rule = self._as_written, self._rules[position]
        ways = alternatives(rule.condition.root)
        taken: dict[int, list[Node]] = defaultdict(list)
        for way in ways:
            goal = written.worlds.goal(way, "true")
            takers = self._asked(partial(written.of, goal, position.__gt__))
            if takers and len(takers) == 1:
                taken[takers[0]].append(way)
        for taker, parts in taken.items():
            first = self._rules[taker]
            whole = len(parts) == len(ways)
            if first.model == rule.model or (not whole and self._is_inside(written, taker, position)):
                continue
            about = "the same tasks" if whole else _listed([f"`{_shortened(str(part))}`" for part in parts])
            kept = "Keep one of them" if whole else "Keep that in one of them"
            message = (
                f"{_said(first)} and {_said(rule)} name different models for {about}: rule {first.number} comes first "
                f"and wins. {kept}, or move rule {rule.number} in front of rule {first.number} if it should win."
            )
            yield Conflict((first.number, rule.number), "contradiction", message)

    def _crossing(self) -> Iterator[Conflict]:
        """Rules about the very same fields, each with tasks of its own, and some in common."""
        groups: dict[frozenset[str], list[int]] = defaultdict(list)
        for position, root in enumerate(self._roots):
            fields = frozenset(comparison.field for comparison in comparisons(root))
            if position not in self._idle and not fields & {"task", "keyword"}:
                groups[fields].append(position)
        for group in groups.values():
            for earlier, later in combinations(group, 2):
                if self._steps_left < 0:
                    return
                first, second = self._rules[earlier], self._rules[later]
                if first.model != second.model and (common := self._common(earlier, later)):
                    message = (
                        f"{_said(first)} and {_said(second)} name different models for some tasks, such as {common}: "
                        f"rule {first.number} comes first and wins. Make the two exclude each other, or put the one "
                        "that should win in front."
                    )
                    yield Conflict((first.number, second.number), "contradiction", message)

    def _common(self, earlier: int, later: int) -> str | None:
        """A task that both rules match, if neither is an exception to the other."""
        exact = self._exact
        both = [exact.match(earlier), exact.match(later)]
        world = self._asked(partial(find_world, exact.worlds, both))
        if world is None or self._is_inside(exact, earlier, later) or self._is_inside(exact, later, earlier):
            return None
        said = (exact.worlds.said(variable, value) for variable, value in world.items())
        return " and ".join(part for part in said if part)

    def _is_inside(self, takers: Takers, narrow: int, wide: int) -> bool:
        """Whether every task of the one rule is one of the other."""
        goals = [takers.match(narrow), takers.miss(wide)]
        return bool(self._asked(lambda steps: find_world(takers.worlds, goals, steps) is None))

    def _asked(self, question: Callable[[Steps], _Answer]) -> _Answer | None:
        """The answer to a question, None where it would take too long to find."""
        steps = Steps(min(STEPS_PER_QUESTION, self._steps_left))
        before = steps.left
        try:
            return question(steps)
        except TooEntangled:
            return None
        finally:
            self._steps_left -= before - steps.left


def _said(rule: Rule) -> str:
    return f"rule {rule.number} (if {_shortened(rule.condition_text)} use {rule.use})"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
