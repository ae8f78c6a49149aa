"""One version of a project, analysed: what a comparison needs of each side.

Meanings are asked of workers. sqlglot is imported where a difference is described: rules,
and so every command, import this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyticsops.lineage.asking import Answers
from analyticsops.lineage.code import Code, with_ids
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.query import packed_near
from analyticsops.lineage.questions import FingerprintQuery, Key, Text, TypedNames
from analyticsops.lineage.tables import Table, seen_by, table_of
from analyticsops.project.keys import promised_filled, promised_keys
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.fingerprint import Fingerprint, Renames

if TYPE_CHECKING:
    from sqlglot import exp


_NONE: Renames = {}


class Version(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A project with its column graph.

    Attributes:
        code: where a node's SQL comes from; the same that the graph was built with.
        dialect: sqlglot dialect.
        cache: file in which meanings are kept; None to keep none.
    """

    project: Project
    graph: ColumnGraph
    code: Callable[[Node], Code]
    dialect: str
    cache: Path | None = None

    @cached_property
    def by_position(self) -> dict[str, tuple[Node, ...]]:
        """What :func:`analyticsops.changes.positions.positional_readers` found already."""
        return {}

    def tree(self, node: Node) -> exp.Query | Problem:
        """The syntax tree of a node's SQL, or why there is none."""
        code = self.code(node)
        if code.sql is None:
            return code.problems[0] if code.problems else Problem("no SQL")
        from analyticsops.sql.parse import parse_query

        return parse_query(code.sql, self.dialect)

    def own_tree(self, node: Node) -> exp.Query | Problem:
        """The syntax tree without the ephemeral models that dbt inlined."""
        tree = self.tree(node)
        return tree if isinstance(tree, Problem) else _without_inlined(tree)

    def own_text(self, node: Node) -> str | None:
        """The node's SQL without what differs between two targets or belongs to others:
        relations by the ids of their nodes, inlined ephemeral models left out. None if
        there is no SQL.
        """
        sql = self.code(node).sql
        if sql is None:
            return None
        parents = [self.project.nodes[p] for p in node.depends_on if p in self.project.nodes]
        if any(parent.materialized == "ephemeral" for parent in parents):
            tree = self.tree(node)
            if not isinstance(tree, Problem):
                sql = _without_inlined(tree).sql(dialect=self.dialect)
        return with_ids(sql, [node, *parents])

    def macro_texts(self, node: Node) -> Mapping[str, str]:
        """Every macro of the project that the node calls, directly or not."""
        found: dict[str, str] = {}
        stack = [*node.macros]
        while stack:
            unique_id = stack.pop()
            macro = self.project.macros.get(unique_id)
            if macro is not None and unique_id not in found:
                found[unique_id] = macro.sql
                stack.extend(macro.macros)
        return found

    def fingerprints(
        self, nodes: Iterable[Node], renames: Renames = _NONE, beside: Version | None = None
    ) -> Mapping[str, Fingerprint | Problem]:
        """The meaning of the SQL of each node by ``unique_id``, or why it is not known.

        Args:
            renames: columns of their parents that have other names in the other version.
            beside: the version with whose meanings these are compared: types that only one
                of the two knows would make a difference where there is none.
        """
        found: dict[str, Fingerprint | Problem] = {}
        questions: dict[str, FingerprintQuery] = {}
        for node in nodes:
            code = self.code(node)
            if code.sql is None:
                found[node.unique_id] = next(iter(code.problems), Problem("no SQL"))
            else:
                questions[node.unique_id] = self.question(node, code.sql, renames, beside)
        found.update(Answers(Fingerprint, self.cache).to(questions))
        return found

    def question(
        self, node: Node, sql: str, renames: Renames = _NONE, beside: Version | None = None
    ) -> FingerprintQuery:
        """What a worker is asked about a node, or about another text in its place."""
        near = self.graph.near(node.unique_id, node.depends_on)
        tables = [self._packed(unique_id, node) for unique_id in (*near, node.unique_id)]
        unique = [(parent, self._keys(parent)) for parent in near]
        return FingerprintQuery(
            sql,
            self.dialect,
            tuple([table for table in tables if table is not None]),
            node.unique_id,
            tuple([promised for promised in unique if promised[1]]),
            tuple(sorted((*of, other) for of, other in renames.items() if of[0] in near)),
            tuple([typed for name in near if (typed := self._types(name, beside))[1]]),
        )

    def text(self, node: Node, beside: Version) -> Text:
        """The node's SQL, which must be known, as what its table may be written out as.

        Args:
            beside: as for :meth:`fingerprints`.
        """
        sql = self.code(node).sql
        assert sql is not None, "only what has SQL is compared"
        asked = self.question(node, sql, beside=beside)
        keys = self._keys(node.unique_id)
        near = self.graph.near(node.unique_id, node.depends_on)
        filled = tuple([(parent, self._filled(parent)) for parent in near])
        return Text(node.unique_id, sql, asked.near, asked.unique, keys, asked.types, filled)

    @cached_property
    def _tables(self) -> dict[Table, msgspec.Raw]:
        return {}

    def _packed(self, unique_id: str, reader: Node) -> msgspec.Raw | None:
        """A table that a query may read; None if it is none."""
        table = seen_by(reader, table_of(self.project.nodes[unique_id]))
        if table is not None and table not in self._tables:
            lineage = self.graph.nodes[unique_id]
            columns = TableColumns(unique_id, lineage.names, lineage.complete)
            self._tables[table] = packed_near(table, columns)
        return self._tables[table] if table is not None else None

    def _types(self, unique_id: str, beside: Version | None) -> TypedNames:
        """The types of a table's columns that the warehouse or a contract holds to the
        truth, in both versions if there is another one beside."""
        if unique_id not in self._typed:
            node = self.project.nodes.get(unique_id)
            columns = node.columns.values() if node is not None else ()
            certain = [c for c in columns if c.type and c.type_from in ("catalog", "contract")]
            named = tuple([(column.name, column.type) for column in certain])
            self._typed[unique_id] = (unique_id, named)
        own = self._typed[unique_id]
        if beside is None:
            return own
        others = frozenset(beside._types(unique_id, None)[1])
        return unique_id, tuple([pair for pair in own[1] if pair in others])

    @cached_property
    def _typed(self) -> dict[str, TypedNames]:
        return {}

    def _keys(self, unique_id: str) -> tuple[Key, ...]:
        """What tests and constraints promise of a table."""
        found = self._promised.get(unique_id)
        if found is None:
            found = tuple(promised_keys(self.project, self.project.nodes[unique_id]))
            self._promised[unique_id] = found
        return found

    @cached_property
    def _promised(self) -> dict[str, tuple[Key, ...]]:
        return {}

    def _filled(self, unique_id: str) -> tuple[str, ...]:
        """The columns of a table that tests and constraints promise to be never NULL."""
        return tuple(sorted(promised_filled(self.project, self.project.nodes[unique_id])))


def _without_inlined(tree: exp.Query) -> exp.Query:
    """The query without the CTEs in which dbt inlines ephemeral models."""
    from analyticsops.sql.syntax import WITH

    copy = tree.copy()
    ctes = copy.args.get(WITH)
    for cte in list(ctes.expressions) if ctes else ():
        if cte.alias.startswith("__dbt__cte__"):
            cte.pop()
    return copy


def without_partner(nodes: Mapping[str, Node], others: Mapping[str, Node]) -> tuple[Node, ...]:
    """Nodes that the other version does not have, or only as something else: no table became a
    test."""
    return tuple(
        node
        for unique_id, node in nodes.items()
        if (other := others.get(unique_id)) is None or other.has_columns != node.has_columns
    )
