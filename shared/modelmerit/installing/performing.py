"""Carrying a plan out, one file at a time: each is replaced in one step, and a save that came in between stands."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from modelmerit.errors import PolicyConflict
from modelmerit.installing.manifest import Record
from modelmerit.installing.planning import Change, LeftAlone, Plan
from modelmerit.policy.atomic import swap_in, sync_folder, write_temporary
from modelmerit.policy.backups import free_backup


@dataclass(frozen=True, slots=True)
class Performed:
    """What was done. `backups` are the copies that this made and kept."""

    changes: tuple[Change, ...]
    left_alone: tuple[LeftAlone, ...]
    backups: tuple[Path, ...]


def perform(plan: Plan, manifest_path: Path, now: datetime) -> Performed:
    """Makes the plan's changes, and keeps the manifest after each of them. The manifest's folder is there."""
    manifest, done, left_alone, kept = plan.manifest, list[Change](), list(plan.left_alone), list[Path]()
    empty_folders: set[str] = set()
    manifest.keep(manifest_path)
    for change in plan.changes:
        known = manifest.of(change.path)
        try:
            folders = _make_folders(change.path.parent) if change.before is None else ()
            backup = _write(change, now)
        except PolicyConflict:
            reason = "somebody saved it at the same moment; run the command again"
            left_alone.append(LeftAlone(change.path, reason))
            continue
        except OSError as error:
            left_alone.append(LeftAlone(change.path, f"it cannot be written: {error.strerror}", change.lines))
            continue
        needless = _needless_backups(change, known, backup)
        _remove_files(needless)
        if backup is not None and backup not in needless:
            kept.append(backup)
        if known is not None and change.gives_back:
            empty_folders.update(known.folders)
        manifest = manifest.having(change.path, _record(change, known, backup, needless, folders))
        manifest.keep(manifest_path)
        done.append(change)
    _remove_folders(empty_folders)
    return Performed(tuple(done), tuple(left_alone), tuple(kept))


def _needless_backups(change: Change, known: Record | None, backup: Path | None) -> list[Path]:
    """The backups that hold nothing of a person's that is not in the file, or in an earlier backup."""
    new = [] if backup is None else [backup]
    if change.gives_back:
        return [*(Path(name) for name in (known.backups if known else ())), *new]
    was_all_ours = known is not None and change.record is not None and change.record.after is not None
    return new if was_all_ours else []


def _record(
    change: Change, known: Record | None, backup: Path | None, needless: Sequence[Path], folders: tuple[str, ...]
) -> Record | None:
    """What the manifest says of a changed file, with the backups and folders that only now are known."""
    if change.record is None:
        return None
    former = known.backups if known else ()
    new = () if backup is None or backup in needless else (str(backup),)
    return replace(change.record, backups=(*former, *new), folders=change.record.folders or folders)


def _write(change: Change, now: datetime) -> Path | None:
    """Makes one change; answers the backup of what was there.

    Raises:
        PolicyConflict: If the file is not any more what the plan was made from.
        OSError: If it cannot be written.
    """
    path = change.path
    if change.after is None:
        if path.read_bytes() != change.before:
            raise PolicyConflict(str(path))
        removed = path.rename(free_backup(path, now))
        sync_folder(path.parent)
        return removed
    temporary, _ = write_temporary(path, change.after)
    if change.before is None:
        _create(path, temporary)
        return None
    backup = free_backup(path, now)
    swap_in(path, temporary, change.before, backup, now)
    sync_folder(path.parent)
    return backup


def _create(path: Path, temporary: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise PolicyConflict(str(path)) from None
    finally:
        temporary.unlink()
    path.chmod(0o666 & ~_mask())
    sync_folder(path.parent)


def _mask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _make_folders(folder: Path) -> tuple[str, ...]:
    """Makes the folder and those above it that are missing; answers them, the outermost first."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(str(parent) for parent in reversed(missing))


def _remove_files(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


def _remove_folders(names: Iterable[str]) -> None:
    """Removes those of the folders that are empty, the innermost first."""
    for name in sorted(names, key=len, reverse=True):
        with contextlib.suppress(OSError):
            Path(name).rmdir()
