"""Requests over the network: what is tried again, what is not, and what is never said."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util.ssl_ import resolve_cert_reqs

from analyticsops.telling import client
from analyticsops.telling.client import Client, Pace, Request
from tests.telling.server import Receiver, Reply

CANARY = "T0CANARY/B1CANARY/xoxcanary"


def _request(url: str, **said: object) -> Request:
    return Request("POST", f"{url}/services/{CANARY}", b"{}", {"X-Key": CANARY}, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, 202, 204])
def test_what_is_accepted(receiver: Receiver, status: int) -> None:
    receiver.replies = [Reply(status, body=b"")]
    answer = Client().send(_request(receiver.url))
    assert (answer.status, answer.why) == (status, "")
    assert receiver.got[0].path == f"/services/{CANARY}"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.replies = [Reply(status), Reply(status), Reply(200)]
    assert not Client().send(_request(receiver.url)).why
    assert len(receiver.got) == 3
    assert len({got.body for got in receiver.got}) == 1


def test_it_is_not_tried_for_ever(receiver: Receiver) -> None:
    receiver.replies = [Reply(500)]
    answer = Client().send(_request(receiver.url))
    assert (answer.status, answer.why) == (500, "answered 500 Internal Server Error")
    assert len(receiver.got) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_what_would_be_refused_again_is_sent_once(receiver: Receiver, status: int) -> None:
    receiver.replies = [Reply(status, {"Retry-After": "0"}, b"no_service")]
    answer = Client().send(_request(receiver.url))
    assert answer.status == status
    assert answer.said == b"no_service"
    assert len(receiver.got) == 1


def test_who_says_when_is_heard(receiver: Receiver) -> None:
    receiver.replies = [Reply(429, {"Retry-After": "1"}), Reply()]
    begun = time.monotonic()
    assert not Client().send(_request(receiver.url)).why
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("after", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_nobody_waits_for_an_hour(receiver: Receiver, after: str) -> None:
    receiver.replies = [Reply(429, {"Retry-After": after}), Reply()]
    answer = Client().send(_request(receiver.url))
    assert answer.why == "has too much to do: it asked us to come later"
    assert len(receiver.got) == 1


def test_nonsense_in_retry_after(receiver: Receiver) -> None:
    receiver.replies = [Reply(503, {"Retry-After": "soon"}), Reply()]
    assert not Client().send(_request(receiver.url)).why


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.replies = [Reply(302, {"Location": f"{receiver.url}/elsewhere"}), Reply()]
    answer = Client().send(_request(receiver.url))
    assert "redirect" in answer.why
    assert len(receiver.got) == 1


def test_who_is_slow_is_asked_again_only_if_that_is_harmless(receiver: Receiver) -> None:
    receiver.replies = [Reply(after=0.8), Reply()]
    assert not Client(pace=Pace(1.0, 0.4, 0.01)).send(_request(receiver.url)).why
    receiver.replies = [Reply(after=0.8), Reply()]
    answer = Client(pace=Pace(1.0, 0.4, 0.01)).send(_request(receiver.url, once=True))
    assert answer.why == "timed out waiting for an answer"
    assert len(receiver.got) == 3


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_nobody_there() -> None:
    answer = Client().send(_request(f"http://127.0.0.1:{_free_port()}"))
    assert (answer.status, answer.why) == (None, "connection refused")


def test_no_such_host() -> None:
    answer = Client().send(_request("http://nobody.invalid"))
    assert answer.status is None
    assert answer.why


def test_who_accepts_and_says_nothing() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        answer = Client(pace=Pace(0.3, 0.3, 0.01)).send(
            _request(f"http://127.0.0.1:{listening.getsockname()[1]}")
        )
    assert answer.why == "timed out waiting for an answer"


def test_who_hangs_up() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def hang_up() -> None:
            for _ in range(3):
                listening.accept()[0].close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        answer = Client().send(_request(f"http://127.0.0.1:{listening.getsockname()[1]}"))
        thread.join(5)
    assert answer.status is None
    assert answer.why in ("the connection broke", "connection reset by peer")


POOL = urllib3.HTTPConnectionPool("canary.example")
WHY = [
    (client.TooLongError(), "has too much to do: it asked us to come later"),
    (NewConnectionError(HTTPConnection("canary.example"), CANARY), "no connection"),
    (ConnectTimeoutError(CANARY), "timed out: nobody answers"),
    (ProxyError(CANARY, OSError(CANARY)), "the proxy cannot be reached"),
    (ReadTimeoutError(POOL, CANARY, CANARY), "timed out waiting for an answer"),
    (SSLError(CANARY), "its certificate cannot be verified"),
    (ProtocolError(CANARY), "the connection broke"),
    (LocationParseError(CANARY), "its address is not valid"),
    (ValueError(CANARY), "its address is not valid"),
    (OSError(113, "No route to host"), "no route to host"),
    (OSError(CANARY), "it cannot be reached"),
    (HTTPError(CANARY), "it cannot be reached"),
]


@pytest.mark.parametrize(("error", "why"), WHY, ids=[type(error).__name__ for error, _ in WHY])
@pytest.mark.parametrize("wrapped", [False, True])
def test_each_failure_has_words_of_our_own(
    monkeypatch: pytest.MonkeyPatch, error: Exception, why: str, wrapped: bool
) -> None:
    """Also if it was the last of several tries; those of the error hold the address."""
    raised = MaxRetryError(POOL, CANARY, error) if wrapped else error

    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(urllib3.PoolManager, "request", fail)
    assert Client().send(_request("http://canary.example")) == (None, why, b"")


@pytest.mark.parametrize("url", ["http://[", "http://a b/", "http://x:99999/", "http://"])
def test_what_is_no_address(url: str) -> None:
    answer = Client().send(Request("POST", url, b"", {}))
    assert answer.status is None
    assert answer.why


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[int]:
    """A server with a certificate that nobody signed."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [*command.split(), "-keyout", str(key), "-out", str(cert)]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    plain, _ = listening.accept()
                    with plain, context.wrap_socket(plain, server_side=True) as wrapped:
                        wrapped.recv(1_000)
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        done.set()
        socket.create_connection(listening.getsockname()).close()
        thread.join(5)


def test_certificates_are_verified(untrusted: int) -> None:
    answer = Client().send(_request(f"https://localhost:{untrusted}"))
    assert (answer.status, answer.why) == (None, "its certificate cannot be verified")


def test_addresses_are_in_no_log_and_no_answer(
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    untrusted: int,
) -> None:
    """urllib3 logs them when it tries again, and names them in its errors."""
    caplog.set_level(logging.DEBUG)
    said = []
    for url in (
        receiver.url,
        f"http://127.0.0.1:{_free_port()}",
        "http://nobody.invalid",
        f"https://localhost:{untrusted}",
    ):
        receiver.replies = [Reply(500), Reply(429, {"Retry-After": "9999"}), Reply(200)]
        said.append(Client().send(_request(url)))
    assert all(answer.why for answer in said)
    out, err = capfd.readouterr()
    assert "CANARY" not in "".join((out, err, caplog.text, repr(said))).upper()
    # They would be there if nobody took care.
    Client().pool(receiver.url).request("GET", f"{receiver.url}/{CANARY}", retries=False)
    assert CANARY in caplog.text


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_is_used(receiver: Receiver, name: str) -> None:
    host = receiver.url.removeprefix("http://")
    client = Client({name: f"http://user:p%40ss@{host}"})
    assert not client.send(_request("http://hooks.example")).why
    (got,) = receiver.got
    assert got.path == f"http://hooks.example/services/{CANARY}"
    assert got.headers["proxy-authorization"] == "Basic dXNlcjpwQHNz"


@pytest.mark.parametrize("unused", ["hooks.invalid", "x, .invalid", "*"])
def test_no_proxy_is_heard(receiver: Receiver, unused: str) -> None:
    client = Client({"http_proxy": receiver.url, "NO_PROXY": unused})
    assert client.send(_request("http://hooks.invalid")).status is None
    assert receiver.got == []


@pytest.mark.parametrize("unused", ["", "oks.invalid", "other"])
def test_other_hosts_are_not_near(receiver: Receiver, unused: str) -> None:
    client = Client({"http_proxy": receiver.url, "no_proxy": unused})
    assert not client.send(_request("http://hooks.invalid")).why


def test_this_machine_is_reached_without(receiver: Receiver) -> None:
    client = Client({"http_proxy": f"http://127.0.0.1:{_free_port()}"})
    assert not client.send(_request(receiver.url)).why


@pytest.mark.parametrize("environ", [{}, {"HTTPS_PROXY": "proxy.example:3128"}])
def test_certificates_are_asked_for_through_a_proxy_as_well(environ: dict[str, str]) -> None:
    pool = Client(environ).pool("https://hooks.example/x")
    assert isinstance(pool, urllib3.ProxyManager) is bool(environ)
    to = pool.connection_from_url("https://hooks.example/x")
    assert isinstance(to, urllib3.HTTPSConnectionPool)
    assert resolve_cert_reqs(to.cert_reqs) == ssl.CERT_REQUIRED


def test_a_proxy_that_is_not_there_is_named_without_its_password() -> None:
    client = Client({"http_proxy": f"http://user:{CANARY[:5]}@127.0.0.1:{_free_port()}"})
    answer = client.send(_request("http://hooks.example"))
    assert answer == (None, "the proxy cannot be reached: connection refused", b"")


def test_patience_is_short() -> None:
    assert client.PATIENCE <= 60
    assert Pace().connect + Pace().read <= 20
