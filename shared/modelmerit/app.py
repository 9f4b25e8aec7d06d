"""The composition root: settings in, working services out.

A service is put together when it is first asked for: a dispatcher need not wait for what only an analysis uses.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from modelmerit.evidence.database import Database
from modelmerit.evidence.store import Store
from modelmerit.policy.file import PolicyFile
from modelmerit.settings import Settings

if TYPE_CHECKING:
    from modelmerit.services.analysing import Analysing
    from modelmerit.services.approving import Approving
    from modelmerit.services.capturing import Capturing
    from modelmerit.services.dispatching import Dispatching


class App:
    """Everything a server or a command works with. `now` tells the time, in UTC; `rng` decides what is explored."""

    def __init__(
        self, settings: Settings, store: Store, policy_file: PolicyFile, now: Callable[[], datetime], rng: Random
    ) -> None:
        self.settings = settings
        self.store = store
        self.policy_file = policy_file
        self.now = now
        self.rng = rng

    @cached_property
    def dispatching(self) -> "Dispatching":
        """Choosing models for tasks, and hearing what came of them."""
        from modelmerit.services.dispatching import Dispatching

        return Dispatching(self.store, self.policy_file, self.settings, self.now, self.rng)

    @cached_property
    def analysing(self) -> "Analysing":
        """Finding out what the evidence says."""
        from modelmerit.services.analysing import Analysing

        return Analysing(self.store, self.policy_file, self.settings, self.now)

    @cached_property
    def approving(self) -> "Approving":
        """A human's decisions on what was found."""
        from modelmerit.services.approving import Approving

        return Approving(self.store, self.policy_file, self.analysing, self.now)

    @cached_property
    def capturing(self) -> "Capturing":
        """Recording what the clients' hooks have seen."""
        from modelmerit.services.capturing import Capturing

        return Capturing(self.store, self.policy_file, self.settings, self.now)


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

    The store is opened by the first call that needs it: one that cannot be opened is told to whoever asks, and asked
    for again at the next call.

    Raises:
        ModelmeritError: If the home or the policy file cannot be made.
    """
    settings = settings or Settings.from_environment()
    settings.make_home()
    policy_file = PolicyFile(settings.policy_path, settings.change_log_path)
    # A policy that is gone from a home with a history is missed, not replaced by one its owner never chose.
    if not settings.store_path.exists():
        policy_file.ensure_exists()
    store = Store(Database(settings.store_path))
    try:
        yield App(settings, store, policy_file, now, rng or SystemRandom())
    finally:
        await store.close()
