"""What must be built or tested again: what changed in meaning, and what lies below it
through columns that changed.

Where the comparison or the lineage knows too little, everything below counts as changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from analyticsops.changes.compare import Comparison, NodeChange, RowChange
from analyticsops.changes.definitions import Effect, changed_tests, definition_effect
from analyticsops.changes.following import arrivals
from analyticsops.changes.positions import positional_readers
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Status
from analyticsops.lineage.hops import readers_of
from analyticsops.lineage.names import column_label
from analyticsops.project.hooks import owner_id
from analyticsops.project.model import Node

BUILT = ("model", "seed", "snapshot", "function")
TESTED = ("test", "unit_test")


class Rebuild(msgspec.Struct, frozen=True, kw_only=True):
    """A node that must be built or tested again.

    Attributes:
        node: ``unique_id``.
        kind: ``model``, ``seed``, ``snapshot``, ``function``, ``test`` or ``unit_test``.
        name: what people call it.
        selector: what selects it, and only it, in dbt.
        reason: why, in a few words.
    """

    node: str
    kind: str
    name: str
    selector: str
    reason: str


def must_build(comparison: Comparison) -> tuple[Rebuild, ...]:
    """The nodes of the head that must be built or tested again, parents first."""
    spread = _spread(comparison)
    reasons = dict(spread.reasons)
    for test in changed_tests(comparison.base, comparison.head):
        reasons[test.unique_id] = "the test changed"
    nodes = comparison.head.project.nodes
    return tuple(
        Rebuild(
            node=unique_id,
            kind=nodes[unique_id].kind,
            name=nodes[unique_id].label,
            selector=f"fqn:{'.'.join(nodes[unique_id].fqn)}",
            reason=reasons[unique_id],
        )
        for unique_id in comparison.head.project.topological
        if unique_id in reasons and nodes[unique_id].kind in (*BUILT, *TESTED)
    )


def changed_columns(comparison: Comparison) -> frozenset[ColumnRef]:
    """Columns of the head that may hold other values than in the base, and rows (an empty
    name) that may be others: what is not among them is said to be the same."""
    return frozenset(_spread(comparison).changed)


def _spread(comparison: Comparison) -> _Spread:
    spread = _Spread(comparison)
    for unique_id in comparison.head.project.topological:
        node = comparison.head.project.nodes[unique_id]
        if node.kind in (*BUILT, "source"):
            spread.start(node)
    spread.run()
    return spread


class _Spread:
    """How far a change gets: columns that changed, and why each node is among them."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.graph: ColumnGraph = comparison.head.graph
        self.nodes = comparison.head.project.nodes
        self.reasons: dict[str, str] = {}
        self.changed: set[ColumnRef] = set()
        self._firm: set[ColumnRef] = set()
        """Those that changed for a reason that the comparison of contents does not see."""
        self._todo: list[ColumnRef] = []

    def start(self, node: Node) -> None:
        """Add what is known to have changed in a node by itself."""
        before = self.comparison.base.project.nodes.get(node.unique_id)
        if before is None:
            if node.kind != "source":
                self.reasons[node.unique_id] = "it is new"
            return
        effect, why = definition_effect(self.comparison.base, self.comparison.head, before, node)
        if effect is not Effect.NONE:
            self.reasons.setdefault(node.unique_id, why)
        if effect is Effect.WHOLE:
            self.add(self._whole(node.unique_id), why, firm=True)
        if effect is Effect.MOVED:
            self._move(node)
        change = self.comparison.nodes.get(node.unique_id)
        if change is not None:
            self._start_change(change)

    def _start_change(self, change: NodeChange) -> None:
        unique_id = change.head.unique_id
        if self._is_reordered(change):
            for reader in positional_readers(self.comparison.head, change.head):
                why = f"it reads {change.head.label} by position"
                self.add(self._whole(reader.unique_id), why, firm=True)
        if change.verdict in ("identical", "refactored"):
            return
        why = change.verdict if change.defined else "its columns changed upstream"
        self.reasons.setdefault(unique_id, why)
        if change.unknown or change.rows is RowChange.UNKNOWN:
            self.add(self._whole(unique_id), "not proven equal", firm=True)
            return
        if change.rows is not RowChange.SAME:
            self.add([ColumnRef(unique_id)], why)
            names = self.comparison.by_rows(unique_id)
            self.add([ColumnRef(unique_id, name) for name in names], why)
        proved = {pair.new for pair in change.renamed if pair.proved}
        named = [*change.values, *(t.column for t in change.retyped)]
        named += [name for name in change.added if name not in proved]
        self.add([ColumnRef(unique_id, name) for name in named], why)
        for name in proved:
            self._lead(self.graph, ColumnRef(unique_id, name))
        for name in change.removed:
            self._lead(self.comparison.base.graph, ColumnRef(unique_id, name))

    def _is_reordered(self, change: NodeChange) -> bool:
        """True if a column has another position than before."""
        unique_id = change.head.unique_id
        before, after = (
            [name.lower() for name in version.graph.nodes[unique_id].names]
            for version in (self.comparison.base, self.comparison.head)
        )
        return before != after[: len(before)] and change.head.kind in BUILT

    def _lead(self, graph: ColumnGraph, ref: ColumnRef) -> None:
        """To the readers of a column that is gone or has another name, which the same
        change did not adapt: a star, a natural join, or a query that fails now."""
        for edge in readers_of(graph, ref):
            change = self.comparison.nodes.get(edge.target.node)
            if change is None or not change.defined:
                self.add([edge.target], self._because(ref), firm=True)

    def _move(self, node: Node) -> None:
        """To the views that name a relation which is elsewhere now."""
        for child in self._readers(node.unique_id):
            if child.kind == "model" and child.materialized in ("view", "ephemeral"):
                self.reasons.setdefault(child.unique_id, f"{node.label} moved")
                if child.materialized == "ephemeral":
                    self._move(child)

    def add(self, refs: Iterable[ColumnRef], why: str, *, firm: bool = False) -> None:
        """Columns that changed; those known already are left out."""
        for ref in refs:
            owner = owner_id(ref.node)  # a hook runs when its node is built
            if owner in self.nodes and (
                ref not in self.changed or (firm and ref not in self._firm)
            ):
                self.changed.add(ref)
                if firm:
                    self._firm.add(ref)
                self._todo.append(ref)
                # Tests of what is built are dbt's to add (--indirect-selection).
                if self.nodes[owner].kind not in TESTED:
                    self.reasons.setdefault(owner, why)

    def run(self) -> None:
        """Follow all columns to the end."""
        while self._todo:
            while self._todo:
                ref = self._todo.pop()
                firm = ref in self._firm
                for edge in arrivals(self.comparison, ref, spared=not firm):
                    self.add([edge.target], self._because(ref), firm=firm)
            for unique_id in [*self.reasons]:
                for child in self._readers(unique_id):
                    if self._may_read(child, unique_id):
                        why = self._because(ColumnRef(unique_id))
                        self.add(self._whole(child.unique_id), why, firm=True)

    def _may_read(self, child: Node, parent: str) -> bool:
        """True if the child may read a changed column of the parent in a way that the graph
        does not show: it is not understood in full, the parent is read while Jinja runs, or
        in the branch of an incremental model that was not compiled."""
        names = {ref.column for ref in self._whole(parent) if ref in self.changed}
        if not names:
            return False
        lineage = self.graph.nodes.get(child.unique_id)
        if lineage is None or lineage.status is not Status.PROVEN:
            return True
        edges = (edge for ref in self._whole(parent) for edge in self.graph.readers(ref))
        if not any(owner_id(edge.target.node) == child.unique_id for edge in edges):
            return True
        words = set(re.findall(r"\w+", child.raw_code.lower())) if "{%" in child.raw_code else ()
        return any(name.lower() in words for name in names if name)

    def _readers(self, unique_id: str) -> Iterator[Node]:
        for child in self.comparison.head.project.children.get(unique_id, ()):
            if self.nodes[child].kind in BUILT:
                yield self.nodes[child]

    def _whole(self, unique_id: str) -> list[ColumnRef]:
        lineage = self.graph.nodes.get(unique_id)
        names = lineage.names if lineage is not None else ()
        return [ColumnRef(unique_id), *(ColumnRef(unique_id, name) for name in names)]

    def _because(self, ref: ColumnRef) -> str:
        if not ref.column:
            return f"the rows of {column_label(self.comparison.head.project, ref)} changed"
        return f"reads {column_label(self.comparison.head.project, ref)}"
