"""What was installed where: `installs.json` in the home, so that an uninstallation can give back the same bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from modelmerit.errors import ModelmeritError
from modelmerit.policy.atomic import write_temporary

NAME = "installs.json"


class BrokenManifest(ModelmeritError):
    """installs.json cannot be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One file that holds entries of ours.

    `owners` are the installations that want them. `before` is the hash of what was there before the first of them, None
    if there was no file; `after` of what we left there, None if a person's words came in between. The first of
    `backups` is what was there before. `folders` were made for the file, the outermost first. `is_whole` says that all
    of the file is ours.
    """

    owners: tuple[str, ...]
    before: str | None
    after: str | None
    backups: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """The records by the path of their file, symbolic links followed."""

    records: Mapping[str, Record] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The manifest at `path`; an empty one if there is none.

        Raises:
            BrokenManifest: If it cannot be read.
        """
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            return cls({name: _record(**record) for name, record in written["files"].items()})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise BrokenManifest(
                f"{path} cannot be read ({error}). It says how to take installations back exactly; move it away, and "
                "modelmerit's entries will be taken out one by one."
            ) from None

    def keep(self, path: Path) -> None:
        """Makes the file at `path`, whose folder is there, say this; no file says that nothing is installed."""
        if self == Manifest.read(path):
            return
        if not self.records:
            path.unlink()
            return
        files = {name: asdict(record) for name, record in sorted(self.records.items())}
        text = json.dumps({"version": 1, "files": files}, indent=2, ensure_ascii=False) + "\n"
        temporary, _ = write_temporary(path, text.encode())
        temporary.replace(path)

    def of(self, path: Path) -> Record | None:
        """The record of a file."""
        return self.records.get(str(path))

    def whole_files_of(self, owner: str) -> list[Path]:
        """The files that an installation wrote as a whole; which ones these are may change with models.json."""
        return [Path(name) for name, record in self.records.items() if record.is_whole and owner in record.owners]

    def having(self, path: Path, record: Record | None) -> "Manifest":
        """The manifest with this record of the file, or with none."""
        others = {name: kept for name, kept in self.records.items() if name != str(path)}
        return Manifest(others if record is None else {**others, str(path): record})


def digest(content: bytes) -> str:
    """The hash by which a file is known again."""
    return hashlib.sha256(content).hexdigest()


def owned_by(record: Record, owner: str) -> Record:
    """The record with `owner` among its owners."""
    return record if owner in record.owners else replace(record, owners=(*record.owners, owner))


def _record(
    owners: list[str], before: str | None, after: str | None, backups: list[str], folders: list[str], is_whole: bool
) -> Record:
    return Record(tuple(owners), before, after, tuple(backups), tuple(folders), is_whole)
