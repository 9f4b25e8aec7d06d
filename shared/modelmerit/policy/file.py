"""models.json on the disk: the version in force, changes committed to it, and changes taken back.

Everything here blocks, so a server calls it in a thread. Reading takes no lock. Writing takes the lock, reads the file
as it is by then, and never overwrites a save that came in between. What only writing needs is imported by the methods
that write: most sessions of an agent read the policy and never change it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from modelmerit.errors import PolicyError, PolicyFileError
from modelmerit.policy.atomic import Exchange, exchange_files
from modelmerit.policy.changelog import ChangeLog, LogEntry
from modelmerit.policy.journal import file_hash, recover, saved_late, unfinished
from modelmerit.policy.loading import LoadedPolicy, read_text, substitute
from modelmerit.policy.locking import locked

if TYPE_CHECKING:
    from modelmerit.policy.applying import Change
    from modelmerit.policy.committing import Committed, RolledBack, Undo

__all__ = ["LoadedPolicy", "PolicyFile"]

_Signature = tuple[int, int, int] | None
_CLOCK_TICK_NS = 50_000_000
"""A file this young may be saved again without its time stamp showing it; several ticks of the kernel's clock."""
_OPENING_WAIT_S = 1.0


class PolicyFile:
    """One models.json with its backups, its lock and its change log. `path` may be a symbolic link; it stays one."""

    def __init__(self, path: Path, log_path: Path, *, exchange: Exchange | None = exchange_files) -> None:
        self.path = path
        self.log = ChangeLog(log_path)
        self._exchange = exchange
        self._opening: tuple[str, ...] | None = None
        self._read: tuple[_Signature, LoadedPolicy] | None = None
        self._last_good: tuple[LoadedPolicy, str] | None = None

    @property
    def real_path(self) -> Path:
        """The file itself, behind any symbolic links; backups and the lock lie beside it."""
        return Path(os.path.realpath(self.path))

    def current(self) -> LoadedPolicy:
        """The policy in force; read again only if the file has changed.

        While the file is missing or broken: the last version that worked, else the newest backup that does, else the
        packaged starter, with a warning that names it.
        """
        if self._opening is None:
            self._opening = self._open()
        now_ns = time.time_ns()
        signature = self._signature()
        if self._read is not None and self._read[0] == signature:
            settled = signature is None or now_ns - signature[0] > _CLOCK_TICK_NS
            if settled:
                return self._read[1]
        loaded = self._load()
        if self._read is not None and self._read[1] == loaded:
            loaded = self._read[1]
        self._read = (signature, loaded)
        return loaded

    def ensure_exists(self) -> bool:
        """Writes the packaged starter where there is neither a models.json nor any trace of one; whether it did.

        A link that leads nowhere is such a trace: what it leads to may be on a disk that is not there now.

        Raises:
            PolicyFileError: If it cannot be written.
        """
        if self.path.exists() or self.path.is_symlink():
            return False
        from modelmerit.policy.committing import create

        path = self.real_path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(path):
                return create(path, self.log, datetime.now(UTC))
        except OSError as error:
            raise PolicyFileError(f"{path} cannot be created: {error}. Check the folder's permissions.") from error

    def preview(self, change: "Change") -> str:
        """The diff that committing `change` now would make.

        Raises:
            ChangeDoesNotApply: If the change does not apply.
            PolicyFileError: If the file cannot be used.
        """
        from modelmerit.policy.applying import apply_change, diff

        text = read_text(self.real_path)
        return diff(text, apply_change(text, change))

    def commit(
        self,
        change: "Change",
        *,
        who: str,
        why: str,
        suggestion_id: str | None = None,
        now: datetime,
        expected_hash: str | None = None,
    ) -> "Committed":
        """Applies a change that a person has approved to the file as it is now.

        Raises:
            ChangeDoesNotApply: If the change does not apply any more.
            PolicyConflict: If the file is not `expected_hash`, or is being saved again and again.
            PolicyFileError: If the file cannot be used or written.
        """

        from modelmerit.policy.committing import Order, commit_change

        order = Order(who, why, now, self._exchange)
        with self._writing(now) as (path, warnings):
            committed = commit_change(path, self.log, change, order, suggestion_id, expected_hash)
            return replace(committed, warnings=warnings + committed.warnings)

    def preview_rollback(self, change_id: str | None = None) -> "Undo":
        """What `rollback` would do now: its state, its one line and its diff.

        Raises:
            UnknownChange: If the log has no such change.
            ChangeDoesNotApply: If it cannot be undone in the file as it is; the message names the backup.
        """
        from modelmerit.policy.committing import plan_undo

        return plan_undo(self.real_path, self.log.entries(), change_id)

    def rollback(self, change_id: str | None = None, *, who: str, why: str, now: datetime) -> "RolledBack":
        """Undoes a change of the log, by default the newest that still stands; a rollback too can be undone, by its id.

        Exactly the bytes of before come back where nothing has changed since; else only the change is taken back.

        Raises:
            UnknownChange: If the log has no such change.
            ChangeDoesNotApply: If it cannot be undone in the file as it is; the message names the backup.
            PolicyConflict: If the file is being saved again and again.
            PolicyFileError: If the file cannot be used or written.
        """

        from modelmerit.policy.committing import Order, roll_back

        order = Order(who, why, now, self._exchange)
        with self._writing(now) as (path, warnings):
            undone = roll_back(path, self.log, change_id, order)
            return replace(undone, warnings=warnings + undone.warnings)

    def changes(self) -> list[LogEntry]:
        """The log, oldest first."""
        return self.log.entries()

    def edited_outside(self) -> bool:
        """Whether the file is not what the last change of the log left; never without a log or without a file."""
        entries = self.log.entries()
        present = file_hash(self.real_path)
        return bool(entries) and present is not None and present != entries[-1].after

    @contextmanager
    def _writing(self, now: datetime) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """The lock, held; what a killed writer left, cleared up; and the warnings that gave."""
        path = self.real_path
        with locked(path):
            try:
                warnings = recover(path, self.log, now) + saved_late(path, self.log)
            except OSError as error:
                raise PolicyFileError(
                    f"The change log or an unfinished change of {path} cannot be dealt with: {error}. "
                    "Nothing has changed; check the permissions of its folder and of the log."
                ) from error
            yield path, warnings

    def _open(self) -> tuple[str, ...]:
        path = self.real_path
        try:
            if unfinished(path):
                with locked(path, _OPENING_WAIT_S):
                    return recover(path, self.log, datetime.now(UTC)) + saved_late(path, self.log)
            return saved_late(path, self.log)
        except (PolicyError, OSError) as error:
            # A reader can do without: whoever writes next tries again, and fails loudly.
            return (f"an unfinished change of {path.name} could not be settled: {error}",)

    def _signature(self) -> _Signature:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _load(self) -> LoadedPolicy:
        warnings = self._opening or ()
        try:
            text = read_text(self.path)
            loaded = LoadedPolicy.of(text, warnings)
        except PolicyFileError as error:
            good, source = self._last_good or substitute(self.real_path)
            self._last_good = good, source
            return LoadedPolicy(good.policy, good.text, (*warnings, f"{error} Until then {source} is used."))
        self._last_good = loaded, "the last version that could be read"
        return loaded
