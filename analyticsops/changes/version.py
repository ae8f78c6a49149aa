"""One version of a project, analysed: what a comparison needs of each side.

sqlglot is imported when something is compared: rules, and so every command, import this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from analyticsops.project.keys import promised_keys
from analyticsops.lineage.code import Code, with_ids
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.tables import NodeTables, RelationIndex, project_index
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.fingerprint import Fingerprint, Renames

if TYPE_CHECKING:
    from sqlglot import exp

    from analyticsops.sql.canonical_rows import UniqueKeys


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
        return project_index(self.project)

    @cached_property
    def _schemas(self) -> Mapping[str, TableColumns]:
        return {
            unique_id: TableColumns(unique_id, lineage.names, lineage.complete)
            for unique_id, lineage in self.graph.nodes.items()
        }

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

    def tables(self, node: Node) -> NodeTables:
        """The tables that a node's SQL may read."""
        near = frozenset({*node.depends_on, node.unique_id})
        return NodeTables(self._index, self._schemas, near, node.unique_id)

    def _unique(self, node: Node) -> UniqueKeys:
        """What tests and constraints promise about what a node reads."""
        nodes = self.project.nodes
        parents = [nodes[name] for name in node.depends_on if name in nodes]
        found = {parent.unique_id: promised_keys(self.project, parent) for parent in parents}
        return {unique_id: keys for unique_id, keys in found.items() if keys}

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
            macro = self.project.macros.get(stack.pop())
            if macro is not None and macro.unique_id not in found:
                found[macro.unique_id] = macro.sql
                stack.extend(macro.macros)
        return found

    def fingerprint(self, node: Node, renames: Renames | None = None) -> Fingerprint | Problem:
        """The meaning of a node's SQL, or why there is none.

        Args:
            renames: columns of its parents that have other names in the other version.
        """
        tree = self.tree(node)
        if isinstance(tree, Problem):
            return tree
        from analyticsops.sql.canonical import fingerprint_query
        from analyticsops.sql.parse import release

        try:
            tables, unique = self.tables(node), self._unique(node)
            return fingerprint_query(tree, self.dialect, tables, renames, unique)
        except RecursionError:
            return Problem("nested too deeply", "the comparison gave up")
        finally:
            release(tree)


def _without_inlined(tree: exp.Query) -> exp.Query:
    """The query without the CTEs in which dbt inlines ephemeral models."""
    from analyticsops.sql.syntax import WITH

    copy = tree.copy()
    ctes = copy.args.get(WITH)
    for cte in list(ctes.expressions) if ctes else ():
        if cte.alias.startswith("__dbt__cte__"):
            cte.pop()
    return copy
