"""One request over the network, tried again where that helps. Needs urllib3.

Addresses are secrets: who knows that of a webhook may write to its channel. urllib3 has them in its
errors and writes them to its log, also to standard error where nobody set up logging, so its words
never leave this module.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3 import BaseHTTPResponse, Retry, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    LocationParseError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import make_headers, parse_url

from analyticsops.telling.receivers import LOCAL

PATIENCE = 30.0
"""Seconds. Who wants us to wait for longer is told after the next evaluation."""

_AGAIN = (429, 500, 502, 503, 504)
_MOST_READ = 1_000
_LOGS = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)


class Request(NamedTuple):
    """What is sent.

    Attributes:
        once: True if it must not be tried again when it may have arrived.
    """

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    once: bool = False


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: of HTTP; None if nothing came.
        why: it did not arrive, for people; empty if it did.
        said: begin of the body.
    """

    status: int | None
    why: str
    said: bytes = b""


class Pace(NamedTuple):
    """How patient one is, in seconds.

    Attributes:
        connect: until somebody answers at all.
        read: until the answer.
        backoff: before the second try; twice as long before each further one.
    """

    connect: float = 5.0
    read: float = 10.0
    backoff: float = 0.5
    tries: int = 3


PACE = Pace()


class TooLongError(HTTPError):
    """We are asked to wait for longer than we have."""


class _Retry(Retry):
    """Does not wait for longer than :data:`PATIENCE`."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """As in :class:`urllib3.Retry`, where ``Retry-After`` makes more statuses worth it."""
        return status_code in _AGAIN and super().is_retry(method, status_code, has_retry_after)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Seconds to wait, if somebody says."""
        try:
            seconds = super().get_retry_after(response)
        except InvalidHeader:
            return None
        if seconds is not None and seconds > PATIENCE:
            raise TooLongError
        return seconds


class Client:
    """Sends requests; certificates are verified, redirects are not followed.

    Args:
        environ: its HTTPS_PROXY, HTTP_PROXY and NO_PROXY are heard, in either case.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, pace: Pace | None = None) -> None:
        self.pace = pace or PACE
        self.proxies = _proxies(environ or {})
        self._pools: dict[str, urllib3.PoolManager] = {}

    def pool(self, url: str) -> urllib3.PoolManager:
        """What leads to an address: straight, or through a proxy.

        Raises:
            ValueError: one of them is no address.
        """
        parts = urlsplit(url)
        proxy = self.proxies.get(parts.scheme, "")
        host = parts.hostname or ""
        if host in LOCAL or _is_near(host, self.proxies.get("no", "")):
            proxy = ""
        if proxy not in self._pools:
            self._pools[proxy] = self._new_pool(proxy)
        return self._pools[proxy]

    def _new_pool(self, proxy: str) -> urllib3.PoolManager:
        timeout = Timeout(connect=self.pace.connect, read=self.pace.read)
        if not proxy:
            return urllib3.PoolManager(timeout=timeout, cert_reqs="CERT_REQUIRED")
        whole = proxy if "://" in proxy else f"http://{proxy}"
        user = parse_url(whole).auth
        headers = make_headers(proxy_basic_auth=unquote(user)) if user else None
        return urllib3.ProxyManager(
            whole, proxy_headers=headers, timeout=timeout, cert_reqs="CERT_REQUIRED"
        )

    def send(self, request: Request) -> Answer:
        """Send it, and again if that may help. Raises nothing."""
        pace = self.pace
        retries = _Retry(
            total=pace.tries - 1,
            connect=pace.tries - 1,
            read=0 if request.once else pace.tries - 1,
            other=0,
            allowed_methods=None,
            status_forcelist=_AGAIN,
            backoff_factor=pace.backoff,
            raise_on_status=False,
        )
        with _in_silence():
            try:
                response = self.pool(request.url).request(
                    request.method,
                    request.url,
                    body=request.body or None,
                    headers=dict(request.headers),
                    retries=retries,
                    redirect=False,
                    preload_content=False,
                )
                said = response.read(_MOST_READ)
                response.release_conn()
            except (HTTPError, ValueError, OSError) as error:
                return Answer(None, _reason(error))
        return Answer(response.status, _refused(response.status), said)


_SENDING: ContextVar[bool] = ContextVar("_SENDING", default=False)


class _Discretion(logging.Filter):
    """Drops what urllib3 says while we send, and nothing of what it says for others."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _SENDING.get()


_DISCRETION = _Discretion()


@contextmanager
def _in_silence() -> Iterator[None]:
    for name in _LOGS:
        logging.getLogger(name).addFilter(_DISCRETION)  # once is as good as often
    token = _SENDING.set(True)
    try:
        yield
    finally:
        _SENDING.reset(token)


def _proxies(environ: Mapping[str, str]) -> Mapping[str, str]:
    """By scheme, and `no` for hosts that are reached without; as curl and Python read them."""
    found = {}
    for name in ("http", "https", "no"):
        value = environ.get(f"{name}_proxy") or environ.get(f"{name}_proxy".upper())
        if value:
            found[name] = value
    return found


def _is_near(host: str, near: str) -> bool:
    """True if ``NO_PROXY`` names a host, or a domain that it lies in."""
    names = [name.strip().lstrip(".").lower() for name in near.split(",") if name.strip()]
    return "*" in names or any(host == name or host.endswith(f".{name}") for name in names)


def _refused(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"answered {status}, a redirect: name the address that it leads to"
    try:
        return f"answered {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"answered {status}"


def _reason(error: BaseException) -> str:
    """In words of our own: those of the error hold the address."""
    if isinstance(error, TooLongError):
        return "has too much to do: it asked us to come later"
    if isinstance(error, MaxRetryError) and error.reason is not None:
        return _reason(error.reason)
    if isinstance(error, NewConnectionError):  # a kind of the next one
        return _system_reason(error.__cause__) or "no connection"
    if isinstance(error, ConnectTimeoutError):
        return "timed out: nobody answers"
    if isinstance(error, ProxyError):
        why = _system_reason(error.original_error.__cause__)
        return f"the proxy cannot be reached{': ' if why else ''}{why}"
    if isinstance(error, ReadTimeoutError):
        return "timed out waiting for an answer"
    if isinstance(error, SSLError):
        return "its certificate cannot be verified"
    if isinstance(error, ProtocolError):
        return "the connection broke"
    if isinstance(error, LocationParseError | ValueError):
        return "its address is not valid"
    return _system_reason(error) or "it cannot be reached"


def _system_reason(error: BaseException | None) -> str:
    return (error.strerror or "").lower() if isinstance(error, OSError) else ""
