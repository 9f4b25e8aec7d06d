"""Reading models.json, and what to do while it cannot be read.

A person may be in the middle of a save, or have made a mistake in it: agents go on with the last good version, and
every answer says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modelmerit.errors import PolicyFileError
from modelmerit.policy.backups import backups_of
from modelmerit.policy.document import Policy, parse_policy


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """The policy in force, the text it was read from, and one-line warnings about the file, if any.

    The policy's own problems are among the warnings: whoever asks should hear that a rule of theirs does not work.
    """

    policy: Policy
    text: str
    warnings: tuple[str, ...] = ()


def starter_text() -> str:
    """The models.json a new home begins with."""
    from importlib.resources import files  # 10 ms of imports that only a first start or a broken file needs

    return (files("modelmerit.policy") / "starter.json").read_bytes().decode()


def read_text(path: Path) -> str:
    """The text of a models.json, byte order mark and line ends as they are.

    Raises:
        PolicyFileError: If it is missing, unreadable, or not UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        raise PolicyFileError(f"{path} is missing. Restore it from a backup beside it.") from None
    except OSError as error:
        raise PolicyFileError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from None
    except UnicodeDecodeError as error:
        raise PolicyFileError(f"{path} is not UTF-8 at byte {error.start}. Save it as UTF-8.") from None


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
