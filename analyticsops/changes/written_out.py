"""The queries of one version as texts, with the queries of what changed above them written out
in the place of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from analyticsops.changes.version import Version
from analyticsops.project.keys import promised_keys
from analyticsops.project.model import Node
from analyticsops.sql.canonical_rows import Promise
from analyticsops.sql.contents import Contents
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.relation import Relation

if TYPE_CHECKING:
    from sqlglot import exp

    from analyticsops.changes.cone import Cone
    from analyticsops.sql.canonical import Canonical
    from analyticsops.sql.fingerprint import Renames
    from analyticsops.sql.forms import Forms

QUERIES = frozenset({"view", "table", "ephemeral", "materialized_view", "dynamic_table"})
"""Materializations that hold what their query yields, and nothing from before."""


class Key(NamedTuple):
    """Columns that tell the rows of a table apart, because of its query.

    Attributes:
        filled: False if several rows may have NULL there.
        rests_on: promises about tables above without which it need not.
    """

    columns: tuple[str, ...]
    filled: bool
    rests_on: frozenset[Promise]


Inferred = dict[str, Sequence[Key]]
"""Keys by the id of the table."""


def is_query(node: Node) -> bool:
    """True if a node holds what its query yields, and nothing from before."""
    return node.kind == "model" and node.materialized in QUERIES


def has_one_query(node: Node) -> bool:
    """True unless Jinja compiles to another query when the node is there already."""
    return node.kind in ("model", "snapshot") and (is_query(node) or "{%" not in node.raw_code)


def is_plain(version: Version, node: Node) -> bool:
    """True if a node's table is what its query yields, and its query is known."""
    if not is_query(node):
        return False
    if any(node.config.get(hook) for hook in ("pre-hook", "post-hook")):
        return False
    code = version.code(node)
    return code.sql is not None and not code.problems and not code.others


class Side:
    """The queries of one version, as texts that are comparable with those of the other.

    Args:
        name: tells what differs and is not written out from its twin on the other side.
        inferred: keys of tables that their own queries show.
        writes_out: whether queries of what differs take the place of its tables.
    """

    def __init__(
        self,
        cone: Cone,
        version: Version,
        name: str,
        forms: Forms,
        renames: Renames,
        inferred: Inferred,
        *,
        ordered: bool,
        writes_out: bool = False,
    ) -> None:
        from analyticsops.sql.canonical import Canonical, Tainted
        from analyticsops.sql.expressions import Printer
        from analyticsops.sql.row_logic import RowLogic

        self._cone, self._version = cone, version
        self._writes_out = writes_out
        self._contents: dict[str, Contents] = {}
        self._unique: dict[str, Sequence[tuple[tuple[str, ...], bool]]] = {}
        self._inferred = inferred
        self._assumed: dict[str, frozenset[Promise]] = {}
        self._types: dict[tuple[str, ...], str] = {}
        self._renames = renames
        logic = RowLogic(forms, version.dialect, self._types)
        printer = Printer(version.dialect, logic, with_rows=True, order_counts=ordered)
        self.algebra: Canonical = Canonical(
            version.dialect, printer, renames, self._unique, Tainted(cone.found, name)
        )

    def contents(self, node: Node, tree: exp.Query) -> Contents:
        """What the query yields; of what is written out, what its own query yields."""
        from analyticsops.sql.outer_joins import without_needless_outer_joins
        from analyticsops.sql.walk import Walk

        above = dict(self._above(node))
        algebra, project = self.algebra, self._version.project
        for unique_id in node.depends_on:
            if unique_id in project.nodes:
                promised = promised_keys(project, project.nodes[unique_id])
                shown = self._inferred.get(unique_id, ())
                known = {columns for columns, _ in promised}
                more = [(key.columns, key.filled) for key in shown if key.columns not in known]
                self._unique[unique_id] = [*promised, *more]
                self._note_types(unique_id)
        algebra.assumed = set()
        tables = self._version.tables(node)
        walk = Walk(rules_of(self._version.dialect), tables, algebra, above)
        found = walk.relation(without_needless_outer_joins(tree))
        own = frozenset(self._promises(algebra.assumed))
        handed_on = (self._assumed.get(name, ()) for name in above)
        self._assumed[node.unique_id] = own.union(*handed_on)
        if self._writes_out:
            found = self._with_promises(node, found)
            self._contents[node.unique_id] = found
        else:
            self._inferred[node.unique_id] = tuple(self._shown_keys(found))
        return found

    def _note_types(self, unique_id: str) -> None:
        """Types that both versions know: of one alone they would make a difference."""
        from analyticsops.sql.canonical import column_types
        from analyticsops.sql.types.families import families_of

        version, cone = self._version, self._cone
        _, columns = version.types(unique_id, cone.base if version is cone.head else cone.head)
        if columns:
            families = families_of(columns, version.dialect)
            fold = rules_of(version.dialect).fold
            self._types.update(column_types({unique_id: families}, self._renames, fold))

    def assumed(self, node: Node) -> frozenset[Promise]:
        """The promised keys that the texts of a node rest on."""
        return self._assumed.get(node.unique_id, frozenset())

    def _above(self, node: Node) -> Iterator[tuple[str, Contents]]:
        """The contents of those parents that are written out."""
        if not self._writes_out:
            return
        nodes = self._version.project.nodes
        for unique_id in node.depends_on:
            parent = nodes.get(unique_id)
            if parent is None or not self._cone.is_written_out(unique_id):
                continue
            found = self._contents.get(unique_id) or self._read(parent)
            if found is not None:
                yield unique_id, found

    def _read(self, node: Node) -> Contents | None:
        from analyticsops.sql.parse import release

        tree = self._version.tree(node)
        if isinstance(tree, Problem):
            return None
        try:
            return self.contents(node, tree)
        finally:
            release(tree)

    def _with_promises(self, node: Node, contents: Contents) -> Contents:
        """The contents with the keys that tests promise of the table."""
        rows, algebra = contents.rows, self.algebra
        keys: dict[bool, set[frozenset[str]]] = {True: set(), False: set()}
        for names, filled in promised_keys(self._version.project, node):
            values = [contents.value(name) or contents.like(name) for name in names]
            texts = [value.text for value in values if value is not None]
            if len(texts) == len(names) and all(texts):
                key = frozenset(text for text in texts if text)
                keys[filled].add(key)
                algebra.promised.setdefault(key, (node.unique_id, names))
        rows = rows._replace(keys=rows.keys | keys[True], matches=rows.matches | keys[False])
        return Relation(contents.columns, rows, contents.openings)

    def _shown_keys(self, contents: Contents) -> Iterator[Key]:
        """The keys that the query itself shows, by the names of its columns."""
        names = {c.value.text: c.key for c in contents.columns if c.value.text}
        rows, algebra = contents.rows, self.algebra
        for key, filled in [*((k, True) for k in rows.keys), *((k, False) for k in rows.matches)]:
            if key and all(text in names for text in key):
                rests_on = frozenset(self._promises(algebra.rests_on(key)))
                yield Key(tuple(sorted(names[text] for text in key)), filled, rests_on)

    def _promises(self, promises: Iterable[Promise]) -> Iterator[Promise]:
        """What tests promise, in the place of what a query shows because of it."""
        for table, names in promises:
            shown = [key for key in self._inferred.get(table, ()) if key.columns == names]
            if shown:
                yield from shown[0].rests_on
            else:
                yield table, names
