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
    ReadTimeoutError,
    SSLError,
)

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
    """Sends requests; certificates are verified, redirects are not followed."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.pace = pace = pace or PACE
        self.pool = urllib3.PoolManager(
            timeout=Timeout(connect=pace.connect, read=pace.read), cert_reqs="CERT_REQUIRED"
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
                response = self.pool.request(
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
