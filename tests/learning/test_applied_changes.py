"""Applied changes: what they promised, what they brought, and when they are opened again."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from modelmerit.learning.analysis import analyse
from modelmerit.learning.applied_changes import Applied, AppliedChange, applied_changes
from modelmerit.learning.circumstances import Circumstances
from modelmerit.learning.comparisons import CHEAPER_GATE, DEARER_GATE
from modelmerit.learning.findings import Suggestion
from modelmerit.learning.since_applied import APPROVED_CHEAPER, APPROVED_DEARER
from modelmerit.learning.tallies import Tallies
from modelmerit.policy.changes import add_rule, apply_change, combine, modify_rule, set_default, set_escalation
from modelmerit.policy.document import parse_policy
from modelmerit.policy.schema import Policy
from modelmerit.records import Attempt
from modelmerit.statistics.differences import DifferencePrior
from modelmerit.statistics.posterior import Posterior

MakeAttempt = Callable[..., Attempt]
MakeHistory = Callable[..., list[Attempt]]
MakePolicy = Callable[..., Policy]

HAIKU, SONNET, OPUS = "claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"
START = datetime.fromisoformat("2026-01-05T00:00:00Z")
WEEKS_BEFORE = 30
APPLIED_AT = START + timedelta(weeks=WEEKS_BEFORE, hours=8)
"""The Monday morning after thirty weeks of history, 2026-08-03."""

MEDIUM = [("medium", "")]
TO_HAIKU = {("medium", ""): HAIKU}


def alike(model: str, complexity: str, keyword: str) -> float:
    """A world in which all models do equally well."""
    return 0.9


def worse_haiku(model: str, complexity: str, keyword: str) -> float:
    """A world in which haiku has become much worse than the others."""
    return 0.4 if model == HAIKU else 0.9


def later(attempts: Iterable[Attempt], weeks: int) -> list[Attempt]:
    """The same attempts, so many weeks later."""
    by = timedelta(weeks=weeks)
    return [
        replace(one, id=f"{weeks}-{one.id}", created_at=one.created_at + by, updated_at=one.updated_at + by)
        for one in attempts
    ]


def changed(policy: Policy, suggestion: Suggestion) -> Policy:
    """The policy with the suggestion applied."""
    return parse_policy(apply_change(json.dumps(policy.data), suggestion.change))


def found_in(attempts: list[Attempt], policy: Policy) -> Suggestion:
    """The one suggestion that a history leads to."""
    (suggestion,) = analyse(Tallies.from_attempts(attempts), policy, APPLIED_AT + timedelta(days=2)).suggestions
    return suggestion


def applied(suggestion: Suggestion, at: datetime = APPLIED_AT) -> Applied:
    return Applied(suggestion=suggestion, applied_at=at, change_id="change-1")


def standing(
    one: Applied, attempts: list[Attempt], policy: Policy, as_of: datetime, *others: Applied
) -> tuple[AppliedChange, ...]:
    tallies = Tallies.from_attempts(attempts)
    open_suggestions = analyse(tallies, policy, as_of).suggestions
    return applied_changes(
        [one, *others], tallies, policy, as_of, suggestions=open_suggestions, circumstances=Circumstances()
    )


@pytest.fixture
def before(history: MakeHistory) -> list[Attempt]:
    """Thirty weeks in which sonnet did the medium tasks, and haiku as well where it was tried."""
    return history(WEEKS_BEFORE, alike, MEDIUM)


@pytest.fixture
def suggestion(before: list[Attempt], policy: MakePolicy) -> Suggestion:
    """What those weeks lead to: haiku for medium tasks."""
    found = found_in(before, policy())
    assert (found.from_model, found.to_model, found.scope) == (SONNET, HAIKU, {"complexity": "medium"})
    return found


def test_a_change_that_brings_what_it_promised_is_holding(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    since = later(history(9, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    as_of = APPLIED_AT + timedelta(weeks=9, days=2)
    (one,) = standing(applied(suggestion), before + since, changed(policy(), suggestion), as_of)
    assert (one.state, one.cause, one.remedy) == ("holding", "the evidence", None)
    assert (one.applied_on, one.change_id, one.in_use) == (date(2026, 8, 3), "change-1", (HAIKU,))
    compared = one.compared
    assert compared is not None
    # Nine weeks of 18 attempts of haiku by policy, and 2 of sonnet by chance; haiku costs a third of sonnet.
    assert (compared.new.attempts, compared.old.attempts) == (162, 18)
    assert compared.interval.low < 0 < compared.interval.high
    assert compared.saving == pytest.approx(2 / 3, abs=0.05)
    assert one.promised.saving == pytest.approx(2 / 3, abs=0.05)
    assert compared.confidence > 0.9
    assert compared.changed_on is None


def test_the_signs_are_those_of_the_new_model_against_the_old_one(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    since = later(history(12, worse_haiku, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    (one,) = standing(
        applied(suggestion), before + since, changed(policy(), suggestion), APPLIED_AT + timedelta(weeks=12, days=2)
    )
    assert one.compared is not None
    # haiku now succeeds at 0.4, sonnet at 0.9, and costs 0.05 / 0.4 a success instead of 0.15 / 0.9: a quarter less.
    assert one.compared.difference < -0.3
    assert one.compared.interval.high < 0
    assert one.compared.saving == pytest.approx(0.25, abs=0.12)


def test_a_change_whose_model_drops_after_sixty_days_is_reopened_and_says_what_would_mend_it(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    good = later(history(9, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    bad = later(history(12, worse_haiku, MEDIUM, TO_HAIKU), WEEKS_BEFORE + 9)
    every = [*before, *good, *bad]
    after = changed(policy(), suggestion)

    def stands(weeks: int) -> AppliedChange:
        as_of = APPLIED_AT + timedelta(weeks=weeks, days=2)
        (one,) = standing(applied(suggestion), [done for done in every if done.created_at < as_of], after, as_of)
        return one

    # Two attempts of sonnet a week: after two weeks there are four to compare with, after four eight.
    assert [stands(weeks).state for weeks in (9, 11, 14)] == ["holding", "review due", "reopened"]
    fell = stands(21)
    assert (fell.state, fell.cause) == ("reopened", "the evidence")
    assert fell.compared is not None
    assert fell.compared.confidence < 0.1
    # What came before the fall is counted no more.
    assert fell.compared.fall is not None
    assert abs(fell.compared.fall.since - (APPLIED_AT + timedelta(weeks=9)).date()) <= timedelta(weeks=1)
    # The fall came within a week, whose 13 good attempts of 19 may count as before it or, with 210 others, after it.
    assert (fell.compared.fall.before, fell.compared.fall.after) == pytest.approx((0.9, 0.4), abs=0.03)
    assert fell.compared.old.attempts <= 26
    suggestions = analyse(Tallies.from_attempts(every), after, APPLIED_AT + timedelta(weeks=21, days=2)).suggestions
    back = next(one for one in suggestions if (one.from_model, one.scope) == (HAIKU, {"complexity": "medium"}))
    assert fell.remedy == back.id


def test_a_season_in_which_all_models_do_worse_is_not_held_against_the_new_one(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    good = later(history(9, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    hard = later(history(16, lambda *_: 0.5, MEDIUM, TO_HAIKU), WEEKS_BEFORE + 9)
    as_of = APPLIED_AT + timedelta(weeks=25, days=2)
    (one,) = standing(applied(suggestion), [*before, *good, *hard], changed(policy(), suggestion), as_of)
    assert one.compared is not None
    assert one.compared.fall is not None
    # haiku did fall; but at the same tasks sonnet has done no better since.
    assert one.state == "holding"


def test_a_cheaper_model_that_has_become_as_dear_is_reopened(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    since = later(history(12, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    dear = [replace(one, cost_usd=0.30) if one.model == HAIKU else one for one in since]
    (one,) = standing(
        applied(suggestion), before + dear, changed(policy(), suggestion), APPLIED_AT + timedelta(weeks=12, days=2)
    )
    # Twice the price of sonnet: whatever it solves, a success costs more.
    assert (one.state, one.cause) == ("reopened", "the evidence")
    assert one.compared is not None
    assert one.compared.confidence < 0.01


def test_in_its_first_week_nothing_is_said_of_a_change(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    # Twenty weeks in one: so many attempts that the two hundredth comes in the first days.
    crowded = [
        replace(one, created_at=START + (one.created_at - START) % timedelta(weeks=1))
        for one in history(20, alike, MEDIUM, TO_HAIKU)
    ]
    week = later(crowded, WEEKS_BEFORE)
    after = changed(policy(), suggestion)
    on_day_six, on_day_nine = (
        standing(applied(suggestion), before + week, after, APPLIED_AT + timedelta(days=days))[0] for days in (6, 9)
    )
    assert (on_day_six.state, on_day_six.cause) == ("too early", "the first days")
    # Nothing can be reviewed before there is something to say.
    assert on_day_six.review_on == APPLIED_AT.date() + timedelta(days=7)
    assert on_day_nine.state == "holding"


def test_it_is_too_early_until_the_old_model_has_been_tried_often_enough(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    after = changed(policy(), suggestion)
    # Two attempts of sonnet a week: 14 after seven weeks, 16 after eight.
    told = [
        standing(
            applied(suggestion),
            before + later(history(weeks, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE),
            after,
            APPLIED_AT + timedelta(weeks=weeks, days=2),
        )[0]
        for weeks in (7, 8)
    ]
    tried = [one.compared.old.attempts for one in told if one.compared is not None]
    assert tried == [14, 16]
    assert [one.state for one in told] == ["too early", "holding"]


def test_the_review_comes_after_ninety_days_or_two_hundred_tasks(
    suggestion: Suggestion, attempt: MakeAttempt, policy: MakePolicy
) -> None:
    after = changed(policy(), suggestion)

    def review_on(tasks_a_day: int) -> date:
        some = [
            attempt(
                n,
                id=f"{day}-{n}",
                created_at=APPLIED_AT + timedelta(days=day, minutes=n),
                model=HAIKU,
                recommended_model=HAIKU,
            )
            for day in range(20)
            for n in range(tasks_a_day)
        ]
        (one,) = standing(applied(suggestion), some, after, APPLIED_AT + timedelta(days=25))
        return one.review_on

    # Twenty a day: the two hundredth comes on the tenth day. Nine a day: 180 in all.
    assert review_on(20) == date(2026, 8, 12)
    assert review_on(9) == date(2026, 11, 1)


def test_on_its_review_day_a_change_that_chance_has_not_confirmed_is_due(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    unexplored = [
        replace(one, propensities=None)
        for one in later(history(14, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
        if one.model == HAIKU
    ]
    # 18 a week: the two hundredth comes in the twelfth week.
    states = [
        standing(
            applied(suggestion), before + unexplored, changed(policy(), suggestion), APPLIED_AT + timedelta(weeks=weeks)
        )[0].state
        for weeks in (10, 14)
    ]
    assert states == ["too early", "review due"]


def test_a_change_whose_model_models_json_uses_no_more_is_reopened_for_a_month(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    since = later(history(5, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    newer = json.loads(json.dumps(changed(policy(), suggestion).data).replace(HAIKU, "claude-haiku-5"))
    last = max(one.created_at for one in since)
    (one,) = standing(applied(suggestion), before + since, parse_policy(json.dumps(newer)), last + timedelta(days=30))
    assert (one.state, one.cause, one.in_use) == ("reopened", "the model changed", ("claude-haiku-5",))
    assert standing(applied(suggestion), before + since, policy(), last + timedelta(days=31)) == ()


def test_a_change_that_a_later_one_replaced_is_not_told_of(
    before: list[Attempt], suggestion: Suggestion, policy: MakePolicy
) -> None:
    onward = changed(policy(), suggestion)
    back = replace(
        suggestion, id="s-back", from_model=HAIKU, to_model=SONNET, change=set_default(onward, "medium", SONNET)
    )
    later_on = applied(back, APPLIED_AT + timedelta(days=10))
    told = standing(applied(suggestion), before, policy(), APPLIED_AT + timedelta(days=12), later_on)
    assert [one.id for one in told] == ["s-back"]


def test_before_and_since_are_equally_long_and_count_what_went_through_the_change(
    suggestion: Suggestion, attempt: MakeAttempt, policy: MakePolicy
) -> None:
    def of(model: str, day: int, **fields: object) -> Attempt:
        at = APPLIED_AT + timedelta(days=day, hours=3)
        return attempt(0, id=f"{day}-{model}-{fields}", created_at=at, model=model, recommended_model=model, **fields)

    some = [
        *(of(SONNET, day, cost_usd=0.2) for day in range(-12, 0)),
        of(SONNET, -3, outcome="failure", cost_usd=0.2),
        of(SONNET, 0, outcome="failure"),
        *(of(HAIKU, day, cost_usd=0.1) for day in range(1, 11)),
        of(HAIKU, 5, outcome="partial", cost_usd=0.1),
        of(HAIKU, 6, outcome=None, cost_usd=0.1),
        of(OPUS, 7, outcome="failure"),  # a rule's
        of(HAIKU, 8, outcome="failure", complexity="simple"),
    ]
    (one,) = standing(applied(suggestion), some, changed(policy(), suggestion), APPLIED_AT + timedelta(days=10))
    assert one.before is not None
    assert one.since is not None
    # Ten days of one attempt each, and one more with an outcome in both; the day of the change is in neither.
    assert (one.before.first_day, one.before.last_day) == (date(2026, 7, 24), date(2026, 8, 2))
    assert (one.since.first_day, one.since.last_day) == (date(2026, 8, 4), date(2026, 8, 13))
    assert (one.before.attempts, one.before.successes) == (one.since.attempts, one.since.successes) == (11, 10)
    # 0.2 an attempt over 10/11, 0.1 an attempt over 10/11.
    assert one.before.usd_per_success == pytest.approx(0.22)
    assert one.since.usd_per_success == pytest.approx(0.11)


def test_before_and_since_end_half_a_year_after_the_change(
    suggestion: Suggestion, before: list[Attempt], policy: MakePolicy
) -> None:
    after = changed(policy(), suggestion)
    told = [
        standing(applied(suggestion), before, after, APPLIED_AT + timedelta(days=days))[0] for days in (0, 180, 181)
    ]
    assert [one.before is None for one in told] == [True, False, True]
    assert told[1].since is not None
    assert (told[1].since.last_day - told[1].since.first_day).days == 89


KEYWORD_DOCS = [("medium", "docs"), ("medium", "api")]


def test_a_rule_for_a_keyword_is_compared_at_the_tasks_with_that_keyword(
    suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    def docs_are_hard(model: str, complexity: str, keyword: str) -> float:
        return worse_haiku(model, complexity, keyword) if keyword == "docs" else 0.9

    ruled = policy([("keyword is 'docs' and complexity is medium", "haiku")])
    rule = replace(
        suggestion,
        type="new_rule",
        scope={"complexity": "medium", "keyword": "docs"},
        change=add_rule(policy(), "keyword is 'docs' and complexity is medium", HAIKU),
    )
    since = later(history(12, docs_are_hard, KEYWORD_DOCS, {("medium", "docs"): HAIKU}), WEEKS_BEFORE)
    (one,) = standing(applied(rule), since, ruled, APPLIED_AT + timedelta(weeks=12, days=2))
    assert one.state == "reopened"
    assert one.compared is not None
    assert (one.compared.new.attempts, one.compared.old.attempts) == (12 * 18, 12 * 2)
    # The remedy is about the rule.
    assert one.remedy is not None
    (gone,) = standing(applied(rule), since, policy(), APPLIED_AT + timedelta(weeks=12, days=2))
    assert (gone.cause, gone.in_use) == ("the model changed", (SONNET,))


@pytest.mark.parametrize(("kind", "fields"), [("workspace", {"workspace": "web"}), ("role", {"role": "reviewer"})])
def test_a_rule_for_a_workspace_or_a_role_is_compared_at_its_tasks(
    kind: str, fields: dict[str, str], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    (value,) = fields.values()
    ruled = policy([(f"{kind} is '{value}'", "haiku")])
    rule = replace(suggestion, type="new_rule", scope=fields, change=add_rule(policy(), f"{kind} is '{value}'", HAIKU))
    own = later(history(9, alike, MEDIUM, TO_HAIKU, **fields), WEEKS_BEFORE)
    elsewhere = later(history(9, worse_haiku, MEDIUM, **{kind: "other"}), WEEKS_BEFORE)
    (one,) = standing(
        applied(rule),
        own + [replace(other, id=f"o-{other.id}") for other in elsewhere],
        ruled,
        APPLIED_AT + timedelta(weeks=9, days=2),
    )
    assert (one.state, one.in_use) == ("holding", (HAIKU,))
    assert one.compared is not None
    assert (one.compared.new.attempts, one.compared.old.attempts) == (9 * 18, 9 * 2)


def test_a_rule_in_words_is_known_by_its_model_where_no_other_uses_it(
    suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    words = "task contains 'manual'"
    old = policy([(words, "opus")])
    changed_rule = replace(
        suggestion, type="modify_rule", scope={"condition": words}, from_model=OPUS, change=modify_rule(old, 1, HAIKU)
    )
    since = later(history(9, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    as_of = APPLIED_AT + timedelta(weeks=9, days=2)
    (alone,) = standing(applied(changed_rule), since, policy([(words, "haiku")]), as_of)
    assert alone.state == "holding"
    assert alone.compared is not None
    assert (alone.compared.new.attempts, alone.compared.old.attempts) == (9 * 18, 9 * 2)
    two = policy([(words, "haiku"), ("task contains 'typo'", "haiku")])
    (among_others,) = standing(applied(changed_rule), since, two, as_of)
    assert among_others.compared is None


def test_of_a_ladder_only_before_and_since_is_told(
    suggestion: Suggestion, before: list[Attempt], history: MakeHistory, policy: MakePolicy
) -> None:
    start = policy()
    ladder = replace(
        suggestion,
        type="escalation",
        scope={},
        to_model=None,
        change=combine([set_default(start, "medium", HAIKU), set_escalation(start, [HAIKU, SONNET, OPUS])]),
    )
    since = later(history(9, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    climbs = changed(start, ladder)
    (one,) = standing(applied(ladder), before + since, climbs, APPLIED_AT + timedelta(weeks=9, days=2))
    assert (one.to_model, one.compared, one.state) == (HAIKU, None, "too early")
    assert one.before is not None
    assert one.since is not None
    # All attempts after that day, of whichever model, belong to the tasks of the ladder.
    assert one.since.attempts == sum(done.created_at.date() > APPLIED_AT.date() for done in since)
    assert one.since.usd_per_success is not None


def test_what_has_no_outcome_decides_nothing(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    since = later(history(16, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    half = [replace(one, outcome=None) if number % 2 else one for number, one in enumerate(since)]
    as_of = APPLIED_AT + timedelta(weeks=16, days=2)
    (one,) = standing(applied(suggestion), before + half, changed(policy(), suggestion), as_of)
    assert one.state == "holding"
    known = [attempt for attempt in before + half if attempt.outcome is not None]
    (without,) = standing(applied(suggestion), known, changed(policy(), suggestion), as_of)
    assert one.compared is not None
    assert without.compared is not None
    # They are shown, and change nothing.
    assert (one.compared.new.missing, one.compared.old.missing) == (144, 16)
    assert one.compared.difference == pytest.approx(without.compared.difference, abs=0.002)
    assert one.compared.confidence == pytest.approx(without.compared.confidence, abs=0.005)


def test_outcomes_that_nobody_reports_any_more_are_no_fall(
    before: list[Attempt], suggestion: Suggestion, history: MakeHistory, policy: MakePolicy
) -> None:
    since = later(history(16, alike, MEDIUM, TO_HAIKU), WEEKS_BEFORE)
    unreported = [
        replace(one, outcome=None) if one.created_at > APPLIED_AT + timedelta(weeks=9) and number % 2 else one
        for number, one in enumerate(since)
    ]
    as_of = APPLIED_AT + timedelta(weeks=16, days=2)
    (one,) = standing(applied(suggestion), before + unreported, changed(policy(), suggestion), as_of)
    assert one.compared is not None
    assert one.compared.fall is None
    assert one.state != "reopened"


@pytest.mark.parametrize(
    ("prior", "limit", "gate"), [(APPROVED_CHEAPER, -0.10, CHEAPER_GATE), (APPROVED_DEARER, 0.05, DEARER_GATE)]
)
def test_before_any_attempt_a_change_is_about_as_surely_right_as_it_had_to_be(
    prior: DifferencePrior, limit: float, gate: float
) -> None:
    old_minus_new = Posterior(np.exp(prior.log_weights()))
    assert old_minus_new.weights.sum() == pytest.approx(1.0)
    # new - old > limit is old - new < -limit.
    assert 1 - old_minus_new.above(-limit) == pytest.approx(gate, abs=0.03)
