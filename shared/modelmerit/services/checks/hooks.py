"""Whether the clients' hooks fire: what was heard of each, and when last."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from modelmerit.evidence.inspection import SeenEvent, inspected
from modelmerit.services.checks.client_files import CAPTURING, captures, places
from modelmerit.services.checks.findings import Finding, span
from modelmerit.settings import Settings

NAME = "hooks"


def check_hooks(settings: Settings, environment: Mapping[str, str], project: Path, now: datetime) -> list[Finding]:
    """What was heard of each client's hooks; that nothing ever was is a warning where they are registered.

    Raises:
        StoreError: If the store cannot be read.
    """
    seen = _seen(settings.store_path)
    findings = []
    for client in CAPTURING:
        events = [event for event in seen if event.client == client]
        if events:
            findings.append(Finding(NAME, "ok", f"{client}: {_told(events, now)}"))
        elif captures(places(client, environment, project)):
            line = f"{client}: registered, but nothing was heard of them yet"
            findings.append(Finding(NAME, "warning", line, "Restart the client, and let it call a sub-agent once."))
    return findings or [Finding(NAME, "ok", "None are registered.")]


def _seen(store: Path) -> list[SeenEvent]:
    if not store.exists():
        return []
    with inspected(store) as inspection:
        return inspection.seen_events()


def _told(events: list[SeenEvent], now: datetime) -> str:
    newest_first = sorted(events, key=lambda event: event.last, reverse=True)
    return ", ".join(
        f"{event.event} {event.times:,} times, last {span(now - event.last)} ago" for event in newest_first
    )
