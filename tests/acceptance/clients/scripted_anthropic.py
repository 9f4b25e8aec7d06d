"""Anthropic's interface to models, whose models say what a script tells them to.

A conversation is known by a word in what its user said last; in it each answer is the next step of its script.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from scripted_provider import Refuse, Say, Use

USAGE = {
    "input_tokens": 1000,
    "cache_read_input_tokens": 200,
    "cache_creation_input_tokens": 37,
    "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 7},
    "output_tokens": 50,
}
"""The tokens each answer is said to have taken. Nothing is counted twice, but for the sum of what was written."""


@dataclass(frozen=True, slots=True)
class Hang:
    """The model is never heard of again."""


Step = Say | Use | Refuse | Hang
Script = Mapping[str, Sequence[Step]]


@dataclass
class Anthropic:
    """The interface's base URL, and the requests that were made, each with the word its conversation is known by."""

    url: str
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def models(self, word: str) -> set[str]:
        """The models that a conversation was held with."""
        return {request["model"] for known_by, request in self.requests if known_by == word}

    def read(self, word: str) -> str:
        """All that a conversation's model was last given to read."""
        return json.dumps([request["messages"] for known_by, request in self.requests if known_by == word][-1])


@contextmanager
def anthropic(script: Script) -> Iterator[Anthropic]:
    """An interface that plays the script."""
    ending = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            word, step = next_step(script, request)
            interface.requests.append((word, request))
            if isinstance(step, Hang):
                ending.wait()
            elif isinstance(step, Refuse):
                refusal = {"type": "error", "error": {"type": "invalid_request_error", "message": "refused"}}
                self._answer(step.status, "application/json", json.dumps(refusal).encode())
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
    interface = Anthropic(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield interface
    finally:
        ending.set()
        server.shutdown()
        thread.join()
        server.server_close()


def next_step(script: Script, request: dict[str, Any]) -> tuple[str, Step]:
    """The word that the request's conversation is known by, and what the script has for it."""
    messages = request["messages"]
    for last in range(len(messages) - 1, -1, -1):
        said = text_of(messages[last]["content"]) if messages[last]["role"] == "user" else ""
        for word in (word for word in script if word in said):
            results = [result for message in messages[last:] for result in results_of(message)]
            step = script[word][len(results)]
            if isinstance(step, Use) and callable(step.arguments):
                return word, Use(step.tool, step.arguments(results[-1]))
            return word, step
    return "", Say("A title")


def results_of(message: dict[str, Any]) -> list[str]:
    """The results of tools that a message brings."""
    content = message["content"]
    blocks = [] if isinstance(content, str) else content
    return [text_of(block.get("content", "")) for block in blocks if block["type"] == "tool_result"]


def text_of(content: str | list[dict[str, Any]]) -> str:
    """A content's own text."""
    return content if isinstance(content, str) else " ".join(block.get("text", "") for block in content)


def stream(step: Say | Use, model: str) -> bytes:
    """A step as the events of a streamed message."""
    number = time.time_ns()
    if isinstance(step, Say):
        block: dict[str, Any] = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": step.text}
    else:
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": step.tool, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(step.arguments)}
    begun = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": model, "content": []}
    stopped = {"stop_reason": "end_turn" if isinstance(step, Say) else "tool_use", "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": begun | {"stop_reason": None, "usage": USAGE | {"output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stopped, "usage": {"output_tokens": USAGE["output_tokens"]}},
        {"type": "message_stop"},
    ]
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)
