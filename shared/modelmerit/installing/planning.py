"""What an installation or an uninstallation would change, found out by reading alone."""

import difflib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modelmerit.installing.content import Content, NotEditable, WholeFile
from modelmerit.installing.manifest import Manifest, Record, digest, owned_by
from modelmerit.installing.targets import Target

_ANY_WHOLE_FILE = WholeFile("", mark="")
_READ_ONLY = "it is read-only"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is to change. `before` and `after` are None where there is no file.

    `record` is what the manifest is to say of it, None if nothing any more. `gives_back` means that the file is then
    what it was before the first installation, so that no backup of ours is needed any more. `lines` are what a person
    can paste if the file cannot be written.
    """

    path: Path
    what: str
    before: bytes | None
    after: bytes | None
    record: Record | None
    gives_back: bool = False
    lines: str | None = None

    @property
    def diff(self) -> str:
        """The change as a unified diff; line ends are not shown."""
        before, after = ((side or b"").decode(errors="replace").splitlines() for side in (self.before, self.after))
        names = (str(self.path) if self.before is not None else "/dev/null"), str(self.path)
        lines = difflib.unified_diff(
            before, after, names[0], "/dev/null" if self.after is None else names[1], "", "", 3, ""
        )
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A file that is not touched, why, and what a person can paste into it."""

    path: Path
    reason: str
    lines: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for `owner`. `manifest` is as it is to be for the files that need no change."""

    owner: str
    manifest: Manifest
    changes: tuple[Change, ...]
    left_alone: tuple[LeftAlone, ...]


def plan_installation(owner: str, targets: Sequence[Target], manifest: Manifest) -> Plan:
    """What is missing of `targets`."""
    changes: list[Change] = []
    left_alone: list[LeftAlone] = []
    for target in targets:
        path = Path(os.path.realpath(target.path))
        record = manifest.of(path)
        try:
            before = _read(path)
            after = target.content.put(_text(before or b"")).encode()
        except NotEditable as problem:
            left_alone.append(LeftAlone(target.path, str(problem), lines_to_paste(target.content)))
            continue
        if after == before:
            if record is not None:
                manifest = manifest.having(path, owned_by(record, owner))
        elif before is not None and _is_read_only(path):
            left_alone.append(LeftAlone(target.path, _READ_ONLY, lines_to_paste(target.content)))
        else:
            entered = replace(_entered(record, owner, before, after), is_whole=isinstance(target.content, WholeFile))
            lines = lines_to_paste(target.content)
            changes.append(Change(path, target.what, before, after, entered, lines=lines))
    return Plan(owner, manifest, tuple(changes), tuple(left_alone))


def plan_uninstallation(owner: str, targets: Sequence[Target], manifest: Manifest) -> Plan:
    """What of `targets`, and of what was once installed for `owner`, is to be taken out."""
    contents: dict[Path, tuple[Content, str]] = {
        **dict.fromkeys(manifest.whole_files_of(owner), (_ANY_WHOLE_FILE, "a file of ours")),
        **{Path(os.path.realpath(target.path)): (target.content, target.what) for target in targets},
    }
    changes: list[Change] = []
    left_alone: list[LeftAlone] = []
    for path, (content, what) in contents.items():
        record = manifest.of(path)
        others = tuple(other for other in record.owners if other != owner) if record else ()
        if record is not None and others:
            manifest = manifest.having(path, replace(record, owners=others))
            continue
        try:
            before = _read(path)
            after, gives_back = (None, True) if before is None else _taken_out(path, before, record, content)
        except NotEditable as problem:
            left_alone.append(LeftAlone(path, f"{problem}; take modelmerit's entries out by hand"))
            continue
        if after == before:
            manifest = manifest.having(path, None)
        elif _is_read_only(path):
            left_alone.append(LeftAlone(path, f"{_READ_ONLY}; take modelmerit's entries out by hand"))
        else:
            changes.append(Change(path, what, before, after, None, gives_back))
    return Plan(owner, manifest, tuple(changes), tuple(left_alone))


def lines_to_paste(content: Content) -> str | None:
    """Our entries as a file that holds nothing else; None for a file that is not a person's to edit."""
    return None if isinstance(content, WholeFile) else content.put("")


def _entered(record: Record | None, owner: str, before: bytes | None, after: bytes) -> Record:
    """What the manifest is to say of a file that we change."""
    if record is None or before is None:
        return Record((owner,), None if before is None else digest(before), digest(after))
    is_as_we_left_it = digest(before) == record.after
    return replace(owned_by(record, owner), after=digest(after) if is_as_we_left_it else None)


def _taken_out(path: Path, before: bytes, record: Record | None, content: Content) -> tuple[bytes | None, bool]:
    """The file as it was, or as it is without our entries; and whether that is as it was."""
    original = _original(record)
    if record is not None and record.after == digest(before) and (record.before is None or original is not None):
        return original, True
    text = content.take_out(_text(before), _text(original or b""))
    was_made_by_us = record is not None and record.before is None
    if was_made_by_us and content.is_bare(text):
        return None, False
    after = text.encode()
    return after, record is not None and digest(after) == record.before


def _original(record: Record | None) -> bytes | None:
    """What was in the file before us, if the backup still says so."""
    if record is None or record.before is None or not record.backups:
        return None
    try:
        kept = Path(record.backups[0]).read_bytes()
    except OSError:
        return None
    return kept if digest(kept) == record.before else None


def _read(path: Path) -> bytes | None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            # Of a pipe nothing may ever come, and a device such as /dev/null would be replaced by a file.
            raise NotEditable("it is no file")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotEditable(f"it cannot be read: {error.strerror}") from None


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise NotEditable("it is not UTF-8") from None


def _is_read_only(path: Path) -> bool:
    """Whether its owner said that it is not to be written, even where we could."""
    return not stat.S_IMODE(path.stat().st_mode) & 0o222 or not os.access(path, os.W_OK)
