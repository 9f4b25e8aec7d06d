"""How a run ended, from what its own transcript shows and what its caller was told."""

from dataclasses import dataclass

from modelmerit.capture.claude_code.faults import fault_of_call
from modelmerit.capture.claude_code.threads import News, Stretch
from modelmerit.capture.runs import RunState
from modelmerit.records import ErrorType

_CANCELLED = frozenset({"killed", "stopped", "cancelled"})
_LAUNCHED = frozenset({"async_launched", "remote_launched", "teammate_spawned"})


@dataclass(frozen=True, slots=True)
class Ending:
    """A state, and for what went wrong its kind and the client's words."""

    state: RunState
    error_type: ErrorType | None = None
    error: str | None = None


def ending_of_agent(stretch: Stretch, news: News | None) -> Ending:
    """How an agent's run ended; `news` is what the caller was told of it after its last line.

    An error of the API in place of the last answer is a failure, whatever the caller was told. A transcript whose last
    word is the agent's own, without a tool to be used, is finished even before the caller has heard: the reason to stop
    is often missing.
    """
    status = news.result.status if news else None
    if status in _CANCELLED or stretch.last == "interrupted" or (news and news.result.interrupted):
        return Ending("cancelled", "cancelled", news.result.error if news else None)
    if stretch.fault is not None:
        return Ending("failed", stretch.fault.error_type, stretch.fault.text)
    if news is not None and (news.result.failed or status == "failed"):
        error = news.result.error or ""
        return Ending("failed", fault_of_call(error).error_type if error else None, error or None)
    has_begun_only = news is None or status in _LAUNCHED
    return Ending("running" if has_begun_only and stretch.last != "said" else "finished")


def ending_of_turn(stretch: Stretch, *, is_last: bool) -> Ending:
    """How a turn of the main thread ended; only the last one can still be running."""
    if stretch.last == "interrupted":
        return Ending("cancelled", "cancelled")
    if stretch.fault is not None:
        return Ending("failed", stretch.fault.error_type, stretch.fault.text)
    return Ending("running" if is_last and stretch.last != "said" else "finished")
