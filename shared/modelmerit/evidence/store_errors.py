"""What went wrong with the store, in words: what it was, that nothing was recorded, and what to do."""

import sqlite3
from pathlib import Path

from modelmerit.errors import StoreError
from modelmerit.evidence.lock_holders import holder_of

ADVICE = {
    "SQLITE_READONLY": "Make it, its -wal and -shm and their folder writable.",
    "SQLITE_CANTOPEN": "Check that its folder is there and yours to write.",
    "SQLITE_PERM": "Check that the file is yours to read and write.",
    "SQLITE_NOTADB": "It is no SQLite database; move it away and a new one is made.",
    "SQLITE_CORRUPT": "It is damaged; move it and its -wal and -shm away, then import a backup or an export.",
    "SQLITE_FULL": "The disk is full; free some space and try again.",
    "SQLITE_IOERR": "The disk failed to read or write: see whether it is full, over its quota, or broken; try again.",
}


def store_error(path: Path, error: sqlite3.Error) -> StoreError:
    """The failure of a statement, or of opening the store, as one that says what to do."""
    name = _name(error)
    if name.startswith("SQLITE_BUSY"):
        return not_free(path, path.with_name(path.name + "-shm"), path)
    advice = next((text for code, text in ADVICE.items() if name.startswith(code)), "Nothing was changed.")
    return StoreError(f"The store {str(path)!r} cannot be used: {error}. {advice}")


def is_the_files_fault(error: sqlite3.Error) -> bool:
    """Whether the file must be opened again once it has been put right; what is full or locked need not be."""
    return _name(error).startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT"))


def not_free(path: Path, *locked: Path) -> StoreError:
    """Another process is writing and does not finish; `locked` are the files that it may hold a lock on."""
    holder = holder_of(*locked)
    advice = "Try again; if it stays so, look for a stopped modelmerit process."
    if holder is not None:
        advice = f"Try again; if it stays so, end it (`kill {holder.pid}`)."
        if holder.stopped:
            advice = f"Let it go on (`kill -CONT {holder.pid}`) or end it (`kill -9 {holder.pid}`), then try again."
    return StoreError(
        f"The store {str(path)!r} is not free: {holder or 'another process'} has been writing to it all the time "
        f"this one waited. Nothing was recorded. {advice}"
    )


def not_text(error: UnicodeEncodeError) -> StoreError:
    """Something to store or to look up is no text: half a character, or bytes that were none."""
    return StoreError(f"{error.object[:60]!r} is no valid text (at character {error.start + 1}); expected UTF-8.")


def damaged(what: str, error: Exception) -> StoreError:
    """Something in the store is not what was once written there."""
    return StoreError(f"{what} is damaged in the store ({error}). Restore the store from a backup or an export.")


def os_failure(path: Path, error: OSError) -> StoreError:
    """The store's file, or the gate beside it, cannot be made or opened."""
    return StoreError(
        f"The store {str(path)!r}, or its lock file beside it, cannot be opened: {error.strerror}. "
        "Check that its folder is there and yours to write."
    )


def replaced(path: Path) -> StoreError:
    """The file is not the one that was opened: it was deleted, moved away or exchanged while in use."""
    return StoreError(
        f"The store {str(path)!r} was deleted or replaced while it was in use. Nothing was recorded. Put it back if "
        "that was a mistake; the next call opens what lies there by then, or starts a new store."
    )


def upgraded(path: Path) -> StoreError:
    """A newer release has changed the schema since the file was opened."""
    return StoreError(
        f"The store {str(path)!r} was upgraded by a newer modelmerit while this one ran. Nothing was recorded. "
        "Start this server or command again with that release."
    )


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or ""
