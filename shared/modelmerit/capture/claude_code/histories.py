"""Where Claude Code keeps its transcripts, and which of them make up a session."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modelmerit.capture.claude_code.lines import Transcript, text_of

_INTERNAL = ("acompact-", "aprompt_suggestion-", "aside_question-")


@dataclass(slots=True)
class SessionFiles:
    """The files of a session: the main transcript, those of its agents, and others that only tokens are read from.

    The main transcript may be missing. `newest_mtime_ns` changes whenever one of the files does, and so does
    `total_bytes`.
    """

    session_id: str
    main: Path
    agents: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    total_bytes: int = 0
    newest_mtime_ns: int = 0

    @property
    def paths(self) -> list[Path]:
        """All of them."""
        return [self.main, *self.agents, *self.others]

    def measure(self) -> None:
        """Take the files' sizes and times; a missing one has none."""
        for path in self.paths:
            try:
                about = path.stat()
            except OSError:
                continue
            self.total_bytes += about.st_size
            self.newest_mtime_ns = max(self.newest_mtime_ns, about.st_mtime_ns)


def projects_folders(path: Path | None, environment: Mapping[str, str]) -> list[Path]:
    """The folders of projects that exist: under `path`, or else where the client keeps them.

    The client looks in CLAUDE_CONFIG_DIR (several, between commas, are read too); without it in ~/.claude, and
    formerly in ~/.config/claude.
    """
    named = [Path(part.strip()) for part in environment.get("CLAUDE_CONFIG_DIR", "").split(",") if part.strip()]
    home = Path(environment.get("HOME") or Path.home())
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    candidates = [path] if path is not None else named or [settings / "claude", home / ".claude"]
    folders = [
        folder / "projects" if (folder / "projects").is_dir() else folder
        for folder in (candidate.expanduser() for candidate in candidates)
        if (folder / "projects").is_dir() or path is not None or folder.name == "projects"
    ]
    return list(dict.fromkeys(folder for folder in folders if folder.is_dir()))


def find_sessions(path: Path | None, environment: Mapping[str, str]) -> Iterator[SessionFiles]:
    """The sessions of a history, the longest untouched first: copies come after what they were copied from.

    `path` is a configuration folder, a folder of projects, one project's, or a session's main transcript.
    """
    if path is not None and path.suffix == ".jsonl":
        yield _session_of(path)
        return
    sessions: dict[tuple[Path, str], SessionFiles] = {}
    for folder in projects_folders(path, environment):
        for file in _transcripts(folder):
            project, session_id = _place(file)
            files = sessions.setdefault((project, session_id), _empty(project, session_id))
            if is_agent(file):
                files.agents.append(file)
            elif file != files.main:
                files.others.append(file)
    for files in sessions.values():
        files.measure()
    yield from sorted(sessions.values(), key=lambda files: (files.newest_mtime_ns, str(files.main)))


def agent_id_of(path: Path) -> str:
    """The agent whose transcript it is."""
    return path.stem.removeprefix("agent-")


def is_agent(path: Path) -> bool:
    """Whether a file is the transcript of an agent."""
    return path.name.startswith("agent-")


def is_internal(agent_id: str) -> bool:
    """Whether an agent is one that the client itself calls, to sum up, to suggest a prompt, or to answer aside."""
    return agent_id.startswith(_INTERNAL)


def lies_elsewhere(main: Path, agent_id: str) -> bool:
    """Whether an agent's transcript is among those of another session of the project, which called it then."""
    return next(main.parent.glob(f"*/subagents/**/agent-{agent_id}.jsonl"), None) is not None


def _session_of(main: Path) -> SessionFiles:
    files = _empty(main.parent, main.stem)
    files.main = main
    for file in _transcripts(main.with_suffix("")):
        (files.agents if is_agent(file) else files.others).append(file)
    for file in sorted(main.parent.glob("agent-*.jsonl")):
        if file != main and _named_session(file) == main.stem:
            files.agents.append(file)
    files.measure()
    return files


def _empty(project: Path, session_id: str) -> SessionFiles:
    return SessionFiles(session_id, project / f"{session_id}.jsonl")


def _transcripts(folder: Path) -> Iterator[Path]:
    """All of them below a folder, in order of their paths; links are not followed."""
    for where, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            file = Path(where, name)
            if name.endswith(".jsonl") and not file.is_symlink():
                yield file


def _place(file: Path) -> tuple[Path, str]:
    """The project's folder and the session that a file belongs to."""
    if "subagents" in file.parts[:-1]:
        session = Path(*file.parts[: file.parts.index("subagents")])
        return session.parent, session.name
    return file.parent, (is_agent(file) and _named_session(file)) or file.stem


def _named_session(file: Path) -> str | None:
    """The session that an agent's transcript of old names: the one that called it."""
    for record in Transcript(file, lambda raw: b'"sessionId"' in raw):
        return text_of(record.get("sessionId"))
    return None
