"""`modelmerit doctor`: every check on its own, so that none can hide, stop or hold up another.

It has to work where nothing else does: nothing is opened or made on the way to the first check.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread

from modelmerit.errors import ModelmeritError, SettingsError, StoreError
from modelmerit.services.checks.clock import check_clock
from modelmerit.services.checks.findings import Finding
from modelmerit.services.checks.hooks import check_hooks
from modelmerit.services.checks.outcomes import check_outcomes
from modelmerit.services.checks.policy import check_policy
from modelmerit.services.checks.registrations import check_registrations
from modelmerit.services.checks.servers import Commands, check_servers
from modelmerit.services.checks.spool import check_spool
from modelmerit.services.checks.store import check_store
from modelmerit.services.checks.versions import check_versions
from modelmerit.settings import Settings

Look = Callable[[], list[Finding]]
LIMIT_S = 20.0
SERVERS_LIMIT_S = 40.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at, and how long it may take."""

    name: str
    look: Look
    limit_s: float = LIMIT_S


def checks(servers: Commands, environment: Mapping[str, str], project: Path, now: datetime) -> Iterator[Check]:
    """All checks in the order to run them: what a starting server changes is looked at before it starts.

    `servers` are what a client starts; `project` is the folder whose clients are looked at, beside the person's own.
    """
    yield Check("versions", check_versions)
    try:
        settings = Settings.from_environment(environment)
    except SettingsError as error:
        wrong = Finding("settings", "failed", str(error), "Put the environment variable right; the rest needs it.")
        yield Check("settings", lambda: [wrong])
        return
    yield Check("policy", lambda: check_policy(settings))
    yield Check("store", lambda: check_store(settings))
    yield Check("clock", lambda: check_clock(settings, now, environment))
    yield Check("clients", lambda: check_registrations(servers, environment, project))
    yield Check("hooks", lambda: check_hooks(settings, environment, project, now))
    yield Check("spool", lambda: check_spool(settings, now))
    yield Check("outcomes", lambda: check_outcomes(settings, now))
    yield Check("servers", lambda: check_servers(servers, environment), SERVERS_LIMIT_S)


def findings_of(check: Check) -> list[Finding]:
    """What a check finds; that it failed itself, or took too long, is a finding too."""
    found: list[list[Finding]] = []
    # Whoever is stuck in the kernel cannot be stopped, and must not keep the process from ending.
    thread = Thread(target=lambda: found.append(_looked(check)), name=check.name, daemon=True)
    thread.start()
    thread.join(check.limit_s)
    if found:
        return found[0]
    line = f"This check was not through after {check.limit_s:.0f} s."
    return [Finding(check.name, "failed", line, "See whether the disk answers, and run it again.")]


def _looked(check: Check) -> list[Finding]:
    try:
        return check.look()
    except StoreError:
        return [Finding(check.name, "warning", "Not known: the store cannot be read.", "Put the store right first.")]
    except ModelmeritError as error:
        return [Finding(check.name, "failed", str(error), "Put that right and run it again.")]
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return [Finding(check.name, "failed", f"{where}{error.strerror}.", "Check that it is yours to read and write.")]
    except Exception as error:  # a doctor who faints helps nobody
        line = f"This check itself went wrong ({type(error).__name__}: {error})."
        return [Finding(check.name, "failed", line, "Please report it; the other checks stand.")]
