"""A receiver on this machine: answers as it is told to, and keeps what it was sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Got(NamedTuple):
    """A request that arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


class Reply(NamedTuple):
    """How to answer."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b"ok"
    after: float = 0.0


class Receiver:
    """What arrived, and how it is answered: by ``replies``, the last of them for ever.

    Attributes:
        on_request: called while the request waits for its answer.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.got: list[Got] = []
        self.replies: list[Reply] = [Reply()]
        self.on_request: Callable[[Got], None] | None = None

    def answer(self, got: Got) -> Reply:
        """The next answer."""
        self.got.append(got)
        if self.on_request is not None:
            self.on_request(got)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.receiver.answer(Got(self.command, self.path, dict(self.headers), body))
        time.sleep(reply.after)
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):  # they did not wait
            pass

    do_POST = do_GET = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@contextmanager
def serving() -> Iterator[Receiver]:
    """A receiver that listens."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.receiver = receiver = Receiver(server.server_address[1])  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
