"""What comes of the attempts of the last weeks: how many have an outcome, and how many ran as recommended."""

from datetime import datetime

from modelmerit.evidence.inspection import ClientActivity, inspected
from modelmerit.services.checks.findings import Finding
from modelmerit.settings import Settings

RECENT_DAYS = 30
FEWEST_TO_JUDGE = 20
LEAST_SHARE = 0.5
"""With fewer outcomes than this the missing ones can be other than those that are there."""


def check_outcomes(settings: Settings, now: datetime) -> list[Finding]:
    """Of each client's attempts, how many have an outcome; and how many ran on what was recommended.

    Raises:
        StoreError: If the store cannot be read.
    """
    clients = _activity(settings, now)
    if not any(client.attempts for client in clients):
        return [Finding("outcomes", "ok", f"Nothing was recorded in the last {RECENT_DAYS} days.")]
    return [*(_outcomes(client) for client in clients if client.attempts), _followed(clients)]


def _activity(settings: Settings, now: datetime) -> list[ClientActivity]:
    if not settings.store_path.exists():
        return []
    with inspected(settings.store_path) as store:
        return store.activity(now, RECENT_DAYS)


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
