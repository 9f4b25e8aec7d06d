"""The store: whether it can be read and written, is whole, and has room."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from modelmerit.errors import StoreError
from modelmerit.evidence.gate import Gate
from modelmerit.evidence.inspection import inspected
from modelmerit.evidence.migrations import available
from modelmerit.evidence.store_errors import not_free
from modelmerit.services.checks.findings import Finding
from modelmerit.settings import Settings

NAME = "store"
INTEGRITY_PATIENCE_S = 10.0
GATE_PATIENCE_S = 2.0
LITTLE_ROOM_BYTES = 200 << 20
NO_ROOM_BYTES = 1 << 20


def check_store(settings: Settings) -> list[Finding]:
    """Whether the store opens, is whole, is of this release, and is free to write to; and the disk under it."""
    path = settings.store_path
    findings = [_room(_existing(settings.home))]
    if not path.exists():
        return [Finding(NAME, "ok", f"There is none yet; the first task makes {path}."), *findings]
    try:
        return [_looked_into(path), *findings]
    except StoreError as error:
        return [Finding(NAME, "failed", *_said_and_to_do(str(error))), *findings]


def _looked_into(path: Path) -> Finding:
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        return Finding(NAME, "failed", f"{path} may not be written.", "Make it and its folder yours to read and write.")
    with inspected(path) as store:
        known, newest = store.schema_version(), max(number for number, _ in available())
        if known > newest:
            line = f"{path} has schema version {known}; this modelmerit knows {newest}."
            return Finding(NAME, "failed", line, "It was written by a newer release: upgrade modelmerit.")
        attempts, _ = store.attempts()
        try:
            damage = store.damage(INTEGRITY_PATIENCE_S)
            whole = "whole"
        except TimeoutError:
            damage = None
            whole = f"too large to be checked whole in {INTEGRITY_PATIENCE_S:.0f} s"
    if damage is not None:
        to_do = "Move it and its -wal and -shm away, then import a backup or an export."
        return Finding(NAME, "failed", f"{path} is damaged: {damage}.", to_do)
    _expect_free(path)
    schema = f"schema {known}" if known == newest else f"schema {known}, which the next start brings to {newest}"
    size = sum(_size(path.with_name(path.name + end)) for end in ("", "-wal"))
    return Finding(NAME, "ok", f"{attempts:,} attempts in {_bytes(size)}, {whole}, {schema}: {path}")


def _expect_free(path: Path) -> None:
    """A store that is written to right now is free soon; one held by a stopped process is not."""
    gate_path = path.with_name(path.name + ".gate")
    if not gate_path.exists():
        return
    gate = Gate(gate_path)
    try:
        with gate.held(GATE_PATIENCE_S):
            pass
    except TimeoutError as error:
        raise not_free(path, path.with_name(path.name + "-shm"), gate_path) from error
    finally:
        gate.close()


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    line = f"{_bytes(free)} free under {folder}"
    if free >= LITTLE_ROOM_BYTES:
        return Finding("disk", "ok", line)
    to_do = "Free some space: what cannot be written is not recorded."
    return Finding("disk", "failed" if free < NO_ROOM_BYTES else "warning", line, to_do)


def _existing(folder: Path) -> Path:
    return next((parent for parent in (folder, *folder.parents) if parent.exists()), Path("/"))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _said_and_to_do(message: str) -> tuple[str, str]:
    """A store's message says what is wrong in its first sentence, and then what to do."""
    said, _, to_do = message.partition(". ")
    return f"{said}.", to_do or "Try again."
