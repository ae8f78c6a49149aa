"""What is due -> what arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from analyticsops.errors import UsageError
from analyticsops.slo.log.state import Case
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.entries import ReceiverEntry
from analyticsops.telling.due import STDOUT, Notice
from analyticsops.telling.receivers import (
    Address,
    Letter,
    NoAddressError,
    address_of,
    batch_of,
    beat_of,
    harmless,
    letter_of,
)

_ONLY_THIS = (400, 413, 422)
"""Answers about one message. After any other the receiver is left alone until the next
evaluation, so that one that is down takes seconds and not minutes."""


class AnswerLike(Protocol):
    """See :class:`analyticsops.telling.client.Answer`."""

    @property
    def status(self) -> int | None:
        """Of HTTP."""

    @property
    def why(self) -> str:
        """It did not arrive."""

    @property
    def said(self) -> bytes:
        """Begin of the body."""


Send = Callable[[Letter], AnswerLike]


def sender(environ: Mapping[str, str]) -> Send:
    """What sends over the network.

    Raises:
        UsageError: urllib3 is not installed.
    """
    try:
        from analyticsops.telling.client import Client, Request
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"receivers need the package {missing.name!r}, which is not installed",
            hint="pip install 'analyticsops[slo]'",
        ) from missing
    client = Client(environ)
    return lambda letter: client.send(Request(*letter))


def sender_for(receivers: Mapping[str, ReceiverEntry], environ: Mapping[str, str]) -> Send | None:
    """What sends; nothing has to be installed where nobody has a receiver.

    Raises:
        UsageError: see :func:`sender`.
    """
    return sender(environ) if receivers else None


class Post:
    """Brings notices to receivers.

    Attributes:
        receivers: by name.
        environ: where their addresses and keys stand.
    """

    def __init__(
        self,
        receivers: Mapping[str, ReceiverEntry],
        environ: Mapping[str, str],
        send: Send | None,
        now: Instant,
    ) -> None:
        self.receivers = receivers
        self.environ = environ
        self.send = send
        self.now = now
        self._down: dict[str, str] = {}

    def deliver(self, notice: Notice) -> str:
        """Why a notice did not arrive; empty if it did."""
        if notice.receiver == STDOUT:
            return ""
        return self._bring(
            notice.receiver,
            lambda to: letter_of(notice, self.receivers[notice.receiver], to, self.now),
        )

    def deliver_all(self, name: str, cases: Sequence[tuple[Case, Instant]]) -> str:
        """The same of all that is open, for Alertmanager."""
        return self._bring(name, lambda to: batch_of(cases, name, to, self.now))

    def beat(self) -> Iterator[str]:
        """Give signs of life; what did not arrive."""
        for name, receiver in self.receivers.items():
            if receiver.type == "heartbeat":
                error = self._bring(name, beat_of)
                if error:
                    yield f"heartbeat {name}: {error}"

    def _bring(self, name: str, write: Callable[[Address], Letter]) -> str:
        if name in self._down:
            return self._down[name]
        try:
            address = address_of(self.receivers[name], self.environ)
        except NoAddressError as fault:
            self._down[name] = str(fault)
            return str(fault)
        assert self.send is not None, "there are receivers"
        answer = self.send(write(address))
        if not answer.why:
            return ""
        word = harmless(answer.said, address)
        error = f"{answer.why} ({word})" if word else answer.why
        if answer.status not in _ONLY_THIS:
            self._down[name] = error
        return error
