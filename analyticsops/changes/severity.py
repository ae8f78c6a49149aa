"""How bad a finding is: one pure function of what is known about the change."""

from __future__ import annotations

from collections.abc import Iterable

from analyticsops.findings import (
    Affected,
    Direction,
    Perspective,
    Rule,
    Severity,
    Stability,
)
from analyticsops.project.model import Node

_LESS = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.INFO}
_FIRM = frozenset({Stability.CONTRACT, Stability.PUBLIC})
_CONSUMERS = frozenset({"exposure", "metric", "saved_query"})


def decide(
    rule: Rule,
    *,
    default: Severity | None = None,
    direction: Direction | None = None,
    perspective: Perspective = Perspective.CONSUMER,
    stability: Stability | None = None,
    used: bool = True,
    migrated: bool = False,
) -> Severity:
    """The severity of a finding.

    Perspective and direction choose where it starts: a loosened promise is no matter to
    who delivers the data, and a tightened one may refuse it. Then it weighs a step less
    if nobody uses the subject and nobody was promised it, and another if the subject is
    an experiment. What comes with its migration is only told.

    Args:
        default: what the rule says of this case, if it is not the rule's own severity.
        direction: of this change, if it is not the rule's.
        used: False if it is known that nobody reads the subject.
        migrated: True if the change brings its own way out.
    """
    if migrated:
        return Severity.INFO
    found = default or rule.severity
    if perspective is Perspective.PRODUCER:
        loosens = (direction or rule.direction) is Direction.LOOSENS
        found = rule.producer or (Severity.INFO if loosens else found)
    if found is Severity.ERROR and not used and stability not in _FIRM:
        found = Severity.WARNING
    return _LESS.get(found, found) if stability is Stability.EXPERIMENTAL else found


def is_used(affected: Iterable[Affected]) -> bool:
    """True if a consumer is hit, or somebody's query fails or hands on less than it did."""
    return any(hit.kind in _CONSUMERS or hit.via in ("breaks", "loses") for hit in affected)


def stability_of(node: Node) -> Stability:
    """How firmly others may rely on a node: what its settings say, else its contract,
    access or tier."""
    said = str(node.settings.get("stability") or node.meta.get("stability") or "").lower()
    if said in tuple(Stability):
        return Stability(said)
    if node.kind in ("metric", "saved_query"):
        drafted = node.settings.get("tier") in ("draft", "deprecated")
        return Stability.EXPERIMENTAL if drafted else Stability.PUBLIC
    if node.contract:
        return Stability.CONTRACT
    known = {"public": Stability.PUBLIC, "private": Stability.PRIVATE}
    return known.get(node.access, Stability.PROTECTED)
