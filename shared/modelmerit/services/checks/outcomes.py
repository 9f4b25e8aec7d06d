"""What comes of the attempts of the last weeks: how many have an outcome, and how many ran as recommended."""

from datetime import datetime, timedelta

from modelmerit.evidence.inspection import ClientActivity, RanAnother, inspected
from modelmerit.learning.figures import counted
from modelmerit.services.checks.findings import Finding
from modelmerit.settings import Settings

RECENT_DAYS = 30
FEWEST_TO_JUDGE = 20
LEAST_SHARE = 0.5
"""With fewer outcomes than this the missing ones can be other than those that are there."""


def check_outcomes(settings: Settings, now: datetime) -> list[Finding]:
    """Of each client's attempts, how many have an outcome; and how many ran on what was recommended and answered.

    Raises:
        StoreError: If the store cannot be read.
    """
    clients, strayed = _recent(settings, now)
    if not any(client.attempts for client in clients):
        return [Finding("outcomes", "ok", f"Nothing was recorded in the last {RECENT_DAYS} days.")]
    outcomes = [_outcomes(client) for client in clients if client.attempts]
    return [*outcomes, _followed(clients), *([_strayed(strayed)] if strayed else [])]


def _recent(settings: Settings, now: datetime) -> tuple[list[ClientActivity], list[RanAnother]]:
    if not settings.store_path.exists():
        return [], []
    with inspected(settings.store_path) as store:
        return store.activity(now, RECENT_DAYS), store.ran_another(now - timedelta(days=RECENT_DAYS))


def _outcomes(client: ClientActivity) -> Finding:
    who = client.client or "a client without a name"
    line = (
        f"{who}: {client.with_outcome:,} of {client.attempts:,} attempts in {RECENT_DAYS} days "
        f"({client.with_outcome / client.attempts:.0%}) have an outcome, {client.checked:,} of them by tests or a human"
    )
    if client.attempts < FEWEST_TO_JUDGE or client.with_outcome >= LEAST_SHARE * client.attempts:
        return Finding("outcomes", "ok", line)
    to_do = "Let outcomes be seen: `modelmerit install claude-code` or `modelmerit install opencode`."
    return Finding("outcomes", "warning", line, to_do)


def _followed(clients: list[ClientActivity]) -> Finding:
    known = sum(client.recommended_known for client in clients)
    followed = sum(client.ran_as_recommended for client in clients)
    if not known:
        return Finding("recommended", "ok", f"Nothing was recommended in the last {RECENT_DAYS} days.")
    line = f"{followed:,} of {known:,} ({followed / known:.0%}) ran on the recommended model in {RECENT_DAYS} days"
    return Finding("recommended", "ok", line)


def _strayed(strayed: list[RanAnother]) -> Finding:
    """What ran in the place of another model: by that nothing can be learned of the one that was answered.

    A client that knows models by short names takes the newest of each name for it.
    """
    first = strayed[0]
    attempts = counted(sum(one.times for one in strayed), "attempt")
    line = (
        f"{attempts} in {RECENT_DAYS} days ran another model than was answered, most often {first.executed} for "
        f"{first.answered}; nothing is compared by them"
    )
    to_do = (
        f"If {first.client or 'the client'} calls both by one name, give that model the id {first.executed!r} in "
        "models.json, or make the client use the other one."
    )
    return Finding("executed", "warning", line, to_do)
