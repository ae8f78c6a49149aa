"""Alerts, incidents and evaluations, as an evaluation would find them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analyticsops.slo.alert import Alert, Kind
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.incident import Affected, Incident, Root, incident_id
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import HOUR, Instant, instant_of, time_of
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.spec.entries import MatchEntry, ReceiverEntry, RouteEntry
from analyticsops.slo.spec.reading import SharedSettings

NOON = instant_of(datetime.fromisoformat("2026-11-27T12:00:00+00:00"))
AFFECTED = Affected(
    marts=("fct_orders", "fct_revenue"),
    metrics=("revenue",),
    exposures=("Board deck",),
    owners=("finance", "growth"),
    others=3,
)


def alert(name: str = "orders", **said: Any) -> Alert:
    """That a source is late."""
    known: dict[str, Any] = {
        "rule": "data-late",
        "kind": Kind.LATE,
        "subject": name,
        "node": f"source.shop.raw.{name}",
        "slo": f"{name}/fresh",
        "tier": "critical",
        "what": f"{name} is 5h too old",
        "since": NOON - HOUR,
        "budget": "112 % of the budget of 28d is used",
        "owner": "ingestion",
        "group": "raw",
        "arrives": NOON + 6 * HOUR,
        "runbook": "https://runbooks.example/orders?late=1&loud=yes",
    }
    return Alert(**{**known, **said})


def incident(
    *alerts: Alert, root: str = "orders", affected: Affected = AFFECTED, **said: Any
) -> Incident:
    """Of some alerts."""
    listed = alerts or (alert(root),)
    since = min(one.since for one in listed)
    cause = Root(id=f"source.shop.raw.{root}", label=root, kind=Kind.LATE)
    known: dict[str, Any] = {
        "id": incident_id("shop", "prod", cause.id, since),
        "root": cause,
        "since": since,
        "page": any(one.page for one in listed),
        "alerts": listed,
        "affected": affected,
        "owner": "ingestion",
        "runbook": listed[0].runbook,
    }
    return Incident(**{**known, **said})


def settings(*routes: RouteEntry, **receivers: ReceiverEntry) -> SharedSettings:
    """Of `slos/*.yml`; everything goes to all receivers if nobody says otherwise."""
    names = tuple(name for name, one in receivers.items() if one.type != "heartbeat")
    found = routes or ((RouteEntry(to=names, match=MatchEntry()),) if names else ())
    return SharedSettings(receivers=receivers, routes=found)


def evaluation(
    *incidents: Incident, at: Instant = NOON, shared: SharedSettings | None = None
) -> Evaluation:
    """What was found at an instant."""
    return Evaluation(
        project="shop",
        environment="prod",
        at=at,
        declared=Declared(slos=(), invalid=(), shared=shared or SharedSettings()),
        observed=Observed(span=(at - HOUR, at), environment="prod"),
        standings=(),
        alerts=tuple(one for each in incidents for one in each.alerts),
        incidents=incidents,
    )


def when(instant: Instant) -> datetime:
    """As the API takes it."""
    return time_of(instant)
