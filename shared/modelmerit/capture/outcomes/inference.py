"""What became of a run that nobody reported on: what its transcript shows, the strongest sign first.

First whether the client, the provider or a person ended it; then tests, then the human's next words, then another agent
getting the same task. A run of which nothing of that is known succeeded as far as anyone can tell, with little weight.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from modelmerit.capture.outcomes.corrections import asks_again, told_fault
from modelmerit.capture.outcomes.inferred import Inferred
from modelmerit.capture.outcomes.seen_tests import Suite, read_test_run
from modelmerit.capture.runs import AgentCalled, AgentRun, CommandRan, Event, FileEdited, HumanSpoke, Interrupted
from modelmerit.evidence.retries import WINDOW, is_same_task
from modelmerit.records import NOT_THE_MODELS_FAULT, ErrorType


def infer(run: AgentRun) -> Inferred | None:
    """What became of the run, as far as its own events and those after it show; None while it is at work."""
    if run.state == "running":
        return None
    if run.error_type in NOT_THE_MODELS_FAULT - {"cancelled"}:
        return Inferred("failure", "implicit", run.error_type, _ENDED_BY[run.error_type])
    if _was_stopped(run):
        return _corrected(run, stopped=True) or Inferred("failure", "implicit", "cancelled", "it was stopped")
    if run.state == "failed":
        return Inferred("failure", "implicit", run.error_type, "the client says that it failed")
    return (
        _tested(run)
        or _corrected(run, stopped=_interrupted(run.after))
        or _given_to_another(run)
        or Inferred("success", "implicit", None, "it finished")
    )


_ENDED_BY: dict[ErrorType | None, str] = {
    "harness": "the client failed",
    "provider": "the provider failed",
    "rate_limit": "the provider's limit was reached",
    "timeout": "it ran out of time",
}


def _was_stopped(run: AgentRun) -> bool:
    """Whether a person ended this run. Stopping the thread that called it, after its end, is something else.

    A turn is its own thread: what is stopped right after its last event is the turn.
    """
    ends = (*run.during[-1:], *(run.after[:1] if run.kind == "turn" else ()))
    return run.state == "cancelled" or run.error_type == "cancelled" or _interrupted(ends)


def _interrupted(events: Iterable[Event]) -> bool:
    return any(isinstance(event, Interrupted) for event in events)


def _tested(run: AgentRun) -> Inferred | None:
    """What the tests after the last edit show. Once somebody else has edited, tests are about their work too."""
    edits = [at for at, event in enumerate(run.during) if isinstance(event, FileEdited)]
    if not edits:
        return None
    results: dict[Suite, bool] = {}
    for event in (*run.during[edits[-1] :], *_untouched(run.after)):
        if isinstance(event, CommandRan) and (tests := read_test_run(event.command, event.output, event.failed)):
            rerun = {suite.runner for suite in tests.suites if not suite.chosen}
            results = {suite: passed for suite, passed in results.items() if suite.runner not in rerun}
            results |= dict.fromkeys(tests.suites, tests.passed)
    if not results:
        return None
    if all(results.values()):
        return Inferred("success", "tests", None, "tests passed after the last edit")
    return Inferred("failure", "tests", None, "tests failed after the last edit")


def _untouched(after: Sequence[Event]) -> list[Event]:
    """The events until the work was changed or handed on."""
    changed = (at for at, event in enumerate(after) if isinstance(event, FileEdited | AgentCalled))
    return list(after[: next(changed, len(after))])


def _corrected(run: AgentRun, *, stopped: bool) -> Inferred | None:
    """What the human's next words say of the work, if nobody else worked in between.

    Who stopped the agent and asks for the same once more may have stopped it to say it in other words, so after an
    interruption only a correction tells of a failure.
    """
    words = next((event for event in _untouched(run.after) if isinstance(event, HumanSpoke)), None)
    if words is None:
        return None
    since = words.at - (run.ended_at or run.started_at)
    if not stopped and since <= WINDOW and asks_again(run.task, words.text):
        return Inferred("failure", "human", None, f"the human asked for the same again {_said(since)}")
    told = told_fault(words.text, task=run.task, stopped=stopped)
    if told is None:
        return None
    reason = f"the human stopped it and {told}" if stopped else f"the human {told}"
    return Inferred("failure", "human", None, reason)


def _given_to_another(run: AgentRun) -> Inferred | None:
    ended = run.ended_at or run.started_at
    calls = (event for event in run.after if isinstance(event, AgentCalled) and event.run_id != run.run_id)
    for event in calls:
        if event.at - ended <= WINDOW and is_same_task(run.task, event.task):
            since = _said(event.at - ended)
            return Inferred("failure", "implicit", None, f"the same task was given to an agent again {since}")
    return None


def _said(since: timedelta) -> str:
    minutes = max(0, round(since / timedelta(minutes=1)))
    return "at once" if minutes == 0 else f"{minutes} minute{'s' if minutes > 1 else ''} later"
