"""Two versions of a project -> what changed, once; rules only look at the result."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from functools import cached_property

import msgspec

from analyticsops.changes.columns import Renamed, Retyped, find_renamed, find_retyped, missing
from analyticsops.changes.cone import Cone, Given
from analyticsops.changes.definitions import Effect, definition_effect
from analyticsops.changes.stars import star_doubts
from analyticsops.changes.types import TypeChange
from analyticsops.changes.version import Version, without_partner
from analyticsops.changes.written_out import is_query
from analyticsops.lineage.graph import ColumnRef, Edge, NodeLineage
from analyticsops.project.model import Node
from analyticsops.sql.contents import Differing
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.folding import Fold


class RowChange(enum.StrEnum):
    """What became of a model's row set."""

    SAME = "same"
    FILTERED = "filtered"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class NodeChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in one table-like node that both versions have.

    Attributes:
        defined: True if its own definition changed; otherwise any difference follows
            from something upstream.
        removed: columns that are gone, the renamed ones included.
        added: new columns, the renamed ones included.
        values: columns whose expression is not proven equal.
        rows: what became of the row set.
        unknown: why the comparison is not complete, empty if it is.
        marks: the fingerprints of both sides, if both are understood.
        assumed: (table id, columns) whose uniqueness the comparison rests on.
        filled: (table id, column) that it rests on to be never NULL.
        undone: labels of models above it without whose changes it would not be the same.
    """

    base: Node
    head: Node
    defined: bool
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    values: tuple[str, ...] = ()
    rows: RowChange = RowChange.SAME
    unknown: tuple[Problem, ...] = ()
    marks: tuple[Fingerprint, Fingerprint] | None = None
    assumed: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    filled: frozenset[tuple[str, str]] = frozenset()
    undone: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The change in a word, the worst first."""
        if self.removed or any(t.change != TypeChange.WIDENED for t in self.retyped):
            return "breaking"
        if self.rows in (RowChange.FILTERED, RowChange.CHANGED):
            return "rows changed"
        if self.values or (self.head.kind == "seed" and self.base.checksum != self.head.checksum):
            return "values changed"
        if self.unknown or self.rows is RowChange.UNKNOWN:
            return "unknown"
        if self.added or self.retyped:
            return "additive"
        return "refactored" if self.defined else "identical"


class Comparison(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything that differs between two versions.

    Attributes:
        nodes: tables of both versions that differ in any way, by ``unique_id``.
        removed: nodes of any kind that only the base has.
        added: nodes of any kind that only the head has.
        differing: what may differ in the contents of tables of both versions, changes above
            them included, by ``unique_id``; what is not here is proven equal.
        alone: ``nodes`` by their own SQL, with what changes above them undo.
    """

    base: Version
    head: Version
    nodes: Mapping[str, NodeChange]
    removed: tuple[Node, ...]
    added: tuple[Node, ...]
    differing: Mapping[str, Differing]
    alone: Mapping[str, NodeChange]

    @cached_property
    def arrivals(self) -> dict[ColumnRef, Sequence[Edge]]:
        """The steps that changes take from the columns that were asked about before."""
        return {}

    @cached_property
    def within_reach(self) -> dict[str, AbstractSet[str]]:
        """Where a change may arrive in the nodes that were asked about before."""
        return {}

    def is_same(self, ref: ColumnRef) -> bool:
        """True if the values of a column, or with an empty name the rows, are proven to be
        the same in both versions, whatever changed above."""
        if ref.node not in self._tables:
            return False
        found = self.differing.get(ref.node)
        if found is None:
            return True
        if not ref.column:
            return not found.rows
        return self._fold(ref.column, False) not in found.columns

    @cached_property
    def _tables(self) -> frozenset[str]:
        """The tables that both versions have."""
        before, after = self.base.project.nodes, self.head.project.nodes
        both = before.keys() & after.keys()
        return frozenset(i for i in both if before[i].has_columns and after[i].has_columns)

    @cached_property
    def _fold(self) -> Fold:
        return rules_of(self.head.dialect).fold

    def by_rows(self, unique_id: str) -> tuple[str, ...]:
        """Columns of a node, as it spells them, whose values may differ because other rows
        take part in them or are chosen."""
        found, lineage = self.differing.get(unique_id), self.head.graph.nodes.get(unique_id)
        if found is None or lineage is None:
            return ()
        return tuple(name for name in lineage.names if self._fold(name, False) in found.by_rows)


def compare(base: Version, head: Version) -> Comparison:
    """Compare two versions of a project, node by node."""
    before, after = base.project.nodes, head.project.nodes
    changes: dict[str, NodeChange] = {}
    rewritten: set[str] = set()
    for unique_id, other in ((name, after[name]) for name in head.project.topological):
        node = before.get(unique_id)
        if node is None or not (node.has_columns and other.has_columns):
            continue
        same = _same_code(node, other, base, head)
        change = _without_meaning(node, other, base, head, same)
        if change is not None:
            changes[unique_id] = change
            if not same and node.kind not in ("seed", "source"):
                rewritten.add(unique_id)
    renames: dict[tuple[str, str], str] = {}
    told = dict(_with_meanings(changes, rewritten, base, head, renames))
    cone = Cone(base, head, renames)
    return Comparison(
        base=base,
        head=head,
        nodes=dict(_judged(told, cone)),
        removed=without_partner(before, after),
        added=without_partner(after, before),
        differing=cone.found,
        alone=told,
    )


def _given(change: NodeChange | None, base: Node, head: Node, cone: Cone, *, same: bool) -> Given:
    """What is known of a node before its contents are compared.

    Args:
        same: nothing about the node itself, or about macros, is other.
    """
    columns: list[str] = []
    unseen = False
    if change is not None:
        columns = [*(pair.column for pair in change.retyped), *change.removed, *change.added]
        unseen = bool(change.retyped)
    if base.kind in ("seed", "source"):
        other = base.kind == "seed" and base.checksum != head.checksum
        return Given(other, other, tuple(columns), unseen, judged=other)
    effect = Effect.NONE if same else definition_effect(cone.base, cone.head, base, head)[0]
    defined = change is not None and change.defined
    return Given(defined, effect is Effect.WHOLE, tuple(columns), unseen)


def _judged(changes: Mapping[str, NodeChange], cone: Cone) -> Iterator[tuple[str, NodeChange]]:
    """Every change, less what changes above undo; on the way all nodes are judged."""
    before, after = cone.base.project, cone.head.project
    same_macros = before.macros == after.macros
    given: dict[str, Given] = {}
    for unique_id in after.topological:
        base, head = before.nodes.get(unique_id), after.nodes[unique_id]
        if base is not None and base.has_columns and head.has_columns:
            same = same_macros and is_query(head) and base == head
            given[unique_id] = _given(changes.get(unique_id), base, head, cone, same=same)
    cone.judge(given)
    for unique_id, change in changes.items():
        leaf = change.base.kind in ("seed", "source")
        if leaf or not change.defined or change.unknown or given[unique_id].whole:
            yield unique_id, change
        elif (settled := _settled(change, cone)) is not None:
            yield unique_id, settled


def _settled(change: NodeChange, cone: Cone) -> NodeChange | None:
    """The change, less what is proven equal with the changes above it; None if nothing is
    left to tell."""
    node = change.head
    values = tuple(name for name in change.values if cone.has(ColumnRef(node.unique_id, name)))
    # One row of an aggregate is one row, and yet it is the filter that changed.
    told = {*values, *change.added, *change.removed}
    same = not cone.has(ColumnRef(node.unique_id)) and all(
        name in told or not cone.has(ColumnRef(node.unique_id, name))
        for name in cone.head.graph.nodes[node.unique_id].names
    )
    rows = RowChange.SAME if same else change.rows
    change = msgspec.structs.replace(
        change,
        assumed=cone.assumed.get(node.unique_id, frozenset()),
        filled=cone.filled.get(node.unique_id, frozenset()),
    )
    if values == change.values and rows is change.rows:
        return change
    nodes = cone.head.project.nodes
    above = [parent for parent in node.depends_on if cone.is_written_out(parent)]
    undone = tuple(nodes[parent].label for parent in above if parent in nodes)
    settled = msgspec.structs.replace(change, values=values, rows=rows, undone=undone)
    same_text = change.base.raw_code == change.head.raw_code
    return None if settled.verdict == "refactored" and same_text else settled


def _without_meaning(
    base: Node, head: Node, before: Version, after: Version, same: bool
) -> NodeChange | None:
    """What changed, but for what its SQL means; None if that is nothing.

    Args:
        same: True if its own definition is the same text.
    """
    old, new = before.graph.nodes[base.unique_id], after.graph.nodes[head.unique_id]
    retyped = find_retyped(base, head, after.dialect)
    if same and not retyped and old.names == new.names:
        return None
    fold = rules_of(after.dialect).fold
    removed = missing(old, new, fold) if new.complete else ()
    added = missing(new, old, fold) if old.complete else ()
    if same and not (removed or added or retyped):
        return None
    leaf = base.kind in ("seed", "source")
    return NodeChange(
        base=base,
        head=head,
        defined=not same or bool(retyped) or (leaf and bool(removed or added)),
        removed=removed,
        added=added,
        retyped=retyped,
    )


def _with_meanings(
    changes: Mapping[str, NodeChange],
    rewritten: AbstractSet[str],
    base: Version,
    head: Version,
    renames: dict[tuple[str, str], str],
) -> Iterator[tuple[str, NodeChange]]:
    """Add what the fingerprints of rewritten nodes say; parents stand first, because their
    renamed columns, which are noted, matter below."""
    fold = rules_of(head.dialect).fold
    meant = [change for name, change in changes.items() if name in rewritten]
    before = base.fingerprints((change.base for change in meant), beside=head)
    after = head.fingerprints((change.head for change in meant), beside=base)
    for unique_id, draft in changes.items():
        change: NodeChange | None = draft
        if unique_id in rewritten:
            new = after[unique_id]
            near = {of: name for of, name in renames.items() if of[0] in draft.head.depends_on}
            if near:
                new = head.fingerprints([draft.head], near, beside=base)[unique_id]
            change = _compared(draft, before[unique_id], new, base, head)
        if change is not None:
            yield unique_id, change
            for pair in change.renamed:
                if pair.proved:
                    renames[unique_id, fold(pair.new, False)] = fold(pair.old, False)


def _compared(
    change: NodeChange,
    old: Fingerprint | Problem,
    new: Fingerprint | Problem,
    base: Version,
    head: Version,
) -> NodeChange | None:
    """None if only its text in the repository is another."""
    if isinstance(old, Problem) or isinstance(new, Problem):
        unknown = [mark for mark in (old, new) if isinstance(mark, Problem)]
        return msgspec.structs.replace(
            change, rows=RowChange.UNKNOWN, unknown=tuple(dict.fromkeys(unknown))
        )
    lineages = (side.graph.nodes[change.head.unique_id] for side in (base, head))
    whole = _with_meaning(change, old, new, *lineages)
    # The same text in the repository, and no difference after Jinja either.
    same = change.base.raw_code == change.head.raw_code
    return None if same and whole.verdict == "refactored" else whole


def _with_meaning(
    change: NodeChange,
    old: Fingerprint,
    new: Fingerprint,
    old_lineage: NodeLineage,
    new_lineage: NodeLineage,
) -> NodeChange:
    """Add what the fingerprints say about columns and rows."""
    before = {key: (name, expression) for key, name, _text, expression in old.columns}
    after = {key: (name, expression) for key, name, _text, expression in new.columns}
    rows = _rows(old, new)
    renamed = find_renamed(
        change.removed,
        change.added,
        dict(before.values()),
        dict(after.values()),
        old_lineage,
        new_lineage,
    )
    return msgspec.structs.replace(
        change,
        values=_values(old, new, rows),
        renamed=renamed,
        rows=rows,
        unknown=star_doubts(old, new, new_lineage),
        marks=(old, new),
    )


def _values(old: Fingerprint, new: Fingerprint, rows: RowChange) -> tuple[str, ...]:
    """Columns of both whose expression is not proven equal.

    If the rows are the same, the rows inside an expression (of a scalar subquery, say)
    count as well; otherwise they would report one changed filter once for each column.
    """
    before, after = (_texts(mark, inner=rows is RowChange.SAME) for mark in (old, new))
    changed = [key for key in after if not all(after[key]) or after[key] != before.get(key)]
    names = {key: name for key, name, *_ in new.columns}
    return tuple(names[key] for key in changed if key in before)


def _texts(mark: Fingerprint, *, inner: bool) -> Mapping[str, list[str]]:
    """The expressions of each name: a query may give one name to two columns."""
    found = defaultdict[str, list[str]](list)
    for key, _, text, bare in mark.columns:
        found[key].append(text if inner and bare else bare)
    return found


def _rows(old: Fingerprint, new: Fingerprint) -> RowChange:
    if not old.rows or not new.rows:
        return RowChange.UNKNOWN
    if old.rows == new.rows:
        return RowChange.SAME
    return RowChange.FILTERED if old.filters != new.filters else RowChange.CHANGED


def _same_code(base: Node, head: Node, before: Version, after: Version) -> bool:
    """True if the node's own definition is the same text after Jinja, apart from the
    schemas that the two sides were compiled for."""
    if base.kind == "source":
        return True
    if base.kind == "seed":
        return base.checksum == head.checksum
    if base.language != "sql":
        return base.raw_code == head.raw_code
    old, new = before.code(base).sql, after.code(head).sql
    if old is None or new is None:
        texts_same = base.raw_code == head.raw_code
        return texts_same and before.macro_texts(base) == after.macro_texts(head)
    return old == new or before.own_text(base) == after.own_text(head)
