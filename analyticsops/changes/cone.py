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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analyticsops.changes.version import Version
from analyticsops.changes.written_out import (
    QUERIES,
    has_one_query,
    is_plain,
    is_query,
    is_understood,
)
from analyticsops.lineage.asking import Answers
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Status
from analyticsops.lineage.questions import (
    Compared,
    ContentsQuery,
    Promise,
    Shown,
    ShownQuery,
    ShownTable,
    Taint,
    Text,
)
from analyticsops.lineage.schedule import Schedule
from analyticsops.project.model import Node
from analyticsops.sql.contents import Differing
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Renames

SAME = Differing()

_MOST = 1500
"""Queries that are read to compare models that only read what changed, those written out in
them included, each in about 1.3 ms of a server's CPU. Beyond, the column graph alone decides."""

_ABOVE = 30
"""Models above a changed one whose keys are looked for, and that are written out in one."""

_SHOWN = 300
"""Models above those that only read what changed whose keys are looked for."""

_CLOSER = 2
"""Levels of models that are the same in both versions and are written out all the same."""


class Given(NamedTuple):
    """What is known of a node of both versions before its contents are compared.

    Attributes:
        defined: its own definition changed.
        whole: it did in a way that no SQL shows.
        columns: that differ for another reason.
        unseen: its SQL does not show why those do.
        judged: False if nothing but ``columns`` can differ in it.
    """

    defined: bool = False
    whole: bool = False
    columns: tuple[str, ...] = ()
    unseen: bool = False
    judged: bool = True


class Cone:
    """What differs in the contents of each node. Nodes are judged parents first.

    Args:
        renames: columns that are proven to be those of other names in the base.
    """

    def __init__(self, base: Version, head: Version, renames: Renames) -> None:
        self.base, self.head = base, head
        self.found: dict[str, Differing] = {}
        """What may differ, by ``unique_id``; what is not here is proven equal."""
        self.assumed: dict[str, frozenset[Promise]] = {}
        """Unique keys that a judgement rests on, by ``unique_id``."""
        self._renames = renames
        self._fold = rules_of(head.dialect).fold
        self._read = 0
        self.filled: dict[str, frozenset[tuple[str, str]]] = {}
        """Columns whose NULLs a judgement rests on that there are none, by ``unique_id``."""
        self._shown: tuple[dict[str, ShownTable], dict[str, ShownTable]] = {}, {}
        self._plain: dict[str, bool] = {}

    # -- judgements ---------------------------------------------------------------

    def judge(self, given: Mapping[str, Given]) -> None:
        """Find what may differ in each of these nodes."""
        contents = Answers(Compared, self.head.cache)
        shown = Answers(ShownTable, self.head.cache)
        wanted = self._to_be_shown(given)
        for level in self._levels():
            here = {name: given[name] for name in level if name in given}
            touched = {name: self._touch(name, one) for name, one in here.items() if one.judged}
            asked: dict[str, ContentsQuery] = {}
            for name, what in touched.items():
                if what and self._is_compared(name, here[name]):
                    asked[name] = self._question(name, here[name])
                    read = len(asked[name].before) + len(asked[name].after)
                    self._read += 0 if here[name].defined else read
            answers = contents.to(asked)
            for name, what in touched.items():
                self._settle(name, here[name], what, answers.get(name))
            for name, one in here.items():
                self._add(name, one)
            unchanged = [name for name in level if name in wanted and name not in self.found]
            self._learn(shown.to({name: self._shown_question(name) for name in unchanged}))

    def _learn(self, answers: Mapping[str, ShownTable | Problem]) -> None:
        for name, shown in answers.items():
            if not isinstance(shown, Problem):
                self._shown[0][name] = self._shown[1][name] = shown

    def _levels(self) -> Iterator[list[str]]:
        """All tables of the head, parents first, in groups that do not read each other."""
        nodes = self.head.project.nodes
        ids = [name for name in self.head.project.topological if nodes[name].has_columns]
        schedule = Schedule({name: self._parents(nodes[name]) for name in ids})
        while schedule.left:
            level = []
            while (name := schedule.next()) is not None:
                level.append(name)
            yield level
            for name in level:
                schedule.finish(name)
            if not level:
                schedule.break_cycle()  # a damaged manifest may hold one

    def _touch(self, unique_id: str, given: Given) -> Differing:
        """What may differ by what the node reads, and by what changed in it."""
        base, head = self._pair(unique_id)
        return self._everything(head) if given.defined or given.whole else self._touched(base, head)

    def _settle(
        self, unique_id: str, given: Given, touched: Differing, answer: Compared | Problem | None
    ) -> None:
        """Note what may differ in a node.

        Args:
            answer: what its texts say; None if they were not compared.
        """
        found = touched
        if isinstance(answer, Compared):
            found = Differing(answer.rows, frozenset(answer.columns), frozenset(answer.by_rows))
            self.assumed[unique_id] = frozenset(answer.assumed)
            self.filled[unique_id] = frozenset(answer.filled)
            for known, shown in zip(self._shown, answer.shown, strict=True):
                known[unique_id] = shown
            if found and not all(map(is_query, self._pair(unique_id))):
                found = touched  # what it held before counts as well
            elif not given.defined:
                columns = found.columns & touched.columns
                rows = found.rows and touched.rows
                found = Differing(rows, columns, found.by_rows & columns)
        if found:
            self.found[unique_id] = found

    def _add(self, unique_id: str, given: Given) -> None:
        """Add the columns that differ for another reason."""
        if given.unseen:
            self._plain[unique_id] = False
        keys = frozenset(self._fold(name, False) for name in given.columns)
        if keys:
            before = self.found.get(unique_id, SAME)
            self.found[unique_id] = before._replace(columns=before.columns | keys)

    def has(self, ref: ColumnRef) -> bool:
        """True if a column, or with an empty name the rows, may differ."""
        found = self.found.get(ref.node)
        if found is None:
            return False
        return found.rows if not ref.column else self._fold(ref.column, False) in found.columns

    def _pair(self, unique_id: str) -> tuple[Node, Node]:
        return self.base.project.nodes[unique_id], self.head.project.nodes[unique_id]

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

    def _is_compared(self, unique_id: str, given: Given) -> bool:
        """True if the texts of a node are worth a comparison."""
        base, head = self._pair(unique_id)
        if given.whole or (self._read >= _MOST and not given.defined):
            return False
        if not (has_one_query(base) and has_one_query(head)):
            return False
        return is_understood(self.base, base) and is_understood(self.head, head)

    def _question(self, unique_id: str, given: Given) -> ContentsQuery:
        base, head = self._pair(unique_id)
        before, after = self._texts(self.base, base), self._texts(self.head, head)
        # Looked at closer for the few models that somebody changed.
        closer = (
            self._closer(self.base, before) if given.defined else (),
            self._closer(self.head, after) if given.defined else (),
        )
        near = {
            name
            for version, texts in (
                (self.base, (*before, *closer[0])),
                (self.head, (*after, *closer[1])),
            )
            for text in texts
            for name in self._near(version, text.id)
        }
        return ContentsQuery(
            self.head.dialect,
            before,
            after,
            closer,
            self._taints(near),
            (_listed(self._shown[0], near), _listed(self._shown[1], near)),
            tuple(sorted((*of, other) for of, other in self._renames.items() if of[0] in near)),
        )

    def _shown_question(self, unique_id: str) -> ShownQuery:
        node = self.head.project.nodes[unique_id]
        near = set(self._near(self.head, unique_id))
        text = self.head.text(node, self.base)
        return ShownQuery(self.head.dialect, text, _listed(self._shown[1], near))

    @staticmethod
    def _near(version: Version, unique_id: str) -> list[str]:
        return version.graph.near(unique_id, version.project.nodes[unique_id].depends_on)

    def _taints(self, near: Iterable[str]) -> tuple[Taint, ...]:
        return tuple(
            (name, self.found[name].rows, tuple(sorted(self.found[name].columns)))
            for name in sorted(near)
            if name in self.found
        )

    def _texts(self, version: Version, node: Node) -> tuple[Text, ...]:
        """The node's query, last, after those above it that are to be written out; alone if
        those are too many."""
        order: dict[str, None] = {}
        self._add_above(version, node, order)
        above = [] if len(order) > _ABOVE else [version.project.nodes[name] for name in order]
        return self._written(version, (*above, node))

    def _written(self, version: Version, nodes: Iterable[Node]) -> tuple[Text, ...]:
        other = self.base if version is self.head else self.head
        return tuple([version.text(node, other) for node in nodes])

    def _closer(self, version: Version, texts: Sequence[Text]) -> tuple[Text, ...]:
        """The queries of what these read that is the same in both versions, and of what that
        reads, parents first."""
        nodes, left = version.project.nodes, max(_ABOVE - len(texts), 0)
        below, found = [text.id for text in texts], dict[str, None]()
        for _ in range(_CLOSER):
            names = dict.fromkeys(name for one in below for name in nodes[one].depends_on)
            below = [name for name in names if name in nodes and is_plain(version, nodes[name])]
            found.update(dict.fromkeys(below))
        same = [name for name in found if all(name != text.id for text in texts)][:left]
        return self._written(version, [nodes[name] for name in reversed(same)])

    def _add_above(self, version: Version, node: Node, order: dict[str, None]) -> None:
        for unique_id in node.depends_on:
            if len(order) > _ABOVE or unique_id in order or unique_id == node.unique_id:
                continue
            parent = version.project.nodes.get(unique_id)
            if parent is not None and self.is_written_out(unique_id):
                self._add_above(version, parent, order)
                order[unique_id] = None

    def _to_be_shown(self, given: Mapping[str, Given]) -> frozenset[str]:
        """The models above changed ones and those that read them, which are not known to have
        changed: by what their rows are told apart says that a DISTINCT is needless, or that a
        join only looks something up, and what is never NULL that a ``coalesce`` does nothing."""
        nodes, below = self.head.project.nodes, set[str]()
        for unique_id, one in given.items():  # parents first
            if one.defined or one.whole or not below.isdisjoint(nodes[unique_id].depends_on):
                below.add(unique_id)
        found: set[str] = set()
        for unique_id in sorted(below, key=lambda name: (not given[name].defined, name)):
            if given[unique_id].defined or len(found) < _SHOWN:
                found.update(self._above(unique_id))
        return frozenset(found)

    def _above(self, unique_id: str) -> list[str]:
        base, head = self.base.project.nodes, self.head.project.nodes
        found, todo = dict[str, None](), [unique_id]
        while todo and len(found) < _ABOVE:
            for name in head[todo.pop(0)].depends_on:
                if name in found or name not in base or name not in head:
                    continue
                if is_plain(self.base, base[name]) and is_plain(self.head, head[name]):
                    found[name] = None
                    todo.append(name)
        return list(found)

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


def _listed(shown: Mapping[str, ShownTable], near: Iterable[str]) -> Shown:
    return tuple((name, shown[name]) for name in sorted(near) if name in shown)
