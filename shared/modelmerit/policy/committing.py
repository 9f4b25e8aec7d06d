"""One change done to models.json, and one undone, under the lock.

A save that comes in between is no failure: the file is read again and the change applied again, a few times.
"""

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from modelmerit.errors import ChangeDoesNotApply, PolicyConflict, PolicyFileError, UnknownChange
from modelmerit.policy.applying import Change, apply_change, diff, inverse
from modelmerit.policy.atomic import Exchange, sync_folder, write_temporary
from modelmerit.policy.backups import backups_of, free_backup
from modelmerit.policy.changelog import ChangeLog, LogEntry, LogKind, rolled_back_by
from modelmerit.policy.document import content_hash, parse_policy
from modelmerit.policy.journal import file_hash, write_version
from modelmerit.policy.loading import read_text, starter_text

_TRIES = 6
_PAUSE_S = 0.015
UndoState = Literal["can_roll_back", "already_rolled_back", "nothing_to_roll_back"]


class Order(NamedTuple):
    """Who wants a write, why, when, and the exchange to do it with."""

    who: str
    why: str
    now: datetime
    exchange: Exchange | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A change in force. `backup` is the name of the copy of before; warnings are of things that went wrong after."""

    change_id: str
    before_text: str
    after_text: str
    diff: str
    backup: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What undoing a change would do now. With any state but `can_roll_back` there is nothing to do.

    `rolled_back` is the id of the change in question; `exact` is whether the very bytes of before would come back.
    """

    state: UndoState
    rolled_back: str | None = None
    summary: str = ""
    before_text: str = ""
    after_text: str = ""
    diff: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What became of a rollback; but for `rolled_back`, the file is as it was. `change_id` is the rollback's own id."""

    state: Literal["rolled_back", "already_rolled_back", "nothing_to_roll_back"]
    rolled_back: str | None = None
    change_id: str | None = None
    summary: str = ""
    before_text: str = ""
    after_text: str = ""
    diff: str = ""
    backup: str | None = None
    warnings: tuple[str, ...] = ()


def create(path: Path, log: ChangeLog, now: datetime) -> bool:
    """Writes the packaged starter, unless there is a file, a backup or a log; whether it did."""
    if path.exists() or backups_of(path) or log.entries():
        return False
    text = starter_text()
    temporary, _ = write_temporary(path, text.encode())
    try:
        # A link, unlike a rename, fails where somebody has saved a file of that name in the meantime.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
    sync_folder(path.parent)
    after = content_hash(text)
    entry = _entry("created", Order("modelmerit", "first start", now, None), None, after, None, "packaged models.json")
    if file_hash(path) == after:
        log.append(entry)
    return True


def commit_change(
    path: Path, log: ChangeLog, change: Change, order: Order, suggestion_id: str | None, expected_hash: str | None
) -> Committed:
    """Applies `change` to what is at `path`; see `PolicyFile.commit`."""
    for left in reversed(range(_TRIES)):
        try:
            before = read_text(path)
            if expected_hash is not None and content_hash(before) != expected_hash:
                break
            after = apply_change(before, change)
            if after == before:
                raise ChangeDoesNotApply(f"`{change.summary}` is so already. There is nothing to do.")
            entry, warnings = _put(path, log, before, after, "apply", change, order, suggestion_id=suggestion_id)
        except (PolicyConflict, PolicyFileError):
            if not left:
                raise
            time.sleep(_PAUSE_S)  # an editor that writes in place needs a moment to finish
            continue
        assert entry.backup is not None
        return Committed(
            change_id=entry.id,
            before_text=before,
            after_text=after,
            diff=diff(before, after),
            backup=entry.backup,
            warnings=warnings,
        )
    raise PolicyConflict(f"{path} was changed after it was shown. Look at it and decide anew.")


def plan_undo(path: Path, entries: Sequence[LogEntry], change_id: str | None) -> Undo:
    """What undoing a change would do to what is at `path`; see `PolicyFile.rollback`."""
    target = _target(entries, change_id)
    if target is None:
        return Undo(state="nothing_to_roll_back")
    if rolled_back_by(entries, target.id) is not None:
        return Undo(state="already_rolled_back", rolled_back=target.id)
    change = _undoing(target)
    before = read_text(path)
    backup = path.with_name(target.backup or "")
    exact = content_hash(before) == target.after and file_hash(backup) == target.before
    if exact:
        after = read_text(backup)
    else:
        try:
            after = apply_change(before, change, tolerated=_problems_of(backup))
        except ChangeDoesNotApply as error:
            raise ChangeDoesNotApply(
                f"{target.id} cannot be undone in models.json as it is now: {error} "
                f"The file as it was before that change is {backup}."
            ) from None
    return Undo(
        state="can_roll_back",
        rolled_back=target.id,
        summary=change.summary,
        before_text=before,
        after_text=after,
        diff=diff(before, after),
        exact=exact,
    )


def roll_back(path: Path, log: ChangeLog, change_id: str | None, order: Order) -> RolledBack:
    """Undoes a change in what is at `path`; see `PolicyFile.rollback`."""
    for left in reversed(range(_TRIES)):
        entries = log.entries()
        try:
            undo = plan_undo(path, entries, change_id)
            if undo.state != "can_roll_back":
                return RolledBack(state=undo.state, rolled_back=undo.rolled_back)
            target = next(entry for entry in entries if entry.id == undo.rolled_back)
            entry, warnings = _put(
                path,
                log,
                undo.before_text,
                undo.after_text,
                "rollback",
                _undoing(target),
                order,
                suggestion_id=target.suggestion_id,
                rolls_back=target.id,
            )
        except (PolicyConflict, PolicyFileError):
            if not left:
                raise
            time.sleep(_PAUSE_S)
            continue
        return RolledBack(
            state="rolled_back",
            rolled_back=target.id,
            change_id=entry.id,
            summary=undo.summary,
            before_text=undo.before_text,
            after_text=undo.after_text,
            diff=undo.diff,
            backup=entry.backup,
            warnings=warnings,
        )
    raise AssertionError("the last try returns or raises")


def _target(entries: Sequence[LogEntry], change_id: str | None) -> LogEntry | None:
    if change_id is None:
        standing = (entry for entry in reversed(entries) if entry.kind == "apply")
        return next((entry for entry in standing if rolled_back_by(entries, entry.id) is None), None)
    target = next((entry for entry in entries if entry.id == change_id), None)
    if target is None:
        raise UnknownChange(f"{change_id!r} is no change of the log, expected an id that the list of changes shows.")
    return target


def _problems_of(backup: Path) -> int:
    """How much was wrong with an earlier version; nothing where it cannot be read."""
    try:
        return len(parse_policy(read_text(backup)).problems)
    except PolicyFileError:
        return 0


def _undoing(target: LogEntry) -> Change:
    if target.change is None:
        raise ChangeDoesNotApply(f"{target.id} is the first version of models.json: there is nothing before it.")
    return inverse(Change.from_dict(target.change))


def _put(
    path: Path,
    log: ChangeLog,
    before: str,
    after: str,
    kind: LogKind,
    change: Change,
    order: Order,
    *,
    suggestion_id: str | None,
    rolls_back: str | None = None,
) -> tuple[LogEntry, tuple[str, ...]]:
    entry = _entry(
        kind,
        order,
        content_hash(before),
        content_hash(after),
        free_backup(path, order.now).name,
        change.summary,
        change,
        suggestion_id,
        rolls_back,
    )
    return entry, write_version(path, log, before.encode(), after.encode(), entry, order.now, order.exchange)


def _entry(
    kind: LogKind,
    order: Order,
    before: str | None,
    after: str,
    backup: str | None,
    summary: str,
    change: Change | None = None,
    suggestion_id: str | None = None,
    rolls_back: str | None = None,
) -> LogEntry:
    moment = order.now.astimezone(UTC)
    return LogEntry(
        id=f"change-{moment:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}",
        kind=kind,
        when=moment.isoformat().replace("+00:00", "Z"),
        who=order.who,
        why=order.why,
        before=before,
        after=after,
        backup=backup,
        summary=summary,
        change=change.to_dict() if change else None,
        suggestion_id=suggestion_id,
        rolls_back=rolls_back,
    )
