"""What every rule about changes is given, and the weight that use gives a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from analyticsops.changes.compare import Comparison, NodeChange
from analyticsops.findings import Affected, Location, Severity
from analyticsops.project.model import Node

Locate = Callable[[Node, str], Location | None]
"""(node, column or empty) -> where it stands in the repository."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison, and where to find things in either version's files."""

    comparison: Comparison
    locate_base: Locate
    locate_head: Locate

    def defined(self) -> list[NodeChange]:
        """The changes of nodes whose own definition changed, the others follow."""
        return [change for change in self.comparison.nodes.values() if change.defined]


def owner_of(node: Node) -> str:
    """The owner's name, empty if there is none."""
    return node.owner.name if node.owner else ""


def is_promised(node: Node) -> bool:
    """True if people outside the project's own models may rely on the node."""
    return node.contract or node.access == "public"


def weight(node: Node, affected: Iterable[Affected]) -> Severity:
    """An error if the node is promised to others or a consumer is hit, else a warning."""
    consumers = any(hit.kind in ("exposure", "metric", "saved_query") for hit in affected)
    broken = any(hit.via == "breaks" for hit in affected)
    return Severity.ERROR if is_promised(node) or consumers or broken else Severity.WARNING


def changed_line(change: NodeChange, locate: Locate) -> Location | None:
    """The first line of a node's own code that the change touched."""
    place = locate(change.head, "")
    if place is None or not change.head.path.endswith((".sql", ".py")):
        return place
    if change.base.raw_code == change.head.raw_code:
        return place  # a macro or a variable changed, not this file
    before, after = change.base.raw_code.splitlines(), change.head.raw_code.splitlines()
    line = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b),
        min(len(before), len(after)) + 1,
    )
    return Location(change.head.path, min(line, max(len(after), 1)))
