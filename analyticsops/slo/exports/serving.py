"""`/metrics`, evaluated when Prometheus asks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

from analyticsops.errors import AnalyticsOpsError, UsageError
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports.prometheus import registry

_Respond = Callable[..., Any]


class Latest:
    """The last evaluation, for a while. One that fails is not kept, and does not leave the one
    before in its place.

    Args:
        evaluate: it now.
        seconds: for which one serves.
    """

    def __init__(self, evaluate: Callable[[], Evaluation], seconds: float) -> None:
        self._evaluate = evaluate
        self._seconds = seconds
        self._lock = Lock()
        self._found: Evaluation | None = None
        self._until = 0.0

    def __call__(self) -> Evaluation:
        """Raises what evaluating raises."""
        with self._lock:
            if self._found is None or time.monotonic() >= self._until:
                self._found = None
                self._found = self._evaluate()
                self._until = time.monotonic() + self._seconds
            return self._found


def address(listen: str) -> tuple[str, int]:
    """``127.0.0.1:9464`` -> host and port.

    Raises:
        UsageError: it is no address.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise UsageError(f"{listen!r} is no address", where="--listen", hint="as 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def server(latest: Callable[[], Evaluation], host: str, port: int) -> WSGIServer:
    """A server of `/metrics`, not yet running.

    Raises:
        UsageError: prometheus-client is not installed, or the address is taken.
    """
    metrics = registry(latest)
    from prometheus_client import make_wsgi_app
    from prometheus_client.exposition import ThreadingWSGIServer, _SilentHandler

    answer = make_wsgi_app(metrics)

    def app(environ: dict[str, Any], respond: _Respond) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/metrics":
            respond("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"see /metrics\n"]
        try:
            latest()
            return answer(environ, respond)  # type: ignore[no-any-return]
        except AnalyticsOpsError as error:
            # The reason may name files of this machine: it is for who runs it.
            sys.stderr.write(f"not evaluated: {error}\n")
            respond("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"not evaluated, see the log of the server\n"]

    try:
        return make_server(host, port, app, ThreadingWSGIServer, handler_class=_SilentHandler)
    except OSError as error:
        what = f"cannot listen: {error.strerror or error}"
        raise UsageError(what, where=f"{host}:{port}") from error
