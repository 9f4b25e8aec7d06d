"""Reading models.json, and what to do while it cannot be read.

A person may be in the middle of a save, or have made a mistake in it: agents go on with the last good version, and
every answer says so.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modelmerit.errors import PolicyFileError
from modelmerit.policy.backups import backups_of
from modelmerit.policy.document import Policy, parse_policy

_MOST_TOLD = 20
_MOST_BYTES = 10_000_000
"""Room for a hundred thousand rules; what is larger was never meant to be a models.json."""


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """The policy in force, the text it was read from, and one-line warnings about the file, if any.

    The policy's own problems are among the warnings: whoever asks should hear that a rule of theirs does not work.
    """

    policy: Policy
    text: str
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, warnings: tuple[str, ...] = ()) -> "LoadedPolicy":
        """The policy that `text` describes; of its problems, the first few are told and the others counted.

        Raises:
            PolicyFileError: If it describes none.
        """
        policy = parse_policy(text)
        told, others = policy.problems[:_MOST_TOLD], len(policy.problems) - _MOST_TOLD
        more = (f"models.json has {others} more problems",) if others > 0 else ()
        return cls(policy, text, (*warnings, *told, *more))


def starter_text() -> str:
    """The models.json a new home begins with."""
    from importlib.resources import files  # 10 ms of imports that only a first start or a broken file needs

    return (files("modelmerit.policy") / "starter.json").read_bytes().decode()


def read_text(path: Path) -> str:
    """The text of a models.json, byte order mark and line ends as they are.

    Raises:
        PolicyFileError: If it is missing, unreadable, no ordinary file, too large, or not UTF-8.
    """
    try:
        content = read_bytes(path)
    except FileNotFoundError:
        if path.is_symlink():
            target = os.path.realpath(path)
            raise PolicyFileError(
                f"{path} is a link to {target}, which is missing. Put that file back, or remove the link."
            ) from None
        raise PolicyFileError(f"{path} is missing. Restore it from a backup beside it.") from None
    except OSError as error:
        raise PolicyFileError(f"{path} cannot be read: {error.strerror}. Check the path and its permissions.") from None
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyFileError(
            f"{path} is not UTF-8 at byte {error.start + 1}, in line {line}. Save it as UTF-8, or restore a backup."
        ) from None


def read_bytes(path: Path) -> bytes:
    """The bytes of an ordinary file of a size that a models.json may have.

    Raises:
        OSError: If it is missing or unreadable.
        PolicyFileError: If it is no ordinary file, or too large.
    """
    # Without O_NONBLOCK, opening a named pipe waits for somebody to write into it.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
            raise PolicyFileError(f"{path} is {what}, expected a file. Move it away, or name another models.json.")
        with open(handle, "rb", closefd=False) as file:
            content = file.read(_MOST_BYTES + 1)
    finally:
        os.close(handle)
    if len(content) > _MOST_BYTES:
        raise PolicyFileError(
            f"{path} is larger than {_MOST_BYTES // 1_000_000} MB, expected a few kB. Restore a backup."
        )
    return content


def substitute(path: Path) -> tuple[LoadedPolicy, str]:
    """What stands in for a models.json that cannot be used: the newest good backup, or the starter; and its name."""
    for source, text in _candidates(path):
        try:
            return LoadedPolicy(parse_policy(text), text), source
        except PolicyFileError:
            continue
    raise AssertionError("the packaged starter is a policy")


def _candidates(path: Path) -> Iterator[tuple[str, str]]:
    for backup in backups_of(path):
        try:
            yield f"the backup {backup.name}", read_text(backup)
        except PolicyFileError:
            continue
    yield "the packaged starting policy", starter_text()
