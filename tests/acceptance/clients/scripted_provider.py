"""An OpenAI-compatible provider of models that say what a script tells them to.

A conversation is known by a word in what the user said last; in it each answer is the next step of its script. Requests
that offer no tools, such as for a title, get a few words.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PROMPT, CACHED, COMPLETION, REASONING = 1000, 200, 50, 20
"""The tokens each answer is said to have taken: cached ones are part of the prompt, reasoning of the completion."""


@dataclass(frozen=True, slots=True)
class Say:
    """The model answers with words, and is done."""

    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """The model uses a tool; its arguments may depend on what the last one answered."""

    tool: str
    arguments: Mapping[str, Any] | Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Refuse:
    """The provider refuses the request."""

    status: int
    why: str = "refused"


Step = Say | Use | Refuse
Script = Mapping[str, Sequence[Step]]


@contextmanager
def provider(script: Script) -> Iterator[str]:
    """A provider that plays the script; yields its base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            try:
                step = next_step(script, request)
            except LookupError:
                # The client tries again for ever where it gets no answer at all.
                step = Refuse(400, "the script has no step for this")
            if isinstance(step, Refuse):
                self._answer(step.status, "application/json", json.dumps({"error": {"message": step.why}}).encode())
            else:
                self._answer(200, "text/event-stream", stream(step, request["model"]))

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def next_step(script: Script, request: dict[str, Any]) -> Step:
    """What the script has for a request."""
    if not request.get("tools"):
        return Say("A title")
    messages = request["messages"]
    last = max(place for place, message in enumerate(messages) if message["role"] == "user")
    results = [text_of(message) for message in messages[last:] if message["role"] == "tool"]
    word = next((word for word in script if word in text_of(messages[last])), "")
    steps = script[word]
    step = steps[len(results)]
    if isinstance(step, Use) and callable(step.arguments):
        return Use(step.tool, step.arguments(results[-1]))
    return step


def text_of(message: dict[str, Any]) -> str:
    """A message's text."""
    content = message["content"]
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def stream(step: Say | Use, model: str) -> bytes:
    """A step as the events of a streamed completion."""
    if isinstance(step, Say):
        delta: dict[str, Any] = {"content": step.text}
    else:
        function = {"name": step.tool, "arguments": json.dumps(step.arguments)}
        delta = {"tool_calls": [{"index": 0, "id": f"call_{time.time_ns()}", "type": "function", "function": function}]}
    usage = {
        "prompt_tokens": PROMPT,
        "completion_tokens": COMPLETION,
        "total_tokens": PROMPT + COMPLETION,
        "prompt_tokens_details": {"cached_tokens": CACHED},
        "completion_tokens_details": {"reasoning_tokens": REASONING},
    }
    finish = "stop" if isinstance(step, Say) else "tool_calls"
    events = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}], "usage": usage},
    ]
    common = {"id": "completion", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}
    return b"".join(b"data: " + json.dumps(common | event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
