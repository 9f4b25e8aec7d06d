"""A client's history read without storing anything: what an import would add."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field

from modelmerit.services.history_parts import HistoryPart, Unreadable, unreadable


@dataclass(slots=True)
class Preview:
    """What an import would do: `new` runs by the model that ran, "" where none answered, and those `known` already."""

    parts: int = 0
    new: dict[str, int] = field(default_factory=dict)
    known: int = 0
    broken_lines: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)


def preview_history(
    parts: Iterable[HistoryPart], known: Container[str], progress: Callable[[HistoryPart], None] = lambda _: None
) -> Preview:
    """Read a history and store nothing; `known` are the ids of the client's runs that the store has."""
    preview = Preview()
    new: set[str] = set()
    for part in parts:
        try:
            found = part.read()
        except OSError as error:
            preview.unreadable.append(unreadable(part, error))
        else:
            preview.parts += 1
            preview.broken_lines += found.broken_lines
            for run in found.runs:
                if run.run_id in known or run.run_id in new:
                    preview.known += run.run_id in known
                else:
                    new.add(run.run_id)
                    model = run.executed_model or ""
                    preview.new[model] = preview.new.get(model, 0) + 1
        progress(part)
    return preview
