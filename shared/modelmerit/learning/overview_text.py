"""How much there is to learn from, and whether things got better, in words: pairs of a label and a sentence."""

from modelmerit.learning.answers_text import not_settled
from modelmerit.learning.attempt_facts import AttemptFacts
from modelmerit.learning.figures import at_your_pace, count, counted, money, points, rate
from modelmerit.learning.first_answer import FirstAnswer
from modelmerit.learning.markdown import short
from modelmerit.learning.progress import Progress
from modelmerit.learning.report import Report
from modelmerit.learning.volume import ModelUse, Volume
from modelmerit.statistics.intervals import Interval

Said = tuple[str, str]
"""A label, and what is said under it, in plain text."""

SHOWN_MODELS = 5
ENOUGH_OUTCOMES = 0.8


def overview(report: Report) -> list[Said]:
    """What a person reads first."""
    told = report.volume
    said = [("Attempts", _attempts(report))]
    if told.errors:
        errors = (
            f"{counted(told.errors, 'attempt')} ended by what was not the model's fault, and left out of its rates."
        )
        said.append(("Errors", errors))
    if told.ahead:
        said.append(
            ("Clock", f"{counted(told.ahead, 'attempt')} dated after today, and not counted yet. Is the clock right?")
        )
    if told.attempts:
        said.append(("Outcomes", _outcomes(told, report.facts)))
    if told.models and not report.patterns:
        said.append(("Models", _models(report, told.models)))
    if report.progress.attempts_now or report.progress.attempts_before:
        said.append(("Success", _success(report.progress)))
    if report.progress.usd_per_success_now is not None:
        said.append(("Cost", _cost(report.progress, report.progress.usd_per_success_now)))
    return said


def nothing_suggested(report: Report) -> str:
    """Why there is no suggestion, and when there may be one."""
    first = report.first_answer
    if first is not None:
        return f"None yet. {_first_answer(first, report)}"
    if report.look is None:
        return "None yet."
    said = f"None: nothing explored up to {report.look.day.isoformat()} speaks clearly enough for a change."
    return f"{said} {not_settled(report.answers, report.name)}".rstrip()


def _attempts(report: Report) -> str:
    told = report.volume
    total = told.attempts + told.errors
    if told.first_day is None:
        return "none yet."
    reaches_all = told.since is None or told.since <= told.first_day
    if reaches_all:
        said = f"{count(total)}, all since {told.first_day}"
    elif total:
        said = f"{count(total)} in {_window(report)} (since {told.since})"
    else:
        said = f"none in {_window(report)} (since {told.since})"
    if total:
        said += f"; {count(told.explored) if told.explored else 'none'} of them explored"
    if reaches_all:
        return f"{said}." if told.since is None else f"{said}. The report covers {_window(report)}."
    return f"{said}. In all {count(report.attempts)}, from {told.first_day} to {told.last_day}."


def _window(report: Report) -> str:
    return f"the last {report.window_days:g} days"


def _outcomes(told: Volume, facts: AttemptFacts) -> str:
    if not told.with_outcome:
        return (
            f"known of none of the {counted(told.attempts, 'attempt')}. Without outcomes nothing can be learned: let "
            "your agent call update_task_outcome, or say it yourself with modelmerit rate."
        )
    said = f"known of {rate(told.with_outcome, told.attempts)}"
    if facts.checked:
        said += f", {count(facts.checked)} of them from tests or a person"
    if told.with_outcome < ENOUGH_OUTCOMES * told.attempts:
        said += "; what is not reported cannot be learned from"
    return f"{said}."


def _models(report: Report, uses: tuple[ModelUse, ...]) -> str:
    parts = []
    for use in uses[:SHOWN_MODELS]:
        known = f", {count(use.successes)} of {count(use.with_outcome)} succeeded" if use.with_outcome else ""
        failed = f", {counted(use.errors, 'error')}" if use.errors else ""
        parts.append(f"{short(report.name(use.model))} ({counted(use.attempts, 'attempt')}{known}{failed})")
    rest = f" and {len(uses) - SHOWN_MODELS} more" if len(uses) > SHOWN_MODELS else ""
    return f"{', '.join(parts)}{rest}."


def _success(progress: Progress) -> str:
    if not progress.attempts_now:
        before = rate(progress.successes_before, progress.attempts_before)
        return f"no outcome is known in the last 30 days; it was {before} in the 30 before."
    now = f"{rate(progress.successes_now, progress.attempts_now)} in the last 30 days"
    if progress.change is None or progress.change_interval is None:
        return f"{now}; nothing in the 30 before to compare with."
    low, high = progress.change_interval
    before = f"{rate(progress.successes_before, progress.attempts_before)} in the 30 before"
    verdict = _verdict(progress.change_interval, "better", "worse")
    return f"{now}, {before}: {verdict} ({points(progress.change)} points, {points(low)} to {points(high)})."


def _cost(progress: Progress, usd: float) -> str:
    now = f"{money(usd)} a success in the last 30 days, failures included"
    if progress.usd_per_success_before is None:
        return f"{now}; nothing in the 30 before to compare with."
    before = f"{money(progress.usd_per_success_before)} in the 30 before"
    if progress.usd_change is None or progress.usd_change_interval is None:
        return f"{now}, {before}; too few days to tell whether that is a change."
    low, high = progress.usd_change_interval
    verdict = _verdict(progress.usd_change_interval, "dearer", "cheaper")
    return f"{now}, {before}: {verdict} ({points(progress.usd_change)} %, {points(low)} to {points(high)} %)."


def _verdict(interval: Interval, risen: str, fallen: str) -> str:
    if interval.low > 0:
        return risen
    return fallen if interval.high < 0 else "no clear change"


def _first_answer(first: FirstAnswer, report: Report) -> str:
    match first.obstacle:
        case "nothing recorded":
            return (
                f"The first answer takes about {counted(first.attempts, 'explored attempt')} of one model. Let your "
                "agent call dispatch_task before each task, and update_task_outcome after it."
            )
        case "one model":
            return "models.json names no second model to compare with: add one to its models block."
        case "exploration off":
            return (
                "Exploration is off in models.json, so no two models can be compared. With exploration.mode epsilon "
                "one task in ten tries another model."
            )
        case "nothing explored":
            said = "Models can be compared only at tasks that dispatch_task gave out by chance: so far there are none. "
            more = "explored attempt"
        case None:
            said, more = "", "more explored attempt"
    more = f"about {counted(first.attempts, more)} of {_arm(first, report)}"
    if first.weeks is None:
        return f"{said}The first answer takes {more}, and none are being made at present."
    if first.expected_on is None:
        return f"{said}The first answer takes {more}, {at_your_pace(first.weeks)}."
    return f"{said}The first answer can be expected around {first.expected_on}, {_time(first.weeks)} on, after {more}."


def _arm(first: FirstAnswer, report: Report) -> str:
    return "one model" if first.model is None else f"{short(report.name(first.model))} at {first.complexity} tasks"


def _time(weeks: float) -> str:
    days = max(1, round(7 * weeks))
    return f"some {counted(days, 'day')}" if days < 14 else f"some {counted(round(weeks), 'week')}"
