from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.evidence.retries import MOST_COMPARED, RetryMatch, confirms, find_retry, is_same_task, normalise
from modelmerit.records import Attempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TASK = "Add tests for the billing page"


def attempt(minutes_ago=10, task=TASK, **fields):
    created_at = NOW - timedelta(minutes=minutes_ago)
    fields = {"workspace": "shop", "updated_at": created_at} | fields
    return Attempt(id=f"{minutes_ago} ago", task=task, model="m", created_at=created_at, **fields)


@pytest.mark.parametrize(
    "again",
    [
        TASK,
        "add tests  for the billing page.",
        "Please add tests for the billing page",
        "Add the test for the billing page",
        "Add tsets for the billing page",
        "Write tests for the billing page",
        "Add tests for the billing page again",
    ],
)
def test_the_same_task_in_nearly_the_same_words_is_the_same_task(again):
    assert is_same_task(TASK, again)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Review part 5 of the report", "Review part 45 of the report"),
        ("Review part one of the report", "Review part two of the report"),
        ("Review module A of the report", "Review module B of the report"),
        ("Add tests to src/cart/total.py please", "Add tests to src/card/total.py please"),
        ("Rename get_total everywhere in the code", "Rename set_total everywhere in the code"),
        ("Pass --dry-run to the release script now", "Pass --fry-run to the release script now"),
        ("Move the column from place 1 to place 2", "Move the column from place 2 to place 1"),
        ("Add tests for the cart page", "Add tests for the cache page"),
        ("Fix the login flow of the admin console", "Fix the logout flow of the admin console"),
        ("Update the documentation", "Update the documentation and then rewrite the whole parser"),
    ],
)
def test_a_look_alike_about_another_thing_is_another_task(one, other):
    assert not is_same_task(one, other)


def test_tasks_from_one_mould_are_all_different():
    pages = ["billing", "search", "login", "export", "upload", "invoice", "report", "session", "cart", "queue", "cache"]
    tasks = [f"{work} for the {page} page" for work in ("Add tests", "Add logging", "Refactor") for page in pages]

    assert [pair for pair in combinations(tasks, 2) if is_same_task(*pair)] == []


@pytest.mark.parametrize("text", ["", "continue", "proceed", "ok, go ahead", "try again please", "?!", "42"])
def test_words_that_name_no_task_are_never_a_retry(text):
    assert not is_same_task(text, text)


def test_a_long_task_may_be_reworded_here_and_there():
    words = [f"{first}{second}ing" for first in ("walk", "jump", "read", "sing") for second in "bcdfghjklmnpqrstvwxyz"]
    long = " ".join(words * 3)

    two_swapped = long.replace("readbing", "paint").replace("singcing", "wash")

    assert is_same_task(long, two_swapped)
    assert not is_same_task(long, two_swapped.replace("jumpding", "cook"))


@given(st.text(max_size=200), st.text(max_size=200))
def test_being_the_same_task_does_not_depend_on_the_order(one, other):
    assert is_same_task(one, other) == is_same_task(other, one)


@given(st.text(max_size=200))
def test_case_and_spaces_do_not_make_another_task(text):
    spaced = text.replace(" ", "  ") + " \n"

    assert is_same_task(text, spaced) == is_same_task(text, text)
    assert normalise(spaced) == normalise(text)


@given(
    st.from_regex(r"fix the [a-z]{4,9} bug in [a-z]{3,8}\.py", fullmatch=True), st.integers(0, 99), st.integers(0, 99)
)
def test_the_same_words_with_another_number_are_another_task(task, one, other):
    assert is_same_task(f"{task} number {one}", f"{task} number {other}") == (one == other)


@pytest.mark.parametrize("outcome", ["failure", "partial"])
def test_a_failed_or_partial_attempt_is_retried_for_certain(outcome):
    earlier = attempt(outcome=outcome, status="failed")

    assert find_retry(TASK, "shop", NOW, [earlier]) == RetryMatch(earlier, confirmed=True)


def test_an_attempt_reported_a_success_and_retried_since_counts_as_failed():
    earlier = attempt(outcome="success", status="completed", retried=True)

    assert find_retry(TASK, "shop", NOW, [earlier]) == RetryMatch(earlier, confirmed=True)


@pytest.mark.parametrize(
    ("fields", "confirmed"),
    [
        ({}, False),
        ({"status": "running"}, False),
        ({"status": "completed"}, True),
        ({"status": "cancelled"}, True),
        ({"execution_time_seconds": 599.0}, True),
        ({"execution_time_seconds": 600.0}, True),
        ({"execution_time_seconds": 601.0}, False),
    ],
)
def test_without_an_outcome_the_retry_is_certain_once_the_earlier_attempt_was_seen_to_end(fields, confirmed):
    earlier = attempt(minutes_ago=10, **fields)

    assert find_retry(TASK, "shop", NOW, [earlier]) == RetryMatch(earlier, confirmed)


def test_after_a_success_doing_it_again_is_no_retry_of_anything_before():
    recent = [attempt(5, outcome="success", status="completed"), attempt(9, outcome="failure", status="failed")]

    assert find_retry(TASK, "shop", NOW, recent) is None


def test_a_success_at_another_task_does_not_hide_the_failure_behind_it():
    other = attempt(5, task="Add logging for the search page", outcome="success")
    failed = attempt(9, outcome="failure")

    assert find_retry(TASK, "shop", NOW, [other, failed]) == RetryMatch(failed, confirmed=True)


@pytest.mark.parametrize(
    ("minutes_ago", "workspace", "found"),
    [
        (60, "shop", True),
        (60.1, "shop", False),
        (-0.1, "shop", False),
        (0, "shop", True),
        (5, "blog", False),
        (5, None, False),
    ],
)
def test_only_the_last_hour_of_the_same_workspace_counts(minutes_ago, workspace, found):
    earlier = attempt(minutes_ago, workspace=workspace, outcome="failure")

    assert (find_retry(TASK, "shop", NOW, [earlier]) is not None) is found


def test_tasks_without_a_workspace_are_compared_with_each_other_only():
    earlier = attempt(workspace=None, outcome="failure")

    assert find_retry(TASK, None, NOW, [earlier]) is not None
    assert find_retry(TASK, None, NOW, [attempt(outcome="failure")]) is None


def test_the_nearest_in_time_is_taken_and_of_two_at_once_the_first_given():
    older, newer, twin = attempt(30, outcome="failure"), attempt(5, outcome="partial"), attempt(5, notes="twin")

    assert find_retry(TASK, "shop", NOW, [older, newer, twin]) == RetryMatch(newer, confirmed=True)
    assert find_retry(TASK, "shop", NOW, [twin, newer, older]) == RetryMatch(twin, confirmed=False)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"outcome": "failure", "status": "failed"}, True),
        ({"outcome": "partial", "status": "completed"}, True),
        ({"outcome": "success", "status": "completed"}, False),
        ({"outcome": "success", "status": "completed", "execution_time_seconds": 1.0}, True),
        ({"status": "running"}, None),
        ({"status": "completed", "updated_at": NOW}, True),
        ({"status": "completed", "updated_at": NOW + timedelta(seconds=1)}, None),
        ({"status": "completed", "updated_at": NOW + timedelta(hours=1), "execution_time_seconds": 30.0}, True),
    ],
)
def test_a_possible_retry_is_settled_by_what_became_of_the_earlier_attempt(fields, verdict):
    assert confirms(attempt(**fields), NOW) is verdict


@given(
    st.sampled_from([None, "failure", "partial"]),
    st.sampled_from(["pending", "running", "completed", "failed", "cancelled"]),
    st.none() | st.floats(0, 2_000),
)
def test_what_is_found_at_once_and_what_is_settled_later_agree(outcome, status, seconds):
    earlier = attempt(outcome=outcome, status=status, execution_time_seconds=seconds)
    found = find_retry(TASK, "shop", NOW, [earlier])

    assert confirms(earlier, NOW) == (False if found is None else found.confirmed or None)


def test_huge_texts_that_differ_only_in_their_last_words_are_told_apart():
    long = "walk the tree and report what is odd about it " * 2_000
    crowd = [attempt(task=f"{long} in area {number}", minutes_ago=1 + number, outcome="failure") for number in range(9)]

    assert find_retry(f"{long} in area 7", "shop", NOW, crowd) == RetryMatch(crowd[7], confirmed=True)
    assert find_retry(f"{long} in area 10", "shop", NOW, crowd) is None


def test_of_a_crowd_of_attempts_only_the_nearest_are_compared():
    crowd = [attempt(task=f"count area {number}", minutes_ago=number / 100) for number in range(MOST_COMPARED)]
    failed = attempt(50, outcome="failure")

    assert find_retry(TASK, "shop", NOW, [*crowd[1:], failed]) == RetryMatch(failed, confirmed=True)
    assert find_retry(TASK, "shop", NOW, [*crowd, failed]) is None
