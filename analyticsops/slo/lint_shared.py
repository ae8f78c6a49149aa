"""What objectives share: routes to nobody, receivers that nothing leads to, work without effect."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.findings import Rule
from analyticsops.slo import lint_rules as rules
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.declared import Declared


def shared_claims(declared: Declared, past: Instant) -> Iterator[tuple[Rule, str, str, str]]:
    """(rule, subject, message, ``file:line``).

    Args:
        past: work that was over before has no effect on any window.
    """
    shared = declared.shared
    places = shared.places
    told: dict[str, int] = {}
    for number, route in enumerate(shared.routes):
        for name in route.to:
            told.setdefault(name, number)
    for name in sorted(set(told) - {*shared.receivers, "stdout"}):
        message = f"a route leads to {name!r}, which no file declares"
        yield rules.NO_RECEIVER, name, message, places["routes", told[name]]
    for name, receiver in sorted(shared.receivers.items()):
        if name not in told and receiver.type != "heartbeat":
            message = f"no route leads to {name!r}"
            yield rules.UNUSED_RECEIVER, name, message, places["receivers", name]
    for severity in ("page", "ticket") if shared.routes else ():
        if not any(
            route.match.severity in (None, severity)
            and not (route.match.owner or route.match.group or route.match.node)
            and route.match.tier is None
            for route in shared.routes
        ):
            message = f"no route takes every {severity}, so some may be told nobody"
            yield rules.NO_ROUTE, severity, message, places["routes", 0]
    for number, (work, on) in enumerate(zip(shared.maintenance, declared.maintenance, strict=True)):
        idle = ""
        if work.end is not None and work.end < past:
            idle = "was over long ago"
        elif on.nodes is not None and not on.nodes:
            idle = f"is on nothing: {work.applies_to!r} selects no node"
        if idle:
            message = f"{work.reason!r} {idle}"
            yield rules.IDLE_WORK, work.reason, message, places["maintenance", number]
