"""What is decided where the models were not chosen as their logged chances say."""

from collections.abc import Callable
from datetime import timedelta

from modelmerit.learning.circumstances import Circumstances
from modelmerit.learning.deciding import decide
from modelmerit.learning.mismatches import Assignment, ChosenArm
from modelmerit.learning.reliability import Reliability
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"


def medium_needs_no_sonnet(model: str, complexity: str, keyword: str) -> float:
    return 0.95 if complexity == "medium" else {HAIKU: 0.5, SONNET: 0.7, OPUS: 0.9}[model]


def mismatch(excess: int) -> Assignment:
    arms = tuple(
        ChosenArm(model=model, chosen=expected + sign * excess, expected=expected)
        for model, expected, sign in ((SONNET, 900, 1), (HAIKU, 100, -1))
    )
    return Assignment(complexity="medium", incumbent=SONNET, arms=arms, p_value=0.0)


def test_a_change_that_a_mismatch_could_overturn_is_a_hint_that_says_so(
    history: Callable[..., list[Attempt]], policy: Callable[..., Policy]
) -> None:
    made = history(26, medium_needs_no_sonnet, [("medium", ""), ("complex", "")])
    tallies, now = Tallies.from_attempts(made), made[-1].created_at + timedelta(days=3)
    plain = decide(tallies, policy(), now)
    assert [(one.type, one.to_model) for one in plain.suggestions] == [("change_default", HAIKU)]

    slight = decide(tallies, policy(), now, Circumstances(mismatches=(mismatch(1),)))
    assert [one.id for one in slight.suggestions] == [one.id for one in plain.suggestions]

    waiting = decide(tallies, policy(), now, Circumstances(mismatches=(mismatch(40),)))
    assert waiting.suggestions == ()
    needs = {hint.id: hint.needs for hint in waiting.hints}
    assert "find out why first" in needs[plain.suggestions[0].id]
    (answer,) = [one for one in waiting.answers() if (one.complexity, one.challenger) == ("medium", HAIKU)]
    assert (answer.verdict, answer.settled) == ("not enough evidence", False)
    assert answer.words.startswith("would do, but models ran more or less often")


def test_a_mismatch_is_known_from_the_attempts_there_were_by_then(attempt: Callable[..., Attempt]) -> None:
    """Chosen as logged on the first day; afterwards no longer."""
    start = attempt(0).created_at
    counts = ((0, {SONNET: 180, HAIKU: 10, OPUS: 10}), (5, {SONNET: 400}))
    made = [
        attempt(1000 * day + number, model=model, created_at=start + timedelta(days=day))
        for day, counted in counts
        for number, model in enumerate(model for model, times in counted.items() for _ in range(times))
    ]
    known = Reliability(made)
    first, last = (known.at((start + timedelta(days=day)).timestamp()) for day in (1, 6))
    assert first.mismatches == ()
    (found,) = last.mismatches
    assert {arm.model: (arm.chosen, round(arm.expected)) for arm in found.arms} == {
        SONNET: (580, 540),
        HAIKU: (10, 30),
        OPUS: (10, 30),
    }
