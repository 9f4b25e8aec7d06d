from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture.outcomes.inference import infer
from modelmerit.capture.outcomes.inferred import Inferred
from modelmerit.capture.runs import AgentCalled, AgentRun, CommandRan, Event, FileEdited, HumanSpoke, Interrupted
from modelmerit.records import NOT_THE_MODELS_FAULT, ErrorType

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
END = START + timedelta(minutes=10)
TASK = "Add a cache to the session loader in loader.py"
RUN = AgentRun(
    client="claude-code", run_id="a1", session_id="s1", kind="sub-agent", task=TASK, started_at=START, ended_at=END
)
FINISHED = Inferred("success", "implicit", None, "it finished")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def ran_tests(minutes: float, *, passed: bool, command: str) -> CommandRan:
    return CommandRan(at(minutes), command, "", failed=not passed)


def after_work(*after: Event, during: tuple[Event, ...] = ()) -> Inferred | None:
    return infer(replace(RUN, during=during, after=after))


def test_of_a_run_at_work_nothing_is_said() -> None:
    assert infer(replace(RUN, state="running", ended_at=None)) is None


def test_a_run_of_which_nothing_is_known_succeeded_with_little_weight() -> None:
    assert infer(RUN) == FINISHED


def test_tests_after_the_last_edit_decide() -> None:
    edit = FileEdited(at(1))
    passed, failed = ran_tests(2, passed=True, command="pytest"), ran_tests(2, passed=False, command="pytest")
    assert after_work(during=(edit, passed)) == Inferred("success", "tests", None, "tests passed after the last edit")
    assert after_work(during=(edit, failed)) == Inferred("failure", "tests", None, "tests failed after the last edit")


def test_tests_before_the_last_edit_say_nothing() -> None:
    assert (
        after_work(during=(FileEdited(at(1)), ran_tests(2, passed=False, command="pytest"), FileEdited(at(3))))
        == FINISHED
    )


def test_tests_of_a_run_that_edited_nothing_are_about_somebody_elses_work() -> None:
    assert after_work(during=(ran_tests(2, passed=False, command="pytest"),)) == FINISHED


def test_the_last_run_of_the_same_tests_counts() -> None:
    during = (
        FileEdited(at(1)),
        ran_tests(2, passed=False, command="pytest"),
        ran_tests(3, passed=True, command="pytest"),
    )
    inferred = after_work(during=during)
    assert inferred is not None
    assert inferred.outcome == "success"


def test_different_tests_must_all_pass() -> None:
    unit = ran_tests(2, passed=False, command="npm run test:unit")
    inferred = after_work(during=(FileEdited(at(1)), unit, ran_tests(3, passed=True, command="npm run test:e2e")))
    assert inferred is not None
    assert inferred.outcome == "failure"


def test_all_tests_of_a_runner_replace_a_part_of_them() -> None:
    part = ran_tests(2, passed=False, command="pytest tests/test_a.py")
    inferred = after_work(during=(FileEdited(at(1)), part, ran_tests(3, passed=True, command="pytest")))
    assert inferred is not None
    assert inferred.outcome == "success"


def test_tests_that_the_caller_runs_count_until_somebody_else_works() -> None:
    during = (FileEdited(at(1)), ran_tests(2, passed=True, command="pytest"))
    failed = after_work(ran_tests(11, passed=False, command="pytest"), during=during)
    assert failed is not None
    assert (failed.outcome, failed.evidence) == ("failure", "tests")
    later = after_work(FileEdited(at(11)), ran_tests(12, passed=False, command="pytest"), during=during)
    assert later is not None
    assert later.outcome == "success"


def test_tests_come_before_the_humans_words() -> None:
    inferred = after_work(
        HumanSpoke(at(11), "that's wrong"), during=(FileEdited(at(1)), ran_tests(2, passed=True, command="pytest"))
    )
    assert inferred is not None
    assert (inferred.outcome, inferred.evidence) == ("success", "tests")


def test_a_complaint_is_a_failure_seen_by_a_human() -> None:
    expected = Inferred("failure", "human", None, "the human said that it is not right")
    assert after_work(HumanSpoke(at(11), "that's wrong")) == expected


@pytest.mark.parametrize("words", ["thanks", "works now", "Write the documentation next"])
def test_other_words_leave_it_implicit(words: str) -> None:
    assert after_work(HumanSpoke(at(11), words)) == FINISHED


def test_the_same_request_within_the_hour_is_a_failure_and_later_it_is_not() -> None:
    expected = Inferred("failure", "human", None, "the human asked for the same again 4 minutes later")
    assert after_work(HumanSpoke(at(14), TASK)) == expected
    assert after_work(HumanSpoke(at(10 + 61), TASK)) == FINISHED


@pytest.mark.parametrize("between", [FileEdited(at(11)), AgentCalled(at(11), "Write the documentation", "a2")])
def test_words_about_what_others_did_in_between_are_not_about_this_run(between: Event) -> None:
    assert after_work(between, HumanSpoke(at(12), "that's wrong")) == FINISHED


def test_the_same_task_for_another_agent_within_the_hour_is_an_implicit_failure() -> None:
    expected = Inferred("failure", "implicit", None, "the same task was given to an agent again 1 minute later")
    assert after_work(AgentCalled(at(11), TASK, "a2")) == expected
    assert after_work(AgentCalled(at(10 + 61), TASK, "a2")) == FINISHED
    assert after_work(AgentCalled(at(11), "Add a cache to the page loader in pages.py", "a2")) == FINISHED


def test_an_agent_that_is_woken_again_is_no_retry_of_itself() -> None:
    assert after_work(AgentCalled(at(11), TASK, RUN.run_id)) == FINISHED


def test_an_interruption_alone_is_a_cancellation() -> None:
    expected = Inferred("failure", "implicit", "cancelled", "it was stopped")
    assert infer(replace(RUN, state="cancelled")) == expected
    assert infer(replace(RUN, error_type="cancelled", state="failed")) == expected
    assert after_work(during=(FileEdited(at(1)), Interrupted(at(2)))) == expected
    assert infer(replace(RUN, state="cancelled", after=(HumanSpoke(at(11), "proceed"),))) == expected


def test_an_interruption_with_a_correction_is_a_failure() -> None:
    stopped = replace(RUN, state="cancelled", after=(HumanSpoke(at(11), "use the helper instead"),))
    assert infer(stopped) == Inferred("failure", "human", None, "the human stopped it and steered it elsewhere")


@pytest.mark.parametrize("words", ["proceed", "Write the documentation next", TASK, "try again"])
def test_an_interruption_with_other_words_is_a_cancellation(words: str) -> None:
    stopped = replace(RUN, state="cancelled", after=(Interrupted(at(11)), HumanSpoke(at(12), words)))
    assert infer(stopped) == Inferred("failure", "implicit", "cancelled", "it was stopped")


@pytest.mark.parametrize("state", ["finished", "cancelled"])
def test_a_correction_is_read_past_the_interruption_before_it(state: str) -> None:
    after = (Interrupted(at(11)), HumanSpoke(at(12), "use the helper instead"))
    expected = Inferred("failure", "human", None, "the human stopped it and steered it elsewhere")
    assert infer(replace(RUN, state=state, after=after)) == expected  # type: ignore[arg-type]


def test_a_turn_that_was_stopped_is_cancelled_whatever_its_client_says() -> None:
    turn = replace(RUN, kind="turn", after=(Interrupted(at(11)),))
    assert infer(turn) == Inferred("failure", "implicit", "cancelled", "it was stopped")


def test_a_symptom_counts_if_it_is_about_the_task() -> None:
    expected = Inferred("failure", "human", None, "the human reported that it does not work")
    assert after_work(HumanSpoke(at(11), "the session list is empty")) == expected
    assert after_work(HumanSpoke(at(11), "the settings page is empty")) == FINISHED


def test_stopping_the_caller_after_the_end_says_nothing_of_the_run() -> None:
    assert after_work(Interrupted(at(11))) == FINISHED


@pytest.mark.parametrize("error_type", sorted(NOT_THE_MODELS_FAULT - {"cancelled"}))
def test_what_ended_it_from_outside_is_kept_apart_whatever_was_said(error_type: ErrorType) -> None:
    run = replace(RUN, state="failed", error_type=error_type, after=(HumanSpoke(at(11), "that's wrong"),))
    inferred = infer(run)
    assert inferred is not None
    assert (inferred.outcome, inferred.evidence, inferred.error_type) == ("failure", "implicit", error_type)


def test_a_run_that_failed_is_a_failure_of_the_model() -> None:
    assert infer(replace(RUN, state="failed")) == Inferred(
        "failure", "implicit", None, "the client says that it failed"
    )


EVENTS = st.one_of(
    st.builds(FileEdited, st.just(END)),
    st.builds(
        CommandRan,
        st.just(END),
        st.sampled_from(["pytest", "ls"]) | st.text(),
        st.text(),
        st.sampled_from([True, None]),
    ),
    st.builds(HumanSpoke, st.just(END), st.text()),
    st.builds(Interrupted, st.just(END)),
    st.builds(AgentCalled, st.just(END), st.text(), st.none()),
)


@given(st.lists(EVENTS), st.lists(EVENTS), st.text(min_size=12), st.sampled_from(["finished", "failed", "cancelled"]))
def test_every_ended_run_gets_an_outcome_and_a_reason_without_what_people_wrote(
    during: list[Event], after: list[Event], task: str, state: str
) -> None:
    inferred = infer(replace(RUN, task=task, during=tuple(during), after=tuple(after), state=state))  # type: ignore[arg-type]
    assert inferred is not None
    assert "\n" not in inferred.reason
    assert len(inferred.reason) < 80
    assert not any(
        isinstance(event, HumanSpoke) and len(event.text) > 12 and event.text in inferred.reason for event in after
    )
