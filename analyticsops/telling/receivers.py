"""Where messages go: addresses and keys from the environment, and a request in the receiver's form.

No word of an address or a key may leave this module and the client, in an error either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from analyticsops.slo.log.state import Case
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.entries import ReceiverEntry
from analyticsops.telling import alertmanager, pagerduty
from analyticsops.telling.due import Notice
from analyticsops.telling.message import message_of
from analyticsops.telling.slack import slack_body

LOCAL = ("localhost", "127.0.0.1", "::1")
"""Names of this machine."""


class Address(NamedTuple):
    """Where a receiver is, and what opens it. Never to be shown."""

    url: str
    key: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return "Address(...)"


class Letter(NamedTuple):
    """A request, as plain data: see :class:`analyticsops.telling.client.Request`."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    once: bool = False

    def __repr__(self) -> str:
        return "Letter(...)"


class NoAddressError(ValueError):
    """A receiver cannot be reached because of how it is set up; the message says what to do."""


def address_of(receiver: ReceiverEntry, environ: Mapping[str, str]) -> Address:
    """Where a receiver is.

    Raises:
        NoAddressError: a variable is not set, or holds no address.
    """

    def value(name: str) -> str:
        found = environ.get(name, "").strip()
        if name and not found:
            raise NoAddressError(f"the environment variable {name} is not set")
        if any(ord(character) < 33 or ord(character) > 126 for character in found):
            raise NoAddressError(
                f"the environment variable {name} holds spaces or other characters"
                " that belong neither into an address nor into a key"
            )
        return found

    url = value(receiver.url_env) or (pagerduty.URL if receiver.type == "pagerduty" else "")
    return Address(
        _whole(url, receiver.url_env), value(receiver.key_env), value(receiver.token_env)
    )


def _whole(url: str, variable: str) -> str:
    """With a scheme: https, but for this machine."""
    if "://" not in url:
        host = urlsplit(f"//{url}").hostname
        url = f"{'http' if host in LOCAL else 'https'}://{url}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoAddressError(f"the environment variable {variable} holds no address of the web")
    return url


def letter_of(notice: Notice, receiver: ReceiverEntry, address: Address, now: Instant) -> Letter:
    """A notice in the form of its receiver: slack, webhook or pagerduty."""
    message = message_of(notice, now)
    headers = {"Idempotency-Key": notice.key}
    if receiver.type == "slack":
        # Slack knows no keys: what may have arrived is not sent again at once.
        return _letter(address, slack_body(message), {}, once=True)
    if receiver.type == "pagerduty":
        return _letter(address, pagerduty.pagerduty_body(message, address.key), {})
    return _letter(address, msgspec.to_builtins(message), headers)


def batch_of(
    cases: Iterable[tuple[Case, Instant]], name: str, address: Address, now: Instant
) -> Letter:
    """All incidents for Alertmanager; see :func:`alertmanager.alertmanager_body`."""
    base = address.url.rstrip("/")
    url = base if base.endswith(alertmanager.PATH) else base + alertmanager.PATH
    return _letter(address._replace(url=url), alertmanager.alertmanager_body(cases, name, now), {})


def beat_of(address: Address) -> Letter:
    """A sign of life."""
    return Letter("GET", address.url, b"", _headers(address, {}))


def _letter(
    address: Address, body: Any, headers: Mapping[str, str], *, once: bool = False
) -> Letter:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    sent = _headers(address, {**kind, **headers})
    return Letter("POST", address.url, msgspec.json.encode(body), sent, once)


def _headers(address: Address, headers: Mapping[str, str]) -> dict[str, str]:
    found = {"User-Agent": "analyticsops", **headers}
    if address.token:
        found["Authorization"] = f"Bearer {address.token}"
    return found


def harmless(said: bytes, secrets: Sequence[str]) -> str:
    """What a receiver answered, if it is a word such as Slack's ``invalid_blocks``: longer answers
    may quote what was sent, and with it a key."""
    text = said.decode("ascii", "replace").strip()
    is_word = text.replace("_", "").isalpha() and text.islower() and len(text) <= 40
    return text if is_word and not any(text in secret for secret in secrets) else ""
