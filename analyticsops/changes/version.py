"""One version of a project, analysed: what a comparison needs of each side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import msgspec
from sqlglot import exp

from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.tables import NodeTables, RelationIndex
from analyticsops.project.model import Node, Project
from analyticsops.sql.canonical import Fingerprint, Renames, fingerprint_query
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.parse import parse_query


class Version(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A project with its column graph.

    Attributes:
        code: where a node's SQL comes from; the same that the graph was built with.
        dialect: sqlglot dialect.
    """

    project: Project
    graph: ColumnGraph
    code: Callable[[Node], Code]
    dialect: str

    @cached_property
    def _index(self) -> RelationIndex:
        return RelationIndex(self.project)

    @cached_property
    def _schemas(self) -> Mapping[str, TableColumns]:
        return {
            unique_id: TableColumns(unique_id, tuple(lineage.columns), lineage.complete)
            for unique_id, lineage in self.graph.nodes.items()
        }

    def tree(self, node: Node) -> exp.Query | Problem:
        """The syntax tree of a node's SQL, or why there is none."""
        code = self.code(node)
        if code.sql is None:
            return code.problems[0] if code.problems else Problem("no SQL")
        return parse_query(code.sql, self.dialect)

    def fingerprint(self, node: Node, renames: Renames | None = None) -> Fingerprint | Problem:
        """The meaning of a node's SQL, or why there is none.

        Args:
            renames: columns of its parents that have other names in the other version.
        """
        tree = self.tree(node)
        if isinstance(tree, Problem):
            return tree
        near = frozenset({*node.depends_on, node.unique_id})
        try:
            tables = NodeTables(self._index, self._schemas, near)
            return fingerprint_query(tree, self.dialect, tables, renames)
        except RecursionError:
            return Problem("nested too deeply", "the comparison gave up")
