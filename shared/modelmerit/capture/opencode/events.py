"""What was seen to happen in a session: files edited, commands run, agents called, and what the human said and did."""

from collections.abc import Iterator

from modelmerit.capture.opencode.threads import Message, Thread, ToolUse
from modelmerit.capture.runs import AgentCalled, CommandRan, Event, FileEdited, HumanSpoke, Interrupted

CALL = "task"
ABORTED = "MessageAbortedError"
COMMANDS = frozenset({"bash", "shell"})
EDITS = frozenset({"apply_patch", "edit", "multiedit", "patch", "write"})


def events_of(thread: Thread) -> list[Event]:
    """All of them, in order of time. In an agent's session the user's words are its caller's, not the human's."""
    found = [event for use in thread.tools if (event := _of_use(use)) is not None]
    for message in thread.messages:
        found.extend(_of_message(thread, message))
    return sorted(found, key=lambda event: event.at)


def _of_use(use: ToolUse) -> Event | None:
    if use.tool == CALL:
        return AgentCalled(use.began, use.prompt, use.child)
    if use.ended is None:
        return None
    if use.tool in COMMANDS:
        output = use.output if use.error is None else f"{use.output}\n{use.error}".strip()
        return CommandRan(use.ended, use.command, output, _failed(use))
    return FileEdited(use.ended) if use.tool in EDITS and use.status == "completed" else None


def _failed(use: ToolUse) -> bool | None:
    if use.status == "error":
        return None if use.interrupted else True
    return None if use.exit_code is None else use.exit_code != 0


def _of_message(thread: Thread, message: Message) -> Iterator[Event]:
    if message.error == ABORTED:
        yield Interrupted(message.completed or message.at)
    if message.role == "user" and thread.parent_id is None and message.id in thread.texts:
        yield HumanSpoke(message.at, thread.texts[message.id])
