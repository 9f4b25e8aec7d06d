"""The composition root: settings in, working services out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random, SystemRandom

from modelmerit.evidence.store import Store
from modelmerit.policy.file import PolicyFile
from modelmerit.services.analysing import Analysing
from modelmerit.services.approving import Approving
from modelmerit.services.dispatching import Dispatching
from modelmerit.settings import Settings


@dataclass(frozen=True, slots=True)
class App:
    """Everything a server or a command works with."""

    settings: Settings
    store: Store
    policy_file: PolicyFile
    dispatching: Dispatching
    analysing: Analysing
    approving: Approving
    now: Callable[[], datetime]


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_app(
    settings: Settings | None = None,
    *,
    now: Callable[[], datetime] = utc_now,
    rng: Random | None = None,
) -> AsyncIterator[App]:
    """Open the home that the settings name, making it if need be, and close it at the end.

    Raises:
        ModelmeritError: If the home, the policy file or the store cannot be opened.
    """
    settings = settings or Settings.from_environment()
    settings.make_home()
    policy_file = PolicyFile(settings.policy_path, settings.change_log_path)
    policy_file.ensure_exists()
    store = await Store.open(settings.store_path)
    try:
        analysing = Analysing(store, policy_file, settings, now)
        yield App(
            settings=settings,
            store=store,
            policy_file=policy_file,
            dispatching=Dispatching(store, policy_file, settings, now, rng or SystemRandom()),
            analysing=analysing,
            approving=Approving(store, policy_file, analysing, now),
            now=now,
        )
    finally:
        await store.close()
