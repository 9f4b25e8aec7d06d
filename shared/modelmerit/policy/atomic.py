"""Replacing a file that a person may be saving at the same moment, without losing either text.

The usual check, then rename, loses the save that falls between the two. Here the new file and the old one change
places in one step of the kernel, and only then do we look at what we took out. Is it what we had read, it becomes the
backup. Is it not, somebody saved in between: we change the two back, and their version stands.

Where a file system cannot exchange, the check comes as late as possible before an ordinary rename; that leaves a
window of microseconds.
"""

import contextlib
import errno
import fcntl
import os
import stat
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from modelmerit.errors import PolicyConflict
from modelmerit.policy.backups import free_backup

Exchange = Callable[[Path, Path], None]

_NO_EXCHANGE = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_TURNS = 10


def exchange_files(one: Path, other: Path) -> None:
    """Makes two names change their files in one step; an `OSError` where the system or the file system cannot."""
    import ctypes  # costs more to load than a server may spend on it before the first write

    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            failed = libc.renamex_np(os.fsencode(one), os.fsencode(other), _RENAME_SWAP)
        else:
            failed = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    except AttributeError:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(one), None, str(other))


def write_temporary(path: Path, content: bytes) -> tuple[Path, tuple[str, ...]]:
    """A synced file beside `path` with its mode and owner, and warnings where those cannot be kept."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    warnings: tuple[str, ...] = ()
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            with contextlib.suppress(FileNotFoundError):
                warnings = _take_after(handle, path.stat())
            _write_all(handle, content)
            sync(handle)
        finally:
            os.close(handle)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return temporary, warnings


def swap_in(
    path: Path, temporary: Path, base: bytes, backup: Path, now: datetime, exchange: Exchange | None = exchange_files
) -> tuple[str, ...]:
    """Puts `temporary` in the place of `path`, whose content becomes `backup`; answers warnings.

    The caller holds the lock. `exchange` None goes without it.

    Raises:
        PolicyConflict: If `path` did not hold `base` any more. It then holds what was saved meanwhile, and our text
            is kept as a `-rejected` copy.
        OSError: If the files could not be replaced; nothing has changed then.
    """
    if path.read_bytes() != base:
        temporary.unlink()
        raise _conflict(path)
    if exchange is None:
        return _replace_late(path, temporary, base, backup)
    ours = temporary.read_bytes()
    try:
        exchange(temporary, path)
    except OSError as error:
        if error.errno in _NO_EXCHANGE:
            return _replace_late(path, temporary, base, backup)
        raise
    # From here on the new text is in force: what fails now is told as a warning, not as a failure.
    try:
        if temporary.read_bytes() == base:
            temporary.rename(backup)
            return ()
    except OSError as error:
        return (f"the former version could not be moved to {backup.name} and is left as {temporary.name}: {error}",)
    return _give_back(path, temporary, ours, now, exchange)


def _give_back(path: Path, temporary: Path, ours: bytes, now: datetime, exchange: Exchange) -> tuple[str, ...]:
    """Puts the displaced save back, and then any newer one that this displaced in turn."""
    put = ours
    try:
        for _ in range(_TURNS):
            held = temporary.read_bytes()
            exchange(temporary, path)
            if temporary.read_bytes() == put:
                break
            put = held
    except OSError as error:
        return (f"somebody saved {path.name} at the same moment; their version is in {temporary.name}: {error}",)
    with contextlib.suppress(OSError):
        temporary.rename(free_backup(path, now, "-rejected" if put == ours else "-displaced"))
        sync_folder(path.parent)
    raise _conflict(path)


def _replace_late(path: Path, temporary: Path, base: bytes, backup: Path) -> tuple[str, ...]:
    try:
        os.link(path, backup)
    except OSError:
        copy, _ = write_temporary(path, base)
        copy.rename(backup)
    if path.read_bytes() != base or backup.read_bytes() != base:
        backup.unlink()
        temporary.unlink()
        raise _conflict(path)
    try:
        temporary.replace(path)
    except OSError:
        backup.unlink()
        raise
    return ()


def sync(handle: int) -> None:
    """Brings an open file to the disk itself; macOS needs to be told so in a way of its own."""
    if sys.platform == "darwin":
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Brings the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(handle)
    finally:
        os.close(handle)


def append_line(path: Path, line: bytes) -> None:
    """Adds a line to a file and syncs it; a last line that was torn is ended first."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        _write_all(handle, (b"\n" if torn else b"") + line + b"\n")
        sync(handle)
    finally:
        os.close(handle)


def _take_after(handle: int, original: os.stat_result) -> tuple[str, ...]:
    own = os.fstat(handle)
    warnings: tuple[str, ...] = ()
    if (own.st_uid, own.st_gid) != (original.st_uid, original.st_gid):
        try:
            os.fchown(handle, original.st_uid, original.st_gid)
        except PermissionError:
            warnings = ("models.json now belongs to the user who applied the change",)
    os.fchmod(handle, stat.S_IMODE(original.st_mode))
    return warnings


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _conflict(path: Path) -> PolicyConflict:
    return PolicyConflict(f"{path} was saved by somebody else while it was being changed; their version stands.")
