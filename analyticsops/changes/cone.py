"""How far a change of contents gets: what each node yields in two versions, with everything
that changed above it written out in its query.

A model that reads a changed column need not change: the change may be undone in it, as where
an expression moves from a model to its parent, or may not matter to it, as a changed filter
does to whoever filters more. So the queries above it that changed are put into its own, down
to what both versions have alike, and the texts of both sides are compared. What they do not
prove equal, or what cannot be written out (an incremental model, SQL that is not understood),
counts as different wherever the column graph says that a difference may arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from analyticsops.changes.version import Version
from analyticsops.changes.written_out import (
    QUERIES,
    Inferred,
    Side,
    has_one_query,
    is_plain,
    is_query,
)
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Status
from analyticsops.project.model import Node
from analyticsops.sql.canonical_rows import Promise
from analyticsops.sql.contents import Comparable, Differing, differing
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Problem

if TYPE_CHECKING:
    from sqlglot import exp

    from analyticsops.sql.fingerprint import Renames

SAME = Differing()

_MOST = 250
"""Models that only read what changed and are compared by their texts, each in about 8 ms of a
server's CPU. Beyond, the column graph alone decides."""

_ABOVE = 30
"""Models above a changed one whose keys are looked for."""


class Cone:
    """What differs in the contents of each node. Nodes are judged parents first.

    Args:
        renames: columns that are proven to be those of other names in the base; others may
            still be added.
    """

    def __init__(self, base: Version, head: Version, renames: Renames) -> None:
        self.base, self.head = base, head
        self.found: dict[str, Differing] = {}
        """What may differ, by ``unique_id``; what is not here is proven equal."""
        self.assumed: dict[str, frozenset[Promise]] = {}
        """Unique keys that a judgement rests on, by ``unique_id``."""
        self._renames = renames
        self._fold = rules_of(head.dialect).fold
        self._compared = 0
        self._written: tuple[Side, Side] | None = None
        self._inferred: tuple[Inferred, Inferred] = ({}, {})
        self._plain: dict[str, bool] = {}

    # -- judgements ---------------------------------------------------------------

    def judge(self, base: Node, head: Node, *, defined: bool, whole: bool) -> Differing:
        """What may differ in a node.

        Args:
            defined: its own definition changed.
            whole: it did in a way that no SQL shows.
        """
        touched = self._everything(head) if defined or whole else self._touched(base, head)
        found = touched
        spent = self._compared >= _MOST and not defined
        if touched and not (whole or spent) and self._is_provable(base, head):
            found = self._proven(base, head, defined=defined)
            if found and not (is_query(base) and is_query(head)):
                found = touched  # what it held before counts as well
            elif not defined:
                columns = found.columns & touched.columns
                rows = found.rows and touched.rows
                found = Differing(rows, columns, found.by_rows & columns)
        if found:
            self.found[head.unique_id] = found
        return found

    def add(self, unique_id: str, columns: Iterable[str], *, unseen: bool = False) -> None:
        """Columns that differ for another reason.

        Args:
            unseen: the node's SQL does not show it.
        """
        if unseen:
            self._plain[unique_id] = False
        keys = frozenset(self._fold(name, False) for name in columns)
        if keys:
            before = self.found.get(unique_id, SAME)
            self.found[unique_id] = before._replace(columns=before.columns | keys)

    def has(self, ref: ColumnRef) -> bool:
        """True if a column, or with an empty name the rows, may differ."""
        found = self.found.get(ref.node)
        if found is None:
            return False
        return found.rows if not ref.column else self._fold(ref.column, False) in found.columns

    def _everything(self, head: Node) -> Differing:
        keys = frozenset(self._names(self.base.graph, head) + self._names(self.head.graph, head))
        return Differing(True, keys, keys)

    def _names(self, graph: ColumnGraph, node: Node) -> list[str]:
        lineage = graph.nodes.get(node.unique_id)
        return [self._fold(name, False) for name in lineage.names] if lineage else []

    # -- by the column graph --------------------------------------------------------

    def _touched(self, base: Node, head: Node) -> Differing:
        """What may differ by the columns that the node reads."""
        parents = [p for p in self._parents(head) if p in self.found]
        if not parents:
            return SAME
        graphs = (self.base.graph, self.head.graph)
        known = [graph.nodes.get(head.unique_id) for graph in graphs]
        if any(one is None or one.status is not Status.PROVEN for one in known):
            return self._everything(head)
        if self._may_read_unseen(head, parents):
            return self._everything(head)
        names = [self._names(graph, head) for graph in graphs]
        all_keys = frozenset(names[0]) | frozenset(names[1])
        rows = any(self._hits(g.parents(ColumnRef(head.unique_id))) for g in graphs)
        if rows or any(self.found[parent].rows for parent in parents):
            return Differing(rows, all_keys, all_keys)
        hit = {
            self._fold(name, False)
            for graph in graphs
            for name in graph.nodes[head.unique_id].names
            if self._hits(graph.parents(ColumnRef(head.unique_id, name)))
        }
        return Differing(False, frozenset(hit) | (set(names[0]) ^ set(names[1])), frozenset())

    def _parents(self, node: Node) -> list[str]:
        return self.head.graph.near(node.unique_id, node.depends_on)

    def _hits(self, edges: Iterable[Edge]) -> bool:
        return any(self.has(edge.source) for edge in edges)

    def _may_read_unseen(self, node: Node, parents: Iterable[str]) -> bool:
        """True if the branch of an incremental model that was not compiled, or a query while
        Jinja runs, may read what differs."""
        if "{%" not in node.raw_code:
            return False
        words = set(re.findall(r"\w+", node.raw_code.lower()))
        lasting = node.materialized not in QUERIES
        return any(
            (lasting and self.found[parent].rows)
            or any(key.lower() in words for key in self.found[parent].columns)
            for parent in parents
            if lasting or "run_query" in words or "statement" in words
        )

    # -- by texts ---------------------------------------------------------------------

    def _is_provable(self, base: Node, head: Node) -> bool:
        if not (has_one_query(base) and has_one_query(head)):
            return False
        codes = self.base.code(base), self.head.code(head)
        return all(code.sql is not None and not code.problems and not code.others for code in codes)

    def _proven(self, base: Node, head: Node, *, defined: bool) -> Differing:
        """What the texts do not prove equal, by what the node reads or with it written out."""
        from analyticsops.sql.parse import release

        self._compared += not defined
        after = self.head.tree(head)
        same_text = self.base.code(base).sql == self.head.code(head).sql
        trees = after if same_text else self.base.tree(base), after
        if isinstance(trees[0], Problem) or isinstance(trees[1], Problem):
            return self._everything(head)
        try:
            nodes = (base, head)
            if defined:
                self._infer(head, _ABOVE)
            sides = self._sides(trees)
            first = self._differing(sides, nodes, trees)
            self._rest_on(sides, nodes)
            if not first or not self._writes_out_any(base, head):
                return first
            second = self._differing(self._cones(), nodes, trees)
            found = first.met(second)
            if found != first:
                self._rest_on(self._cones(), nodes)
            return found
        except RecursionError:
            return self._everything(head)
        finally:
            release(trees[0])
            release(trees[1])

    def _infer(self, node: Node, most: int) -> int:
        """Find out by what the rows of unchanged models above a changed one are told apart:
        such a key says that a DISTINCT is needless, or that a join only looks something up.

        Args:
            most: models to look at.

        Returns:
            how many more may be looked at.
        """
        from analyticsops.sql.parse import release

        base, head = self.base.project.nodes, self.head.project.nodes
        for unique_id in node.depends_on:
            known = unique_id in self._inferred[1] or unique_id in self.found
            if known or most <= 0 or unique_id not in base or unique_id not in head:
                continue
            parent = head[unique_id]
            if not (is_plain(self.base, base[unique_id]) and is_plain(self.head, parent)):
                continue
            most = self._infer(parent, most - 1)
            tree = self.head.tree(parent)
            if not isinstance(tree, Problem):
                self._sides([tree, tree])[1].contents(parent, tree)
                self._inferred[0][unique_id] = self._inferred[1][unique_id]
                release(tree)
        return most

    def _sides(self, trees: Sequence[exp.Query]) -> tuple[Side, Side]:
        """Both sides with what differs above as tables of their own."""
        from analyticsops.sql.canonical import has_inner_order

        return self._pair(ordered=any(map(has_inner_order, trees)), writes_out=False)

    def _cones(self) -> tuple[Side, Side]:
        """Both sides with what differs above written out."""
        if self._written is None:
            self._written = self._pair(ordered=True, writes_out=True)
        return self._written

    def _pair(self, *, ordered: bool, writes_out: bool) -> tuple[Side, Side]:
        from analyticsops.sql.forms import Forms

        forms, (old, new) = Forms(), self._inferred
        more = {"ordered": ordered, "writes_out": writes_out}
        return (
            Side(self, self.base, "base", forms, {}, old, **more),
            Side(self, self.head, "head", forms, self._renames, new, **more),
        )

    def _rest_on(self, sides: tuple[Side, Side], nodes: tuple[Node, Node]) -> None:
        """Note the promises that the texts of a node rest on."""
        found = [side.assumed(node) for side, node in zip(sides, nodes, strict=True)]
        before = self.assumed.get(nodes[1].unique_id, frozenset())
        self.assumed[nodes[1].unique_id] = before.union(*found)

    def _differing(
        self, sides: tuple[Side, Side], nodes: tuple[Node, Node], trees: Sequence[exp.Query]
    ) -> Differing:
        before, after = (
            side.contents(node, tree) for side, node, tree in zip(sides, nodes, trees, strict=True)
        )
        first, second = (side.algebra for side in sides)
        partners = {**first.partners, **second.partners}
        return differing(before, after, Comparable(first.forms, first.logic, partners))

    def _writes_out_any(self, base: Node, head: Node) -> bool:
        return any(map(self.is_written_out, (*base.depends_on, *head.depends_on)))

    def is_written_out(self, unique_id: str) -> bool:
        """True if a node differs, or is on one side only, and holds what its query yields."""
        here = [version.project.nodes.get(unique_id) for version in (self.base, self.head)]
        if all(here) and unique_id not in self.found:
            return False
        plain = self._plain.get(unique_id)
        if plain is None:
            pairs = zip((self.base, self.head), here, strict=True)
            plain = all(node is None or is_plain(version, node) for version, node in pairs)
            self._plain[unique_id] = plain
        return plain
