"""An applied change in words: how it stands, what it promised against what it brought, and a plain before and since."""

from collections.abc import Callable

from modelmerit.learning.applied_changes import AppliedChange
from modelmerit.learning.comparisons import LEAST_ATTEMPTS
from modelmerit.learning.figures import count, counted, money, percent, points, rate
from modelmerit.learning.findings import Evidence
from modelmerit.learning.markdown import short
from modelmerit.learning.review_dates import REVIEW_DAYS, REVIEW_TASKS, latest_review
from modelmerit.learning.since_applied import Compared, Stretch
from modelmerit.learning.suggestion_text import less

Name = Callable[[str], str]
"""What a person calls a model."""


def standing(change: AppliedChange, name: Name) -> str:
    """How the change stands, and why: what comes after the change itself."""
    return f"applied on {change.applied_on}, {change.state}: {_why(change, name)}{_next_step(change)}."


def promised_and_brought(change: AppliedChange, name: Name) -> str:
    """What the change promised and, once there is enough to compare, what it has brought."""
    unit = "task" if change.type == "escalation" else "success"
    said = f"Promised {_success(change.promised)}, {_cost(change.promised, f'a {unit} costs ')}"
    compared = change.compared
    if compared is None or not compared.tells:
        return f"{said}."
    arms = [f"{count(arm.successes)} of {count(arm.attempts)} with {short(name(arm.model))}" for arm in compared.arms]
    return f"{said}; brought {_success(compared)}, {_cost(compared)}. By chance since: {', '.join(arms)}."


def before_and_since(change: AppliedChange) -> str | None:
    """The plain figures of equally long stretches, called what they are; None where one of them is empty."""
    before, since = change.before, change.since
    if before is None or since is None or not (before.attempts and since.attempts):
        return None
    days = counted((since.last_day - since.first_day).days + 1, "day")
    told = f"{_stretch(before, change)}; then {_stretch(since, change)}"
    return f"Plainly, seasons and other tasks included, {days} before and since: {told}."


def _why(change: AppliedChange, name: Name) -> str:
    match change.state, change.cause:
        case "reopened", "the model changed":
            used = ", ".join(short(name(model)) for model in change.in_use)
            return f"the model changed, models.json gives these tasks to {used} now"
        case "reopened", _:
            return f"{_sure(change.compared)}, more probably wrong than right{_seen(change, name)}"
        case "review due", "a fall":
            return f"{_settled_so_far(change, name)}{_seen(change, name)}"
        case "review due", _:
            passed = counted(REVIEW_DAYS, "day") if _by_date(change) else counted(REVIEW_TASKS, "task")
            return f"{passed} were over on {change.review_on}, {_settled_so_far(change, name)}"
        case "too early", "the first days":
            return f"these are its first days; {_review(change)}"
        case "too early", _:
            return f"{_settled_so_far(change, name)}; {_review(change)}"
        case _, "the review":
            return f"{_sure(change.compared)}; its review day was {change.review_on}"
    return f"{_sure(change.compared)}; {_review(change)}"


def _seen(change: AppliedChange, name: Name) -> str:
    """The change that was seen, if one was."""
    compared = change.compared
    if compared is not None and compared.fall is not None:
        fall = compared.fall
        rates = f"from {percent(fall.before)} to {percent(fall.after)}"
        return f"; {short(name(change.to_model))} fell {rates} around {fall.since}"
    if compared is not None and compared.changed_on is not None:
        return f"; a change was seen around {compared.changed_on}"
    return ""


def _by_date(change: AppliedChange) -> bool:
    return change.review_on == latest_review(change.applied_on)


def _review(change: AppliedChange) -> str:
    return f"review on {change.review_on}" + (f" or after {REVIEW_TASKS} tasks" if _by_date(change) else "")


def _sure(compared: Compared | None) -> str:
    return "" if compared is None else f"confidence {percent(compared.confidence)} from what came since"


def _settled_so_far(change: AppliedChange, name: Name) -> str:
    """How far what came since goes."""
    compared = change.compared
    if change.type == "escalation":
        return "what a ladder brings shows in its costs alone"
    if compared is not None and compared.tells:
        return _sure(compared)
    tried, least = (0, LEAST_ATTEMPTS) if compared is None else (compared.old.attempts, compared.least_attempts)
    return f"{count(tried)} of about {least} attempts of {short(name(change.from_model))} to compare with are in"


def _next_step(change: AppliedChange) -> str:
    if change.remedy is not None:
        return f"; suggestion {change.remedy} would put it right"
    if change.cause == "the evidence" and change.state == "reopened" and change.change_id is not None:
        return f"; modelmerit rollback {change.change_id} takes it back"
    return ""


def _success(brought: Evidence | Compared) -> str:
    low, high = brought.interval
    return f"{points(brought.difference)} points ({points(low)} to {points(high)})"


def _cost(brought: Evidence | Compared, what: str = "") -> str:
    if brought.saving is None or brought.saving_interval is None:
        return "cost not known"
    return f"{what}{less(brought.saving, brought.saving_interval)}"


def _stretch(stretch: Stretch, change: AppliedChange) -> str:
    cost = "" if stretch.usd_per_success is None else f"{money(stretch.usd_per_success)} a success"
    # A ladder's failed first tries are attempts too, so its rate of success says nothing.
    rated = "" if change.type == "escalation" else rate(stretch.successes, stretch.attempts)
    return ", ".join(part for part in (rated, cost) if part) or "cost not known"
