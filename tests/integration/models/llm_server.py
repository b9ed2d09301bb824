"""A real HTTP server that speaks the protocols of four providers, and has every fault there is."""

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

N_IN, N_OUT = 10, 5  # tokens of every call

Fault = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Answers ``answer 0``, ``answer 1`` …, unless the script has a fault for the call."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: deque[Fault] = deque()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.was_asked = threading.Event()
        self.release = threading.Event()
        self.say: Callable[[int], str] = lambda n: f"answer {n}"
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    shapes: ClassVar[dict[str, Callable[[str], dict[str, Any]]]] = {}

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.lock:
            n = len(server.bodies)
            server.bodies.append(body)
            server.headers.append({k.lower(): v for k, v in self.headers.items()})
            fault = server.script.popleft() if server.script else None
        server.was_asked.set()
        if fault is not None:
            fault(self)
        else:
            self.answer(server.say(n))

    def answer(self, text: str, **more: Any) -> None:
        self.send(200, json.dumps(self.shape(text) | more))

    def shape(self, text: str) -> dict[str, Any]:
        """Returns the reply of the protocol that was asked in."""
        if self.path.endswith("/chat/completions"):
            return chat(text)
        if self.path.endswith("/responses"):
            return responses(text)
        if self.path.endswith("/messages"):
            return anthropic(text)
        assert self.path.endswith(":generateContent"), self.path
        return google(text)

    def send(self, status: int, text: str | bytes, **headers: str) -> None:
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        kind = headers.pop("content_type", "application/json")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", headers.pop("content_length", str(len(data))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """Runs a server on loopback."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()


def chat(text: str, finish: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {
            "prompt_tokens": N_IN,
            "completion_tokens": N_OUT,
            "total_tokens": N_IN + N_OUT,
        },
    }


def responses(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {
        "type": "message",
        "id": "m",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }
    return {
        "id": "1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "served",
        "output": [message],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": N_IN,
            "output_tokens": N_OUT,
            "total_tokens": N_IN + N_OUT,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


def anthropic(text: str) -> dict[str, Any]:
    return {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "served",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": N_IN, "output_tokens": N_OUT},
    }


def google(text: str) -> dict[str, Any]:
    content = {"role": "model", "parts": [{"text": text}]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "modelVersion": "served",
        "responseId": "1",
        "usageMetadata": {
            "promptTokenCount": N_IN,
            "candidatesTokenCount": N_OUT,
            "totalTokenCount": N_IN + N_OUT,
        },
    }


def status(code: int, message: str = "no", error: str = "", **headers: str) -> Fault:
    """An error status with a body as OpenAI writes it."""
    body = json.dumps({"error": {"message": message, "code": error or None, "type": None}})
    return lambda handler: handler.send(code, body, **headers)


def text(data: str | bytes, **headers: str) -> Fault:
    """HTTP 200 with any body."""
    return lambda handler: handler.send(200, data, **headers)


def says(reply: str, finish: str = "stop") -> Fault:
    """A well-formed chat completion."""
    return text(json.dumps(chat(reply, finish)))


def hang(handler: Handler) -> None:
    """Never answers."""
    handler.server.release.wait()
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    """Closes the connection without a word."""
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """Resets the connection."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True


def break_off(handler: Handler) -> None:
    """Closes the connection in the middle of an answer."""
    whole = json.dumps(chat("cut short"))
    handler.send(200, whole[: len(whole) // 2], content_length=str(len(whole)))
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """Sends until the client hangs up."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    while True:
        handler.wfile.write(b" " * 65536)
