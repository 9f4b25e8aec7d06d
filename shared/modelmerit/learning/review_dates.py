"""When an applied change is to be looked at again."""

from datetime import date, timedelta

REVIEW_DAYS = 90
REVIEW_TASKS = 200


def latest_review(applied_on: date) -> date:
    """The day a change is reviewed at the latest; sooner if `REVIEW_TASKS` tasks have gone through it by then."""
    return applied_on + timedelta(days=REVIEW_DAYS)
