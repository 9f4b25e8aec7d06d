"""What Claude Code runs at its events: leaves a note of the event for the servers to read, and never gets in the way.

    PYTHON -S -E .../modelmerit/capture/hook.py claude-code --mode observe|advise|route [--home DIR]

The event comes as JSON on standard input. Ids and paths of it go into the spool, a folder in the home; texts never do.
Whatever goes wrong, the exit status is 0 and nothing is printed: the client goes on as if nobody had listened, and one
line in `hook-faults.log` says what it was. Only the standard library is imported, and little of it: this runs many
times a session.

In the modes `advise` and `route`, a call of a sub-agent is also shown to `modelmerit.cli.agent_model`, through pipes.
What is printed then is what https://code.claude.com/docs/en/hooks#pretooluse-decision-control takes:

- `route`: `hookSpecificOutput.updatedInput`, which replaces the whole input of the call, so that it is the call's own
  with another `model`. There is no `permissionDecision` beside it: whether the call is allowed stays with the client
  and its user. Claude Code 2.1.329 was seen to take it so, for agents in the foreground and in the background and for
  calls that agents make; the model of the call goes before that of the agent's own definition. Of 2.1.8x people report
  that it ignored this for sub-agents (anthropics/claude-code issues 39814 and 44412), and where several hooks answer
  the same call the last one counts (15897): what really ran is therefore read from the transcript, never assumed.
- `advise`: `hookSpecificOutput.additionalContext`, which the agent reads after the result of the call; 2.1.329 was seen
  to send it to the model.

Claude Code runs the hooks of a person's settings and those of a project's side by side. The narrower scope has the say:
where the project's settings have this hook in another mode, this one leaves the call to it, even if that only observes.

In 2.1.329 no SubagentStop follows where the API failed or the agent was stopped: such runs are found in the transcripts
at the session's next event.
"""

import json
import os
import signal
import sys
import time

DEADLINE_S = 8.0
"""After so long this ends, done or not."""

CHILD_MARGIN_S = 0.3
LONGEST_INPUT = 16 * 2**20
LONGEST_NAME = 200
LONGEST_PATH = 4096
LARGEST_LOG = 64 * 2**10

MODES = ("observe", "advise", "route")
AGENT_TOOLS = ("Agent", "Task")
"""What the tool that calls a sub-agent is named, and what it was named before."""

OWN_NAMES = ("modelmerit/capture/hook.py", "modelmerit-hook")

IDS = {"session_id": "session_id", "agent_id": "agent_id", "agent_type": "agent_type", "tool_use_id": "call_id"}
PATHS = {name: name for name in ("transcript_path", "agent_transcript_path", "cwd")}
"""Under which name the spool keeps a field of the client's."""


class HookFault(Exception):
    """Something is not as it must be; the message holds nothing of the event's own text."""


def main(arguments: list[str] | None = None) -> None:
    """Handle one event; ends the process, always with exit status 0."""
    started = time.monotonic()
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE_S)
    options: dict[str, str] = {}
    try:
        options = read_options(sys.argv[1:] if arguments is None else arguments)
        _handle(options, started)
    except BaseException as error:
        _note_fault(options, error)
    finally:
        _leave()


def read_options(arguments: list[str]) -> dict[str, str]:
    """The options by name, with the mode `observe` where none is named.

    Raises:
        HookFault: If the client or the mode is unknown, or an option lacks its value.
    """
    client, *rest = arguments or [""]
    options = {"mode": "observe"}
    while rest:
        name, *rest = rest
        if name not in ("--mode", "--home") or not rest:
            raise HookFault("the command line of the hook is not understood; install the client again")
        options[name[2:]], *rest = rest
    if client != "claude-code" or options["mode"] not in MODES:
        raise HookFault("the hook is called for an unknown client or mode; install the client again")
    return options


def home_of(options: dict[str, str]) -> str:
    """The home that is named, or the one that `Settings` finds in the same environment."""
    named = options.get("home") or os.environ.get("MODELMERIT_HOME")
    if named:
        return os.path.abspath(os.path.expanduser(named))
    data = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        data = os.path.expanduser("~/Library/Application Support" if sys.platform == "darwin" else "~/.local/share")
    return os.path.abspath(os.path.join(data, "modelmerit"))


def event_of(payload: dict[str, object], at: float) -> dict[str, object] | None:
    """What the spool keeps of an event; None if it is of no interest. `at` is in seconds since 1970.

    Raises:
        HookFault: If it does not say which event it is.
    """
    name = payload.get("hook_event_name")
    if not (isinstance(name, str) and name.isidentifier() and len(name) <= LONGEST_NAME):
        raise HookFault("the event has no name")
    if name == "PreToolUse" and payload.get("tool_name") not in AGENT_TOOLS:
        return None
    event: dict[str, object] = {"v": 1, "client": "claude-code", "event": name, "at": at}
    for fields, longest in ((IDS, LONGEST_NAME), (PATHS, LONGEST_PATH)):
        for theirs, ours in fields.items():
            value = payload.get(theirs)
            if isinstance(value, str) and len(value) <= longest:
                event[ours] = value
    return event


def mode_of_project(folder: str) -> str | None:
    """The mode of this hook in a project's own settings, its owner's before those that are shared; None without any."""
    for name in ("settings.local.json", "settings.json"):
        try:
            with open(os.path.join(folder, ".claude", name), "rb") as file:
                hooks = json.load(file)["hooks"]
            handlers = [handler for groups in hooks.values() for each in groups for handler in each.get("hooks", ())]
            # Some ask a model or call a URL instead.
            commands = [handler["command"] for handler in handlers if "command" in handler]
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue  # what is written otherwise is not ours
        for command in commands:
            words = str(command).split()
            if "--mode" in words[:-1] and any(word.strip("'\"").endswith(OWN_NAMES) for word in words):
                return words[words.index("--mode") + 1]
    return None


def spool(home: str, event: dict[str, object]) -> None:
    """Put an event into the spool, whole or not at all."""
    folder = os.path.join(home, "spool")
    if not os.path.isdir(folder):
        os.makedirs(os.path.dirname(home), exist_ok=True)
        for made in (home, folder):
            if not os.path.isdir(made):
                os.mkdir(made, 0o700)
    name = f"{time.time_ns()}-{os.getpid()}.json"
    temporary = os.path.join(folder, "." + name)
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            whole = json.dumps(event).encode()
            if os.write(file, whole) < len(whole):
                raise HookFault("there is no space left for the event")
        finally:
            os.close(file)
        os.rename(temporary, os.path.join(folder, name))
    except BaseException:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise


def output_of(mode: str, tool_input: dict[str, object], answer: dict[str, object]) -> dict[str, object] | None:
    """What the client is told about a call of a sub-agent; None if nothing is to change."""
    use_as, reason = answer.get("use_as"), answer.get("reason")
    if not isinstance(use_as, str) or tool_input.get("model") == use_as:
        return None
    if mode == "route":
        told: dict[str, object] = {"updatedInput": tool_input | {"model": use_as}}
    else:
        told = {"additionalContext": f"modelmerit recommends the model {use_as!r} for this task: {reason}."}
    return {"hookSpecificOutput": {"hookEventName": "PreToolUse", **told}}


def _handle(options: dict[str, str], started: float) -> None:
    read = _input()
    payload = json.loads(read)
    if not isinstance(payload, dict):
        raise HookFault("the event is no object")
    event = event_of(payload, time.time())
    if event is None:
        return
    try:
        spool(home_of(options), event)
    except Exception as error:  # the call of a sub-agent can still be answered
        _note_fault(options, error)
    tool_input = payload.get("tool_input")
    if options["mode"] == "observe" or event["event"] != "PreToolUse" or not isinstance(tool_input, dict):
        return
    project = os.environ.get("CLAUDE_PROJECT_DIR") or event.get("cwd")
    if isinstance(project, str) and mode_of_project(project) not in (None, options["mode"]):
        return
    if sys.stdout is None:
        raise HookFault("standard output is closed")
    told = output_of(options["mode"], tool_input, _ask(options, read, started))
    if told is not None:
        sys.stdout.write(json.dumps(told))
        sys.stdout.flush()


def _input() -> bytes:
    if sys.stdin is None:
        raise HookFault("standard input is closed")
    read = sys.stdin.buffer.read(LONGEST_INPUT + 1)
    if len(read) > LONGEST_INPUT:
        raise HookFault("the event is too large")
    return read


def _ask(options: dict[str, str], read: bytes, started: float) -> dict[str, object]:
    """What `modelmerit.cli.agent_model` answers in time."""
    import subprocess  # as long to import as all the rest, and needed for few events

    environment = dict(os.environ)
    if "home" in options:
        environment["MODELMERIT_HOME"] = options["home"]
    # Safe path: in the folder that the client works in there may lie a `modelmerit` or a `json.py` of somebody else.
    command = [sys.executable, "-P", "-m", "modelmerit.cli.agent_model", options["mode"]]
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            input=read,
            capture_output=True,
            env=environment,
            timeout=started + DEADLINE_S - CHILD_MARGIN_S - time.monotonic(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise HookFault("choosing a model took too long; the sub-agent was left alone") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise HookFault(f"no model was chosen: {said[:LONGEST_PATH] or f'exit status {done.returncode}'}")
    answer = json.loads(done.stdout)
    if not isinstance(answer, dict):
        raise HookFault("the answer of agent_model is no object")
    return answer


def _note_fault(options: dict[str, str], error: BaseException) -> None:
    """One line in the log of faults. Of a fault that is not ours only the kind is told: its message may quote texts."""
    try:
        log = os.path.join(home_of(options), "hook-faults.log")
        if os.path.exists(log) and os.path.getsize(log) > LARGEST_LOG:
            os.replace(log, log + ".1")
        said = str(error) if isinstance(error, HookFault) else type(error).__name__
        if isinstance(error, OSError):
            said += f": {error.strerror}"
        line = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} claude-code: {said}\n"
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.write(file, line.encode(errors="replace"))
        os.close(file)
    except BaseException:  # noqa: S110 - where it cannot be told, it is still no reason to fail
        pass


def _leave(*_: object) -> None:
    # Without the interpreter's own end, which flushes, complains and takes its time.
    os._exit(0)


if __name__ == "__main__":
    main()
