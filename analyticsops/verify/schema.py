"""The tables that a model reads: their columns, types and what tests promise of them.

Types come from the user's database or its catalog, from contracts and YAML, from DuckDB
itself for what a model's SQL yields, and at last from the names of columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.project.model import Node, Project
from analyticsops.verify.promises import NOTHING, keys_together, promises_of
from analyticsops.verify.sandbox import Refused, Sandbox
from analyticsops.verify.tables import Column, Table

_GUESSES = (
    (re.compile(r"^(is|has|was|can|should)_|_flag$"), "BOOLEAN"),
    (re.compile(r"_(at|ts|timestamp|time|datetime)$|^(timestamp|valid_(from|to))$"), "TIMESTAMP"),
    (re.compile(r"_(date|day|month|week|on)$|^(date|day|month|week)"), "DATE"),
    (re.compile(r"(amount|price|cost|revenue|total|rate|ratio|share|avg|sum)"), "DECIMAL(12,2)"),
    (re.compile(r"(^|_)(id|key|cents|count|number|num|qty|quantity|year|age|n)$"), "BIGINT"),
)

_DEEPEST = 40
"""Models above each other whose SQL is asked for types."""


class Schemas:
    """Tables of a project by ``unique_id``.

    Args:
        code: where a node's SQL comes from.
        found: (columns with types) of tables that a database has, by ``unique_id``.
    """

    def __init__(
        self,
        project: Project,
        graph: ColumnGraph,
        code: Callable[[Node], Code],
        found: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._project = project
        self._graph = graph
        self._code = code
        self._found = found
        self._types: dict[str, Mapping[str, str]] = {}
        self._promises = promises_of(project)

    def read_by(self, node: Node) -> list[str]:
        """Ids of the tables that a model's SQL reads, those of ephemeral models included."""
        found: dict[str, None] = {}
        waiting = [node.unique_id]
        for unique_id in waiting:
            reader = self._project.nodes[unique_id]
            facts = [analysed.facts for analysed in self._graph.queries.get(unique_id, ())]
            named = {base.table for one in facts for base in one.bases}
            named.update(table for one in facts for table in one.tables)
            for parent in dict.fromkeys([*reader.depends_on, *sorted(named)]):
                known = self._project.nodes.get(parent)
                if known is None or not known.has_columns:
                    continue
                if known.materialized == "ephemeral" and parent not in waiting:
                    waiting.append(parent)
                elif known.materialized != "ephemeral":
                    found[parent] = None
        return list(found)

    def foreign(self, node: Node) -> list[str]:
        """Names of tables that a model reads and that are not in the project."""
        queries = self._graph.queries.get(node.unique_id, ())
        return sorted({name for analysed in queries for name in analysed.facts.seen})

    def is_found(self, unique_id: str) -> bool:
        """True if the database has the table."""
        return unique_id in self._found

    def table(self, sandbox: Sandbox, unique_id: str, depth: int = 0) -> Table | None:
        """A table with its types in DuckDB's words; None if nothing is known of it."""
        node = self._project.nodes[unique_id]
        types = self._types_of(unique_id, depth)
        if node.relation is None or not types:
            return None
        relation = node.relation
        parts = (relation.database, relation.schema, relation.identifier)
        columns = [self._column(sandbox, unique_id, name, kind) for name, kind in types.items()]
        name = tuple(part for part in parts if part)
        return Table(unique_id, name, tuple(columns), keys_together(self._project, node))

    def _column(self, sandbox: Sandbox, unique_id: str, name: str, kind: str) -> Column:
        known = sandbox.sql_type(kind) if kind else None
        type_ = str(known) if known is not None else guessed_type(name)
        told = self._promises.get((unique_id, name.lower()), NOTHING)
        return Column(name, type_, told.unique, told.required, told.accepted, told.refers)

    # -- types -----------------------------------------------------------------------

    def _types_of(self, unique_id: str, depth: int) -> Mapping[str, str]:
        if unique_id not in self._types:
            self._types[unique_id] = {}  # a model that reads itself
            self._types[unique_id] = self._found.get(unique_id) or self._told(unique_id, depth)
        return self._types[unique_id]

    def _told(self, unique_id: str, depth: int) -> Mapping[str, str]:
        """What the manifest and the catalog say; what nobody says, DuckDB is asked."""
        node = self._project.nodes[unique_id]
        lineage = self._graph.nodes.get(unique_id)
        names = list(lineage.names) if lineage is not None else list(node.columns)
        told = {name.lower(): column.type for name, column in node.columns.items()}
        types = {name: told.get(name.lower(), "") for name in names}
        if names and all(types.values()):
            return types
        described = self._described(node, depth) if depth < _DEEPEST else {}
        lower = {name.lower(): kind for name, kind in described.items()}
        return {name: types[name] or lower.get(name.lower(), "") for name in names}

    def _described(self, node: Node, depth: int) -> Mapping[str, str]:
        """What DuckDB says about the result of a model's SQL over empty tables."""
        sql = self._code(node).sql if node.kind in ("model", "snapshot") else None
        if sql is None:
            return {}
        with Sandbox() as sandbox:
            sandbox.lock()
            for parent in self.read_by(node):
                table = self.table(sandbox, parent, depth + 1)
                if table is not None:
                    sandbox.create_empty(table)
            query = sandbox.prepare(sql)
            if isinstance(query, Refused):
                return {}
            return dict(zip(query.names, query.types, strict=True))


def guessed_type(name: str) -> str:
    """The likely type of a column of this name; text if nothing else is likely."""
    return next((kind for pattern, kind in _GUESSES if pattern.search(name.lower())), "VARCHAR")
