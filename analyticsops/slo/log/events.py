"""What happens to incidents, one small document each.

A document is written once and never changed. Its name begins with its time and ends with its
digest: the same event has the same name wherever it is written, so copying is merging.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal, TypeVar

import msgspec

from analyticsops.slo.incident import Incident
from analyticsops.slo.spans import Instant, time_of

VERSION = 1

_T = TypeVar("_T")
_E = TypeVar("_E", bound="Event")

Phase = Literal["open", "closed"]
What = Literal["opened", "reopened", "raised", "spread", "acknowledged", "resolved", "merged"]
"""What a receiver is told: an incident is there, or there again; it pages now; it reaches more;
somebody looks after it; it is over, or part of another."""


class Event(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=True, omit_defaults=True
):
    """Something that happened.

    Attributes:
        at: when, by the clock of whoever wrote it.
        v: version of this format.
        order: where it stands among others if those that were known then are later by their clocks,
            because one was wrong; 0 for its time.
    """

    at: Instant
    v: int = VERSION
    order: Instant = 0

    @property
    def place(self) -> Instant:
        """What events are ordered by: a hybrid logical clock (Kulkarni et al., 2014)."""
        return self.order or self.at


class EvaluatedEvent(Event, frozen=True, kw_only=True, tag="evaluated"):
    """Objectives were judged.

    Attributes:
        project: name of the dbt project.
        environment: whose runs were judged; empty if the history names none.
        open: how many incidents were open afterwards.
    """

    project: str
    environment: str = ""
    open: int = 0


class OpenedEvent(Event, frozen=True, kw_only=True, tag="opened"):
    """An incident was seen for the first time, or again.

    Attributes:
        id: of the incident.
        incident: as it was then.
        receivers: who was to be told; nobody if it was silenced.
    """

    id: str
    project: str
    incident: Incident
    environment: str = ""
    receivers: tuple[str, ...] = ()


class ChangedEvent(Event, frozen=True, kw_only=True, tag="changed"):
    """Alerts came or went, it became worse, or reaches something else.

    Attributes:
        incident: as it is since.
        added: keys of alerts that are new.
        removed: keys of alerts that are over.
    """

    id: str
    incident: Incident
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class ResolvedEvent(Event, frozen=True, kw_only=True, tag="resolved"):
    """Its root and all that it was about are well.

    Attributes:
        budgets: how much of the budgets of objectives that it hit is used, by their full names.
    """

    id: str
    budgets: Mapping[str, str] = {}


class MergedEvent(Event, frozen=True, kw_only=True, tag="merged"):
    """What it was about is part of another incident.

    Attributes:
        into: id of that.
    """

    id: str
    into: str


class AcknowledgedEvent(Event, frozen=True, kw_only=True, tag="acknowledged"):
    """Somebody looks after it.

    Attributes:
        by: who.
        note: for others; may be empty.
    """

    id: str
    by: str
    note: str = ""


class SilenceMatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of which alerts nobody is told; all that is said must match. `*` and `?` as in file names.

    Attributes:
        incident: id of the incident.
        root: name or ``unique_id`` of what caused it.
        owner: of the alert, else of the incident.
        rule: of the alert.
        node: what the alert is about, by name or ``unique_id``.
    """

    incident: str = ""
    root: str = ""
    owner: str = ""
    rule: str = ""
    node: str = ""

    def __str__(self) -> str:
        said = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return ", ".join(f"{name} {value}" for name, value in said if value)


class SilencedEvent(Event, frozen=True, kw_only=True, tag="silenced"):
    """From now on nobody is told of some incidents.

    Attributes:
        match: which.
        reason: why.
        until: when it ends by itself.
        by: who wants that.
    """

    match: SilenceMatch
    reason: str
    until: Instant
    by: str = ""

    @property
    def id(self) -> str:
        """8 hex digits."""
        return blake2b(encode(self), digest_size=4).hexdigest()


class UnsilencedEvent(Event, frozen=True, kw_only=True, tag="unsilenced"):
    """A silence was ended.

    Attributes:
        silence: its id.
        by: who wanted that.
    """

    silence: str
    by: str = ""


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a receiver knows of an incident since it was told last.

    Attributes:
        phase: open or closed.
        page: True if it knows that somebody must get up.
        reach: marts, metrics and exposures that it knows to be hit, sorted.
        acknowledged: by whom; empty if it knows of nobody.
    """

    phase: Phase = "open"
    page: bool = False
    reach: tuple[str, ...] = ()
    acknowledged: str = ""


class ToldEvent(Event, frozen=True, kw_only=True, tag="told"):
    """A receiver was told, or could not be.

    Attributes:
        receiver: its name.
        what: it was told.
        key: the same for the same message, also if it is sent again.
        view: what it knows now.
        ok: False if it did not arrive.
        error: why not; without addresses and keys.
    """

    id: str
    receiver: str
    what: What
    key: str
    view: View = View()
    ok: bool = True
    error: str = ""


AnyEvent = (
    EvaluatedEvent
    | OpenedEvent
    | ChangedEvent
    | ResolvedEvent
    | MergedEvent
    | AcknowledgedEvent
    | SilencedEvent
    | UnsilencedEvent
    | ToldEvent
)

_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z_[a-z]+_([0-9a-f]{16})\.json")


class EventError(ValueError):
    """The bytes are no event; the message says why, in one line."""


def encode(event: AnyEvent) -> bytes:
    """The document of an event; equal events are equal bytes."""
    return msgspec.json.encode(event)


def storable(value: _T) -> _T:
    """The same without halves of surrogate pairs: some readers of JSON let them in, and no file
    takes them."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.convert(_whole(msgspec.to_builtins(value)), type(value))
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value


def decode(data: bytes) -> AnyEvent:
    """The event of a document.

    Raises:
        EventError: it is none, or of a later version.
    """
    try:
        event = _DECODER.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise EventError(f"no event of an incident: {error}") from None
    if event.v > VERSION:
        raise EventError(f"written by a later analyticsops (version {event.v})")
    return event


def after(event: _E, latest: Instant) -> _E:
    """The event, placed after all whose place is ``latest`` at most."""
    return event if event.at >= latest else msgspec.structs.replace(event, order=latest + 1)


def name_of(event: AnyEvent) -> str:
    """``20261127T050000.000000Z_opened_<digest>.json``."""
    kind = type(event).__struct_config__.tag
    return f"{time_of(event.at):%Y%m%dT%H%M%S.%fZ}_{kind}_{_digest(encode(event))}.json"


def digest_in(name: str) -> str | None:
    """The digest in the name of a file; None if it is no event's name."""
    found = _NAME.fullmatch(name)
    return found[1] if found else None


def is_whole(name: str, data: bytes) -> bool:
    """True if a file holds what its name says."""
    return digest_in(name) == _digest(data)


def month_of(event: AnyEvent) -> str:
    """``2026-11``: the folder that it lies in."""
    return f"{time_of(event.at):%Y-%m}"


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()
